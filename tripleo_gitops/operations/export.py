"""A revision of a plan as a tar archive, for those who take plans as files."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree


def write_archive(tree: PlanTree, out: IO[bytes], *, time: int) -> int:
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
            member.size, member.mtime, member.mode = len(content), time, 0o644
            archive.addfile(member, io.BytesIO(content))
    return len(paths)
