"""What deploying a revision would change: the live stack beside the revision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.heat.bundle import Bundle
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.side import Side
from tripleo_gitops.operations.deploy import DeployPlan, StackStore, deployed_revision, plan_deploy
from tripleo_gitops.operations.diff import PlanDiff, diff_selection
from tripleo_gitops.operations.preview import PreviewingStacks, preview_update
from tripleo_gitops.operations.resolution import Reader, ResolvedPlan, resolve_opened
from tripleo_gitops.operations.role_changes import diff_models
from tripleo_gitops.plan.plan import load_plan

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.openstack.stack import Stack, StackContent
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.plan.plan import Plan
    from tripleo_gitops.repository.objects import PlanRepository


class LiveStacks(Protocol):
    """Stacks, and what Heat was last given for them."""

    def find(self, name: str) -> Stack | None: ...
    def content(self, stack: Stack) -> StackContent: ...


class PreviewedStacks(LiveStacks, PreviewingStacks, Protocol):
    """Stacks whose updates Heat can preview, too."""


class DeployableStacks(LiveStacks, StackStore, Protocol):
    """Stacks that can be looked at and asked to change."""


def live_side(stacks: LiveStacks, stack: Stack) -> Side:
    """Return a live stack as one side of a parameter diff: what Heat has, whoever gave it that."""
    content = stacks.content(stack)
    environment = merge([EnvironmentLayer(origin=f"stack {stack.name}", document=content.environment, as_sent=True)])
    bundle = Bundle(
        template_path=f"stack {stack.name}",
        template=dict(content.template),
        environment=environment.document,
        files=content.files,
    )
    return Side(bundle=bundle, tree=None, environment=environment)


@dataclass(frozen=True, slots=True)
class _Deployed:
    """A plan as its stack's tag names it, and what Heat has of it."""

    plan: Plan
    bundle: Bundle


def diff_live(
    repository: PlanRepository,
    stacks: LiveStacks,
    found: PlanAtRevision,
    *,
    vault: SecretOpener | None = None,
    cache: Cache | None = None,
) -> PlanDiff:
    """Return what deploying a revision would change for Heat, against the stack as it is now.

    `vault` opens the plan's secrets: Heat has them, so they are compared. Raises NoKey.
    """
    resolved = resolve_opened(found.tree, vault, reader=Reader(cache))
    return _beside(repository, stacks, found, resolved, stacks.find(found.name))


def preview_live(
    repository: PlanRepository,
    stacks: PreviewedStacks,
    found: PlanAtRevision,
    *,
    vault: SecretOpener | None = None,
    cache: Cache | None = None,
) -> PlanDiff:
    """Return what `diff_live` does, with Heat's own preview of the update beside it.

    Raises NotFound where there is no stack to update, NoKey.
    """
    resolved = resolve_opened(found.tree, vault, reader=Reader(cache))
    ours = _beside(repository, stacks, found, resolved, stacks.find(found.name))
    return replace(ours, preview=preview_update(stacks, found.name, resolved.bundle, ours.parameters))


def prepare_deploy(
    repository: PlanRepository,
    stacks: DeployableStacks,
    found: PlanAtRevision,
    *,
    timeout: int,
    merge: bool,
    vault: SecretOpener | None = None,
) -> tuple[DeployPlan, PlanDiff]:
    """Return what a deploy would ask of Heat and what that changes, both for the stack as it is now.

    `timeout` in minutes; an update replaces (PUT) unless `merge` (PATCH); `vault` opens the plan's secrets.
    Raises StackBusy, NoKey.
    """
    resolved = resolve_opened(found.tree, vault)
    planned = plan_deploy(stacks, found, resolved, timeout=timeout, merge=merge)
    seen = planned.seen.stack if planned.seen else None
    return planned, _beside(repository, stacks, found, resolved, seen)


def _beside(
    repository: PlanRepository,
    stacks: LiveStacks,
    found: PlanAtRevision,
    after: ResolvedPlan,
    stack: Stack | None,
) -> PlanDiff:
    """Compare in Heat's terms with the stack, and in files with the revision that its tag names, if it is here."""
    before = _deployed_tree(repository, stack)
    plan = load_plan(before) if before is not None else None
    deployed = deployed_revision(stack)
    at = (deployed.short if deployed else "unknown revision") if stack else "none"
    side = live_side(stacks, stack) if stack else None
    return PlanDiff(
        old_label=f"stack {found.name} ({at})",
        new_label=found.revision.short,
        files=diff_trees(before, found.tree) if before is not None else (),
        selection=diff_selection(plan, after.plan),
        parameters=diff_parameters(side, after.side),
        models=diff_models(_Deployed(plan, side.bundle), after) if plan and side else (),
    )


def _deployed_tree(repository: PlanRepository, stack: Stack | None) -> PlanTree | None:
    deployed = deployed_revision(stack)
    if deployed is None or not repository.has_commit(deployed.commit):
        return None
    return repository.tree(deployed)
