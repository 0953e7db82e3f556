"""Heat's own preview of an update beside what we computed: where the two differ, Heat is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import NotFound
from tripleo_gitops.heat.changes import ParameterDiff, Replacement, ResourceChange
from tripleo_gitops.openstack.stack import StackRequest

if TYPE_CHECKING:
    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.openstack.stack import PreviewedResource, Stack

_UNCHANGED, _UPDATED = "unchanged", "updated"
_OURS = {"added": "added", "removed": "deleted"}


class PreviewingStacks(Protocol):
    """Stacks whose updates Heat can preview."""

    def find(self, name: str) -> Stack | None: ...
    def preview(self, stack: Stack, request: StackRequest) -> tuple[PreviewedResource, ...]: ...


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One resource of which Heat and we say different things, each in Heat's words."""

    path: str
    heat: str
    ours: str

    def to_document(self) -> dict[str, str]:
        """Return this as plain data."""
        return {"path": self.path, "heat": self.heat, "ours": self.ours}


@dataclass(frozen=True, slots=True)
class PreviewComparison:
    """What Heat previews, without what stays as it is, and where that is not what we say."""

    resources: tuple[PreviewedResource, ...]
    differing: tuple[Disagreement, ...]

    def to_document(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "resources": [{"path": one.path, "type": one.type, "action": one.action} for one in self.resources],
            "differing": [one.to_document() for one in self.differing],
        }


def preview_update(stacks: PreviewingStacks, name: str, bundle: Bundle, ours: ParameterDiff) -> PreviewComparison:
    """Return Heat's preview of updating a stack to a bundle by PUT, compared with our diff; raises NotFound."""
    stack = stacks.find(name)
    if stack is None:
        raise NotFound(f"there is no stack {name} yet, so that Heat has no update to preview")
    request = StackRequest(
        template=bundle.template, environment=bundle.environment, files=bundle.files, timeout=1, tags=stack.tags
    )
    return compare_preview(stacks.preview(stack, request), ours)


def compare_preview(previewed: tuple[PreviewedResource, ...], ours: ParameterDiff) -> PreviewComparison:
    """Return where a preview and a diff differ, over the resources that Heat names or that we say are touched.

    A resource that we say may be replaced agrees with both words. One that holds a stack and is not touched agrees
    with an update, which Heat says of all of these. Of stacks whose resources Heat does not tell, nothing is said.
    """
    told = {one.path: one for one in previewed}
    stacks = {_stack_of(path) for path in told}
    changes = {change.path: change for change in ours.resources if _stack_of(change.path) in stacks}
    differing = [
        Disagreement(path, told[path].action if path in told else "not named", _words(changes.get(path)))
        for path in sorted(told.keys() | changes.keys())
        if not _agree(told.get(path), changes.get(path))
    ]
    return PreviewComparison(tuple(one for one in previewed if one.action != _UNCHANGED), tuple(differing))


def _stack_of(path: str) -> str:
    return path.rsplit("/", 1)[0]


def _agree(heat: PreviewedResource | None, change: ResourceChange | None) -> bool:
    if heat is None:
        return change is None
    if change is None and heat.holds_stack and heat.action == _UPDATED:
        return True
    return heat.action in _expected(change)


def _expected(change: ResourceChange | None) -> set[str]:
    if change is None:
        return {_UNCHANGED}
    if change.kind in _OURS:
        return {_OURS[change.kind]}
    words = {
        Replacement.NO: {"updated"},
        Replacement.YES: {"replaced"},
        Replacement.MAYBE: {"updated", "replaced"},
    }
    return words[change.replacement]


def _words(change: ResourceChange | None) -> str:
    return " or ".join(sorted(_expected(change), reverse=True))
