"""A parsed file of the plan whose values are taken with their types checked and their place in errors."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

KeyPath = tuple[str | int, ...]

_KINDS: dict[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
    type(None): "null",
}


class Document:
    """The value in one file, and where its parts are; lines are looked up only when something is wrong."""

    def __init__(self, content: bytes, *, source: str) -> None:
        self.source = source
        self.value = parse_yaml(content, source=source)
        self._content = content

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of the deepest part of `path` that exists."""
        for length in range(len(path), -1, -1):
            line = locate(self._content, path[:length])
            if line is not None:
                return line
        return None

    def error(self, path: KeyPath, problem: str) -> InvalidDocument:
        """Return the refusal of what is at `path`."""
        where = f"{spelled(path)}: " if path else ""
        return InvalidDocument(f"{where}{problem}", source=self.source, line=self.line_of(path))

    def expect(self, value: Any, kind: type, path: KeyPath, *, what: str = "") -> Any:
        """Return `value` if it is of `kind`, exactly; raise InvalidDocument if not."""
        if type(value) is not kind:
            needed = what or _KINDS[kind]
            hint = "; quote it" if kind is str and isinstance(value, bool | int | float) else ""
            raise self.error(path, f"{needed} is needed, not {kind_of(value)}{hint}")
        return value

    def get(self, mapping: Mapping[str, Any], key: str, kind: type, path: KeyPath, *, required: bool = False) -> Any:
        """Return `mapping[key]`, checked, or None where it is absent or null; `path` leads to the mapping."""
        value = mapping.get(key)
        if value is None:
            if required:
                raise self.error(path, f"{key!r} is missing; it is {_KINDS[kind]}")
            return None
        return self.expect(value, kind, (*path, key))

    def strings(self, mapping: Mapping[str, Any], key: str, path: KeyPath) -> tuple[str, ...]:
        """Return the list of texts at `mapping[key]`, empty where it is absent or null."""
        values = self.get(mapping, key, list, path) or []
        for index, value in enumerate(values):
            self.expect(value, str, (*path, key, index))
        return tuple(values)

    def plan_path(self, value: Any, path: KeyPath) -> str:
        """Return `value` as a normalized path inside the plan; raise InvalidDocument for any other."""
        name: str = self.expect(value, str, path, what="the path of a file in the plan")
        problem = path_problem(name)
        if problem:
            raise self.error(path, f"{name!r} {problem}")
        return posixpath.normpath(name)


def read_document(tree: PlanTree, path: str) -> Document:
    """Return one file of a plan, parsed; raises MissingFile and InvalidDocument."""
    return Document(tree.read(path), source=path)


def path_problem(path: str) -> str | None:
    """Return why `path` cannot name a file of the plan, or None."""
    if not path or "\x00" in path:
        return "is no path"
    if "://" in path:
        return "is a URL; copy the file into the plan"
    if path.startswith("/"):
        return "is absolute; name a file of the plan, relative to its root"
    if ".." in posixpath.normpath(path).split("/"):
        return "leads out of the plan"
    return None


def kind_of(value: object) -> str:
    """Return the kind of a parsed value in words."""
    return _KINDS.get(type(value), type(value).__name__)


def spelled(path: KeyPath) -> str:
    """Return a key path as people write it: `environments[2].path`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
