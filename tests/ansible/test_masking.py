"""Secrets taken out of what Ansible says, however it spells them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripleo_gitops.ansible.hearing import LineCutter, Told
from tripleo_gitops.ansible.masking import MASK, Masker, texts_in

if TYPE_CHECKING:
    from tripleo_gitops.ansible.play import PlayLine

SECRET = "pa's \"s\\wörd-4711/é"


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        repr(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        "'" + SECRET.replace("'", "''") + "'",
    ],
)
def test_a_secret_is_masked_in_each_spelling(spelled: str) -> None:
    masked = Masker([SECRET]).mask(f"before {spelled} after")

    assert MASK in masked
    assert "4711" not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_each_line_of_a_key_is_masked_by_itself() -> None:
    key = "-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END KEY-----\n"

    assert "DDDDEEEE" not in Masker([key]).mask("line: DDDDEEEEFFFF")


def test_a_secret_that_ansible_broken_into_lines_is_masked() -> None:
    assert (
        Masker(["one-long-secret"]).mask("[WARNING]: it is one-lo\r\n  ng-secret!", wrapped=True)
        == f"[WARNING]: it is {MASK}!"
    )


def test_the_longer_of_two_secrets_goes_whole() -> None:
    assert Masker(["abcd", "abcdefgh"]).mask("abcdefgh") == MASK


def test_what_is_too_short_to_be_a_secret_takes_no_words_apart() -> None:
    assert Masker(["no", ""]).mask("no note") == "no note"


@given(st.text(min_size=4, max_size=40).filter(lambda text: len(text.strip()) >= 4), st.integers(1, 60))
def test_no_secret_comes_through_whatever_the_pieces_it_is_written_in(secret: str, size: int) -> None:
    word = "".join(secret.split()) + "x1y2"
    lines: list[PlayLine] = []
    cutter = LineCutter([word], lines.append)
    content = f"say {word} and {word}\n".encode()
    for begin in range(0, len(content), size):
        cutter.take(content[begin : begin + size])
    cutter.end()

    assert word not in "\n".join(line.text for line in lines)


def test_a_secret_across_the_cut_of_a_line_without_end_does_not_come_through() -> None:
    lines: list[PlayLine] = []
    cutter = LineCutter(["canary-secret"], lines.append)
    for begin in range(0, 45_000, 500):
        cutter.take(b"x" * 493 + b"canary-")
        cutter.take(b"secret")
        assert begin >= 0
    cutter.end()

    assert "canary" not in "".join(line.text for line in lines)


def test_what_is_left_of_a_secret_that_was_cut_off_is_not_shown() -> None:
    lines: list[PlayLine] = []
    Told(["canary-secret"], lines.append).take("x" * 100 + "canary-se", length=5000)

    assert "canary" not in lines[0].text
    assert "5,000 characters" in lines[0].text


def test_control_characters_do_not_reach_a_terminal() -> None:
    lines: list[PlayLine] = []
    Told([], lines.append).take("\x1b[31mred\x1b[0m \x07bell\x1b]0;title\x07", length=30)

    assert all(ord(letter) >= 32 for letter in lines[0].text)


def test_every_text_and_number_of_a_secret_value_is_one() -> None:
    assert set(texts_in({"a": ["x", 7, True, None], "b": {"c": "y"}})) == {"x", "7", "y"}
