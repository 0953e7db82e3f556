"""Remove chosen nodes: a smaller count in the plan, and removal policies that only the deploy gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.stacks.deploy_values import declared_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tripleo_gitops.openstack.stack import Stack, StackResource
    from tripleo_gitops.operations.resolution import ResolvedPlan

HOSTNAMES_OUTPUT = "RoleNetHostnameMap"
_MEMBER = re.compile(r"(?P<role>[^/]+)/(?P<member>[^/]+)")


class StacksWithResources(Protocol):
    """Stacks, and what they are made of."""

    def find(self, name: str) -> Stack | None: ...
    def resources(self, stack: Stack) -> tuple[StackResource, ...]: ...


class NoSuchNode(NotFound):
    """A node that the stack does not have, or that more than one role has."""

    reason = "NoSuchNode"


class CannotRemove(Refused):
    """A role whose templates take no removal policies."""

    reason = "CannotRemove"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleDown:
    """Which members of which roles go, and how many stay; `counts` belong into the plan, `values` to the deploy."""

    removed: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    values: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What a commit of the counts says."""
        nodes = ", ".join(f"{role}/{member}" for role, members in self.removed.items() for member in members)
        return f"Remove {nodes}"


def find_removed(
    stacks: StacksWithResources, name: str, nodes: Collection[str], *, resolved: ResolvedPlan
) -> ScaleDown:
    """Return what removes nodes of a plan's stack; raises NotFound without one, and what plan_scale_down does."""
    stack = stacks.find(name)
    if stack is None:
        raise NotFound(f"there is no stack {name} to remove nodes from")
    roles = [role.name for role in resolved.plan.roles]
    declared = declared_names(resolved.parameters)
    return plan_scale_down(stack, stacks.resources(stack), nodes, roles=roles, declared=declared)


def plan_scale_down(
    stack: Stack,
    resources: Iterable[StackResource],
    nodes: Collection[str],
    *,
    roles: Collection[str],
    declared: Collection[str],
) -> ScaleDown:
    """Return what removes nodes of a stack; a node is named as `Controller/1`, or by its host name.

    As upstream: `<Role>RemovalPolicies` names the members of the role's group, `<Role>RemovalPoliciesMode` adds them to
    those that were removed before, and `<Role>Count` is what is left. `declared` are the templates' parameters.
    Raises NoSuchNode, CannotRemove.
    """
    members = _members(resources, roles)
    hosts = _hosts(stack, members)
    removed: dict[str, list[str]] = {}
    for node in nodes:
        role, member = _find(node, members, hosts)
        if member not in removed.setdefault(role, []):
            removed[role].append(member)
    counts = {f"{role}Count": len(members[role]) - len(gone) for role, gone in removed.items()}
    values: dict[str, Any] = {}
    for role, gone in removed.items():
        if f"{role}RemovalPolicies" not in declared:
            raise CannotRemove(
                f"no template of the plan declares {role}RemovalPolicies; lower {role}Count, and Heat removes the last"
            )
        values[f"{role}RemovalPolicies"] = [{"resource_list": gone}]
        if f"{role}RemovalPoliciesMode" in declared:
            values[f"{role}RemovalPoliciesMode"] = "append"
    return ScaleDown(removed={role: tuple(gone) for role, gone in removed.items()}, counts=counts, values=values)


def _members(resources: Iterable[StackResource], roles: Collection[str]) -> dict[str, list[str]]:
    """Return the members of each role's group, in the order of their numbers, as the group lists them."""
    found: dict[str, list[str]] = {role: [] for role in roles}
    for resource in resources:
        match = _MEMBER.fullmatch(resource.path)
        if match and match["role"] in found:
            found[match["role"]].append(match["member"])
    return {role: sorted(members, key=_number) for role, members in found.items()}


def _number(member: str) -> tuple[int, str]:
    return (int(member), "") if member.isdecimal() else (-1, member)


def _hosts(stack: Stack, members: Mapping[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Return role and member by host name, as far as the stack's outputs tell them in the members' order."""
    told = stack.outputs.get(HOSTNAMES_OUTPUT)
    found: dict[str, tuple[str, str]] = {}
    for role, names in told.items() if isinstance(told, dict) else ():
        canonical = names.get("canonical") if isinstance(names, dict) else None
        own = members.get(role, [])
        if isinstance(canonical, list) and len(canonical) == len(own):
            found |= {str(name): (role, member) for name, member in zip(canonical, own, strict=True)}
    return found


def _find(node: str, members: Mapping[str, list[str]], hosts: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    role, _, member = node.partition("/")
    if member in members.get(role, []):
        return role, member
    matching = [place for name, place in hosts.items() if node in {name, name.partition(".")[0]}]
    if len(matching) == 1:
        return matching[0]
    known = [f"{role}/{member}" for role, own in members.items() for member in own]
    raise NoSuchNode(f"the stack has no node {node}; it has {', '.join(known[:20]) or 'none'}")
