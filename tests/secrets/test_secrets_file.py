"""secrets.yaml read without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.secrets_file import parse_sealed, read_opened

if TYPE_CHECKING:
    from tests.secrets.conftest import Operator

DOCUMENT = {
    "passwords": {"Word": "x" * 40, "Number": 5, "Flag": True, "Map": {"a/b": ["c", ""]}, "Nothing": None},
    "parameter_defaults": {"Key": "k"},
}


def test_stand_ins_have_the_types_and_the_length_of_the_values(alice: Operator) -> None:
    values = parse_sealed(alice.vault.seal(DOCUMENT, recipients=[alice.recipient])).values
    assert len(values.passwords["Word"]) == 40
    assert [type(values.passwords[name]) for name in ("Number", "Flag", "Map", "Nothing")] == [
        int,
        bool,
        dict,
        type(None),
    ]
    assert len(values.passwords["Map"]["a/b"][0]) == 16
    assert values.passwords["Map"]["a/b"][1] == ""
    assert values.names == {*DOCUMENT["passwords"], "Key"}


def test_a_stand_in_changes_when_the_secret_does_and_only_then(alice: Operator) -> None:
    before = alice.vault.seal(DOCUMENT, recipients=[alice.recipient])
    after = alice.vault.put(before, ("passwords", "Word"), "y" * 40)
    one, other = parse_sealed(before).values.passwords, parse_sealed(after).values.passwords
    assert {name for name in one if one[name] != other[name]} == {"Word"}


def test_values_in_clear_are_named_by_their_place() -> None:
    slipped = parse_sealed(b"passwords:\n  Slip: in-clear\n  Map: {a: [1]}\n")
    assert slipped.in_clear == (("passwords", "Slip"), ("passwords", "Map", "a", 0))
    assert "in-clear" not in repr(slipped.values.passwords)


def test_values_do_not_show_themselves() -> None:
    values = read_opened({"passwords": {"A": "hunter2"}})
    assert "hunter2" not in f"{values!r} {values}"


@pytest.mark.parametrize("content", [b"[]", b"passwords: []\n", b"other: {}\n", b"sops: {age: [x]}\n", b"a: b: c"])
def test_what_is_no_secrets_file_is_refused_with_its_place(content: bytes) -> None:
    with pytest.raises(InvalidDocument, match=r"secrets\.yaml"):
        parse_sealed(content)
