"""Choose the roles of a plan: roles_data.yaml with other roles, each with the text that it had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.entry_text import EntriesText, cut_entries, join_entries
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
    text = _cut_roles(current, source=source)
    wanted = list(dict.fromkeys(names))
    kept = [name for name in text.entries if name in wanted]
    chunks = [text.entries[name] for name in kept]
    chunks += [_chunk(name, text, available) for name in wanted if name not in text.entries]
    newline = "\r\n" if b"\r\n" in current else "\n"
    if kept == list(text.entries) and len(kept) == len(wanted):
        return current
    result = join_entries(text, chunks, newline=newline)
    parse_roles(result, source=source)
    return result


def _chunk(name: str, text: EntriesText, available: Mapping[str, bytes]) -> str:
    """Return the text of a role that is to be added; the plan's own definition beats the offered one."""
    base, _, copy = name.partition(":")
    chunk = text.entries.get(base)
    if chunk is None:
        if base not in available:
            raise UnknownRole(base, known=(*text.entries, *available))
        file = f"{ROLES_FOLDER}/{base}.yaml"
        offered = _cut_roles(available[base], source=file).entries
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


def _cut_roles(content: bytes, *, source: str) -> EntriesText:
    return cut_entries(content, [role.name for role in parse_roles(content, source=source)], source=source)
