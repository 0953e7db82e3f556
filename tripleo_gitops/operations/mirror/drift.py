"""What was changed in a mirror behind the tool's back, object by object, with a text diff."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.mirror.mirror import read_state
from tripleo_gitops.operations.mirror.verification import NotMirrored, Verification, verify_mirror
from tripleo_gitops.operations.secrets.secret_content import has_secret

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.mirror.mirror import ReadableMirror
    from tripleo_gitops.operations.mirror.sync_plan import RevisionHistory
    from tripleo_gitops.operations.mirror.verification import ObjectChange
    from tripleo_gitops.plan.revision import Revision

TEXT_LIMIT = 1024 * 1024
"""Larger objects are named, and not compared line by line."""


class Unfinished(NotFound):
    """A mirror that is at no revision: a sync is under way, broke off, or never was."""

    reason = "Unfinished"

    def __init__(self, container: str) -> None:
        super().__init__(
            f"container {container} is at no revision of this tool: a sync is under way, broke off, or never was; "
            "`tripleo-plan sync` completes it"
        )
        self.container = container


class UnknownMirroredRevision(NotFound):
    """A mirror at a revision whose commit is not in the repository."""

    reason = "UnknownMirroredRevision"

    def __init__(self, container: str, revision: Revision) -> None:
        super().__init__(f"container {container} is at {revision}, which is not in this repository; fetch it first")
        self.container, self.revision = container, revision


@dataclass(frozen=True, slots=True)
class ObjectDrift:
    """One object that was changed, and how: lines of a unified diff, none where a side is no text or too large.

    None either where a line might show a secret: `is_secret` then.
    """

    change: ObjectChange
    lines: tuple[str, ...]
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """All that was changed in a mirror since its last sync."""

    verification: Verification
    objects: tuple[ObjectDrift, ...]


def mirrored_revision_of(store: ReadableMirror, container: str) -> Revision:
    """Return the revision that a mirror is whole at; raises NotMirrored, Unfinished."""
    state = read_state(store, container)
    if state is None:
        raise NotMirrored(container)
    if state.whole is None:
        raise Unfinished(container)
    return state.whole.revision


def find_drift(store: ReadableMirror, container: str, history: RevisionHistory, *, deep: bool = False) -> Drift:
    """Return what differs between a mirror and the revision that it says it is at.

    What has a secret in clear, on either side, is named and not shown. Raises NotMirrored, Unfinished,
    UnknownMirroredRevision.
    """
    revision = mirrored_revision_of(store, container)
    manifest = history.manifest(revision)
    if manifest is None:
        raise UnknownMirroredRevision(container, revision)
    found = verify_mirror(store, container, manifest, deep=deep)
    tree = history.rendered(revision)
    return Drift(found, tuple(_drift_of(store, container, tree, change) for change in found.changes))


def diff_texts(path: str, old: bytes | None, new: bytes | None) -> tuple[str, ...]:
    """Return the lines of a unified diff of two contents (None: absent); none where one is no text or too large."""
    before, after = _text_of(old), _text_of(new)
    if before is None or after is None:
        return ()
    old_name, new_name = f"git/{path}" if old is not None else "/dev/null", f"swift/{path}"
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), old_name, new_name if new is not None else "/dev/null", lineterm=""
    )
    return tuple(lines)


def _drift_of(store: ReadableMirror, container: str, tree: PlanTree, change: ObjectChange) -> ObjectDrift:
    old = tree.read(change.path) if change.wanted is not None else None
    is_small = change.found is None or change.found.size <= TEXT_LIMIT
    new = store.get(container, change.path) if change.found is not None and is_small else None
    if any(side is not None and has_secret(tree, change.path, side) for side in (old, new)):
        return ObjectDrift(change, (), is_secret=True)
    return ObjectDrift(change, diff_texts(change.path, old, new) if is_small else ())


def _text_of(content: bytes | None) -> str | None:
    if content is None:
        return ""
    if len(content) > TEXT_LIMIT or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
