"""A plan's mirror: its container, what this machine remembers of it, and who writes to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.operations.clock import Clock
from tripleo_gitops.operations.mirror.announcement import MirrorState, SyncId, sync_of_manifest
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH
from tripleo_gitops.operations.mirror.stocked_manifest import STOCK_FROM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tripleo_gitops.openstack.container import ContainerView, StoredObject, Upload
    from tripleo_gitops.operations.mirror.journal import Journal
    from tripleo_gitops.operations.mirror.memory import MirrorMemory

PARALLEL_REQUESTS = 8
"""How many requests to a container are under way at once, where nothing else is asked for."""


class WallClock(Clock, Protocol):
    """A clock that also tells the time of day, in seconds since 1970."""

    def time(self) -> float: ...


class ReadableMirror(Protocol):
    """Containers of one project, for reading."""

    def view(self, container: str, prefix: str) -> ContainerView | None: ...
    def objects(self, container: str) -> tuple[StoredObject, ...]: ...
    def look(self, container: str, path: str) -> StoredObject | None: ...
    def get(self, container: str, path: str) -> bytes | None: ...


class MirrorStore(ReadableMirror, Protocol):
    """Where mirrors are kept: the containers of one project."""

    @property
    def request_count(self) -> int: ...
    def location(self, container: str) -> str: ...
    def create(self, container: str, metadata: Mapping[str, str]) -> None: ...
    def mark(self, container: str, metadata: Mapping[str, str], *, remove: Iterable[str] = ()) -> None: ...
    def put(self, container: str, path: str, content: bytes, *, md5: str, content_type: str) -> None: ...
    def extract(self, container: str, uploads: Iterable[Upload]) -> bool: ...
    def delete(self, container: str, path: str) -> bool: ...


class EnvironmentStore(Protocol):
    """Mistral's environments, by name."""

    def put(self, name: str, variables: Mapping[str, Any]) -> None: ...
    def variables(self, name: str) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """One plan's container, with this machine's journal and memory of it, a clock, and a source of sync ids.

    `parallel` bounds how many requests are under way at once; `environments` is None where there is no Mistral.
    The manifest of more than `stock_from` objects has a stock.
    """

    store: MirrorStore
    container: str
    journal: Journal
    memory: MirrorMemory
    clock: WallClock
    new_id: Callable[[], SyncId] = field(repr=False)
    parallel: int = PARALLEL_REQUESTS
    environments: EnvironmentStore | None = None
    stock_from: int = STOCK_FROM


def read_state(store: ReadableMirror, container: str, *, expected: MirrorState | None = None) -> MirrorState | None:
    """Return how a container is, by one request; None when it is absent.

    Where the listing shows neither the manifest that the announcements let expect nor that of the `expected`
    state, it may lag: the object itself is asked then.
    """
    view = store.view(container, MANIFEST_PATH)
    if view is None:
        return None
    state = MirrorState.of(view)
    is_as_before = expected is not None and expected.closed == state.closed
    if not state.announced or state.whole is not None or is_as_before:
        return state
    closed = sync_of_manifest(store.look(container, MANIFEST_PATH))
    return replace(state, closed=closed)
