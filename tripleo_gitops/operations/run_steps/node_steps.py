"""The steps of runs about machines: each reads from Ironic what is left to do, so that doing it again is harmless."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.operations.nodes.deployment_demand import (
    environment_of,
    forget_environment,
    instances_of_plan,
    keep_environment,
)
from tripleo_gitops.operations.nodes.files import desired_nodes
from tripleo_gitops.operations.nodes.introspection import introspect_nodes
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOutcome, NodeOutcome
from tripleo_gitops.operations.nodes.provisioning import (
    apply_provisioning,
    find_images,
    images_needed,
    plan_provisioning,
)
from tripleo_gitops.operations.nodes.registration import plan_registration
from tripleo_gitops.operations.nodes.selection import named_nodes, never_inspected, nodes_in_state
from tripleo_gitops.operations.nodes.unprovisioning import apply_unprovisioning, plan_unprovisioning
from tripleo_gitops.operations.nodes.workflow import After, node_defaults, register_nodes
from tripleo_gitops.operations.run_steps.node_step_work import HeedfulClock, NodeWork, Site, at_revision, log_each
from tripleo_gitops.operations.steps import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.nodes.registration import RegistrationPlan
    from tripleo_gitops.operations.nodes.store import NodeGuide
    from tripleo_gitops.operations.steps import StepBody, StepContext

UNDER_WAY = ("inspecting", "inspect wait")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A node that a run is about, and when it had been introspected last when it was chosen."""

    uuid: str
    name: str
    inspected: str | None


def node_bodies(work: NodeWork) -> Mapping[str, StepBody]:
    """Return the bodies of the workflows about machines, by their actions' names."""
    bodies: dict[str, Callable[[NodeWork, StepContext], Mapping[str, Any]]] = {
        "nodes.register": register,
        "nodes.choose.introspect": choose_to_introspect,
        "nodes.choose.manage": partial(choose, state="available"),
        "nodes.choose.provide": partial(choose, state="manageable"),
        "nodes.introspect": introspect,
        "nodes.manage": partial(lead, goal=Goal.MANAGEABLE),
        "nodes.provide": partial(lead, goal=Goal.AVAILABLE),
        "nodes.provision": provision,
        "nodes.unprovision": unprovision,
    }
    return {action: partial(body, work) for action, body in bodies.items()}


def register(work: NodeWork, context: StepContext) -> Mapping[str, Any]:
    """Register the plan's machines and lead them on as the run's inputs say.

    `removes` holds the ids of the nodes that somebody agreed to lose; no other is removed. Raises NodesFailed once
    all others are done, InvalidNodes, NoKey, and what Ironic has to say.
    """
    site, asked, cloud = at_revision(work, context), context.inputs, work.cloud(context)
    desired = desired_nodes(site.tree, cloud.vault, node_defaults(site.name, site.settings, cloud.images))
    agreed = tuple(asked.get("removes") or ())
    planned = plan_registration(
        cloud.service,
        desired,
        plan=site.name,
        removes=bool(agreed),
        renew_secrets=bool(asked.get("renew_passwords")),
    )
    after = After(
        manages=bool(asked.get("manages", True)),
        introspects_new=bool(asked.get("introspects")),
        provides=bool(asked.get("provides")),
    )
    done = register_nodes(
        cloud.service,
        _agreed(planned, agreed),
        after,
        options=site.options(context),
        clock=HeedfulClock(context),
        show=partial(log_each, context),
    )
    return _ended(context, done)


def choose(work: NodeWork, context: StepContext, *, state: str) -> Mapping[str, Any]:
    """Choose the nodes that the run names, or all free ones in a state; raise UnknownNodes."""
    states, named = work.cloud(context).service.states(), context.inputs.get("nodes")
    return _choice(context, named_nodes(states, named) if named else nodes_in_state(states, state))


def choose_to_introspect(work: NodeWork, context: StepContext) -> Mapping[str, Any]:
    """Choose the nodes that the run names, those never introspected, or all that are manageable; raise UnknownNodes."""
    if context.inputs.get("only_new"):
        return _choice(context, never_inspected(work.cloud(context).service.states()))
    return choose(work, context, state="manageable")


def lead(work: NodeWork, context: StepContext, *, goal: Goal) -> Mapping[str, Any]:
    """Lead the chosen nodes to a state; raise NodesFailed once all others are there."""
    service = work.cloud(context).service
    nodes, missing = _present(context, service.states())
    _log_all(context, missing)
    return _ended(context, missing + _led(work, context, service, nodes, goal))


