"""What a plan says of its playbooks: how nodes are found and reached, which validations matter."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.plan.document import path_problem

if TYPE_CHECKING:
    from tripleo_gitops.documents.toml import Table

MOST_PARALLEL = 32
LONGEST_MINUTES = 24 * 60
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OUTPUT = re.compile(r"[^\s{}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsibleSettings:
    """How playbooks of the plan are played: the inventory, how nodes are reached, what they find besides the plan.

    `inventory` is a file of the plan that takes the place of the one made from the stack's outputs; `hosts` names,
    group by group, the output that says which hosts there are, for stacks that have none of TripleO's.
    """

    inventory: str | None = None
    hosts: tuple[tuple[str, str], ...] = ()
    user: str = "tripleo-admin"
    network: str = "ctlplane"
    known_hosts: str | None = None
    host_key_checking: bool = True
    config: str | None = None
    roles: tuple[str, ...] = ()
    forks: int = 5
    cloud_access: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationSettings:
    """Which validations count: `warning` and `off` name some by id; the groups of `gates` hold a run up.

    `parameters` are values for some validations' parameters, id by id, as pairs.
    """

    warning: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    gates: tuple[str, ...] = ("pre-deployment", "post-deployment", "pre-introspection")
    shipped: bool = True
    parallel: int = 4
    timeout_minutes: int = 10
    parameters: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()


def parse_ansible_settings(table: Table) -> AnsibleSettings:
    """Return the settings in `[ansible]`; raises InvalidDocument with the line."""
    defaults = AnsibleSettings()
    table.check_known(*AnsibleSettings.__dataclass_fields__)
    hosts = table.section_of("hosts")
    for group in hosts.values:
        if not _OUTPUT.fullmatch(hosts.typed(group, str, "the name of an output", "")):
            raise hosts.error(group, "the name of an output of the stack is needed")
    user = table.typed("user", str, "a name", defaults.user)
    if not _USER.fullmatch(user):
        raise table.error("user", f"{user!r} is no name of a user")
    return AnsibleSettings(
        inventory=file_of_plan(table, "inventory"),
        hosts=tuple(hosts.values.items()),
        user=user,
        network=table.typed("network", str, "the name of a network", defaults.network),
        known_hosts=file_of_plan(table, "known_hosts"),
        host_key_checking=table.boolean("host_key_checking", default=defaults.host_key_checking),
        config=file_of_plan(table, "config"),
        roles=tuple(path_in_plan(table, "roles", path) for path in table.words("roles")),
        forks=whole_number(table, "forks", defaults.forks, most=500),
        cloud_access=table.boolean("cloud_access", default=defaults.cloud_access),
    )


def parse_validation_settings(table: Table) -> ValidationSettings:
    """Return the settings in `[validations]`; raises InvalidDocument with the line."""
    defaults = ValidationSettings()
    table.check_known(*ValidationSettings.__dataclass_fields__)
    parameters = table.section_of("parameters")
    return ValidationSettings(
        warning=table.words("warning"),
        off=table.words("off"),
        gates=table.words("gates", default=defaults.gates),
        shipped=table.boolean("shipped", default=defaults.shipped),
        parallel=whole_number(table, "parallel", defaults.parallel, most=MOST_PARALLEL),
        timeout_minutes=whole_number(table, "timeout_minutes", defaults.timeout_minutes, most=LONGEST_MINUTES),
        parameters=tuple((name, plain_values(parameters, name)) for name in parameters.values),
    )


def whole_number(table: Table, key: str, default: int, *, most: int, least: int = 1) -> int:
    """Return a whole number between two others; raises InvalidDocument."""
    number: int = table.typed(key, int, "a whole number", default)
    if not least <= number <= most:
        raise table.error(key, f"{number} is not between {least} and {most}")
    return number


def plain_values(table: Table, key: str) -> tuple[tuple[str, Any], ...]:
    """Return the values of an inner table, sorted by name, as JSON can say them; raises InvalidDocument."""
    values = table.section_of(key).values
    for name, value in values.items():
        try:
            json.dumps(value)
        except TypeError:
            raise table.error(key, f"{name}: dates and times go in quotes here") from None
    return tuple(sorted(values.items()))


def file_of_plan(table: Table, key: str) -> str | None:
    """Return the path of a file of the plan, None where none is named; raises InvalidDocument."""
    path = table.values.get(key)
    return None if path is None else path_in_plan(table, key, path)


def path_in_plan(table: Table, key: str, path: Any) -> str:
    """Return `path` where it names something in the plan; raises InvalidDocument."""
    if not isinstance(path, str):
        raise table.error(key, f"the path of a file of the plan is needed, not {path!r}")
    problem = path_problem(path)
    if problem:
        raise table.error(key, f"{path!r} {problem}")
    return path
