"""The edits of a YAML text, each as the text after it: in block style, in flow style, in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.emit import block_lines, entry_lines, flow_text, item_lines
from tripleo_gitops.documents.outline import Node, find_entries
from tripleo_gitops.documents.source_text import Place, SourceText, Uneditable

if TYPE_CHECKING:
    from collections.abc import Sequence

INDENT = 2


def text_with_value(source: SourceText, path: Sequence[str | int], value: Any) -> str:
    """Return the text with `value` at `path`; missing mappings are made."""
    if source.root is None:
        return source.insert_lines(len(source.text), block_lines(_nested(path, value)), column=0)
    place, taken = source.place_of(path)
    rest = path[taken:]
    if place.node.kind == "mapping" and rest:
        return _with_entry(source, place, rest[0], _nested(rest[1:], value))
    return _with_node(source, place, _nested(rest, value))


def text_with_item(source: SourceText, path: Sequence[str | int], value: Any) -> str:
    """Return the text with `value` as the last item of the list at `path`."""
    if source.root is None:
        return text_with_value(source, path, [value])
    place, taken = source.place_of(path)
    node = place.node
    if taken < len(path) or node.kind != "sequence" or not node.children:
        return text_with_value(source, path, [value])
    if node.is_flow:
        return _with_flow_entry(source, node, flow_text(value, as_json=source.is_json))
    column = source.column_of(source.dash_of(node.children[0]))
    return source.insert_lines(source.insertion_point(node), item_lines(value), column=column)


def text_with_inserted_item(source: SourceText, path: Sequence[str | int], index: int, value: Any) -> str:
    """Return the text with `value` before item `index` of the list at `path`, which has at least that many."""
    if source.root is None:
        return text_with_item(source, path, value)
    place, taken = source.place_of(path)
    node = place.node
    if taken < len(path) or index >= len(node.children):
        return text_with_item(source, path, value)
    item = node.children[index]
    if node.is_flow:
        return source.splice(item.start, item.start, f"{flow_text(value, as_json=source.is_json)}, ")
    column = source.column_of(source.dash_of(item))
    return source.insert_lines(_gap_before(source, node, index), item_lines(value), column=column)


def text_with_moved_item(source: SourceText, path: Sequence[str | int], index: int, to: int) -> str:
    """Return the text with the lines of item `index` moved so that it becomes item `to`."""
    node = source.place_of(path)[0].node
    if node.is_flow:
        raise Uneditable("its list is written in brackets", node)
    item = node.children[index]
    dash = source.dash_of(item)
    begin, end = source.line_start(dash), source.insertion_point(item)
    if source.text[begin:dash].strip() or not source.text[begin:end].endswith("\n"):
        raise Uneditable("its lines are not its own", item)
    before = to if to <= index else to + 1
    target = _gap_before(source, node, before)
    lines = source.text[begin:end]
    if target <= begin:
        return source.text[:target] + lines + source.text[target:begin] + source.text[end:]
    return source.text[:begin] + source.text[end:target] + lines + source.text[target:]


def _gap_before(source: SourceText, node: Node, index: int) -> int:
    """Return where lines go that shall stand before an item: after the one before it, and its comments."""
    if index > 0:
        return source.insertion_point(node.children[index - 1])
    dash = source.dash_of(node.children[0])
    begin = source.line_start(dash)
    if source.text[begin:dash].strip():
        raise Uneditable("something else stands on the line of the first item", node)
    return begin


def text_without(source: SourceText, path: Sequence[str | int]) -> str:
    """Return the text without the key or item at `path`, which exists."""
    place, taken = source.place_of(path)
    parent_place, _taken = source.place_of(path[:-1])
    parent = place.parent
    if taken < len(path) or parent is None:
        raise Uneditable("it comes from a merge key", parent_place.node)
    if place.key is not None and len(find_entries(parent, path[-1])) > 1:
        raise Uneditable("this key occurs twice in its mapping", place.key)
    if len(parent.children) == (2 if parent.kind == "mapping" else 1):
        return _with_node(source, parent_place, {} if parent.kind == "mapping" else [])
    return _without_flow_entry(source, place) if parent.is_flow else _without_block_entry(source, place)


def _nested(path: Sequence[str | int], value: Any) -> Any:
    for step in reversed(path):
        value = {step: value}
    return value


def _with_entry(source: SourceText, place: Place, key: str | int, value: Any) -> str:
    """Return the text with a new entry at the end of the mapping at `place`."""
    node = place.node
    if node.is_flow and not node.children and not _is_in_flow(place) and not source.is_json:
        return _with_node(source, place, {key: value})
    if node.is_flow:
        text = flow_text({key: value}, as_json=source.is_json)[1:-1]
        return _with_flow_entry(source, node, text)
    column = source.column_of(node.children[0].start)
    return source.insert_lines(source.insertion_point(node), entry_lines(key, value), column=column)


def _is_in_flow(place: Place) -> bool:
    return place.parent is not None and place.parent.is_flow


def _with_flow_entry(source: SourceText, node: Node, text: str) -> str:
    """Return the text with one more entry in a collection in brackets, on a line of its own as the last is."""
    if not node.children:
        return source.splice(node.start, node.end, source.text[node.start] + text + source.text[node.end - 1])
    last = node.children[-2 if node.kind == "mapping" else -1]
    begin = source.line_start(last.start)
    indentation = source.text[begin : last.start]
    separator = source.newline + indentation if begin > node.start and not indentation.strip() else " "
    end = node.children[-1].end
    return source.splice(end, end, f",{separator}{text}")


def _without_flow_entry(source: SourceText, place: Place) -> str:
    parent, node = place.parent, place.node
    if parent is None:
        raise Uneditable("it is the whole document", node)
    first = place.key if place.key is not None else node
    index = parent.children.index(first)
    after = parent.children.index(node) + 1
    if after < len(parent.children):
        start, end = first.start, parent.children[after].start
        gap = source.text[node.end : end]
    else:
        start, end = parent.children[index - 1].end, node.end
        gap = source.text[start : first.start]
    if "#" in gap:
        raise Uneditable("a comment would be lost", first)
    return source.splice(start, end, "")


def _without_block_entry(source: SourceText, place: Place) -> str:
    parent, node = place.parent, place.node
    if parent is None:
        raise Uneditable("it is the whole document", node)
    start = place.key.start if place.key is not None else source.dash_of(node)
    begin, end = source.line_start(start), source.insertion_point(node)
    if not source.text[begin:start].strip():
        if not source.text[begin:end].endswith("\n") and begin:
            begin -= len(source.newline)
        return source.splice(begin, end, "")
    following = parent.children[parent.children.index(node) + 1 :]
    if not following:
        raise Uneditable("something else stands on its line", node)
    next_start = following[0].start if place.key is not None else source.dash_of(following[0])
    if "#" in source.text[source.end_of(node) : next_start]:
        raise Uneditable("a comment would be lost", node)
    return source.splice(start, next_start, "")


def _with_node(source: SourceText, place: Place, value: Any) -> str:
    """Return the text with the node at `place` replaced."""
    node, parent = place.node, place.parent
    if parent is None:
        return _with_root(source, node, value)
    if parent.is_flow:
        return _with_flow_node(source, place, value)
    if place.key is not None:
        return _with_block_value(source, place.key, node, value)
    return _with_block_item(source, node, value)


def _with_root(source: SourceText, node: Node, value: Any) -> str:
    start, end = node.start, source.end_of(node)
    if not value or (node.is_flow and (node.children or source.is_json)):
        return source.splice(start, end, flow_text(value, as_json=source.is_json))
    if start < end:
        lines = source.newline.join(block_lines(value))
        return source.splice(start, end, lines)
    position = start if source.line_start(start) == start else source.line_end(start)
    return source.insert_lines(position, block_lines(value), column=0)


def _with_flow_node(source: SourceText, place: Place, value: Any) -> str:
    node = place.node
    text = flow_text(value, as_json=source.is_json)
    if node.start == node.end and place.key is not None:
        colon = source.text[place.key.end : node.start].rstrip().endswith(":")
        return source.splice(node.start, node.end, f" {text}" if colon else f": {text}")
    before = source.text[node.start - 1]
    return source.splice(node.start, node.end, text if before in " \n\t[{," else f" {text}")


def _with_block_value(source: SourceText, key: Node, node: Node, value: Any) -> str:
    """Return the text with the value of a block mapping's entry replaced; a comment on its line stays."""
    colon = _after_colon(source, key)
    start, end = max(node.start, colon), max(source.end_of(node), colon)
    between = source.text[colon:start]
    if "#" in between:
        return _with_value_below_comment(source, key, node, value)
    head, *body = _value_lines(source, key, value)
    if not source.is_on_same_line(colon, end):
        head, *body = _lines_before_comment(source, end, [head, *body], value, head=" ")
    if source.is_on_same_line(colon, end) and body:
        rest = source.text[end : source.line_end(end)].rstrip("\r\n")
        edited = source.splice(colon, end, head)
        following = colon + len(head) + len(rest)
        tail = "".join(source.newline + line for line in body)
        return edited[:following] + tail + edited[following:]
    if body or "\n" in between or not between:
        return source.splice(colon, end, source.newline.join([head, *body]))
    return source.splice(start, end, head.lstrip())


