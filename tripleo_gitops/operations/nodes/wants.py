"""How many nodes of which profile a plan's roles need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.nodes.profiles import Want
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.roles import read_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

ANY_FLAVOR = "baremetal"


def wants_of_plan(tree: PlanTree) -> tuple[Want, ...]:
    """Return what each role needs: `<Role>Count` nodes of the profile that its flavor is named after.

    `Overcloud<Role>Flavor` names the flavor, as in TripleO; the flavor `baremetal`, or none, takes any node. Roles
    that need no node are left out. Raises what reading the plan raises, InvalidInput for a count that is none.
    """
    document = resolve_plan(tree).environment.document
    values = {**(document.get("parameter_defaults") or {}), **(document.get("parameters") or {})}
    wants = (
        Want(_profile(values, role.name), _count(values, role.name, role.count_default), role.name)
        for role in read_roles(tree) or ()
    )
    return tuple(want for want in wants if want.count > 0)


def _profile(values: Mapping[str, Any], role: str) -> str:
    flavor = values.get(f"Overcloud{role}Flavor")
    return flavor if isinstance(flavor, str) and flavor not in ("", ANY_FLAVOR) else ""


def _count(values: Mapping[str, Any], role: str, default: int) -> int:
    value = values.get(f"{role}Count")
    if value is None:
        return default
    if not str(value).isdecimal():
        raise InvalidInput(f"{role}Count is {value!r}; a whole number is needed")
    return int(value)
