"""Make Ironic follow a repository's machines, as far as the plan's own rules let it; say what else is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.nodes.documents import node_files
from tripleo_gitops.operations.nodes.files import desired_nodes
from tripleo_gitops.operations.nodes.registration import plan_registration
from tripleo_gitops.operations.nodes.request import ask_for_nodes
from tripleo_gitops.operations.nodes.workflow import After, fleet_options, node_defaults, register_nodes
from tripleo_gitops.plan.plan import load_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.files import NodeVault
    from tripleo_gitops.operations.nodes.outcomes import FleetOutcome, NodeOutcome
    from tripleo_gitops.operations.nodes.store import BootImages
    from tripleo_gitops.operations.nodes.workflow import NodeService
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCloud:
    """What registering needs of a cloud, and what opens the plan's passwords."""

    service: NodeService
    images: BootImages | None
    vault: NodeVault | None


def reconcile_nodes(
    repository: PlanRepository,
    revision: Revision,
    *,
    connect: Callable[[], NodeCloud],
    clock: Clock,
    say: Callable[[str], None],
) -> FleetOutcome | None:
    """Register, introspect and provide the machines of a revision where the plan's settings say so.

    What is to be done is read from Ironic, so that a trigger that was lost changes nothing, and doing it again does
    nothing. Nothing is ever removed. Where the settings do not ask for it, or there are no machines, None is the answer
    and `connect` is not called. Raises InvalidNodes, and what Ironic has to say.
    """
    tree = repository.tree(revision)
    plan = load_plan(tree)
    settings = plan.settings.nodes
    if not settings.register_on_push or not node_files(tree.paths()):
        return None
    cloud = connect()
    defaults = node_defaults(plan.name, settings, cloud.images)
    planned = plan_registration(cloud.service, desired_nodes(tree, cloud.vault, defaults), plan=plan.name)
    after = After(introspects_new=settings.introspect_on_push, provides=settings.provide_on_push)

    def show(outcome: NodeOutcome) -> None:
        because = f": {outcome.reason}" if outcome.reason else ""
        say(f"node {outcome.node}: {outcome.verb} {outcome.ending.value}{because}")

    done = register_nodes(cloud.service, planned, after, options=fleet_options(settings), clock=clock, show=show)
    if not done.outcomes:
        say(f"Ironic's nodes already are those of {revision.short}")
    return done


def say_what_nodes_ask(repository: PlanRepository, revision: Revision, *, say: Callable[[str], None]) -> None:
    """Say which machines a commit adds, changes and takes away, where the plan registers none by itself."""
    tree = repository.tree(revision)
    settings = load_plan(tree).settings.nodes
    if settings.register_on_push:
        return
    before = next(iter(repository.parents(revision)), None)
    asked = ask_for_nodes(repository.tree(before) if before else None, tree, settings)
    if not asked.is_empty:
        say(f"nodes: {asked}; the plan registers none by itself: `tripleo-plan node register` does")
