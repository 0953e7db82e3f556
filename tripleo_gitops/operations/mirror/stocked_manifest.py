"""How the manifest of a large plan is stored: a stock, written now and then, and what changed since."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.manifest import (
    MANIFEST_PATH,
    InvalidManifest,
    Manifest,
    ManifestEntry,
    SecretsForm,
    compact,
    entries_of,
    form_fields,
    form_of,
    line_of,
    parse_manifest,
    sha256_of,
)
from tripleo_gitops.plan.revision import InvalidRevision, Revision, parse_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STOCK_FROM = 4096
"""How many objects a manifest lists by itself; that of a larger plan says what changed since its stock."""
CHANGES_KEPT = 256
"""How many changes a manifest carries before the stock is written anew."""
STOCKED_VERSION = 2
_START = b'{"version":2,'


@dataclass(frozen=True, slots=True, kw_only=True)
class StockedManifest:
    """A manifest as changes (None: gone) since a stock, which is a manifest in full, named by its SHA-256.

    `count` is how many objects there are in all. It costs what changed, however large the plan is.
    """

    revision: Revision
    secrets: SecretsForm
    stock: str
    count: int
    changed: Mapping[str, ManifestEntry | None]

    def encode(self) -> bytes:
        """Return the manifest as it is stored: JSON, UTF-8, one object a line, sorted by path."""
        head = {"version": STOCKED_VERSION, "revision": str(self.revision), **form_fields(self.secrets)}
        head |= {"stock": self.stock, "count": self.count}
        paths = sorted(self.changed)
        lines = ",\n".join(line_of(entry) for path in paths if (entry := self.changed[path]) is not None)
        gone = compact([path for path in paths if self.changed[path] is None])
        return f'{compact(head)[:-1]},"objects":[\n{lines}\n],"gone":{gone}}}\n'.encode()

    def over(self, stock: Manifest) -> Manifest:
        """Return the manifest in full, given its stock."""
        found: dict[str, ManifestEntry | None] = {**stock.by_path, **self.changed}
        entries = (found[path] for path in sorted(found))
        return Manifest(self.revision, tuple(entry for entry in entries if entry is not None), self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredManifest:
    """The bytes that keep a manifest of so many objects: its own, and those of a stock that is to be written first.

    `has_stock` is whether there is one, written before or not; where there is none, none may stay behind.
    """

    content: bytes
    objects: int
    stock: bytes | None = None
    has_stock: bool = False


def store_manifest(manifest: Manifest, *, stock_from: int) -> StoredManifest:
    """Return how a manifest is stored whose stock, if it has one, is written anew."""
    return stored(
        manifest.encode(),
        revision=manifest.revision,
        secrets=manifest.secrets,
        objects=len(manifest.entries),
        stock_from=stock_from,
    )


def stored(full: bytes, *, revision: Revision, secrets: SecretsForm, objects: int, stock_from: int) -> StoredManifest:
    """Return how a manifest that is given in full is stored."""
    if objects <= stock_from:
        return StoredManifest(content=full, objects=objects)
    head = StockedManifest(revision=revision, secrets=secrets, stock=sha256_of(full), count=objects, changed={})
    return StoredManifest(content=head.encode(), objects=objects, stock=full, has_stock=True)


def read_stocked(content: bytes) -> StockedManifest | None:
    """Return a manifest that speaks of a stock; None for one in full. Raises InvalidManifest."""
    if not content.startswith(_START):
        return None
    try:
        document = json.loads(content)
        changed: dict[str, ManifestEntry | None] = {entry.path: entry for entry in entries_of(document)}
        return StockedManifest(
            revision=parse_revision(document["revision"]),
            secrets=form_of(document),
            stock=document["stock"],
            count=document["count"],
            changed=changed | dict.fromkeys(document["gone"]),
        )
    except (ValueError, KeyError, TypeError, InvalidRevision) as exc:
        raise InvalidManifest(f"{MANIFEST_PATH} is not a manifest of this tool ({type(exc).__name__})") from exc


def read_stored(content: bytes, stock_of: Callable[[str], bytes | None]) -> Manifest | None:
    """Return the manifest that some bytes keep; `stock_of` gives a stock by its digest, None for one that is not there.

    None then, and for a stock of another digest. Raises InvalidManifest.
    """
    head = read_stocked(content)
    if head is None:
        return parse_manifest(content)
    stock = stock_of(head.stock)
    return head.over(parse_manifest(stock)) if stock is not None and sha256_of(stock) == head.stock else None
