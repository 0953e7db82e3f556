"""roles_data.yaml: the roles of a plan, as their templates see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.remembered import remembered
from tripleo_gitops.plan.document import Document, KeyPath, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

ROLES_FILE = "roles_data.yaml"
ROLES_FOLDER = "roles"
PRIMARY_TAG = "primary"

ROLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TYPES: tuple[tuple[str, type], ...] = (
    ("description", str),
    ("CountDefault", int),
    ("HostnameFormatDefault", str),
    ("disable_constraints", bool),
    ("upgrade_batch_size", int),
    ("uses_deprecated_params", bool),
    ("RoleParametersDefault", dict),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role; `fields` is everything that the file says of it, known to us or not."""

    name: str
    description: str = ""
    count_default: int = 0
    tags: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    fields: Mapping[str, Any]

    @property
    def is_primary(self) -> bool:
        """Whether the first node of this role bootstraps the others."""
        return PRIMARY_TAG in self.tags


def read_roles(tree: PlanTree) -> tuple[Role, ...]:
    """Return a plan's roles, none if it has no roles file; raises InvalidDocument."""
    return parse_roles(tree.read(ROLES_FILE)) if ROLES_FILE in tree.paths() else ()


def parse_roles(content: bytes, *, source: str = ROLES_FILE) -> tuple[Role, ...]:
    """Return the roles in a file, in its order; raises InvalidDocument with the line.

    The types are those that tripleo-common checks (validate_role_yaml); keys that it does not know pass.
    """
    return _roles(content, source=source)


@remembered
def _roles(content: bytes, *, source: str) -> tuple[Role, ...]:
    document = Document(content, source=source)
    entries = document.value if document.value is not None else []
    document.expect(entries, list, (), what="a list of roles")
    roles = tuple(_role(document, entry, (index,)) for index, entry in enumerate(entries))
    _check_twins(document, roles)
    return roles


def _role(document: Document, entry: Any, path: KeyPath) -> Role:
    document.expect(entry, dict, path, what="a role, a mapping with a name,")
    name = document.get(entry, "name", str, path, required=True)
    if not ROLE_NAME.fullmatch(name):
        raise document.error((*path, "name"), f"{name!r} names no role: a letter, then letters, digits, - and _")
    for key, kind in _TYPES:
        document.get(entry, key, kind, path)
    nic_config = document.get(entry, "deprecated_nic_config_name", str, path)
    if nic_config is not None and not _FILE_NAME.fullmatch(nic_config):
        raise document.error((*path, "deprecated_nic_config_name"), f"{nic_config!r} is no name of a file")
    document.strings(entry, "networks_skip_config", path)
    document.strings(entry, "default_route_networks", path)
    return Role(
        name=name,
        description=entry.get("description") or "",
        count_default=entry.get("CountDefault") or 0,
        tags=document.strings(entry, "tags", path),
        networks=_networks(document, entry, path),
        services=document.strings(entry, "ServicesDefault", path),
        fields=MappingProxyType(entry),
    )


def _networks(document: Document, entry: Mapping[str, Any], path: KeyPath) -> tuple[str, ...]:
    """Return the names of a role's networks: a list of names, or a mapping of names to their subnets."""
    networks = entry.get("networks")
    if isinstance(networks, dict):
        for name in networks:
            document.expect(name, str, (*path, "networks", name))
        return tuple(networks)
    if networks is not None and not isinstance(networks, list):
        raise document.error((*path, "networks"), f"a list or a mapping is needed, not {kind_of(networks)}")
    return document.strings(entry, "networks", path)


def _check_twins(document: Document, roles: tuple[Role, ...]) -> None:
    """Refuse two roles of one name; files are named by the lower-cased name, so case does not tell apart."""
    seen: dict[str, str] = {}
    for index, role in enumerate(roles):
        other = seen.setdefault(role.name.lower(), role.name)
        if other is not role.name or any(earlier.name == role.name for earlier in roles[:index]):
            same = "a role of that name" if other == role.name else f"{other}, which differs in case only,"
            raise document.error((index, "name"), f"{role.name}: {same} is defined above; remove one")
