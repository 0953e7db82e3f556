"""ironic-inspector seen as if it were Ironic's own introspection, so that one way of leading nodes serves both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.nodes.states import Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.nodes.registered import NodeState
    from tripleo_gitops.operations.nodes.store import NodeGuide


class Introspected(Protocol):
    """How an introspection goes."""

    @property
    def uuid(self) -> str: ...
    @property
    def is_finished(self) -> bool: ...
    @property
    def error(self) -> str | None: ...


class InspectorService(Protocol):
    """ironic-inspector."""

    def start(self, uuid: str, *, manages_boot: bool) -> None: ...
    def abort(self, uuid: str) -> None: ...
    def statuses(self) -> Sequence[Introspected]: ...


class InspectorGuide:
    """Leads nodes through Ironic, but inspects them with ironic-inspector.

    A node stays manageable for Ironic while ironic-inspector waits for its ramdisk; here it is `inspect wait` then,
    and `inspect failed` when that went wrong. Only introspections that were begun here count, unless `sees_all`.
    Without `manages_boot` somebody else lets the machines boot the ramdisk.
    """

    def __init__(
        self, guide: NodeGuide, inspector: InspectorService, *, sees_all: bool = False, manages_boot: bool = True
    ) -> None:
        self._guide, self._inspector = guide, inspector
        self._sees_all, self._manages_boot = sees_all, manages_boot
        self._begun: set[str] = set()

    def provision(self, uuid: str, verb: str, **options: Any) -> None:
        if verb == Verb.INSPECT:
            self._inspector.start(uuid, manages_boot=self._manages_boot)
            self._begun.add(uuid)
        elif verb == Verb.ABORT and (self._sees_all or uuid in self._begun):
            self._inspector.abort(uuid)
        else:
            self._guide.provision(uuid, verb, **options)

    def states(self) -> tuple[NodeState, ...]:
        states = self._guide.states()
        if not (self._begun or self._sees_all):
            return states
        seen = self._inspector.statuses()
        known = {one.uuid: one for one in seen if self._sees_all or one.uuid in self._begun}
        return tuple(_overlaid(state, known.get(state.uuid)) for state in states)


def _overlaid(state: NodeState, seen: Introspected | None) -> NodeState:
    if seen is None or state.provision_state != "manageable":
        return state
    if not seen.is_finished:
        return replace(state, provision_state="inspect wait")
    if seen.error:
        return replace(state, provision_state="inspect failed", last_error=seen.error)
    return state
