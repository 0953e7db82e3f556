"""What seals and opens secrets on this machine: SOPS, with the keys that an environment names."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.secrets.keys import KeySource
from tripleo_gitops.secrets.process import SOPS_UNCHANGED, TERMINAL_VARIABLES, edit_with_sops
from tripleo_gitops.secrets.randomness import SystemRandomness
from tripleo_gitops.secrets.sops import Sops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEMORY = "/dev/shm"  # noqa: S108  # what is made there has a random name and is its owner's only


def key_source(environment: Mapping[str, str]) -> KeySource:
    """Return where the age keys of an environment are."""
    return KeySource.of(environment, home=Path(environment.get("HOME") or "/"))


def open_vault(environment: Mapping[str, str]) -> Sops:
    """Return the vault with the age keys of an environment; sops is looked for when it is needed."""
    return Sops(key_source(environment))


def system_randomness(clock: Callable[[], float]) -> SystemRandomness:
    """Return the operating system's randomness; `clock` gives the seconds since 1970 UTC."""
    return SystemRandomness(clock)


def edit_secrets(content: bytes, environment: Mapping[str, str]) -> bytes:
    """Return secrets.yaml after a person's edit; the opened text is in memory (/dev/shm) where there is such a place.

    Raises Refused when sops or the editor gives up.
    """
    terminal = {name: environment[name] for name in TERMINAL_VARIABLES if environment.get(name)}
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="tripleo-plan-", dir=memory) as folder:
        code, edited = edit_with_sops(content, keys=key_source(environment), terminal=terminal, folder=Path(folder))
    if code not in (0, SOPS_UNCHANGED):
        raise Refused(f"sops edit ended with {code}; nothing was changed")
    return edited
