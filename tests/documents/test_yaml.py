"""YAML is read as Heat reads it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from heat.common.template_format import yaml_loader
from hypothesis import given, settings

from tests.documents.styled_documents import Styled, styled_documents
from tripleo_gitops.documents.yaml import InvalidDocument, duplicate_keys, parse_template, parse_yaml

AS_HEAT_READS_IT = [
    "",
    "# nothing but a comment\n",
    "---\n",
    "a: 1\nb: [x, y]\n",
    "date: 2013-05-23\n",
    "moment: 2001-12-14t21:59:43.10-05:00\n",
    "on: yes\noff: No\n? y\n: n\n",
    "octal: 0755\nnew_octal: 0o755\nhex: 0xff\nbinary: 0b11\nsexagesimal: 1:30\nunderscored: 1_000\n",
    "floats: [1.5, .5, 1e5, 1.0e+5, .inf, -.INF]\n",
    "nulls: [~, null, Null, NULL, '']\nnothing:\n",
    "not_null: nUll\nnot_bool: tRue\n",
    "version: '2018-08-31'\ntext: \"1\"\n",
    "same: 1\nsame: 2\n",
    "1: one\ntrue: yes\nnull: none\n1.5: half\n",
    "base: &base {a: 1, b: 2}\nderived:\n  <<: *base\n  b: 3\n",
    "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n",
    "a: &a {x: 1}\nb:\n  x: 9\n  <<: *a\n",
    "a: &a {x: 1}\nb: {<<: *a, <<: {x: 2, z: 3}}\n",
    "x: &again [1, 2]\ny: *again\n",
    "literal: |\n  a\n  b\nfolded: >-\n  a\n  b\nkept: |+\n  a\n\n",
    "windows: 1\r\nlines:\r\n- a\r\n",
    "\ufeffmark: 1\n",
    "tag: !!str 12\nother: !!int '12'\nbool: !!bool yes\nstamp: !!timestamp 2001-01-01\nbang: ! 12\n",
    "list: !!seq [1]\nmap: !!map {a: b}\n",
    "flow: {get_attr:[Controller, name]}\n",
    '{"json": ["a", 1, true, null], "tab":\t1}\n',
    "=: key\n",
    'emoji: \U0001f600\nnext_line: "\\N"\n',
]


def as_heat(text: str) -> Any:
    try:
        return yaml.load(text, Loader=yaml_loader)
    except yaml.YAMLError:
        return yaml.load(text, Loader=yaml.SafeLoader)


@pytest.mark.parametrize("text", AS_HEAT_READS_IT)
def test_a_document_has_the_value_that_heat_reads(text: str) -> None:
    expected = as_heat(text)
    found = parse_yaml(text.encode(), source="x.yaml")
    assert repr(found) == repr(expected)


@settings(max_examples=150, deadline=None)
@given(styled_documents())
def test_documents_of_every_style_have_the_value_that_heat_reads(document: Styled) -> None:
    assert repr(parse_yaml(document.text.encode(), source="x")) == repr(as_heat(document.text))


def test_an_alias_is_the_same_value_and_not_a_copy() -> None:
    document = parse_yaml(b"a: &x [1]\nb: *x\n", source="x")
    assert document["a"] is document["b"]


def test_timestamps_are_text_even_where_only_the_second_parser_takes_the_document() -> None:
    document = parse_yaml(b"when: 2013-05-23\nflow: {a:[b]}\n", source="x")
    assert document == {"when": "2013-05-23", "flow": {"a": ["b"]}}


def test_a_template_in_json_has_json_numbers_and_may_be_indented_by_tabs() -> None:
    content = b'{\n\t"heat_template_version": "2018-08-31",\n\t"x": 1e5\n}'
    assert parse_template(content, source="x")["x"] == 100000.0
    assert parse_yaml(content.replace(b"\t", b" "), source="x")["x"] == "1e5"


def test_a_template_that_is_no_json_is_read_as_yaml() -> None:
    assert parse_template(b"{a: [b, 1e5]}", source="x") == {"a": ["b", "1e5"]}


def test_keys_that_occur_twice_are_found_with_their_lines() -> None:
    content = b"a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n"
    assert duplicate_keys(content) == (("c", 5), ("a", 6))


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: [1, 2\n", 3, "expected"),
        (b"a:\n\t- 1\n", 2, "cannot start any token"),
        (b"a: 1\nb: *nowhere\n", 2, "*nowhere"),
        (b"a: &x 1\nb: &x 2\n", 2, "&x is defined twice"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: 1\n? [x]\n: 2\n", 2, "cannot be a key"),
        (b"a: 1\nb:\n  <<: 3\n", 3, "<<"),
        (b"a: <<\n", 1, "'<<' is no value"),
        (b"a: =\n", 1, "'=' is no value"),
        (b"a: 1\nb: 0b\nc: 0x_\n", 3, "0x_"),
        (b"a: 1\nb: " + b"9" * 5000 + b"\n", 2, "is no int"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_line(content: bytes, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_yaml(content, source="dir/x.yaml")
    assert refused.value.line == line
    assert words in refused.value.problem
    assert str(refused.value).startswith(f"dir/x.yaml:{line}: ")
