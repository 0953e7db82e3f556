"""YAML documents as people write them: the text in many styles, with the value that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

KEYS = ("alpha", "Beta", "gamma_1", "OS::Nova::Server", "with space", "é", "x.y", "k-2", "1e5", "ünï")
SCALARS: tuple[tuple[str, Any], ...] = (
    ("1", 1),
    ("true", True),
    ("~", None),
    ("plain text", "plain text"),
    ("'single # no comment'", "single # no comment"),
    ('"double: \\n x"', "double: \n x"),
    ("2013-05-23", "2013-05-23"),
    ("10.5", 10.5),
    ("0o7", "0o7"),
    ("012", 10),
    ("no", False),
    ('"[{}]"', "[{}]"),
    ("é", "é"),
)
COMMENTS = ("", "", "", "  # why: {not} [a] 'node'", " # b")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
    | st.sampled_from(
        ["yes", "1e5", "a: b", "# c", "- x", "line\nline\n", "a\n\n b", "\ttab", " ", "null", "<<", "=", "*a"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


@dataclass
class Styled:
    """A document's text and value."""

    text: str
    value: Any


@st.composite
def flow(draw: Any, depth: int = 2) -> tuple[str, Any]:
    kind = draw(st.sampled_from(("scalar", "scalar", "map", "list"))) if depth else "scalar"
    if kind == "map":
        keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3))
        parts = [(key, *draw(flow(depth - 1))) for key in keys]
        text = ", ".join(f'"{key}": {value}' for key, value, _ in parts)
        return "{" + text + draw(st.sampled_from(("", " ", ", " if parts else ""))) + "}", {k: v for k, _, v in parts}
    if kind == "list":
        items = [draw(flow(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
        return "[" + ",".join(text for text, _ in items) + "]", [value for _, value in items]
    text, value = draw(st.sampled_from(SCALARS))
    return text, value


@st.composite
def block(draw: Any, indent: int, depth: int) -> tuple[list[str], Any]:
    """Return lines and the value of a block collection that is not empty."""
    margin = " " * indent
    is_map = draw(st.booleans())
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=4))
    lines: list[str] = []
    result: dict[str, Any] = {}
    for key in keys:
        lines.extend(draw(st.lists(st.sampled_from(("", margin + "# a comment: x", "# far left")), max_size=1)))
        head = f'{margin}"{key}":' if draw(st.booleans()) else f"{margin}{key}:"
        head = head if is_map else f"{margin}-"
        entry, result[key] = draw(value_after(head, indent, depth, is_item=not is_map))
        lines.extend(entry)
    return lines, result if is_map else list(result.values())


@st.composite
def value_after(draw: Any, head: str, indent: int, depth: int, *, is_item: bool) -> tuple[list[str], Any]:
    comment = draw(st.sampled_from(COMMENTS))
    kind = draw(st.sampled_from(("flow", "flow", "empty", "literal", "block", "block") if depth else ("flow",)))
    if kind == "flow":
        text, value = draw(flow())
        return [f"{head} {text}{comment}"], value
    if kind == "empty":
        return [head + comment], None
    inner = " " * (indent + 2)
    if kind == "literal":
        mark, value = draw(
            st.sampled_from(
                (("|", "one\n# two\n"), ("|-", "one\n# two"), (">", "one # two\n"), ("|+", "one\n# two\n\n"))
            )
        )
        body = [f"{inner}one", f"{inner}# two"]
        return [f"{head} {mark}", *body, *([""] if mark == "|+" else [])], value
    lines, value = draw(block(indent + draw(st.sampled_from((2, 2, 4))), depth - 1))
    if is_item and draw(st.booleans()) and lines[0].startswith(inner) and lines[0][len(inner)] not in " #":
        return [f"{head} {lines[0][len(inner) :]}", *lines[1:]], value
    return [head + comment, *lines], value


@st.composite
def styled_documents(draw: Any) -> Styled:
    newline = draw(st.sampled_from(("\n", "\n", "\r\n")))
    if draw(st.integers(0, 9)) == 0:
        text, value = draw(flow(3))
        lines = [text]
    else:
        lines, value = draw(block(0, 3))
    head = draw(st.sampled_from(([], [], ["# header"], ["---"], ["", "# header", ""])))
    tail = draw(st.sampled_from(([""], [""], [], ["# footer", ""], ["", ""])))
    return Styled(newline.join([*head, *lines, *tail]), value)
