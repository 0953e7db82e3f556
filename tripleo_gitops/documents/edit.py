"""Change one value of a YAML document; every byte outside it stays, with comments, order and line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.emit import Unwritable
from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.rewriting import (
    text_with_inserted_item,
    text_with_item,
    text_with_moved_item,
    text_with_value,
    text_without,
)
from tripleo_gitops.documents.source_text import SourceText, Uneditable
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Step = str | int


class UneditableDocument(InvalidInput):
    """A change that cannot be made without touching more than the value that it names."""

    reason = "UneditableDocument"

    def __init__(self, problem: str, *, source: str, path: Sequence[Step], line: int | None = None) -> None:
        place = f"{source}{f':{line}' if line is not None else ''}"
        where = ".".join(str(step) for step in path) or "the document"
        super().__init__(f"{place}: {where} cannot be changed here: {problem}; edit the file by hand")
        self.problem, self.source, self.path, self.line = problem, source, tuple(path), line


def set_value(content: bytes, path: Sequence[Step], value: Any, *, source: str) -> bytes:
    """Return `content` with `value` at `path`; mappings that are missing on the way are made.

    The bytes are the same if the value is there already. Raises InvalidDocument for what is no YAML and
    UneditableDocument where an anchor, a merge key, a list that is too short or a scalar is in the way.
    """
    if not path:
        raise UneditableDocument("name a key", source=source, path=path)

    def expect(document: Any) -> Any:
        return _with_value(document, path, value)

    return _edited(content, path, expect, lambda text: text_with_value(text, path, value), source=source)


def unset_value(content: bytes, path: Sequence[Step], *, source: str) -> bytes:
    """Return `content` without the key or item at `path`, the same bytes if it is not there.

    A collection that loses its last entry stays as `{}` or `[]`. Raises as `set_value`.
    """

    def expect(document: Any) -> Any:
        parent = _parent(document, path)
        if parent is not None and _holds(parent, path[-1]):
            del parent[path[-1]]
        return document

    return _edited(content, path, expect, lambda text: text_without(text, path), source=source)


def append_item(content: bytes, path: Sequence[Step], value: Any, *, source: str) -> bytes:
    """Return `content` with `value` as the last item of the list at `path`, which is made if it is missing."""

    def expect(document: Any) -> Any:
        return _with_value(document, path, [*_items(document, path, 0), value])

    return _edited(content, path, expect, lambda text: text_with_item(text, path, value), source=source)


def insert_item(content: bytes, path: Sequence[Step], index: int, value: Any, *, source: str) -> bytes:
    """Return `content` with `value` as item `index` of the list at `path`; the items from there move on."""

    def expect(document: Any) -> Any:
        items = _items(document, path, index)
        return _with_value(document, path, [*items[:index], value, *items[index:]])

    return _edited(content, path, expect, lambda text: text_with_inserted_item(text, path, index, value), source=source)


def move_item(content: bytes, path: Sequence[Step], index: int, to: int, *, source: str) -> bytes:
    """Return `content` with item `index` of a list, and the comment on its lines, moved to be item `to`."""

    def expect(document: Any) -> Any:
        items = _items(document, path, max(index + 1, to))
        rest = [*items[:index], *items[index + 1 :]]
        return _with_value(document, path, [*rest[:to], items[index], *rest[to:]])

    return _edited(content, path, expect, lambda text: text_with_moved_item(text, path, index, to), source=source)


def remove_item(content: bytes, path: Sequence[Step], index: int, *, source: str) -> bytes:
    """Return `content` without item `index` of the list at `path`; the same bytes if it has none such."""
    return unset_value(content, (*path, index), source=source)


def _edited(
    content: bytes,
    path: Sequence[Step],
    expect: Callable[[Any], Any],
    edit: Callable[[SourceText], str],
    *,
    source: str,
) -> bytes:
    """Return the edited bytes; proves that they parse to what is expected before it lets them go."""
    document = parse_yaml(content, source=source)
    try:
        expected = expect(_unshared(document))
        if _is_same(expected, document):
            return content
        text = SourceText.of(content, source=source)
        edited = text.encode(edit(text))
    except (Uneditable, Unwritable) as exc:
        line = exc.line if isinstance(exc, Uneditable) else None
        raise UneditableDocument(str(exc), source=source, path=path, line=line) from exc
    try:
        found = parse_yaml(edited, source=source)
    except InvalidDocument as exc:
        problem = f"the document would be broken ({exc.problem})"
        raise UneditableDocument(problem, source=source, path=path, line=exc.line) from exc
    if not _is_same(found, expected):
        problem = "other values would change with it (an anchor, a merge key, or a key that occurs twice)"
        raise UneditableDocument(problem, source=source, path=path)
    return edited


def _unshared(value: Any) -> Any:
    """Return a copy in which aliases are values of their own, so that a change of one is seen in no other."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value


def _with_value(document: Any, path: Sequence[Step], value: Any) -> Any:
    if not path:
        return value
    step = path[0]
    if isinstance(document, list):
        if not isinstance(step, int) or not 0 <= step < len(document):
            raise Uneditable(f"the list has {len(document)} items, none is {step!r}")
        document[step] = _with_value(document[step], path[1:], value)
        return document
    if document is not None and not isinstance(document, dict):
        raise Uneditable(f"a value that is no mapping stands where {step!r} would belong")
    mapping = document if document is not None else {}
    mapping[step] = _with_value(mapping.get(step), path[1:], value)
    return mapping


def _items(document: Any, path: Sequence[Step], least: int) -> list[Any]:
    items = _at(document, path)
    if items is not None and not isinstance(items, list):
        raise Uneditable("it is no list")
    found: list[Any] = items or []
    if len(found) < least:
        raise Uneditable(f"the list has {len(found)} items only")
    return found


def _at(document: Any, path: Sequence[Step]) -> Any:
    for step in path:
        if not _holds(document, step):
            return None
        document = document[step]
    return document


def _parent(document: Any, path: Sequence[Step]) -> Any:
    return _at(document, path[:-1])


def _holds(document: Any, step: Step) -> bool:
    if isinstance(document, list):
        return isinstance(step, int) and 0 <= step < len(document)
    return isinstance(document, dict) and step in document


def _is_same(left: Any, right: Any) -> bool:
    """Return whether two documents are equal with their types: 1, 1.0 and true are three values."""
    if isinstance(left, dict) and isinstance(right, dict):
        keys = {(type(key), key) for key in left} == {(type(key), key) for key in right}
        return keys and all(_is_same(item, right[key]) for key, item in left.items())
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_is_same, left, right))
    return type(left) is type(right) and bool(left == right)
