"""Decide a deploy: what would be asked of Heat, what that changes and destroys, and what it is bound to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.comparison.diff_report import lines
from tripleo_gitops.operations.comparison.hidden_values import Masker, masker_of
from tripleo_gitops.operations.comparison.preview import preview_update
from tripleo_gitops.operations.stacks.deploy import DeployMethod, DeployOptions, DeployPlan, StackStore, plan_deploy
from tripleo_gitops.operations.stacks.deploy_values import declared_names, deploy_values, give_values
from tripleo_gitops.operations.stacks.drastic import Destruction, measure_destruction
from tripleo_gitops.operations.stacks.live import PreviewedStacks, Seen, diff_seen
from tripleo_gitops.operations.stacks.staleness import Bound, bind

if TYPE_CHECKING:
    from tripleo_gitops.operations.comparison.diff import PlanDiff
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.repository.objects import PlanRepository


class DeployableStacks(PreviewedStacks, StackStore, Protocol):
    """Stacks that can be looked at and asked to change."""


@dataclass(frozen=True, kw_only=True)
class PreparedDeploy:
    """A deploy that is decided and not asked for: what Heat would get, and what a person is to be shown."""

    planned: DeployPlan
    diff: PlanDiff
    destruction: Destruction
    masker: Masker

    @cached_property
    def bound(self) -> Bound:
        """What the deploy is bound to once this was shown."""
        return bind(self.planned)

    @property
    def text(self) -> str:
        """What changes, as it is shown and kept; hidden values are masked."""
        head = f"{self.diff.old_label} → {self.diff.new_label}"
        body = ["".join(segment.text for segment in line) for line in lines(self.diff)] or ["nothing differs"]
        more = [words for words in (self.planned.judgement.words, self.destruction.words) if words]
        return self.masker("\n".join([head, *body, *more]))


def choose_values(
    stacks: StackStore,
    found: PlanAtRevision,
    resolved: ResolvedPlan,
    options: DeployOptions,
    *,
    seconds: int,
    skip_identifier: bool = False,
) -> DeployOptions:
    """Return the options of a deploy that begins at `seconds` since 1970 UTC with every value that it gives.

    What the options give already is kept.
    """
    values = deploy_values(
        declared_names(resolved.parameters),
        name=found.name,
        is_new=stacks.find(found.name) is None,
        seconds=seconds,
        skip_identifier=skip_identifier,
    )
    return replace(options, values={**values, **options.values})


def prepare_deploy(
    repository: PlanRepository,
    stacks: DeployableStacks,
    found: PlanAtRevision,
    resolved: ResolvedPlan,
    options: DeployOptions,
    *,
    vault: SecretOpener | None = None,
) -> PreparedDeploy:
    """Return what a deploy would ask of Heat and what that changes, both for the stack as it is now.

    `resolved` is the revision with its secrets opened; `vault` opens those of the deployed one. Raises StackBusy.
    """
    given = give_values(resolved, options.values)
    planned = plan_deploy(stacks, found, given, options)
    seen = planned.seen.stack if planned.seen else None
    merges = planned.method is DeployMethod.PATCH
    diff = diff_seen(repository, stacks, found, given, Seen(stack=seen, vault=vault, is_deploying=True, merges=merges))
    existing = [resource.path for resource in planned.seen.resources] if planned.seen else []
    roles = frozenset(role.name for role in found.plan.roles)
    return PreparedDeploy(
        planned=planned,
        diff=diff,
        destruction=measure_destruction(diff.parameters.resources, existing, roles=roles),
        masker=masker_of(given),
    )


def with_preview(stacks: PreviewedStacks, prepared: PreparedDeploy, resolved: ResolvedPlan) -> PreparedDeploy:
    """Return a prepared deploy with Heat's own preview of the update; the same where there is no stack to update."""
    if prepared.planned.seen is None:
        return prepared
    given = give_values(resolved, prepared.planned.values)
    preview = preview_update(stacks, prepared.planned.name, given.bundle, prepared.diff.parameters)
    return replace(prepared, diff=replace(prepared.diff, preview=preview))
