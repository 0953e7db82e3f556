"""What a mirror says of itself: syncs announce themselves in its container's metadata, the manifest closes them.

A sync announces itself before it touches an object, and puts the manifest, named as its own, after the last one.
The objects are those of one revision exactly when the manifest's sync is announced and no other one is, save the
one that it built upon. Keys of metadata are independent of each other, so that no sync can hide another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NewType, Self
from urllib.parse import quote, unquote

from tripleo_gitops.operations.mirror.manifest import MANIFEST_MEDIA_TYPE, MANIFEST_PATH, SecretsForm
from tripleo_gitops.plan.revision import InvalidRevision, Revision, parse_revision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.container import ContainerView, StoredObject

SyncId = NewType("SyncId", str)
"""Sixteen hexadecimal digits that no other sync has."""

USAGE_KEY, USAGE_VALUE = "usage-tripleo", "plan"
REVISION_KEY, DIGEST_KEY = "tripleo-gitops-revision", "tripleo-gitops-digest"
SECRETS_KEY = "tripleo-gitops-secrets"
SYNC_KEY_PREFIX = "tripleo-gitops-sync-"
NAMES = (REVISION_KEY, DIGEST_KEY, SECRETS_KEY)
VALUE_LIMIT = 256
NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One sync as it announced itself: when (seconds since 1970), towards what, and on top of which sync.

    `secrets` is how the objects hold the plan's secrets.
    """

    sync: SyncId
    begun: int
    revision: Revision
    digest: str
    over: SyncId | None
    secrets: SecretsForm = SecretsForm.SEALED

    @property
    def key(self) -> str:
        """The key of container metadata that holds this announcement, and no other one."""
        return SYNC_KEY_PREFIX + self.sync

    @property
    def value(self) -> str:
        """The announcement as metadata holds it: ASCII, within Swift's limit for a value."""
        said = f"{self.begun} {self.over or NOTHING} {self.digest} {spelled(self.revision)}"
        return said if self.secrets is SecretsForm.SEALED else f"{said} {self.secrets}"

    @property
    def named(self) -> dict[str, str]:
        """What a container says of the revision that it is brought to, for readers: nothing is decided by it."""
        return {REVISION_KEY: spelled(self.revision), DIGEST_KEY: self.digest, SECRETS_KEY: self.secrets.value}

    @property
    def metadata(self) -> dict[str, str]:
        """What announcing sets: the mark of TripleO's plans, what readers are told, our own key."""
        return {USAGE_KEY: USAGE_VALUE, **self.named, self.key: self.value}

    @property
    def media_type(self) -> str:
        """The Content-Type of the manifest that closes this sync; listings show it."""
        return f"{MANIFEST_MEDIA_TYPE}; sync={self.sync}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorState:
    """A container as one look at it shows it: whether it is a plan's, its announcements, whose manifest is there.

    `named` is what it says for readers; nothing is decided by it.
    """

    is_plan: bool
    announced: tuple[Announcement, ...]
    closed: SyncId | None
    named: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, view: ContainerView) -> Self:
        """Return the state that a view of the container, with its manifest's row, shows."""
        found = next((stored for stored in view.objects if stored.path == MANIFEST_PATH), None)
        return cls(
            is_plan=is_plan_container(view.metadata),
            announced=parse_announcements(view.metadata),
            closed=sync_of_manifest(found),
            named={key: view.metadata[key] for key in NAMES if key in view.metadata},
        )

    @property
    def whole(self) -> Announcement | None:
        """The sync whose revision the objects are; None while one is under way, or after one that broke off."""
        last = self.find(self.closed)
        others = {found.sync for found in self.announced} - {self.closed}
        return last if last is not None and others <= {last.over} else None

    @property
    def unfinished(self) -> tuple[Announcement, ...]:
        """Syncs that were announced and not closed: they run, or broke off."""
        last = self.find(self.closed)
        done = {self.closed, last.over if last is not None else None}
        return tuple(found for found in self.announced if found.sync not in done)

    def find(self, sync: SyncId | None) -> Announcement | None:
        """Return the announcement of a sync, or None."""
        return next((found for found in self.announced if found.sync == sync), None)


def is_plan_container(metadata: Mapping[str, str]) -> bool:
    """Return whether a container says of itself that it is a plan's, as TripleO's do."""
    return metadata.get(USAGE_KEY) == USAGE_VALUE


def mirrored_revision(metadata: Mapping[str, str] | None) -> Revision | None:
    """Return the revision that a container's marker names; None without a readable marker."""
    try:
        return parse_revision(unquote((metadata or {}).get(REVISION_KEY, "")))
    except InvalidRevision:
        return None


def parse_announcements(metadata: Mapping[str, str]) -> tuple[Announcement, ...]:
    """Return the announcements in a container's metadata, sorted by sync; what no tool of ours wrote is left out."""
    keys = sorted(key for key in metadata if key.startswith(SYNC_KEY_PREFIX))
    found = (_parse(SyncId(key.removeprefix(SYNC_KEY_PREFIX)), metadata[key]) for key in keys)
    return tuple(announcement for announcement in found if announcement is not None)


def sync_of_manifest(stored: StoredObject | None) -> SyncId | None:
    """Return the sync that put a manifest, as its media type names it; None for no manifest or one not ours."""
    if stored is None:
        return None
    options = (option.strip() for option in stored.content_type.split(";")[1:])
    return next((SyncId(option.removeprefix("sync=")) for option in options if option.startswith("sync=")), None)


def spelled(revision: Revision) -> str:
    """Return a revision as metadata holds it: ASCII; without its branch where that would be too long."""
    text = quote(str(revision), safe="@:/")
    return text if len(text) <= VALUE_LIMIT - 100 else str(Revision(revision.commit))


def _parse(sync: SyncId, value: str) -> Announcement | None:
    begun, _, rest = value.partition(" ")
    over, _, rest = rest.partition(" ")
    digest, _, rest = rest.partition(" ")
    revision, _, form = rest.partition(" ")
    try:
        found, secrets = parse_revision(unquote(revision)), SecretsForm(form or SecretsForm.SEALED)
    except (InvalidRevision, ValueError):
        return None
    return Announcement(
        sync=sync,
        begun=int(begun) if begun.isdecimal() else 0,
        revision=found,
        digest=digest,
        over=SyncId(over) if over != NOTHING else None,
        secrets=secrets,
    )
