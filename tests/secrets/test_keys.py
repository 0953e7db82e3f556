"""age keys: made, read, and never mistaken for one another."""

from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.errors import Refused
from tripleo_gitops.secrets.keys import InvalidRecipient, KeySource, create_key, parse_recipient

if TYPE_CHECKING:
    from pathlib import Path

    from tests.secrets.conftest import Operator


def test_a_new_key_is_for_its_owner_only_and_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.txt"
    recipient = create_key(path)
    assert recipient.startswith("age1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    with pytest.raises(Refused, match="never written over"):
        create_key(path)
    assert path.read_text() == before


def test_the_recipients_of_a_source_are_those_of_its_keys(alice: Operator, bob: Operator, tmp_path: Path) -> None:
    keys = KeySource.of(
        {"SOPS_AGE_KEY": bob.key_file.read_text(), "SOPS_AGE_KEY_FILE": str(alice.key_file), "OTHER": "x"},
        home=tmp_path,
    )
    assert keys.recipients() == (bob.recipient, alice.recipient)
    assert "AGE-SECRET" not in repr(keys)
    assert "OTHER" not in keys.variables


def test_an_ssh_public_key_is_a_recipient(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "id")], check=True)
    public = (tmp_path / "id.pub").read_text()
    assert parse_recipient(public) == public.strip()


def test_a_secret_key_given_as_a_recipient_is_refused_and_not_repeated(alice: Operator) -> None:
    secret = alice.key_file.read_text().splitlines()[1]
    with pytest.raises(InvalidRecipient) as caught:
        parse_recipient(secret)
    assert secret not in str(caught.value)
    with pytest.raises(InvalidRecipient, match="age1nonsense"):
        parse_recipient("age1nonsense")
