"""Roles as data that somebody sends: gathered by name, checked, merged, and written into roles_data.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.entry_text import NAME, are_named, merge_entries, write_entries
from tripleo_gitops.plan.role_selection import UnknownRole
from tripleo_gitops.plan.roles import PRIMARY_TAG, ROLES_FILE, Role, parse_roles

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

NOT_NAMED = "a list of roles is needed, each of them a mapping with a name"


class InvalidRoles(InvalidInput):
    """Roles that a plan cannot be made of; every reason is named."""

    reason = "InvalidRoles"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def gather_roles(
    names: Collection[str], *, current: Sequence[Mapping[str, Any]], available: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Return the roles of these names, each as the plan has it, else as it is offered.

    Raises UnknownRole for a name that neither has: tripleo-common leaves it out, and the plan with it.
    """
    check_named(current)
    check_named(available)
    known = {one[NAME]: one for one in merge_entries(available, current)}
    for name in names:
        if name not in known:
            raise UnknownRole(name, known=tuple(known))
    return tuple(one for name, one in known.items() if name in names)


def check_roles(roles: Sequence[Any], *, available: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidRoles, with all that is wrong, for roles that are not offered or are not as a role is."""
    check_named(available)
    if not isinstance(roles, list):
        raise InvalidRoles([NOT_NAMED])
    offered = {one.get(NAME) for one in available}
    names = [one.get(NAME) if isinstance(one, dict) else None for one in roles]
    problems = [f"no role {name!r} is offered" for name in names if name and name not in offered]
    for index, role in enumerate(roles):
        try:
            parse_roles(yaml.safe_dump([role]).encode(), source=str(names[index] or f"role #{index}"))
        except InvalidDocument as exc:
            problems.append(f"{exc.source}: {exc.problem}")
    if problems:
        raise InvalidRoles(problems)


def check_named(entries: Any) -> None:
    """Raise InvalidRoles unless this is a list, and each entry a mapping with a name: those are merged by it."""
    if not are_named(entries):
        raise InvalidRoles([NOT_NAMED])


def merge_roles(
    roles: Sequence[Mapping[str, Any]], *, current: Sequence[Mapping[str, Any]], replaces: bool = False
) -> tuple[dict[str, Any], ...]:
    """Return the roles of a plan after an edit: those given, merged by name into the current ones or instead of them.

    They keep the plan's order, and new ones follow: tripleo-common sorts the names, last one first, only to have some
    order. Raises InvalidRoles where none is tagged `primary`.
    """
    check_named(roles)
    check_named(current)
    merged = merge_entries((), roles) if replaces else merge_entries(current, roles)
    if not any(PRIMARY_TAG in (one.get("tags") or ()) for one in merged):
        raise InvalidRoles([f"at least one role has to be tagged {PRIMARY_TAG!r}; none of {_names(merged)} is"])
    return merged


def check_networks_of_roles(roles: Sequence[Role], *, networks: Collection[str]) -> None:
    """Raise InvalidRoles, with all that is wrong, for roles on networks that there are none of."""
    problems = [
        f"role {role.name} is on {', '.join(missing)}, and no such network is defined"
        for role in roles
        if (missing := [name for name in role.networks if name not in networks])
    ]
    if problems:
        raise InvalidRoles(problems)


def write_roles(content: bytes, roles: Sequence[Mapping[str, Any]], *, source: str = ROLES_FILE) -> bytes:
    """Return a roles file with these roles; one that is as it was keeps its text. Raises InvalidDocument."""
    current = [dict(role.fields) for role in parse_roles(content, source=source)]
    written = write_entries(content, current, roles, source=source)
    parse_roles(written, source=source)
    return written


def _names(roles: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(one[NAME] for one in roles) or "them"
