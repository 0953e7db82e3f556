"""What the steps of a deploy work with: the plan at the run's revision, opened once, and the services around it."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.resolution import Reader, resolve_opened
from tripleo_gitops.operations.revisions import open_plan
from tripleo_gitops.operations.stacks.deploy import DeployOptions
from tripleo_gitops.operations.stacks.deploy_preparation import DeployableStacks, PreparedDeploy, prepare_deploy
from tripleo_gitops.operations.stacks.events import EventfulStacks
from tripleo_gitops.operations.stacks.failures import DeploymentOutputs
from tripleo_gitops.operations.stacks.quiet_stacks import QuietStacks
from tripleo_gitops.operations.stacks.undeploy import DeletableStacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.operations.stacks.approvals import ApprovalRules
    from tripleo_gitops.operations.stacks.provisioned import Provisioned
    from tripleo_gitops.operations.stacks.windows import Window
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.repository.objects import PlanRepository

OUTAGE_PAUSE_SECONDS = 5.0
IN_FLIGHT_SECONDS = 20.0


class RunStacks(DeployableStacks, EventfulStacks, DeploymentOutputs, DeletableStacks, Protocol):
    """Everything that the steps of a deploy ask of Heat; `look` is `find` without outputs, which cost time."""

    def look(self, name: str) -> Stack | None: ...


class RunCloud(Protocol):
    """The project that a run works in."""

    @property
    def stacks(self) -> RunStacks: ...
    def mirror(self, name: str) -> Mirror: ...


class WrongPlan(Refused):
    """A revision of another plan than the run is for."""

    reason = "WrongPlan"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployServices:
    """What wiring gives the steps of a deploy.

    `repository` and `cloud` open what a run names as its place; `check_revision` raises what stands against a revision
    besides its own rules (signatures); `earlier` tells how many seconds earlier deploys of a plan took, newest first.
    `provisioned` tells what `provision` found out about a plan's servers.
    `in_flight` is how many seconds a request that a killed process may have sent is waited for before Heat is asked
    again, `outage_pause` those between two looks at a cloud that does not answer.
    """

    repository: Callable[[StepContext], AbstractContextManager[PlanRepository]]
    cloud: Callable[[StepContext], RunCloud]
    vault: SecretOpener | None
    now: Callable[[], datetime]
    check_revision: Callable[[StepContext, PlanRepository, PlanAtRevision], None]
    earlier: Callable[[str], Sequence[float]]
    provisioned: Callable[[str], Provisioned | None] = lambda _plan: None
    approvals: tuple[ApprovalRules, ...] = ()
    windows: tuple[Window, ...] = ()
    outage_pause: float = OUTAGE_PAUSE_SECONDS
    in_flight: float = IN_FLIGHT_SECONDS
    opened: dict[str, OpenedPlan] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class OpenedPlan:
    """A revision of a plan with its secrets opened, as Heat would get it."""

    found: PlanAtRevision
    resolved: ResolvedPlan = field(repr=False)


@contextmanager
def opened(services: DeployServices, context: StepContext) -> Iterator[tuple[PlanRepository, OpenedPlan]]:
    """Give the run's repository and plan; a plan stays opened in memory until another revision is asked for.

    Raises WrongPlan, BrokenPlan, NoKey and what opening the repository raises.
    """
    with services.repository(context) as repository:
        key = f"{repository.git_dir} {context.revision}"
        if key not in services.opened:
            found = open_plan(repository, context.revision)
            if found.name != context.plan:
                raise WrongPlan(f"{found.revision.short} is of plan {found.name}, and the run is for {context.plan}")
            resolved = resolve_opened(found.tree, services.vault, reader=Reader(repository.cache))
            services.opened.clear()
            services.opened[key] = OpenedPlan(found, resolved)
        yield repository, services.opened[key]


def options_of(context: StepContext, plan: OpenedPlan) -> DeployOptions:
    """Return how the run is to deploy: what it was given, else what the plan's settings say."""
    settings = plan.found.plan.settings.deploy
    return DeployOptions(
        timeout=int(context.inputs.get("timeout") or settings.timeout_minutes),
        merge=str(context.inputs.get("method") or settings.method.value) == "patch",
        rollback=bool(context.inputs.get("rollback")),
        values=dict(context.inputs.get("values") or {}),
        request_id=request_id(context),
    )


def request_id(context: StepContext) -> str:
    """Return the name under which this try of the step asks Heat; the same after a kill, another for another try."""
    return f"{context.run_id}.{context.attempt}"


def prepare(
    services: DeployServices, context: StepContext, repository: PlanRepository, plan: OpenedPlan
) -> PreparedDeploy:
    """Return the run's deploy, decided for the stack as it is now; raises StackBusy."""
    stacks = QuietStacks(services.cloud(context).stacks)
    options = options_of(context, plan)
    return prepare_deploy(repository, stacks, plan.found, plan.resolved, options, vault=services.vault)


def allowed(context: StepContext) -> tuple[str, ...]:
    """Return which drastic acts the run's maker allowed."""
    given: Any = context.inputs.get("allow") or ()
    return tuple(str(one) for one in given)
