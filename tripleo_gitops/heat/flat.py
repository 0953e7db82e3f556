"""The parameter tree laid flat, as TripleO's interfaces read it, and the roles that it shows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.walk import place_of, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.heat.tree import Parameter, ParameterTree

Document = dict[str, Any]

ROOT_NAME = "Root"
ROLE_TYPE = "OS::TripleO::"
GROUP_TYPE = "OS::Heat::ResourceGroup"
_IDS = uuid.UUID("8d6f4f1e-7c0b-5a3e-9b51-2f6a8f0c4d17")


@dataclass(frozen=True, slots=True)
class FlatParameters:
    """Every stack by its id, and every parameter once, by name."""

    resources: Mapping[str, Document]
    parameters: Mapping[str, Document]

    def to_document(self) -> Document:
        """Return TripleO's form (tripleo.parameters.get_flatten): `resources` and `parameters`."""
        return {"resources": dict(self.resources), "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class HeatRole:
    """A role as the tree of stacks shows it; `parameters` are its own, `services` the types chained for it."""

    name: str
    type: str
    count: Any
    parameters: tuple[str, ...]
    services: tuple[str, ...]

    def to_document(self) -> Document:
        """Return the role as plain data; a count that nobody gives is null."""
        return {
            "name": self.name,
            "type": self.type,
            "count": None if self.count is ABSENT else self.count,
            "parameters": list(self.parameters),
            "services": list(self.services),
        }


def flatten(tree: ParameterTree) -> FlatParameters:
    """Return the tree as resources that name their parameters and each other by ids.

    Ids follow from the resources' paths, so that two trees can be compared. A parameter that several templates
    declare is told once: as the first of them declares it, hidden if any of them hides it.
    """
    resources: dict[str, Document] = {}
    parameters: dict[str, Document] = {}
    for path, node in walk(tree):
        place = place_of(path)
        entry: Document = {"name": path[-1] if path else ROOT_NAME, "id": _id(place)}
        if node.resource_type is not None:
            entry["type"] = node.resource_type
        entry["description"] = node.description
        entry["parameters"] = list(node.parameters)
        if node.parameter_groups:
            entry["parameter_groups"] = node.parameter_groups
        if node.nested:
            entry["resources"] = [_id(place_of((*path, name))) for name in node.nested]
        resources[entry["id"]] = entry
        for name, parameter in node.parameters.items():
            known = parameters.setdefault(name, _flat_parameter(parameter))
            if parameter.no_echo:
                known["noEcho"] = "true"
    return FlatParameters(resources, parameters)


def roles(tree: ParameterTree) -> tuple[HeatRole, ...]:
    """Return the roles: groups of the root stack whose members are of TripleO's type with the group's name."""
    names = [name for name, group in tree.nested.items() if _is_role(name, group)]
    found: list[HeatRole] = []
    for name in names:
        count = tree.parameters.get(f"{name}Count")
        longer = tuple(other for other in names if other.startswith(name) and other != name)
        own = tuple(one for one in tree.parameters if _is_of_role(one, name) and not one.startswith(longer))
        services = tuple(_services(tree, name))
        found.append(HeatRole(name, f"{ROLE_TYPE}{name}", count.effective if count else ABSENT, own, services))
    return tuple(found)


def _is_role(name: str, group: ParameterTree) -> bool:
    member = next(iter(group.nested.values()), None) if group.resource_type == GROUP_TYPE else None
    return member is not None and member.resource_type == f"{ROLE_TYPE}{name}"


def _is_of_role(parameter: str, role: str) -> bool:
    return parameter.startswith(role) or parameter == f"Overcloud{role}Flavor"


def _services(tree: ParameterTree, role: str) -> list[str]:
    """Return the types of the services that are chained for a role."""
    chain = tree.nested.get(f"{role}ServiceChain")
    inner = chain.nested.get("ServiceChain") if chain else None
    return [one.resource_type for one in inner.nested.values() if one.resource_type] if inner else []


def _flat_parameter(parameter: Parameter) -> Document:
    answer = parameter.to_heat()
    return {key[0].lower() + key[1:]: value for key, value in answer.items()} | {"name": parameter.name}


def _id(place: str) -> str:
    return str(uuid.uuid5(_IDS, place))
