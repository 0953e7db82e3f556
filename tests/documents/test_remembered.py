"""Parsed files that are kept: the same value for the same bytes, and never another file's."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.remembered import KEPT_FILES, KEPT_SIZE, remembered
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.roles import parse_roles


def test_the_same_bytes_are_parsed_once_and_other_bytes_are_not_mistaken_for_them() -> None:
    parsed: list[bytes] = []

    @remembered
    def length(content: bytes, *, source: str) -> tuple[str, int]:
        parsed.append(content)
        return source, len(content)

    assert [length(b"ab", source="x"), length(b"ab", source="x"), length(b"ab", source="y")] == [
        ("x", 2),
        ("x", 2),
        ("y", 2),
    ]
    assert parsed == [b"ab", b"ab"]


def test_what_is_kept_is_bounded_in_number_and_in_size() -> None:
    parsed = 0

    @remembered
    def count(content: bytes, *, source: str) -> int:
        nonlocal parsed
        parsed += 1
        return len(content) + len(source)

    large = bytes(KEPT_SIZE + 1)
    count(large, source="")
    count(large, source="")
    assert parsed == 2
    for number in range(KEPT_FILES + 1):
        count(str(number).encode(), source="")
    count(b"0", source="")
    assert parsed == 2 + KEPT_FILES + 2


def test_a_refusal_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(InvalidDocument, match="a role of that name"):
            parse_roles(b"- name: A\n- name: A\n")
