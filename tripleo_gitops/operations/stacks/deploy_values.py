"""Values that a deploy gives and the plan does not: identifiers, removal policies; never written into the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.environment import EnvironmentLayer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tripleo_gitops.heat.tree import ParameterTree
    from tripleo_gitops.operations.resolution import ResolvedPlan

DEPLOY_IDENTIFIER, UPDATE_IDENTIFIER, STACK_ACTION = "DeployIdentifier", "UpdateIdentifier", "StackAction"
STACK_NAME = "RootStackName"
SERVERS = ("HostnameMap", "DeployedServerPortMap", "NodePortMap")
GIVEN_NAMES = frozenset({DEPLOY_IDENTIFIER, UPDATE_IDENTIFIER, STACK_ACTION, STACK_NAME, *SERVERS})
GIVEN_SUFFIXES = ("RemovalPolicies", "RemovalPoliciesMode")
DEFAULTS, ORIGIN = "parameter_defaults", "the deploy"


def deploy_values(
    declared: Collection[str], *, name: str, is_new: bool, seconds: int, skip_identifier: bool = False
) -> dict[str, Any]:
    """Return the values for a deploy that begins at `seconds` since 1970 UTC, of parameters that templates declare.

    As upstream: DeployIdentifier is the time, so that deployments on nodes run again, or empty where they shall not
    (`--skip-deploy-identifier`); UpdateIdentifier is empty, since it is for minor updates; StackAction is CREATE or
    UPDATE; RootStackName the stack's name.
    """
    values = {
        DEPLOY_IDENTIFIER: "" if skip_identifier else str(seconds),
        UPDATE_IDENTIFIER: "",
        STACK_ACTION: "CREATE" if is_new else "UPDATE",
        STACK_NAME: name,
    }
    return {key: value for key, value in values.items() if key in declared}


def give_values(resolved: ResolvedPlan, values: Mapping[str, Any]) -> ResolvedPlan:
    """Return a plan with what a deploy gives it, above everything that the plan says in parameter_defaults."""
    if not values:
        return resolved
    layer = EnvironmentLayer(ORIGIN, {DEFAULTS: dict(values)})
    document = {**resolved.environment.document}
    document[DEFAULTS] = {**(document.get(DEFAULTS) or {}), **values}
    sent = {**resolved.bundle.environment}
    sent[DEFAULTS] = {**(sent.get(DEFAULTS) or {}), **values}
    environment = replace(resolved.environment, document=document, layers=(*resolved.environment.layers, layer))
    return replace(resolved, environment=environment, bundle=replace(resolved.bundle, environment=sent))


def declared_names(tree: ParameterTree) -> frozenset[str]:
    """Return the parameters that any template of a tree declares."""
    return frozenset(tree.parameters).union(*map(declared_names, tree.nested.values()))


def without_given(environment: Mapping[str, Any], *, kept: Collection[str]) -> dict[str, Any]:
    """Return a stack's environment without the values that deploys give, but for those that are `kept`."""
    defaults = environment.get(DEFAULTS)
    if not isinstance(defaults, dict):
        return dict(environment)
    own = {key: value for key, value in defaults.items() if key in kept or not is_given(key)}
    return {**environment, DEFAULTS: own}


def is_given(name: str) -> bool:
    """Return whether a parameter's value is a deploy's to give."""
    return name in GIVEN_NAMES or name.endswith(GIVEN_SUFFIXES)
