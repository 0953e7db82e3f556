"""What deploying a revision would change: the live stack beside the revision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.errors import Refused
from tripleo_gitops.heat.bundle import Bundle
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.side import Side
from tripleo_gitops.operations.comparison.by_hand import HandChange, ThreeSides, changed_by_hand
from tripleo_gitops.operations.comparison.diff import PlanDiff, diff_selection
from tripleo_gitops.operations.comparison.preview import PreviewingStacks, preview_update
from tripleo_gitops.operations.comparison.role_changes import diff_models
from tripleo_gitops.operations.resolution import Reader, ResolvedPlan, resolve_opened
from tripleo_gitops.operations.stacks.deploy import DeployMethod
from tripleo_gitops.operations.stacks.deploy_values import without_given
from tripleo_gitops.operations.stacks.tags import asked_method, deployed_revision
from tripleo_gitops.plan.plan import load_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.changes import ParameterDiff
    from tripleo_gitops.openstack.stack import Stack, StackContent
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.plan.plan import Plan
    from tripleo_gitops.repository.objects import PlanRepository

HEAT_MASK = "******"
"""What Heat shows in the place of a hidden parameter's value (heat.engine.service.get_environment)."""
VALUE_SECTIONS = ("parameters", "parameter_defaults")


class LiveStacks(Protocol):
    """Stacks, and what Heat was last given for them."""

    def find(self, name: str) -> Stack | None: ...
    def content(self, stack: Stack) -> StackContent: ...


class PreviewedStacks(LiveStacks, PreviewingStacks, Protocol):
    """Stacks whose updates Heat can preview, too."""


def live_side(stacks: LiveStacks, stack: Stack, *, hidden: Mapping[str, Any] | None = None) -> Side:
    """Return a live stack as one side of a parameter diff: what Heat has, whoever gave it that.

    Heat keeps hidden values to itself; `hidden` are those that it was given, as far as that is known.
    """
    content = stacks.content(stack)
    document = _with_hidden(_without_empty(content.environment), hidden or {})
    environment = merge([EnvironmentLayer(origin=f"stack {stack.name}", document=document, as_sent=True)])
    bundle = Bundle(
        template_path=f"stack {stack.name}",
        template=dict(content.template),
        environment=environment.document,
        files=content.files,
    )
    return Side(bundle=bundle, tree=None, environment=environment)


def as_given(side: Side) -> Side:
    """Return a side as Heat is given it: its files are then told apart by their text, as those of a live stack are."""
    bundle = replace(side.bundle, files=dict(side.bundle.files), referred=None)
    return replace(side, bundle=bundle)


def _without_empty(environment: Mapping[str, Any]) -> dict[str, Any]:
    """Return an environment without the empty sections that Heat adds to what it was given."""
    sections = {name: section for name, section in environment.items() if section}
    registry = {key: entry for key, entry in sections.pop("resource_registry", {}).items() if entry != {}}
    return sections | ({"resource_registry": registry} if registry else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The stack as it was seen, who opens the secrets of the revision that it was made of, and what is to come.

    `is_deploying` says that the newer side has the values that a deploy gives; `merges` that it will be a PATCH.
    """

    stack: Stack | None
    vault: SecretOpener | None = None
    is_deploying: bool = False
    merges: bool = False


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

    `vault` opens the plan's secrets: Heat has them, so they are compared. What a deploy gives, such as its
    DeployIdentifier, is left out. Raises NoKey.
    """
    resolved = resolve_opened(found.tree, vault, reader=Reader(cache))
    return diff_seen(repository, stacks, found, resolved, Seen(stack=stacks.find(found.name), vault=vault))


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
    ours = diff_seen(repository, stacks, found, resolved, Seen(stack=stacks.find(found.name), vault=vault))
    return replace(ours, preview=preview_update(stacks, found.name, resolved.bundle, ours.parameters))


def diff_seen(
    repository: PlanRepository,
    stacks: LiveStacks,
    found: PlanAtRevision,
    after: ResolvedPlan,
    seen: Seen,
) -> PlanDiff:
    """Compare a resolved revision with a stack: in Heat's terms with what is live, in files with what its tag names.

    What is live is also compared with what was last applied, where that revision is here and opens.
    """
    stack = seen.stack
    before = _deployed_tree(repository, stack)
    plan = load_plan(before) if before is not None else None
    applied = _applied(before, seen.vault, Reader(repository.cache)) if before is not None else None
    deployed = deployed_revision(stack)
    at = (deployed.short if deployed else "unknown revision") if stack else "none"
    side = live_side(stacks, stack, hidden=_hidden_values(applied)) if stack else None
    if side is not None and not seen.is_deploying:
        side = _without_given(side, after.side)
    parameters = diff_parameters(side, as_given(after.side) if side else after.side)
    return PlanDiff(
        old_label=f"stack {found.name} ({at})",
        new_label=found.revision.short,
        files=diff_trees(before, found.tree) if before is not None else (),
        selection=diff_selection(plan, after.plan),
        parameters=parameters,
        models=diff_models(_Deployed(plan, side.bundle), after) if plan and side else (),
        by_hand=_by_hand(applied, side, after, seen, parameters) if applied and side else (),
    )


def _by_hand(
    applied: ResolvedPlan, live: Side, after: ResolvedPlan, seen: Seen, pending: ParameterDiff
) -> tuple[HandChange, ...]:
    assert seen.stack is not None, "a live side is a stack's"
    sides = ThreeSides(
        applied=as_given(applied.side),
        live=_without_given(live, applied.side),
        wanted=as_given(after.side),
        was_merged=asked_method(seen.stack) == DeployMethod.PATCH,
        merges=seen.merges,
    )
    return changed_by_hand(sides, pending=pending)


def _without_given(live: Side, planned: Side) -> Side:
    """Return a live side without what deploys give, as far as the plan does not say it itself."""
    kept = {name for section in VALUE_SECTIONS for name in planned.bundle.environment.get(section) or {}}
    document = _without_empty(without_given(live.bundle.environment, kept=kept))
    environment = replace(live.environment, document=document)
    return replace(live, bundle=replace(live.bundle, environment=document), environment=environment)


def _with_hidden(environment: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stack's environment with known values in the place of Heat's masks."""
    sections = {
        section: {name: hidden.get(name, value) if value == HEAT_MASK else value for name, value in values.items()}
        for section, values in environment.items()
        if section in VALUE_SECTIONS and isinstance(values, dict)
    }
    return {**environment, **sections}


def _applied(deployed: PlanTree, vault: SecretOpener | None, reader: Reader) -> ResolvedPlan | None:
    """Return what a deployed revision meant to Heat; None where its secrets open for nobody here."""
    try:
        return resolve_opened(deployed, vault, reader=reader)
    except Refused:
        return None


def _hidden_values(applied: ResolvedPlan | None) -> Mapping[str, Any]:
    """Return the parameters that a deployed revision gave Heat."""
    document = applied.bundle.environment if applied is not None else {}
    return {name: value for section in VALUE_SECTIONS for name, value in (document.get(section) or {}).items()}


def _deployed_tree(repository: PlanRepository, stack: Stack | None) -> PlanTree | None:
    deployed = deployed_revision(stack)
    if deployed is None or not repository.has_commit(deployed.commit):
        return None
    return repository.tree(deployed)
