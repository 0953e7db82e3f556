"""Objects as a tar archive that Swift unpacks into a container (its `bulk` middleware)."""

from __future__ import annotations

import io
import tarfile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.openstack.container import Upload

MEDIA_TYPE_HEADER = "SCHILY.xattr.user.mime_type"
"""The PAX header that the middleware takes an object's Content-Type from."""


def write_archive(file: IO[bytes], uploads: Iterable[Upload]) -> None:
    """Write uploads to a file as a tar archive, one after the other, and go back to its beginning."""
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for upload in uploads:
            member = tarfile.TarInfo(upload.path)
            member.size = len(upload.content)
            member.pax_headers = {MEDIA_TYPE_HEADER: upload.content_type}
            archive.addfile(member, io.BytesIO(upload.content))
    file.seek(0)
