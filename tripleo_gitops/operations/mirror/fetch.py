"""Read a mirror by its manifest: one revision whole, or an error, and never a mix."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, InvalidInput, Refused, Unavailable
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, digests_of
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS, read_state
from tripleo_gitops.operations.mirror.mirrored import fetch_manifest
from tripleo_gitops.operations.mirror.verification import NotMirrored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.mirror.announcement import Announcement
    from tripleo_gitops.operations.mirror.manifest import Manifest, ManifestEntry
    from tripleo_gitops.operations.mirror.mirror import ReadableMirror
    from tripleo_gitops.plan.revision import Revision


READ_AHEAD = 64
"""How many objects are in memory at once."""


class MirrorChanging(Unavailable):
    """A mirror that is between two revisions."""

    reason = "MirrorChanging"

    def __init__(self, container: str) -> None:
        super().__init__(f"container {container}: a sync is under way, or broke off; nothing was read, try again")
        self.container = container


class MirrorDamaged(GitopsError):
    """An object that is not what the manifest says, although no sync is under way."""

    reason = "MirrorDamaged"

    def __init__(self, container: str, path: str) -> None:
        super().__init__(
            f"container {container}: {path} is not what the manifest says; `tripleo-plan drift` shows how, "
            "`tripleo-plan repair` puts it back"
        )
        self.container, self.path = container, path


@dataclass(frozen=True, slots=True)
class WholeMirror:
    """A mirror that was whole when its manifest was read; its files are read one by one, each checked."""

    store: ReadableMirror
    container: str
    announcement: Announcement
    manifest: Manifest

    @property
    def revision(self) -> Revision:
        """The revision that every file belongs to."""
        return self.announcement.revision

    def read(self, entry: ManifestEntry) -> bytes:
        """Return the bytes of one object; raise MirrorChanging or MirrorDamaged where they are other ones."""
        content = self.store.get(self.container, entry.path)
        if content is not None and digests_of(content).sha256 == entry.sha256:
            return content
        raise _why_not_read(self.store, self.container, self.announcement, entry.path)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of every object, a few of them read ahead."""
        entries = self.manifest.entries
        with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
            for start in range(0, len(entries), READ_AHEAD):
                few = entries[start : start + READ_AHEAD]
                yield from zip((entry.path for entry in few), pool.map(self.read, few), strict=True)


def open_mirror(store: ReadableMirror, container: str) -> WholeMirror:
    """Return a mirror that is whole; raises NotMirrored, MirrorChanging for one that is not, MirrorDamaged."""
    state = read_state(store, container)
    if state is None:
        raise NotMirrored(container)
    whole = state.whole
    manifest = fetch_manifest(store, container, whole.digest) if whole is not None else None
    if whole is None:
        raise MirrorChanging(container)
    if manifest is None:
        raise _why_not_read(store, container, whole, MANIFEST_PATH)
    return WholeMirror(store, container, whole, manifest)


def _why_not_read(
    store: ReadableMirror, container: str, announcement: Announcement, path: str
) -> MirrorChanging | MirrorDamaged:
    """Return why an object is not what was announced: a sync goes on, or somebody meddled."""
    state = read_state(store, container)
    is_as_before = state is not None and state.whole == announcement
    return MirrorDamaged(container, path) if is_as_before else MirrorChanging(container)


def fetch_mirror(store: ReadableMirror, container: str, target: Path) -> WholeMirror:
    """Write a mirror's files below a directory that is not there yet: all of one revision, or none at all.

    Raises NotMirrored, MirrorChanging, MirrorDamaged; Refused where something is at `target`.
    """
    if target.exists():
        raise Refused(f"{target} exists; name a new directory")
    mirror = open_mirror(store, container)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".fetch-", dir=target.parent))
    try:
        for path, content in mirror.files():
            file = place_below(scratch, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        scratch.chmod(0o755)
        scratch.rename(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return mirror


def place_below(top: Path, path: str) -> Path:
    """Return where an object's file goes; raise InvalidInput for a name that would lead out of the directory."""
    parts = path.split("/")
    if not path or any(part in {"", ".", ".."} for part in parts) or "\0" in path or "\\" in path:
        raise InvalidInput(f"object {path!r} has a name that no file below a directory can have")
    return top.joinpath(*parts)
