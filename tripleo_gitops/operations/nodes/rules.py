"""Make a service's introspection rules those of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.nodes.rules import InspectionRule, RuleChanges, diff_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RuleStore(Protocol):
    """Keeps rules."""

    def rules(self) -> tuple[Mapping[str, Any], ...]: ...
    def create_rule(self, rule: Mapping[str, Any]) -> None: ...
    def delete_rule(self, uuid: str) -> None: ...


def plan_rules(store: RuleStore, wanted: Sequence[InspectionRule], *, plan: str) -> RuleChanges:
    """Return what would make the rules those of the plan; rules that are not the plan's stay."""
    return diff_rules(wanted, store.rules(), plan=plan)


def apply_rules(store: RuleStore, changes: RuleChanges, *, plan: str) -> None:
    """Do it: new rules first, so that there is no moment without any."""
    for rule in changes.create:
        store.create_rule({"conditions": [], **rule.content, "description": rule.description(plan)})
    for uuid, _ in changes.delete:
        store.delete_rule(uuid)
