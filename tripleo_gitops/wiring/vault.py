"""What seals and opens secrets on this machine: SOPS, with the keys that an environment names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.secrets.keys import KeySource
from tripleo_gitops.secrets.sops import Sops

if TYPE_CHECKING:
    from collections.abc import Mapping


def key_source(environment: Mapping[str, str]) -> KeySource:
    """Return where the age keys of an environment are."""
    return KeySource.of(environment, home=Path(environment.get("HOME") or "/"))


def open_vault(environment: Mapping[str, str]) -> Sops:
    """Return the vault with the age keys of an environment; sops is looked for when it is needed."""
    return Sops(key_source(environment))
