"""What the fault cases of the mirror work with: three revisions in memory, a mirror behind the proxy, its state."""

from __future__ import annotations

import hashlib
import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openstack.connection
from keystoneauth1 import session, token_endpoint

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.openstack.retrying import Patience
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.announcement import SyncId, mirrored_revision
from tripleo_gitops.operations.mirror.journal import Journal
from tripleo_gitops.operations.mirror.manifest import (
    MANIFEST_PATH,
    OWN_PATHS,
    STOCK_PATH,
    Manifest,
    SecretsForm,
    describe_objects,
    sha256_of,
)
from tripleo_gitops.operations.mirror.manifest_edit import ManifestChanges
from tripleo_gitops.operations.mirror.memory import DiskMemory
from tripleo_gitops.operations.mirror.mirror import Mirror, read_state
from tripleo_gitops.operations.mirror.stocked_manifest import STOCK_FROM, read_stored
from tripleo_gitops.plan.revision import CommitId, Revision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.operations.mirror.mirror import WallClock

TRIES = Patience(tries=4, first=0.01, most=0.02)
STOCKED_FROM = 3
"""From how many files on a plan of these cases has a stock, where it is to be one that may."""
IMPATIENT_SECONDS, PATIENT_SECONDS = 1.5, 30.0
"""How long a client waits for an answer: shorter than the proxy is silent, and longer than any real answer takes.

A request that its client gave up is still under way, and may overtake a later one: so give up where that is the case.
"""


class RenewedToken(token_endpoint.Token):  # type: ignore[misc]  # keystoneauth has no types
    """A token that is asked for again when a service refuses it; it is the same one, since the refusal was ours."""

    def invalidate(self) -> bool:
        return True


class NamedAlike(SwiftContainers):
    """Containers that have one name for their journal, whichever way through the proxy leads to them."""

    def location(self, container: str) -> str:
        return f"http://faults/{container}"


@dataclass(frozen=True, slots=True)
class Access:
    """A project's Swift, and a token for it."""

    endpoint: str
    token: str

    def through(self, proxy_url: str, *, actor: str = "") -> Access:
        """Return the same project behind a proxy, as an actor that the proxy tells apart."""
        path = "/" + self.endpoint.split("/", 3)[3]
        return Access(f"{proxy_url}{f'/~{actor}' if actor else ''}{path}", self.token)

    def store(self, *, timeout: float | None = PATIENT_SECONDS, patience: Patience = TRIES) -> SwiftContainers:
        """Return the project's containers, by a connection of their own."""
        auth = RenewedToken(self.endpoint, self.token)
        connection = openstack.connection.Connection(
            session=session.Session(auth=auth, timeout=timeout), object_store_endpoint_override=self.endpoint
        )
        return NamedAlike(connection, patience=patience)


class MemoryHistory:
    """Revisions whose files are in memory, the later the newer."""

    secrets = SecretsForm.SEALED

    def __init__(self, trees: Mapping[Revision, MemoryTree]) -> None:
        self._trees = dict(trees)
        self._manifests = {revision: describe_objects(tree, revision) for revision, tree in trees.items()}

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """All revisions, the oldest first."""
        return tuple(self._trees)

    def is_known(self, revision: Revision) -> bool:
        return revision in self._trees

    def rendered(self, revision: Revision) -> MemoryTree:
        return self._trees[revision]

    def manifest(self, revision: Revision) -> Manifest | None:
        return self._manifests.get(revision)

    def changes(self, old: Revision, new: Revision) -> ManifestChanges | None:
        if old not in self._trees or new not in self._trees:
            return None
        return changes_between(self._manifests[old], self._manifests[new])

    def is_older(self, revision: Revision, than: Revision) -> bool:
        order = list(self._trees)
        return order.index(revision) < order.index(than)


