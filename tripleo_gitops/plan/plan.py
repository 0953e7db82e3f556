"""A plan: everything that one plan tree says about itself, read and valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.plan.capabilities import CapabilitiesMap, read_capabilities_map
from tripleo_gitops.plan.names import PlanName, parse_plan_name
from tripleo_gitops.plan.networks import Network, read_networks
from tripleo_gitops.plan.plan_environment import (
    PLAN_ENVIRONMENT_FILE,
    PlanEnvironment,
    read_plan_environment,
)
from tripleo_gitops.plan.roles import Role, read_roles
from tripleo_gitops.plan.settings import PlanSettings, read_settings

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree

DEFAULT_NAME = "overcloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan at one tree, as committed: nothing of it is rendered."""

    name: PlanName
    environment: PlanEnvironment
    settings: PlanSettings
    capabilities: CapabilitiesMap
    roles: tuple[Role, ...]
    networks: tuple[Network, ...]
    tree: PlanTree


def is_plan(tree: PlanTree) -> bool:
    """Return whether a tree is a plan's: it has a plan environment."""
    return PLAN_ENVIRONMENT_FILE in tree.paths()


def load_plan(tree: PlanTree, *, name: PlanName | None = None) -> Plan:
    """Return the plan in a tree; raises MissingFile, InvalidDocument and InvalidPlanName.

    `name` wins over the one in the plan environment; where there is neither it is TripleO's "overcloud".
    """
    environment = read_plan_environment(tree)
    return Plan(
        name=name if name is not None else parse_plan_name(environment.name or DEFAULT_NAME),
        environment=environment,
        settings=read_settings(tree),
        capabilities=read_capabilities_map(tree),
        roles=read_roles(tree),
        networks=read_networks(tree),
        tree=tree,
    )
