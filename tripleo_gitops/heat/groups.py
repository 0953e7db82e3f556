"""Resources that hold a stack without naming a template: groups and chains, as templates that Heat makes up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.functions.call import (
    OMITTED,
    Call,
    MissingParameter,
    resolve_item,
)
from tripleo_gitops.heat.properties import property_value
from tripleo_gitops.heat.resource_types import resource_types

if TYPE_CHECKING:
    from tripleo_gitops.heat.stack import Definition, Stack

Members = dict[str, Any]
MakeMembers = Callable[["Stack", "Definition"], Members]

SCALED_RESOURCE = {"OS::Heat::ScaledResource": "AWS::EC2::Instance"}
"""What Heat adds to the registry of an autoscaling group's members."""
MAX_MEMBERS = 10_000


def _value(stack: Stack, definition: Definition, builtin: str, name: str) -> Any:
    """Return a property of a built-in type: as given, its default, or None."""
    schema = resource_types()[builtin].properties[name]
    given = (definition.properties or {}).get(name, OMITTED)
    value = resolve_item(given, stack) if given is not OMITTED else OMITTED
    if value is OMITTED:
        if schema.default is None:
            if schema.required:
                raise ValueError(f"the property {name} is missing")
            return None
        value = None
    return property_value(schema.type, value, default=schema.default)


def resource_group(stack: Stack, definition: Definition) -> Members:
    """Return the one member that Heat validates of a ResourceGroup, whatever its count."""
    builtin = "OS::Heat::ResourceGroup"
    removed = set(_removed_names(_value(stack, definition, builtin, "removal_policies") or []))
    name = next(number for number in map(str, itertools.count()) if number not in removed)
    member = _member_definition(stack, definition)
    if member["properties"]:
        variable = _value(stack, definition, builtin, "index_var")
        member["properties"] = _numbered(member["properties"], variable, name)
    return {name: {key: value for key, value in member.items() if value is not None}}


def member_names(stack: Stack, definition: Definition) -> tuple[str, ...]:
    """Return the names of all members of a ResourceGroup: the first numbers that its removal policies leave.

    What earlier updates took away is known to Heat alone. Raises ValueError for more members than are listed here,
    and what computing the properties raises.
    """
    builtin = "OS::Heat::ResourceGroup"
    size = _value(stack, definition, builtin, "count")
    if not 0 <= size <= MAX_MEMBERS:
        raise ValueError(f"{size} members are not listed, {MAX_MEMBERS} at most")
    removed = set(_removed_names(_value(stack, definition, builtin, "removal_policies") or []))
    kept = (number for number in map(str, itertools.count()) if number not in removed)
    return tuple(itertools.islice(kept, size))


def _removed_names(policies: list[Any]) -> Iterator[str]:
    for policy in policies:
        found = property_value("Map", policy).get("resource_list")
        yield from map(str, property_value("List", found))


def _member_definition(stack: Stack, definition: Definition) -> dict[str, Any]:
    found = property_value("Map", _without_missing((definition.properties or {})["resource_def"], stack))
    _demand_type(found)
    member = {"type": property_value("String", found["type"])}
    for key in ("properties", "metadata"):
        member[key] = property_value("Map", found[key]) if key in found else None
    if member["properties"]:
        member["properties"] = {key: value for key, value in member["properties"].items() if value is not None}
    return member


def _demand_type(member: dict[str, Any]) -> None:
    if "type" not in member:
        raise ValueError("the member has no type")


def _without_missing(parsed: Any, stack: Stack) -> Any:
    """Resolve as a group does: a function that misses a parameter gives null instead of failing."""
    if isinstance(parsed, Call):
        try:
            return resolve_item(parsed, stack)
        except MissingParameter:
            return None
    if isinstance(parsed, dict):
        items = ((key, _without_missing(value, stack)) for key, value in parsed.items())
        return {key: value for key, value in items if value is not OMITTED}
    if isinstance(parsed, list):
        return [value for value in (_without_missing(item, stack) for item in parsed) if value is not OMITTED]
    return parsed


def _numbered(value: Any, variable: str, number: str) -> Any:
    if isinstance(value, str):
        return value.replace(variable, number)
    if isinstance(value, dict):
        return {key: _numbered(item, variable, number) for key, item in value.items()}
    return [_numbered(item, variable, number) for item in value] if isinstance(value, list) else value


def resource_chain(stack: Stack, definition: Definition) -> Members:
    """Return the members of a ResourceChain: one a type, all with the same properties."""
    builtin = "OS::Heat::ResourceChain"
    properties = _value(stack, definition, builtin, "resource_properties")
    kinds = _value(stack, definition, builtin, "resources")
    members = {str(number): {"type": kind} for number, kind in enumerate(kinds)}
    if properties is not None:
        for member in members.values():
            member["properties"] = properties
    return members


def _deployments(builtin: str, member_type: str) -> MakeMembers:
    def make(stack: Stack, definition: Definition) -> Members:
        names = resource_types()[builtin].properties
        values = {name: _value(stack, definition, builtin, name) for name in names}
        servers = values.pop("servers") or {}
        return {
            name: {"type": member_type, "properties": {**values, "server": server}}
            for name, server in itertools.islice(servers.items(), 1)
        }

    return make


def autoscaling_group(stack: Stack, definition: Definition) -> Members:
    """Return the one member that Heat validates of an AutoScalingGroup; Heat gives it a random name."""
    member = _value(stack, definition, "OS::Heat::AutoScalingGroup", "resource")
    kept = ("type", "properties", "metadata", "deletion_policy", "update_policy")
    _demand_type(member)
    return {"member": {key: member[key] for key in kept if key in member}}


def instance_group(_stack: Stack, _definition: Definition) -> Members:
    """Return the one member of AWS's groups of instances; Heat gives it a random name."""
    return {"member": {"Type": "OS::Heat::ScaledResource"}}


def _unsupported(problem: str) -> MakeMembers:
    def refuse(_stack: Stack, _definition: Definition) -> Members:
        raise ValueError(problem)

    return refuse


GROUPS: dict[str, MakeMembers] = {
    "OS::Heat::ResourceGroup": resource_group,
    "OS::Heat::ResourceChain": resource_chain,
    "OS::Heat::AutoScalingGroup": autoscaling_group,
    "OS::Heat::InstanceGroup": instance_group,
    "AWS::AutoScaling::AutoScalingGroup": instance_group,
    **{
        f"OS::Heat::Software{name}": _deployments(f"OS::Heat::Software{name}", "OS::Heat::SoftwareDeployment")
        for name in ("DeploymentGroup", "Deployments")
    },
    **{
        f"OS::Heat::Structured{name}": _deployments(f"OS::Heat::Structured{name}", "OS::Heat::StructuredDeployment")
        for name in ("DeploymentGroup", "Deployments")
    },
    "AWS::CloudFormation::Stack": _unsupported("its template is fetched from a URL, which is never done here"),
    "AWS::ElasticLoadBalancing::LoadBalancer": _unsupported("its template is built into Heat and not known here"),
}
"""How the made-up template of each built-in type that holds a stack is made."""

CFN = frozenset({"OS::Heat::InstanceGroup", "AWS::AutoScaling::AutoScalingGroup"})
"""Types whose made-up template is in the CloudFormation format."""

SCALED = frozenset({"OS::Heat::AutoScalingGroup", "OS::Heat::InstanceGroup", "AWS::AutoScaling::AutoScalingGroup"})
