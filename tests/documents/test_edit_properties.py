"""Laws of editing, over documents of every style: the value is there, and no other byte has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.documents.styled_documents import KEYS, SCALARS, VALUES, Styled, styled_documents
from tripleo_gitops.documents.edit import UneditableDocument, append_item, set_value, unset_value
from tripleo_gitops.documents.yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
TRAILING = ("  # why: {not} [a] 'node'", " # b")


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths_of(item, (*path, index))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def leaves(value: Any, path: Path = ()) -> dict[Path, Any]:
    """Return every scalar and every empty collection with its path: what a document says, edit by edit."""
    if isinstance(value, dict) and value:
        return {k: v for key, item in value.items() for k, v in leaves(item, (*path, key)).items()}
    if isinstance(value, list) and value:
        return {k: v for index, item in enumerate(value) for k, v in leaves(item, (*path, index)).items()}
    return {path: (type(value).__name__, value)}


def comments_of(text: str) -> list[str]:
    """Return the comments: in these documents, '#' after a blank or at a line's start, outside quotes."""
    found = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#") and stripped != "# two":
            found.append(stripped)
        found.extend(mark for mark in TRAILING if line.endswith(mark))
    return found


@settings(max_examples=150, deadline=None)
@given(styled_documents(), VALUES, st.data())
def test_after_setting_the_value_is_there_and_every_other_value_is_as_it_was(
    document: Styled, value: Any, data: st.DataObject
) -> None:
    content = document.text.encode()
    before = parse_yaml(content, source="x")
    path = data.draw(st.sampled_from([path for path in paths_of(before) if path] or [()]))
    if data.draw(st.booleans()) and isinstance(at(before, path), dict):
        path = (*path, data.draw(st.sampled_from(KEYS)))
    assume(path)
    try:
        after = parse_yaml(set_value(content, path, value, source="x"), source="x")
    except UneditableDocument:
        assume(False)
    assert leaves(at(after, path)) == leaves(value)
    outside = {where: leaf for where, leaf in leaves(after).items() if where[: len(path)] != path}
    expected = {where: leaf for where, leaf in leaves(before).items() if where[: len(path)] != path}
    made_room = {where for where in expected if where == path[: len(where)]}
    assert outside == {where: leaf for where, leaf in expected.items() if where not in made_room}


@settings(max_examples=150, deadline=None)
@given(styled_documents(), st.sampled_from([pair for pair in SCALARS if "\n" not in str(pair[1])]), st.data())
def test_bytes_outside_a_scalar_that_is_set_stay_where_they_are(
    document: Styled, scalar: tuple[str, Any], data: st.DataObject
) -> None:
    """A text of several lines is left out: its body follows the comment on the line (an example has it)."""
    content = document.text.encode()
    nodes = list(scalar_nodes(yaml.compose(document.text, Loader=yaml.CSafeLoader)))
    assume(nodes)
    path, node = data.draw(st.sampled_from(nodes))
    assume(path and node.style not in ("|", ">") and node.start_mark.index < node.end_mark.index)
    result = set_value(content, path, scalar[1], source="x").decode()
    start, end = node.start_mark.index, node.end_mark.index
    assert result.startswith(document.text[:start])
    assert result.endswith(document.text[end:])
    assert len(result) >= start + len(document.text) - end


def scalar_nodes(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from scalar_nodes(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalar_nodes(value, (*path, key.value))


@settings(max_examples=150, deadline=None)
@given(styled_documents(), VALUES, st.data())
def test_a_new_key_only_adds_bytes_and_unsetting_it_gives_the_old_ones_back(
    document: Styled, value: Any, data: st.DataObject
) -> None:
    content = document.text.encode()
    before = parse_yaml(content, source="x")
    mappings = [path for path in paths_of(before) if isinstance(at(before, path), dict) and at(before, path)]
    assume(mappings)
    path = (*data.draw(st.sampled_from(mappings)), "brand_new")
    try:
        result = set_value(content, path, value, source="x")
    except UneditableDocument:
        assume(False)
    assert is_subsequence_in_one_piece(content, result)
    assert unset_value(result, path, source="x") == content


def is_subsequence_in_one_piece(old: bytes, new: bytes) -> bool:
    """Return whether `new` is `old` with one run of bytes put into it."""
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = old[start:]
    return new.startswith(old[:start]) and (new.endswith(rest) or is_inserted_earlier(old, new))


def is_inserted_earlier(old: bytes, new: bytes) -> bool:
    size = len(new) - len(old)
    return any(new[:at] + new[at + size :] == old for at in range(len(old) + 1))


@settings(max_examples=150, deadline=None)
@given(styled_documents(), st.data())
def test_unsetting_keeps_every_other_value_and_every_comment_outside(document: Styled, data: st.DataObject) -> None:
    content = document.text.encode()
    before = parse_yaml(content, source="x")
    path = data.draw(st.sampled_from([path for path in paths_of(before) if path] or [()]))
    assume(path)
    try:
        result = unset_value(content, path, source="x")
    except UneditableDocument:
        assume(False)
    after = parse_yaml(result, source="x")
    expected = parse_yaml(content, source="x")
    del at(expected, path[:-1])[path[-1]]
    assert repr(after) == repr(expected)
    lines, kept = document.text.splitlines(), result.decode().splitlines()
    gone = len(lines) - len(kept)
    removed = next((lines[i : i + gone] for i in range(len(lines) + 1) if lines[:i] + lines[i + gone :] == kept), None)
    if gone > 0 and removed is not None and not isinstance(at(before, path), dict | list):
        assert len(comments_of("\n".join(removed))) <= 1


@settings(max_examples=150, deadline=None)
@given(styled_documents(), VALUES, st.data())
def test_an_item_that_is_appended_is_the_last_one(document: Styled, value: Any, data: st.DataObject) -> None:
    content = document.text.encode()
    before = parse_yaml(content, source="x")
    lists = [path for path in paths_of(before) if isinstance(at(before, path), list)]
    assume(lists)
    path = data.draw(st.sampled_from(lists))
    try:
        result = append_item(content, path, value, source="x")
    except UneditableDocument:
        assume(False)
    after = parse_yaml(result, source="x")
    assert leaves(at(after, path)) == leaves([*at(before, path), value])
    assert len(comments_of(result.decode())) >= len(comments_of(document.text))


@settings(max_examples=100, deadline=None)
@given(styled_documents(), VALUES, st.data())
def test_nearly_every_document_can_be_edited(document: Styled, value: Any, data: st.DataObject) -> None:
    """What is refused has a reason that can be named: a text block that the end of the file cuts short."""
    content = document.text.encode()
    before = parse_yaml(content, source="x")
    assume(isinstance(before, dict))
    try:
        set_value(content, ("brand_new",), value, source="x")
    except UneditableDocument:
        assert not document.text.endswith("\n")
