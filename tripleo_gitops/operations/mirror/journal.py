"""What a machine remembers of its own syncs: one at a time for each mirror, and which of them ended.

The journal is a hint. It saves a request where it is right, the container's metadata shows where it is not, and
deleting it costs nothing but that request. Its lock is the kernel's: it is free again when its holder dies.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.operations.mirror.announcement import SYNC_KEY_PREFIX, Announcement, SyncId, parse_announcements
from tripleo_gitops.operations.mirror.exclusion_errors import SyncUnderWay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One mirror's page, held: the last sync of this machine that closed, and those that began and did not."""

    path: Path

    @property
    def closed(self) -> Announcement | None:
        """The last sync that this machine closed, as it announced itself."""
        written = self._read().get("closed", {})
        found = parse_announcements({f"{SYNC_KEY_PREFIX}{sync}": value for sync, value in written.items()})
        return found[0] if found else None

    @property
    def begun(self) -> frozenset[SyncId]:
        """Syncs of this machine that did not close; whoever holds the page knows that they are over."""
        return frozenset(SyncId(sync) for sync in self._read().get("begun", ()))

    def begin(self, sync: SyncId) -> None:
        """Remember a sync before the first request of it is sent."""
        self._write({"begun": sorted({*self.begun, sync})})

    def forget(self, sync: SyncId) -> None:
        """Strike out a sync that took itself back."""
        self._write({"begun": sorted(self.begun - {sync})})

    def close(self, announcement: Announcement) -> None:
        """Remember the sync whose manifest closed the mirror; earlier ones are of no interest any more."""
        self._write({"closed": {announcement.sync: announcement.value}, "begun": []})

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, changes: dict[str, Any]) -> None:
        scratch = self.path.with_suffix(".new")  # not synced: a machine that lost power waits for its own lease
        scratch.write_text(json.dumps(self._read() | changes))
        scratch.replace(self.path)


class Journal:
    """The pages of one machine's user, a file each, in a directory of their own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def hold(self, location: str) -> Iterator[JournalPage]:
        """Hold the page of the mirror at a URL; raise SyncUnderWay while another process of this machine has it."""
        page = self.page(location)
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with page.path.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SyncUnderWay(location, who="another process of this machine") from None
            yield page

    def page(self, location: str) -> JournalPage:
        """Return the page of the mirror at a URL, not held: what it says may be over in a moment."""
        name = hashlib.sha256(location.encode()).hexdigest()[:32]
        return JournalPage(self._directory / f"{name}.json")
