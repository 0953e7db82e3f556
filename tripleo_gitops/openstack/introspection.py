"""Ironic's own introspection: its results, and the rules that it applies to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tripleo_gitops.errors import NotFound
from tripleo_gitops.openstack.ironic_requests import NodeNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.ironic_requests import IronicRequests

INVENTORY, RULES = 81, 96
"""The versions of the API in which results and rules came."""


class NoInspectionRules(NotFound):
    """A cloud whose service knows no rules."""

    reason = "NoInspectionRules"


class IronicInspection:
    """Results and rules of Ironic's own introspection."""

    def __init__(self, requests: IronicRequests) -> None:
        self._requests = requests

    def inventory(self, ident: str) -> Mapping[str, Any] | None:
        """Return what the ramdisk posted of a node; None where nothing is kept of it."""
        if not self._requests.is_at_least(INVENTORY):
            return None
        try:
            found = self._requests.get(f"/nodes/{quote(ident, safe='')}/inventory")
        except NodeNotFound:
            return None
        inventory = found.get("inventory")
        return inventory if isinstance(inventory, dict) else None

    def rules(self) -> tuple[Mapping[str, Any], ...]:
        """Return the rules that there are; raise NoInspectionRules where Ironic is too old for any."""
        self._check_rules()
        return tuple(self._requests.pages("/inspection_rules", "inspection_rules", detail="True"))

    def create_rule(self, rule: Mapping[str, Any]) -> None:
        """Add a rule."""
        self._check_rules()
        self._requests.send("POST", "/inspection_rules", body=dict(rule))

    def delete_rule(self, uuid: str) -> None:
        """Remove a rule; one that is gone already is fine."""
        self._check_rules()
        try:
            self._requests.send("DELETE", f"/inspection_rules/{uuid}")
        except NodeNotFound:
            return

    def _check_rules(self) -> None:
        if not self._requests.is_at_least(RULES):
            raise NoInspectionRules("this Ironic knows no inspection rules (its API ends before 1.96)")
