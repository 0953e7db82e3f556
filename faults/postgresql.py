"""A PostgreSQL of one's own: made from the system's package in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEBIAN = "/usr/lib/postgresql/*/bin/initdb"
USERS = ("postgres", "nobody")
OPTIONS = ("fsync=off", "listen_addresses=''", "max_connections=200", "full_page_writes=off")


def find_programs() -> Path | None:
    """Return the directory of PostgreSQL's server programs; None where the package is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = sorted(Path("/").glob(DEBIAN.lstrip("/")))
    return installed[-1].parent if installed else None


@contextmanager
def running_postgresql(programs: Path) -> Iterator[str]:
    """Give the URL of an empty database, of a server that listens on a socket only. Root's runs as another user."""
    directory = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = _user()
    if user is not None:
        os.chown(directory, pwd.getpwnam(user).pw_uid, -1)
    data = directory / "data"
    options = [word for option in (*OPTIONS, f"unix_socket_directories={directory}") for word in ("-c", option)]
    run = (programs / "pg_ctl", "-D", data, "-w", "-t", "60")
    try:
        _call((programs / "initdb", "-D", data, "-U", "tool", "-A", "trust", "-N", "--no-instructions"), user)
        _call((*run, "-l", directory / "log", "-o", " ".join(options), "start"), user)
        yield f"postgresql://tool@/postgres?host={directory}"
    finally:
        if data.exists():
            _call((*run, "-m", "immediate", "stop"), user, check=False)
        shutil.rmtree(directory, ignore_errors=True)


def _user() -> str | None:
    """Return whom to run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in USERS if user in known)


def _call(command: tuple[object, ...], user: str | None, *, check: bool = True) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        check=False,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if check and done.returncode:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}")