def changes_between(old: Manifest, new: Manifest) -> ManifestChanges:
    """Return what differs between two manifests."""
    before, after = old.by_path, new.by_path
    differing = (path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return ManifestChanges({path: after.get(path) for path in differing}, frozenset(after.keys() - before.keys()))


def three_revisions() -> MemoryHistory:
    """Return three revisions of a small plan: contents change, files appear and vanish, sizes stay in part."""
    same = {"overcloud.yaml": b"heat_template_version: rocky\n", "a b/ü.yaml": b"x: 1\n"}
    files: tuple[dict[str, bytes], ...] = (
        {"one.yaml": b"v: 0\n", "two.yaml": b"v: 0\n", "gone.yaml": b"g: 0\n", "empty.yaml": b""},
        {"one.yaml": b"v: 1\n", "two.yaml": b"v: 0\n", "new.yaml": b"n: 1\n", "empty.yaml": b"e: 1\n"},
        {"one.yaml": b"v: 2\n", "two.yaml": b"v: 2\n", "gone.yaml": b"g: 2\n", "new.yaml": b"n: 2\n"},
    )
    return history_of([same | own for own in files])


def three_large_revisions() -> MemoryHistory:
    """Return three revisions of which two have more than STOCKED_FROM files, and the last one has less."""
    files: tuple[dict[str, bytes], ...] = (
        {"one.yaml": b"v: 0\n", "two.yaml": b"v: 0\n", "gone.yaml": b"g: 0\n", "same.yaml": b""},
        {"one.yaml": b"v: 1\n", "two.yaml": b"v: 0\n", "new.yaml": b"n: 1\n", "same.yaml": b""},
        {"one.yaml": b"v: 2\n", "two.yaml": b"v: 0\n", "new.yaml": b"n: 2\n"},
    )
    return history_of(list(files))


def history_of(trees: list[dict[str, bytes]]) -> MemoryHistory:
    """Return a history whose revisions have these files."""
    numbered = enumerate(trees)
    return MemoryHistory({_revision(number): MemoryTree(files) for number, files in numbered})


def _revision(number: int) -> Revision:
    return Revision(CommitId(hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()), "main")


def mirror_of(
    store: SwiftContainers,
    container: str,
    machine: Path,
    *,
    clock: WallClock,
    seed: int,
    parallel: int = 1,
) -> Mirror:
    """Return a mirror as one machine has it: the directory holds what that machine remembers."""
    numbers = random.Random(seed)
    return Mirror(
        store=store,
        container=container,
        journal=Journal(machine / "mirrors"),
        memory=DiskMemory(machine / "memory.sqlite"),
        clock=clock,
        new_id=lambda: SyncId(f"{numbers.getrandbits(64):016x}"),
        parallel=parallel,
    )


def differences(store: SwiftContainers, container: str, wanted: Manifest, *, stock_from: int = STOCK_FROM) -> list[str]:
    """Return how a container differs from the exact mirror of a manifest; nothing when it does not."""
    found: list[str] = []
    state = read_state(store, container)
    if state is None:
        return ["there is no container"]
    whole = state.whole
    if whole is None or whole.revision.commit != wanted.revision.commit:
        found.append(f"is whole at {whole.revision.short if whole else None}, not at {wanted.revision.short}")
    named = mirrored_revision(store.metadata(container))
    if named is None or named.commit != wanted.revision.commit:
        found.append(f"names {named.short if named else None}, not {wanted.revision.short}")
    content, listed = store.get(container, MANIFEST_PATH) or b"", store.objects(container)
    if whole is not None and sha256_of(content) != whole.digest:
        found.append("the manifest has another digest than the container names")
    has_stock = len(wanted.entries) > stock_from
    if has_stock != any(entry.path == STOCK_PATH for entry in listed):
        found.append(f"the manifest should have {'a' if has_stock else 'no'} stock")
    manifest = read_stored(content, lambda _digest: store.get(container, STOCK_PATH)) if content else None
    if manifest != wanted or (not has_stock and content != wanted.encode()):
        found.append("the manifest is another one")
    stored = {entry.path: entry.md5 for entry in listed if entry.path not in OWN_PATHS}
    target = {entry.path: entry.md5 for entry in wanted.entries}
    found += [f"{path} differs" for path in sorted(stored.items() ^ target.items(), key=str)]
    return found


def numbered_names(prefix: str) -> Any:
    """Return an iterator over container names that were not used yet."""
    return (f"{prefix}-{number}" for number in itertools.count())