def introspect(work: NodeWork, context: StepContext) -> Mapping[str, Any]:
    """Introspect the chosen nodes that this run has not introspected yet, and provide them where that was asked.

    An introspection that a killed process began is waited for, not begun again.
    """
    guide, results = work.inspection(context, str(context.inputs.get("service") or "ironic"))
    nodes, missing = _present(context, guide.states())
    if begun := [node for node in nodes if node.provision_state in UNDER_WAY]:
        _led(work, context, guide, begun, Goal.MANAGEABLE)
        nodes, missing = _present(context, guide.states())
    before = {one.uuid: one.inspected for one in _chosen(context)}
    left = [node for node in nodes if node.inspection_finished_at in (None, before[node.uuid])]
    done = introspect_nodes(
        guide,
        results,
        left,
        options=at_revision(work, context).options(context),
        clock=HeedfulClock(context),
        show=partial(log_each, context),
    )
    for found in done.findings:
        for change in found.changes or ():
            context.log(f"{found.node}: {change.what} is not as it was the last time", level=Level.WARNING)
    _log_all(context, missing)
    fleet = missing + done.fleet
    if context.inputs.get("provides"):
        failed = {one.uuid for one in fleet.failed}
        provided = [node for node in _present(context, guide.states())[0] if node.uuid not in failed]
        fleet += _led(work, context, guide, provided, Goal.AVAILABLE)
    return _ended(context, fleet)


def provision(work: NodeWork, context: StepContext) -> Mapping[str, Any]:
    """Put the plan's instances on nodes and give the environment for Heat; raise NodesFailed, TooFewNodes."""
    site, ground = at_revision(work, context), work.provisioning(context)
    expansion = instances_of_plan(site.tree)
    environment = environment_of(site.tree, expansion)
    planned = plan_provisioning(ground.metal.machines, ground.metal.reservations, expansion, plan=site.name)
    images = find_images(images_needed(expansion), ground.images.find) if planned.pending else {}
    done = apply_provisioning(
        ground.metal,
        replace(planned, images=images),
        options=site.options(context),
        clock=HeedfulClock(context),
        show=partial(log_each, context),
    )
    counts = _ended(context, done)
    context.log(f"the environment for Heat is {keep_environment(ground.results, site.name, environment)}")
    return {**counts, "environment": environment}


def unprovision(work: NodeWork, context: StepContext) -> Mapping[str, Any]:
    """Take the instances that the run names off their nodes; those that are gone already are done."""
    site, ground = at_revision(work, context), work.provisioning(context)
    own = plan_unprovisioning(ground.metal.reservations, plan=site.name, kept=(), everything=True)
    named = set(context.inputs.get("hostnames") or ())
    done = apply_unprovisioning(
        ground.metal.machines,
        ground.metal.reservations,
        [one for one in own if one.hostname in named],
        options=site.options(context),
        clock=HeedfulClock(context),
        show=partial(log_each, context),
    )
    counts = _ended(context, done)
    if named >= {one.hostname for one in own}:
        forget_environment(ground.results, site.name)
    return counts


def _agreed(planned: RegistrationPlan, removes: Collection[str]) -> RegistrationPlan:
    """Return what was planned, without the removals that nobody agreed to."""
    kept = [one for one in planned.diff.changes if one.desired or (one.registered and one.registered.uuid in removes)]
    return replace(planned, diff=replace(planned.diff, changes=tuple(kept)))


def _choice(context: StepContext, nodes: Sequence[NodeState]) -> Mapping[str, Any]:
    context.log(f"{len(nodes)} nodes chosen: {', '.join(node.label for node in nodes[:20])}" if nodes else "no nodes")
    return {
        "chosen": [{"uuid": node.uuid, "name": node.label, "inspected": node.inspection_finished_at} for node in nodes]
    }


def _chosen(context: StepContext) -> tuple[_Chosen, ...]:
    return tuple(_Chosen(**one) for one in context.inputs.get("chosen") or ())


def _present(context: StepContext, states: Sequence[NodeState]) -> tuple[list[NodeState], FleetOutcome]:
    """Return where the chosen nodes are, and as failures those that Ironic does not have any more."""
    known, chosen = {state.uuid: state for state in states}, _chosen(context)
    gone = tuple(
        NodeOutcome(
            node=one.name, uuid=one.uuid, verb="find", ending=Ending.FAILED, reason="it is not registered any more"
        )
        for one in chosen
        if one.uuid not in known
    )
    return [known[one.uuid] for one in chosen if one.uuid in known], FleetOutcome(gone)


def _log_all(context: StepContext, outcome: FleetOutcome) -> None:
    for one in outcome.outcomes:
        log_each(context, one)


def _led(
    work: NodeWork, context: StepContext, guide: NodeGuide, nodes: Sequence[NodeState], goal: Goal
) -> FleetOutcome:
    site: Site = at_revision(work, context)
    return lead_nodes(
        guide,
        nodes,
        Errand(goal),
        options=site.options(context),
        clock=HeedfulClock(context),
        show=partial(log_each, context),
    )


def _ended(context: StepContext, done: FleetOutcome) -> dict[str, Any]:
    """Return how many nodes were moved; raise NodesFailed where one is not where it should be."""
    counts = {ending: done.count(ending) for ending in Ending}
    context.log(", ".join(f"{count} {ending.value}" for ending, count in counts.items()))
    done.check()
    return {"nodes_done": counts[Ending.DONE], "nodes_unchanged": counts[Ending.UNCHANGED]}
