"""What changes between two trees of a plan: files, capabilities, roles, and parameters as Heat sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.changes import FileChange, diff_trees
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.operations.resolution import resolve_plan

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.changes import ParameterDiff
    from tripleo_gitops.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class SelectionChange:
    """One environment that is selected on one side only."""

    path: str
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """Everything that differs between two sides of a plan; labels say what the sides are."""

    old_label: str
    new_label: str
    files: tuple[FileChange, ...]
    selection: tuple[SelectionChange, ...]
    parameters: ParameterDiff

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, not even a file that Heat never sees."""
        return not self.files and not self.selection and self.parameters.is_empty

    def to_document(self) -> dict[str, Any]:
        """Return the diff as plain data."""
        return {
            "old": self.old_label,
            "new": self.new_label,
            "files": [{"path": change.path, "kind": change.kind} for change in self.files],
            "capabilities": [{"environment": change.path, "enabled": change.is_enabled} for change in self.selection],
            "heat": self.parameters.to_document(),
        }


def diff_selection(old: Plan | None, new: Plan) -> tuple[SelectionChange, ...]:
    """Return which environments were enabled or disabled, in the order of the newer selection, then the older."""
    before = old.environment.selected_paths if old else ()
    after = new.environment.selected_paths
    enabled = (SelectionChange(path, is_enabled=True) for path in after if path not in before)
    disabled = (SelectionChange(path, is_enabled=False) for path in before if path not in after)
    return (*enabled, *disabled)


def diff_plans(old: PlanTree | None, new: PlanTree, *, old_label: str, new_label: str) -> PlanDiff:
    """Return what a plan's change from `old` (None: nothing) to `new` means, for files and for Heat."""
    after = resolve_plan(new)
    before = resolve_plan(old) if old is not None else None
    return PlanDiff(
        old_label=old_label,
        new_label=new_label,
        files=diff_trees(old, new),
        selection=diff_selection(before.plan if before else None, after.plan),
        parameters=diff_parameters(before.side if before else None, after.side),
    )
