"""What the steps of runs about machines work with: the plan at the run's revision, its cloud, a clock that heeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tripleo_gitops.operations.nodes.outcomes import Ending
from tripleo_gitops.operations.nodes.workflow import fleet_options
from tripleo_gitops.operations.stacks.deploy_work import WrongPlan
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.plan.plan import load_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.nodes.introspection import Results
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions, NodeOutcome
    from tripleo_gitops.operations.nodes.provisioning import Metal
    from tripleo_gitops.operations.nodes.reconcile import NodeCloud
    from tripleo_gitops.operations.nodes.store import BootImages, NodeGuide
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.plan.node_settings import NodeSettings
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningGround:
    """What instances are put on nodes with, the images by name, and where results are kept on this machine."""

    metal: Metal
    images: BootImages
    results: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeWork:
    """What wiring gives the steps; each opens what the run names as its place.

    `check_revision` raises what stands against a revision (signatures); `inspection` takes `ironic` or `inspector`.
    """

    repository: Callable[[StepContext], AbstractContextManager[PlanRepository]]
    check_revision: Callable[[StepContext, PlanRepository, Revision, str], None]
    cloud: Callable[[StepContext], NodeCloud]
    inspection: Callable[[StepContext, str], tuple[NodeGuide, Results]]
    provisioning: Callable[[StepContext], ProvisioningGround]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A plan at a revision, as far as machines go."""

    name: str
    tree: PlanTree
    settings: NodeSettings

    def options(self, context: StepContext) -> FleetOptions:
        """Return how many nodes at once, how often and for how long: as the run was given, else as the plan says."""
        found, given = fleet_options(self.settings), context.inputs
        return replace(
            found,
            concurrency=int(given.get("concurrency") or found.concurrency),
            tries=int(given.get("tries") or found.tries),
            node_timeout=float(given.get("node_timeout") or found.node_timeout),
        )


def at_revision(work: NodeWork, context: StepContext) -> Site:
    """Return the run's plan; raise WrongPlan, NotSigned, UnknownRevision and what is wrong with its settings."""
    with work.repository(context) as repository:
        revision = repository.resolve(context.revision)
        tree = repository.tree(revision)
        plan = load_plan(tree)
        if plan.name != context.plan:
            raise WrongPlan(f"{revision.short} is of plan {plan.name}, and the run is for {context.plan}")
        work.check_revision(context, repository, revision, plan.name)
    return Site(name=plan.name, tree=tree, settings=plan.settings.nodes)


@dataclass(frozen=True, slots=True)
class HeedfulClock:
    """A run's clock that ends every wait when the run is to stop; `sleep` raises RunCancelled, StepTimedOut."""

    context: StepContext

    def monotonic(self) -> float:
        """Return the seconds of the run's clock."""
        return self.context.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, and look whether to go on."""
        self.context.pause(seconds)


def log_each(context: StepContext, outcome: NodeOutcome) -> None:
    """Write what became of a node, then raise RunCancelled or StepTimedOut where the run is to stop."""
    moved = f" {outcome.before} → {outcome.after}" if outcome.before != outcome.after else ""
    because = f": {outcome.reason}" if outcome.reason else ""
    level = Level.ERROR if outcome.ending is Ending.FAILED else Level.INFO
    context.log(f"node {outcome.node}: {outcome.verb} {outcome.ending.value}{moved}{because}", level=level)
    context.check()
