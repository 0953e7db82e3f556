"""The other end of `parsing`: tells of templates what `heat.documents` keeps of them."""

from __future__ import annotations

import os
import sys

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.heat.documents import told_of
from tripleo_gitops.sandbox.confinement import confine
from tripleo_gitops.sandbox.messages import LENGTHS, pack, parse_head


def main() -> None:
    """Confine this process as the first message says, and tell of the files of the next ones until there are no more.

    A message has the files' lengths in its head and the files in its body; the answer has two lengths for each, of
    outline and document, none of them for a file that is refused: who asked is to say why.
    """
    incoming, outgoing = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    is_begun = False
    while len(prefix := incoming.read(LENGTHS.size)) == LENGTHS.size:
        head_size, body_size = LENGTHS.unpack(prefix)
        head, body = parse_head(incoming.read(head_size)), incoming.read(body_size)
        if is_begun:
            outgoing.write(_answer(head["lengths"], body))
        else:
            confine(memory=head["memory"], cpu_seconds=head["cpu_seconds"])
            is_begun = True
            outgoing.write(pack({"ready": True}))
        outgoing.flush()
    sys.exit(0)


def _answer(lengths: list[int], body: bytes) -> bytes:
    told: list[tuple[bytes, bytes]] = []
    begin = 0
    for length in lengths:
        told.append(_told(body[begin : begin + length]))
        begin += length
    parts = [part for both in told for part in both]
    return pack({"lengths": [len(part) for part in parts]}, b"".join(parts))


def _told(content: bytes) -> tuple[bytes, bytes]:
    try:
        return told_of(content, source="")
    except (GitopsError, RecursionError):
        return b"", b""
