"""A revision of a plan as a tar archive, for those who take plans as files."""

from __future__ import annotations

import gzip
import io
import tarfile
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.mirror.opened_tree import environment_in_clear
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.opening import SecretOpener


class SecretsAs(StrEnum):
    """How an export holds the plan's secrets: as they are committed, in clear as TripleO has them, or not at all."""

    SEALED = "sealed"
    CLEAR = "clear"
    NONE = "none"


def export_tree(tree: PlanTree, *, secrets: SecretsAs, vault: SecretOpener | None) -> PlanTree:
    """Return the tree to export; CLEAR is what `openstack overcloud plan` imports, and raises NoKey without a key."""
    if secrets is SecretsAs.SEALED or SECRETS_FILE not in tree.paths():
        return tree
    files = {path: tree.read(path) for path in tree.paths() if path != SECRETS_FILE}
    if secrets is SecretsAs.CLEAR:
        files[PLAN_ENVIRONMENT_FILE] = environment_in_clear(tree, vault)
    return MemoryTree(files)


def write_archive(tree: PlanTree, out: IO[bytes], *, time: int, executables: Collection[str] = ()) -> int:
    """Write a gzipped tar of every file, equal bytes for equal trees; return how many files it holds.

    `time` (seconds since 1970 UTC) is every member's modification time.
    """
    paths = sorted(tree.paths())
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=time, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in paths:
            content = tree.read(path)
            member = tarfile.TarInfo(path)
            member.size, member.mtime, member.mode = len(content), time, 0o755 if path in executables else 0o644
            archive.addfile(member, io.BytesIO(content))
    return len(paths)
