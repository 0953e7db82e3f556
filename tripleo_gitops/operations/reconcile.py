"""Make the cloud follow a repository: what to do is read from refs, marker and stack, never from the trigger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.mirror.drift_watch import look_after
from tripleo_gitops.operations.mirror.secrets import plan_history
from tripleo_gitops.operations.mirror.sync import SyncResult, sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.operations.resolution import Reader, resolve_opened
from tripleo_gitops.operations.revisions import PlanAtRevision, open_plan
from tripleo_gitops.operations.stacks.deploy import DeployOptions, StackStore, apply_deploy, follow_stack, plan_deploy
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.plan.settings import UpdateMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.mirror.drift import Drift
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was done for a plan: None where its settings do not ask for it, or nothing was to do."""

    name: str
    revision: Revision
    sync: SyncResult | None
    deployed: str | None


class CloudServices(Protocol):
    """A project's mirrors and stacks."""

    @property
    def stacks(self) -> StackStore: ...
    def mirror(self, name: str) -> Mirror: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What reconciling works with; `check_deploy` gets a plan's name, and raises where rules leave deploys to runs."""

    clock: Clock
    say: Callable[[str], None]
    check_deploy: Callable[[str], None]
    vault: SecretOpener | None


def reconcile(repository: PlanRepository, cloud: CloudServices, means: Means, *, branch: str) -> Reconciled:
    """Mirror, and where the plan's settings say so deploy, the revision that `branch` names now.

    Doing it again changes nothing. Raises BrokenPlan for a revision that breaks a rule, and what sync and
    deploy raise; what was done until then stays done, and the next call goes on from there.
    """
    found = open_plan(repository, branch)
    sync = None
    if found.plan.settings.sync.on_push:
        sync = _mirror(repository, found, cloud, means)
    deployed = None
    if found.plan.settings.deploy.on_push:
        means.check_deploy(found.name)
        resolved = resolve_opened(found.tree, means.vault, reader=Reader(repository.cache))
        deployed = _deploy(found, resolved, cloud, clock=means.clock, say=means.say)
    return Reconciled(name=found.name, revision=found.revision, sync=sync, deployed=deployed)


def attend(
    repository: PlanRepository,
    cloud: CloudServices,
    *,
    branch: str,
    say: Callable[[str], None],
    vault: SecretOpener | None = None,
) -> Drift | None:
    """Look for what somebody else changed in the mirror, and tell or mend it as the plan's settings say.

    None where the plan is not mirrored. Raises what look_after does.
    """
    plan = load_plan(repository.tree(repository.resolve(branch)))
    if not plan.settings.sync.on_push:
        return None
    mirror = cloud.mirror(plan.name)
    history = plan_history(repository, mirror.memory, vault)
    return look_after(mirror, history, on_drift=plan.settings.sync.on_drift, say=say)


def _mirror(repository: PlanRepository, found: PlanAtRevision, cloud: CloudServices, means: Means) -> SyncResult | None:
    mirror, say = cloud.mirror(found.name), means.say
    history = plan_history(repository, mirror.memory, means.vault)
    asked = SyncOptions(allow_older=True)  # a branch that was moved back is followed back
    result = sync_mirror(mirror, history, found.revision, options=asked)
    if not result.is_changed:
        say(f"container {found.name} already mirrors {found.revision.short}")
        return None
    say(
        f"mirrored {found.revision.short} into container {found.name}: "
        f"{result.put} put, {result.deleted} deleted, {result.unchanged} unchanged"
    )
    return result


def _deploy(
    found: PlanAtRevision,
    resolved: ResolvedPlan,
    cloud: CloudServices,
    *,
    clock: Clock,
    say: Callable[[str], None],
) -> str | None:
    settings = found.plan.settings.deploy
    options = DeployOptions(timeout=settings.timeout_minutes, merge=settings.method is UpdateMethod.PATCH)
    deploy = plan_deploy(cloud.stacks, found, resolved, options)
    seen = deploy.seen.stack if deploy.seen else None
    now = deployed_revision(seen)
    if now is not None and now.commit == found.revision.commit:
        say(f"stack {found.name} already is {found.revision.short} ({seen.status if seen else ''})")
        return None
    apply_deploy(cloud.stacks, deploy)
    say(f"stack {found.name}: {deploy.method} to {found.revision.short} begun")
    status = ""
    for progress in follow_stack(
        cloud.stacks, found.name, timeout=settings.timeout_minutes * 60.0, clock=clock, since=deploy.seen
    ):
        status = progress.stack.status
    say(f"stack {found.name} is {status}")
    return status
