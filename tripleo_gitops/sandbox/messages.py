"""What the two ends of a confined process say to each other: a head in JSON, and bytes after it.

What comes out of the confined end is data and never code: it may have been taken over by what it runs.
"""

from __future__ import annotations

import json
import struct
from typing import Any, TypeAlias

Head: TypeAlias = dict[str, Any]

LENGTHS = struct.Struct(">II")
HEAD_LIMIT = 1024 * 1024
"""Bytes of a head; what a template includes and what is wrong with it has room in that."""
DATAGRAM = 512
"""Bytes of a request to the fork server, and of its answer."""
RENDERER, PARSER = "render", "parser"
"""What the fork server runs."""


class NotUnderstood(ValueError):
    """Bytes that are no message."""


def pack(head: Head, body: bytes = b"") -> bytes:
    """Return a message as bytes."""
    content = json.dumps(head).encode("ascii")
    return LENGTHS.pack(len(content), len(body)) + content + body


def lengths_of(prefix: bytes, *, body_limit: int) -> tuple[int, int]:
    """Return how long a message's head and body are; raise NotUnderstood for one beyond the limits."""
    head, body = LENGTHS.unpack(prefix)
    if head > HEAD_LIMIT or body > body_limit:
        raise NotUnderstood(f"a head of {head} and a body of {body} bytes are over {HEAD_LIMIT} and {body_limit}")
    return head, body


def parse_head(content: bytes) -> Head:
    """Return a message's head; raise NotUnderstood for what is none."""
    try:
        head = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise NotUnderstood("the head is no JSON") from exc
    if not isinstance(head, dict):
        raise NotUnderstood("the head is no mapping")
    return head
