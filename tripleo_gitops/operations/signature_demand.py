"""What a server's operator demands of signatures: a file outside every plan, `signatures.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.toml import parse_toml
from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.revision import CommitId
from tripleo_gitops.repository.signer_keys import UnprotectedKeys, check_protected

if TYPE_CHECKING:
    from pathlib import Path

DEMAND_FILE = "signatures.toml"
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureDemand:
    """Whether signatures are required, the directory of the keys that count, and commits whose past is trusted."""

    source: Path
    is_required: bool
    keys: Path
    trusted: tuple[CommitId, ...] = ()


class NoDemand(Refused):
    """A file that should say what is demanded of signatures, and is not there."""

    reason = "NoDemand"


def read_demand(path: Path, *, outside: tuple[Path, ...]) -> SignatureDemand:
    """Return what an operator's file demands; `outside` are the places, a plan's own, where nothing of it may be.

    Raises NoDemand for a file that is missing, UnprotectedKeys, InvalidDocument.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NoDemand(f"{path}: no such file; it has to say whether signatures are required, by which keys") from None
    except OSError as exc:
        raise NoDemand(f"{path}: it cannot be read ({exc.strerror})") from exc
    check_protected(path)
    demand = parse_demand(content, source=path)
    for place in (path, demand.keys):
        if any(place.resolve().is_relative_to(own.resolve()) for own in outside):
            raise UnprotectedKeys(f"{place} is inside the plan's own repository; keys that count are kept elsewhere")
    return demand


def parse_demand(content: bytes, *, source: Path) -> SignatureDemand:
    """Return what a TOML document demands; `keys` is from the file's own directory. Raises InvalidDocument."""
    table = parse_toml(content, source=str(source))
    table.check_known("required", "keys", "trusted")
    trusted = table.typed("trusted", list, "a list of commits", [])
    for commit in trusted:
        if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
            raise table.error("trusted", f"{commit!r} is no commit's id of 40 digits")
    return SignatureDemand(
        source=source,
        is_required=table.typed("required", bool, "true or false", None),
        keys=source.parent / table.typed("keys", str, "the directory of the signers' keys", None),
        trusted=tuple(CommitId(commit) for commit in trusted),
    )