def _value_lines(source: SourceText, key: Node, value: Any) -> list[str]:
    """Return what follows a key's colon, then whole lines."""
    head, *body = entry_lines("k", value)
    margin = " " * source.column_of(key.start)
    return [head.removeprefix("k:"), *(margin + line if line else "" for line in body)]


def _with_value_below_comment(source: SourceText, key: Node, node: Node, value: Any) -> str:
    """Return the text with a value replaced that stands on the lines after its key and a comment."""
    column = source.column_of(key.start) + INDENT
    start, end = source.line_start(node.start), source.end_of(node)
    lines = block_lines(value) if isinstance(value, dict | list | tuple) and value else [flow_text(value)]
    return source.splice(start, end, source.newline.join(" " * column + line if line else "" for line in lines))


def _with_block_item(source: SourceText, node: Node, value: Any) -> str:
    dash = source.dash_of(node)
    margin = " " * source.column_of(dash)
    end = max(source.end_of(node), dash + 1)
    first, *rest = _lines_before_comment(source, end, item_lines(value), value, head="- ")
    lines = [first, *(margin + line if line else "" for line in rest)]
    return source.splice(dash, end, source.newline.join(lines))


def _lines_before_comment(source: SourceText, end: int, lines: list[str], value: Any, *, head: str) -> list[str]:
    """Return `lines`, or one line for text that would swallow the comment after `end` into its block."""
    has_comment = bool(source.text[end : source.line_end(end)].strip())
    return [head + flow_text(value)] if has_comment and isinstance(value, str) else lines


def _after_colon(source: SourceText, key: Node) -> int:
    """Return the position after the colon of a key that stands on one line with it."""
    begin = source.line_start(key.start)
    if "?" in source.text[begin : key.start]:
        raise Uneditable("its key is written with '?'", key)
    colon = source.text.find(":", key.end)
    if colon < 0 or source.text[key.end : colon].strip():
        raise Uneditable("its key is written in an unusual way", key)
    return colon + 1
