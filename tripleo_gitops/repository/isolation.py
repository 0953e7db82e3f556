"""An environment for the real git in which nobody's configuration, hooks or replacements count."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "safe.bareRepository": "explicit",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_KEPT = ("PATH", "SSH_AUTH_SOCK")


def isolated_environment(git_dir: Path, *, home: Path, config: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which git works on `git_dir` by `config`, which beats the repository's own.

    Of this process' environment it has the search path and the SSH agent.
    """
    wanted = {**_CONFIG, **config}
    pairs = {
        f"GIT_CONFIG_{part}_{index}": text
        for index, both in enumerate(wanted.items())
        for part, text in zip(("KEY", "VALUE"), both, strict=True)
    }
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **pairs,
        "GIT_CONFIG_COUNT": str(len(wanted)),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_DIR": str(git_dir),
        "HOME": str(home),
        "LC_ALL": "C",
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it printed."""

    code: int
    out: str
    err: str


def run_isolated(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], time_limit: float) -> Ended:
    """Run a program in `folder` without input; its whole process group ends with the time limit (Unavailable).

    Raises Unavailable, too, where the program is not on this machine.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Unavailable(f"no `{command[0]}` is on this machine; install it") from None
    try:
        out, err = process.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Unavailable(f"`{' '.join(command[:2])}` took longer than {time_limit:.0f} s") from None
    return Ended(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
