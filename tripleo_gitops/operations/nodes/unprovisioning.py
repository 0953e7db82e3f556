"""Take instances off their nodes again, and give reservations back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.nodes.states import UNDEPLOYABLE, Goal
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tripleo_gitops.nodes.placement import Allocation
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.provisioning import Reservations
    from tripleo_gitops.operations.nodes.store import NodeGuide

UNDER_WAY = UNDEPLOYABLE | {"deploying", "deleting", "cleaning", "clean wait", "clean failed"}


def plan_unprovisioning(
    reservations: Reservations, *, plan: str, kept: Collection[str], named: Sequence[str] = (), everything: bool = False
) -> tuple[Allocation, ...]:
    """Return the reservations of a plan to end: those named, all, or those that the plan does not have any more.

    `kept` are the host names that the plan wants. Raises NotFound for a name that the plan has no reservation of.
    """
    own = {one.hostname: one for one in reservations.allocations() if one.plan == plan}
    unknown = [name for name in named if name not in own]
    if unknown:
        raise NotFound(f"the plan {plan} has no instance {', '.join(unknown)} in Ironic")
    if named:
        return tuple(own[name] for name in dict.fromkeys(named))
    return tuple(one for one in own.values() if everything or one.hostname not in kept)


def apply_unprovisioning(
    guide: NodeGuide,
    reservations: Reservations,
    ending: Sequence[Allocation],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Take instances away and return what became of each; a node that was only reserved is just given back.

    Where a node stays behind with its instance, so does its reservation, for the next time.
    """
    states = {state.uuid: state for state in guide.states()}
    nodes = [states[one.node] for one in ending if one.node in states]
    deployed = [node for node in nodes if node.provision_state in UNDER_WAY]
    outcome = lead_nodes(guide, deployed, Errand(Goal.UNDEPLOYED), options=options, clock=clock, show=show)
    failed = {one.uuid for one in outcome.failed}
    led = {node.uuid for node in deployed}
    left = {one.uuid for one in reservations.allocations()}
    freed = [one for one in ending if one.node not in failed and one.uuid in left]

    def release(one: Allocation) -> NodeOutcome:
        reservations.release(one.uuid)
        return told(one)

    def told(one: Allocation) -> NodeOutcome:
        state = states.get(one.node or "")
        where = state.provision_state if state and one.node not in led else ""
        label = state.label if state else one.hostname
        verb = f"release {one.hostname}"
        return NodeOutcome(node=label, uuid=one.node or "", verb=verb, ending=Ending.DONE, before=where, after=where)

    return outcome + act_on_each(freed, release, told, concurrency=options.concurrency, clock=clock, show=show)
