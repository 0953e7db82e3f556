"""An Ironic in memory that can be slow, hold nodes, fail at some of them, and be away; its clock is its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any

from tripleo_gitops.nodes.registered import NodeState
from tripleo_gitops.openstack.connection import CloudUnavailable, RequestRejected
from tripleo_gitops.openstack.ironic_requests import NodeBusy, NodeNotFound

WAY = {
    "manage": ("verifying", "manageable", "enroll"),
    "provide": ("cleaning", "available", "clean failed"),
    "inspect": ("inspecting", "manageable", "inspect failed"),
    "clean": ("cleaning", "manageable", "clean failed"),
    "active": ("deploying", "active", "deploy failed"),
    "deleted": ("deleting", "available", "error"),
}


ALLOWED = {
    "manage": {"enroll", "available", "inspect failed", "clean failed", "adopt failed"},
    "provide": {"manageable"},
    "inspect": {"manageable", "inspect failed"},
    "clean": {"manageable"},
    "active": {"available", "deploy failed", "active", "error"},
    "deleted": {"active", "deploy failed", "error", "wait call-back", "rescue", "rescue failed"},
    "abort": {"inspect wait", "clean wait"},
}
"""From which states Ironic takes a verb (its states machine, ironic/common/states.py)."""


@dataclass
class FakeIronic:
    """Nodes by id; `failing` says how often a verb fails for a node, `held` how often it is refused as locked."""

    nodes: dict[str, NodeState] = field(default_factory=dict)
    failing: dict[tuple[str, str], int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    away: int = 0
    silent: set[str] = field(default_factory=set)
    now: float = 0.0
    listings: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    most_at_once: int = 0
    _ends: dict[str, str] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.Lock)

    def add(self, count: int, state: str = "enroll", **fields: Any) -> tuple[NodeState, ...]:
        for number in range(len(self.nodes), len(self.nodes) + count):
            uuid = f"u{number}"
            self.nodes[uuid] = NodeState(uuid=uuid, name=f"n{number}", provision_state=state, **fields)
        return tuple(self.nodes.values())

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        with self._lock:
            for uuid, end in list(self._ends.items()):
                if uuid not in self.silent:
                    error = "the controller does not answer" if end.endswith(("failed", "enroll")) else None
                    seen = {"inspection_finished_at": f"at {self.now}"} if self._is_inspected(uuid, end) else {}
                    self.nodes[uuid] = replace(self.nodes[uuid], provision_state=end, last_error=error, **seen)
                    del self._ends[uuid]

    def _is_inspected(self, uuid: str, end: str) -> bool:
        return self.nodes[uuid].provision_state.startswith("inspect") and end == "manageable"

    def states(self) -> tuple[NodeState, ...]:
        self.listings += 1
        if self.away > 0:
            self.away -= 1
            raise CloudUnavailable("Ironic: cannot be reached")
        with self._lock:
            return tuple(self.nodes.values())

    def provision(self, uuid: str, verb: str, **_options: Any) -> None:
        with self._lock:
            if self.held.get(uuid, 0) > 0:
                self.held[uuid] -= 1
                raise NodeBusy(f"Ironic: node {uuid} is locked by host undercloud")
            if uuid not in self.nodes:
                raise NodeNotFound(f"Ironic: node {uuid} could not be found")
            state = self.nodes[uuid].provision_state
            if state not in ALLOWED[verb]:
                words = (
                    f'the requested action "{verb}" can not be performed on node "{uuid}" while it is in state {state}'
                )
                raise RequestRejected("Ironic", words, status=400)
            self.asked.append((uuid, verb))
            if verb == "abort":
                self.silent.discard(uuid)
                self._ends[uuid] = "inspect failed"
                return
            during, good, bad = WAY[verb]
            if verb == "inspect" and uuid in self.silent:
                during = "inspect wait"
            left = self.failing.get((uuid, verb), 0)
            self.failing[uuid, verb] = left - 1
            self.nodes[uuid] = replace(self.nodes[uuid], provision_state=during, last_error=None)
            self._ends[uuid] = bad if left > 0 else good
            self.most_at_once = max(self.most_at_once, len(self._ends))
