"""Registration as a whole: diff, register, manage, and where it is asked for introspect and provide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.nodes.desired import NodeDefaults
from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome
from tripleo_gitops.operations.nodes.registration import apply_registration
from tripleo_gitops.operations.nodes.selection import is_free
from tripleo_gitops.operations.nodes.store import NodeGuide, NodeWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.registration import RegistrationPlan
    from tripleo_gitops.operations.nodes.store import BootImages
    from tripleo_gitops.plan.node_settings import NodeSettings


class NodeService(NodeWriter, NodeGuide, Protocol):
    """Registers nodes and leads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What follows a registration, for the nodes of the plan that are on their way."""

    manages: bool = True
    introspects_new: bool = False
    provides: bool = False


def node_defaults(plan: str, settings: NodeSettings, images: BootImages | None) -> NodeDefaults:
    """Return what holds for nodes that do not say it themselves; boot images are looked up by the plan's names."""
    return NodeDefaults(
        plan=plan,
        kernel=images.find(settings.kernel) if images and settings.kernel else None,
        ramdisk=images.find(settings.ramdisk) if images and settings.ramdisk else None,
        boot_option=settings.boot_option.value or None,
    )


def fleet_options(settings: NodeSettings) -> FleetOptions:
    """Return how many at once, how often and for how long, as the plan says."""
    return FleetOptions(
        concurrency=settings.concurrency, tries=settings.tries, node_timeout=settings.node_timeout_minutes * 60.0
    )


def register_nodes(
    service: NodeService,
    planned: RegistrationPlan,
    after: After,
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Register what was planned, then lead the plan's nodes on; return what became of each step of each node.

    What follows is read from Ironic's states, so that nodes that an earlier run left half way go on, too: those in
    `enroll` are managed, those never inspected are introspected, those that are manageable are provided. A node
    whose registration failed is left where it is.
    """
    outcome = apply_registration(service, planned, options=options, clock=clock, show=show)
    stages: list[tuple[Goal, bool]] = [
        (Goal.MANAGEABLE, after.manages or after.introspects_new or after.provides),
        (Goal.INSPECTED, after.introspects_new),
        (Goal.AVAILABLE, after.provides),
    ]
    for goal, is_asked in stages:
        if is_asked:
            nodes = _on_their_way(service, planned, outcome, goal)
            outcome += lead_nodes(service, nodes, Errand(goal), options=options, clock=clock, show=show)
    return outcome


def _on_their_way(
    service: NodeService, planned: RegistrationPlan, outcome: FleetOutcome, goal: Goal
) -> tuple[NodeState, ...]:
    known = {node.uuid for node in planned.diff.matched.values()}
    known |= {one.uuid for one in outcome.outcomes if one.verb == "create" and one.ending is Ending.DONE}
    failed = {one.uuid for one in outcome.failed}
    if not known - failed:
        return ()
    # Where nothing was done yet, what was listed for the diff is as good as a listing of now.
    states = service.states() if outcome.outcomes else [node.state for node in planned.diff.matched.values()]
    return tuple(_due(states, known - failed, goal))


def _due(states: Iterable[NodeState], wanted: set[str], goal: Goal) -> Iterable[NodeState]:
    from_states = {
        Goal.MANAGEABLE: ("enroll", "verifying"),
        Goal.INSPECTED: ("manageable", "inspect failed", "inspecting", "inspect wait"),
        Goal.AVAILABLE: ("manageable", "cleaning", "clean wait"),
    }[goal]
    for state in states:
        is_due = state.uuid in wanted and state.provision_state in from_states and is_free(state)
        if is_due and not (goal is Goal.INSPECTED and state.inspection_finished_at):
            yield state
