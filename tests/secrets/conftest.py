"""age keys and a vault of one's own for tests of secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.secrets.keys import KeySource, create_key
from tripleo_gitops.secrets.sops import Sops

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Operator:
    """Somebody with an age key: the file, the recipient that others seal for, and the vault that opens with it."""

    key_file: Path
    recipient: str
    vault: Sops


def operator(folder: Path, name: str) -> Operator:
    key_file = folder / f"{name}.txt"
    recipient = create_key(key_file)
    return Operator(key_file, recipient, Sops(KeySource.of({"SOPS_AGE_KEY_FILE": str(key_file)}, home=folder)))


@pytest.fixture
def alice(tmp_path: Path) -> Operator:
    return operator(tmp_path, "alice")


@pytest.fixture
def bob(tmp_path: Path) -> Operator:
    return operator(tmp_path, "bob")
