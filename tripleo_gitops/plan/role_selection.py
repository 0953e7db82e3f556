"""Choose the roles of a plan: roles_data.yaml with other roles, each with the text that it had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.outline import Node, read_outline
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.document import Document
from tripleo_gitops.plan.roles import ROLES_FILE, ROLES_FOLDER, parse_roles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree


class UnknownRole(InvalidInput):
    """A role that neither the plan has nor its folder of roles offers."""

    reason = "UnknownRole"

    def __init__(self, name: str, *, known: Sequence[str]) -> None:
        super().__init__(f"no role {name!r}; known are {', '.join(sorted(known)) or 'none'}")
        self.name, self.known = name, tuple(known)


class InvalidRoleCopy(InvalidInput):
    """`BASE:NAME` asks for a copy of a role under a name that upstream would not take."""

    reason = "InvalidRoleCopy"


@dataclass(frozen=True, slots=True)
class _RolesText:
    """A roles file cut into what stands before the roles, each role's own text, and what stands after."""

    head: str
    roles: dict[str, str]
    tail: str


def available_roles(tree: PlanTree) -> dict[str, bytes]:
    """Return the files of the roles that a plan offers to choose from: `roles/<Name>.yaml`, by name."""
    prefix = f"{ROLES_FOLDER}/"
    names = {
        path: path.removeprefix(prefix).removesuffix(".yaml")
        for path in tree.paths()
        if path.startswith(prefix) and path.endswith(".yaml") and "/" not in path.removeprefix(prefix)
    }
    return {name: tree.read(path) for path, name in sorted(names.items())}


def select_roles(
    current: bytes, names: Sequence[str], *, available: Mapping[str, bytes], source: str = ROLES_FILE
) -> bytes:
    """Return the roles file with exactly the roles in `names`.

    A role that the plan has already keeps its text and its place; others come after, in the order of `names`,
    with the text of their own file. `BASE:NAME` is a copy of BASE under a name that begins with BASE. Comments
    above a role are that role's. Raises UnknownRole, InvalidRoleCopy, InvalidDocument.
    """
    text = _cut(current, source=source)
    wanted = list(dict.fromkeys(names))
    kept = [name for name in text.roles if name in wanted]
    chunks = [text.roles[name] for name in kept]
    chunks += [_chunk(name, text, available) for name in wanted if name not in text.roles]
    newline = "\r\n" if b"\r\n" in current else "\n"
    whole = [chunk if chunk.endswith("\n") else chunk + newline for chunk in chunks[:-1]] + chunks[-1:]
    if kept == list(text.roles) and len(kept) == len(wanted):
        return current
    result = (text.head + "".join(whole) + text.tail).encode("utf-8")
    if not chunks:
        result = (text.head + "[]" + newline + text.tail).encode("utf-8")
    parse_roles(result, source=source)
    return result


def _chunk(name: str, text: _RolesText, available: Mapping[str, bytes]) -> str:
    """Return the text of a role that is to be added; the plan's own definition beats the offered one."""
    base, _, copy = name.partition(":")
    chunk = text.roles.get(base)
    if chunk is None:
        if base not in available:
            raise UnknownRole(base, known=(*text.roles, *available))
        file = f"{ROLES_FOLDER}/{base}.yaml"
        offered = _cut(available[base], source=file).roles
        if base not in offered:
            raise InvalidRoleCopy(f"{file}: holds no role {base!r}, but {', '.join(offered) or 'none'}")
        chunk = offered[base]
    return _renamed(chunk, base, copy) if copy else chunk


def _renamed(chunk: str, base: str, name: str) -> str:
    """Return a role's text under another name (generate_role_with_colon_format of tripleo-common)."""
    if not name.startswith(base) or name == base:
        raise InvalidRoleCopy(f"{name!r} is no name for a copy of {base!r}; begin it with {base!r}, and go on")
    pattern = re.compile(rf"(?m)^((?:- |  )\s*name:\s*[\"']?){re.escape(base)}(?=[\"']?\s*(?:#.*)?$)")
    renamed, count = pattern.subn(lambda match: match.group(1) + name, chunk, count=1)
    if not count:
        raise InvalidRoleCopy(f"the role {base!r} has no line `name: {base}` to change")
    return renamed


def _cut(content: bytes, *, source: str) -> _RolesText:
    parse_roles(content, source=source)
    text = content.decode("utf-8")
    root = read_outline(text.encode("utf-8"), source=source)
    if root is None or not root.children:
        return _RolesText(text if root is None else text[: root.start], {}, "" if root is None else text[root.end :])
    if root.is_flow:
        raise Document(content, source=source).error((), "roles in brackets cannot be chosen from; write a block list")
    names = [role.name for role in parse_roles(content, source=source)]
    starts = [_start_of(text, root.children[0])]
    starts += [_line_after(text, item) for item in root.children[:-1]]
    end = _line_after(text, root.children[-1])
    bounds = [*starts, end]
    chunks = {name: text[bounds[index] : bounds[index + 1]] for index, name in enumerate(names)}
    return _RolesText(text[: starts[0]], chunks, text[end:])


def _start_of(text: str, item: Node) -> int:
    """Return where the comments begin that stand right above the first role."""
    begin = text.rfind("\n", 0, item.start) + 1
    while begin > 0:
        previous = text.rfind("\n", 0, begin - 1) + 1
        if not text[previous:begin].startswith("#"):
            break
        begin = previous
    return begin


def _line_after(text: str, item: Node) -> int:
    last = item
    while last.children and not last.is_flow:
        last = last.children[-1]
    end = last.start + len(text[last.start : last.end].rstrip())
    found = text.find("\n", end)
    return found + 1 if found >= 0 else len(text)
