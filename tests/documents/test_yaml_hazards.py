"""Each row of "Parsing" in the list of hazards: refused with file, line and limit, in bounded time and memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument, Limits, locate, parse_template, parse_yaml

SECONDS = 30.0
"""Processor time within which what is hostile has to be refused: far from what it takes, and from for ever."""


def refusal(content: bytes, limits: Limits | None = None) -> InvalidDocument:
    began = time.process_time()
    with pytest.raises(InvalidDocument) as refused:
        parse_yaml(content, source="bad.yaml", **({"limits": limits} if limits else {}))
    assert time.process_time() - began < SECONDS
    assert str(refused.value).startswith("bad.yaml")
    return refused.value


def alias_bomb(levels: int, width: int) -> bytes:
    lines = ['a0: &a0 ["lol"]']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    bomb = alias_bomb(9, 9)
    assert len(bomb) < 500
    tracemalloc.start()
    refused = refusal(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "2000000" in refused.problem
    assert refused.line == 8
    assert peak < 5_000_000


def test_aliases_within_the_limit_are_taken() -> None:
    assert len(parse_yaml(alias_bomb(4, 9), source="x")["a3"]) == 9


@pytest.mark.parametrize(
    "content",
    [b"[" * 5000, b"[" * 5000 + b"]" * 5000, b"{a: " * 5000, b"- " * 5000 + b"x", b"? " * 5000, b"[" * 1_000_000],
    ids=["open", "balanced", "maps", "dashes", "question marks", "a million"],
)
def test_deep_nesting_is_refused_with_the_limit(content: bytes) -> None:
    assert "limit of 100" in refusal(content).problem


def test_deep_nesting_by_indentation_is_refused_with_its_line() -> None:
    content = b"\n".join(b" " * depth + b"a:" for depth in range(300))
    assert refusal(content).line == 101


def test_depth_up_to_the_limit_is_taken() -> None:
    document = parse_yaml(b"[" * 100 + b"]" * 100, source="x")
    assert document == parse_template(b"[" * 100 + b"]" * 100, source="x")


def test_deep_json_is_refused_too() -> None:
    content = b'{"a": ' * 150 + b"1" + b"}" * 150
    with pytest.raises(InvalidDocument, match="limit of 100"):
        parse_template(content, source="x")
    with pytest.raises(InvalidDocument, match="limit of 100"):
        parse_template(b'{"a": ' + b"[" * 100_000, source="x")


def test_a_scalar_of_100_megabytes_is_refused_unread() -> None:
    refused = refusal(b"a: " + b"x" * 100_000_000)
    assert "100000003 bytes" in refused.problem
    assert "16777216" in refused.problem


def test_a_value_of_10_megabytes_is_read_in_bounded_time() -> None:
    began = time.process_time()
    document = parse_yaml(b"a: '" + b"x" * 10_000_000 + b"'\n", source="x")
    assert len(document["a"]) == 10_000_000
    assert time.process_time() - began < SECONDS


def test_a_broken_file_of_many_megabytes_is_not_read_a_second_time() -> None:
    refused = refusal(b"- some text\n" * 400_000 + b"}")
    assert refused.line == 400_001


def test_too_many_nodes_without_any_alias_are_refused() -> None:
    assert "limit of 50" in refusal(b"a: [" + b"[1], " * 60 + b"]", Limits(nodes=50)).problem
    assert "limit of 50" in refusal(b"a: [" + b"1, " * 60 + b"]", Limits(nodes=50)).problem


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!!python/name:os.system", "!vault x", "!!binary eA==", "!!set {a}"]
)
def test_a_tag_that_is_no_plain_data_is_refused(tag: str) -> None:
    refused = refusal(f"a: 1\nb: {tag}\n".encode())
    assert refused.line == 2
    assert "tag" in refused.problem


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: \xff\xfe\n", 2, "0xff is not UTF-8"),
        (b"\xff\xfea\x00:\x00", 1, "UTF-8"),
        ("ä: 1\nö: 2\n".encode("latin-1"), 1, "0xe4 is not UTF-8"),
        (b"a: 1\nb: x\x00y\n", 2, "NUL"),
        (b"a: 1\nb: \x07\n", 2, "not allowed"),
        (b"a: 1\nb:\n\t\tc: 1\n", 3, "token"),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(content: bytes, line: int, words: str) -> None:
    refused = refusal(content)
    assert (refused.line, words in refused.problem) == (line, True)


def test_a_value_that_contains_itself_is_refused() -> None:
    refused = refusal(b"a: &loop\n  b: 1\n  c: *loop\n")
    assert refused.line == 3
    assert "contains itself" in refused.problem


def test_a_bomb_does_not_go_off_while_a_line_is_looked_for() -> None:
    began = time.process_time()
    assert locate(alias_bomb(9, 9), ("a8", 3)) == 9
    assert locate(b"[" * 5000, (0,)) is None
    assert time.process_time() - began < SECONDS
