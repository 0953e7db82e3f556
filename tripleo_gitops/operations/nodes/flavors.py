"""Make Nova's flavors those that a plan's roles need: a diff first, then what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.nodes.capabilities import NoCapabilities, parse_capabilities
from tripleo_gitops.nodes.desired import DEFAULT_RESOURCE_CLASS
from tripleo_gitops.nodes.documents import NodeEntry, read_plan_nodes
from tripleo_gitops.nodes.flavors import SIZES, FlavorChange, diff_flavors, profile_classes, wanted_flavors
from tripleo_gitops.operations.nodes.wants import wants_of_plan
from tripleo_gitops.plan.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.flavors import FlavorDiff, FoundFlavor, WantedFlavor


class FlavorStore(Protocol):
    """Lists, makes and changes flavors."""

    def flavors(self) -> tuple[FoundFlavor, ...]: ...
    def create(self, name: str, sizes: Mapping[str, int]) -> str: ...
    def set_specs(self, ident: str, specs: Mapping[str, str]) -> None: ...
    def unset_spec(self, ident: str, name: str) -> None: ...


def flavors_of_plan(tree: PlanTree) -> tuple[WantedFlavor, ...]:
    """Return the flavors that a plan's roles need; raises what reading the plan raises."""
    settings = read_settings(tree).nodes
    classes = profile_classes(_classes(tree))
    return wanted_flavors(wants_of_plan(tree), classes, boot_option=settings.boot_option.value)


def _classes(tree: PlanTree) -> Iterator[tuple[str, str]]:
    """Yield profile and resource class of each of the plan's machines, as far as their files can be read."""
    for entry in read_plan_nodes(tree):
        if isinstance(entry, NodeEntry):
            yield _profile(entry), str(entry.fields.get("resource_class") or DEFAULT_RESOURCE_CLASS)


def _profile(entry: NodeEntry) -> str:
    try:
        found = parse_capabilities(entry.fields.get("capabilities"))
    except NoCapabilities:
        return ""
    return str(entry.fields.get("profile") or found.get("profile", ""))


def plan_flavors(store: FlavorStore, wanted: tuple[WantedFlavor, ...]) -> FlavorDiff:
    """Return what makes the flavors of a store those that are wanted."""
    return diff_flavors(wanted, store.flavors())


def apply_flavors(store: FlavorStore, diff: FlavorDiff, *, say: Callable[[FlavorChange], None]) -> None:
    """Do what a diff says; half done leaves a flavor without some extra specs, which the next time adds."""
    for change in diff.changes:
        ident = change.found.id if change.found else store.create(change.wanted.name, SIZES)
        if change.set:
            store.set_specs(ident, change.set)
        for name in change.unset:
            store.unset_spec(ident, name)
        say(change)
