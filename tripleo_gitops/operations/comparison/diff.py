"""What changes between two trees of a plan: files, capabilities, roles, and parameters as Heat sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.changes import FileChange, diff_trees
from tripleo_gitops.operations.comparison.older_side import compare_with_older
from tripleo_gitops.operations.comparison.role_changes import ModelChange, diff_models
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.sandbox.parsing import ParsingAhead, cores

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.changes import ParameterDiff
    from tripleo_gitops.operations.comparison.by_hand import HandChange
    from tripleo_gitops.operations.comparison.older_side import OlderSide
    from tripleo_gitops.operations.comparison.preview import PreviewComparison
    from tripleo_gitops.operations.resolution import Cache, ResolvedPlan
    from tripleo_gitops.plan.plan import Plan

FORMAT = 1
"""Of the plain data; raised when a key is taken away or means something else."""


@dataclass(frozen=True, slots=True)
class SelectionChange:
    """One environment that is selected on one side only."""

    path: str
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """Everything that differs between two sides of a plan; labels say what the sides are.

    `by_hand` is what somebody changed on a stack since it was last applied: what a deploy does to it is in the rest.
    `old_refusal` says why Heat would refuse the older side; then parameters and resources are not compared.
    """

    old_label: str
    new_label: str
    files: tuple[FileChange, ...]
    selection: tuple[SelectionChange, ...]
    parameters: ParameterDiff
    models: tuple[ModelChange, ...] = ()
    preview: PreviewComparison | None = None
    by_hand: tuple[HandChange, ...] = ()
    old_refusal: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, not even a file that Heat never sees."""
        return not (self.files or self.selection or self.models or self.old_refusal) and self.parameters.is_empty

    def to_document(self) -> dict[str, Any]:
        """Return the diff as plain data: docs/reference/diff-schema.md says what is in it."""
        return {
            "format": FORMAT,
            "old": self.old_label,
            "new": self.new_label,
            "old_refusal": self.old_refusal or None,
            "files": [{"path": change.path, "kind": change.kind} for change in self.files],
            "capabilities": [{"environment": change.path, "enabled": change.is_enabled} for change in self.selection],
            "models": [change.to_document() for change in self.models],
            "heat": self.parameters.to_document(),
            "by_hand": [change.to_document() for change in self.by_hand],
            "preview": self.preview.to_document() if self.preview else None,
        }


def diff_selection(old: Plan | None, new: Plan) -> tuple[SelectionChange, ...]:
    """Return which environments were enabled or disabled, in the order of the newer selection, then the older."""
    before = old.environment.selected_paths if old else ()
    after = new.environment.selected_paths
    enabled = (SelectionChange(path, is_enabled=True) for path in after if path not in before)
    disabled = (SelectionChange(path, is_enabled=False) for path in before if path not in after)
    return (*enabled, *disabled)


def diff_plans(
    old: PlanTree | None, new: PlanTree, *, old_label: str, new_label: str, cache: Cache | None = None
) -> PlanDiff:
    """Return what a plan's change from `old` (None: nothing) to `new` means, for files and for Heat."""
    with ParsingAhead() as ahead:
        reader = Reader(cache, ahead=ahead if cores() > 1 else None)
        return _diff(old, new, reader, old_label=old_label, new_label=new_label)


def _diff(old: PlanTree | None, new: PlanTree, reader: Reader, *, old_label: str, new_label: str) -> PlanDiff:
    for tree in filter(None, (new, old)):
        reader.rendered(tree)  # templates of both sides are rendered beside what is done here
    after = resolve_plan(new, reader=reader)
    compared = compare_with_older(old, after, resolve=partial(resolve_plan, reader=reader))
    return compared_plans(compared, after, diff_trees(old, new), old_label=old_label, new_label=new_label)


def compared_plans(
    compared: OlderSide, after: ResolvedPlan, files: tuple[FileChange, ...], *, old_label: str, new_label: str
) -> PlanDiff:
    """Return the diff of an older side, whatever is known of it, and a plan; `files` are those that changed."""
    return PlanDiff(
        old_label=old_label,
        new_label=new_label,
        files=files,
        selection=diff_selection(compared.plan, after.plan) if compared.plan or not compared.refusal else (),
        parameters=compared.parameters,
        models=diff_models(compared.resolved, after) if compared.resolved or not compared.refusal else (),
        old_refusal=compared.refusal,
    )
