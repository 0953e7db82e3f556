"""The environment of a play: nothing of the caller's but what is named here, and Ansible's own settings."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.ansible.processes import MARK
from tripleo_gitops.ansible.workspace import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.ansible.play import Surroundings

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST_EVENT = 20_000


def bare_environment(home: Path, mark: str) -> dict[str, str]:
    """Return what every process of a play has: programs, a home of its own, a place for temporary files, the mark."""
    (home / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "PATH": f"{Path(sys.executable).parent}:{SYSTEM_PATH}",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        MARK: mark,
    }


def ansible_environment(around: Surroundings, *, home: Path, mark: str) -> dict[str, str]:
    """Return the environment of a playbook; the only configuration that is read is the one that `around` names."""
    config = around.config or write_private(home / "ansible.cfg", b"[defaults]\n")
    settings = {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
        "ANSIBLE_PYTHON_INTERPRETER": "auto_silent",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "ANSIBLE_HOST_KEY_CHECKING": "1" if around.check_host_keys else "0",
        "ANSIBLE_SSH_COMMON_ARGS": _ssh_arguments(around, home),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(home / "ssh"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "1",
        "MAX_EVENT_RES": str(LONGEST_EVENT),
    }
    for name, paths in (
        ("ANSIBLE_ROLES_PATH", around.roles),
        ("ANSIBLE_LIBRARY", around.modules),
        ("ANSIBLE_LOOKUP_PLUGINS", around.lookups),
        ("ANSIBLE_FILTER_PLUGINS", around.filters),
        ("ANSIBLE_COLLECTIONS_PATH", around.collections),
    ):
        if paths:
            settings[name] = ":".join(map(str, paths))
    if around.private_key is not None:
        settings["ANSIBLE_PRIVATE_KEY_FILE"] = str(around.private_key)
    return {**around.variables, **bare_environment(home, mark), **settings}


def _ssh_arguments(around: Surroundings, home: Path) -> str:
    """Return what ssh is told besides Ansible's own: which host keys are known, and that nobody is there to ask."""
    known = _quoted(around.known_hosts) if around.known_hosts else str(home / "known_hosts")
    checking = "yes" if around.check_host_keys else "no"
    options = (f"UserKnownHostsFile={known}", f"StrictHostKeyChecking={checking}", "BatchMode=yes")
    return " ".join(f"-o {shlex.quote(option)}" for option in options)


def _quoted(paths: Iterable[Path]) -> str:
    return " ".join(f'"{path}"' if " " in str(path) else str(path) for path in paths)
