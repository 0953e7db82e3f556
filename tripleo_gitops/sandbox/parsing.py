"""Templates parsed ahead, in a confined process on another core, where many are to be parsed that no cache remembers.

The one who asks takes files from one end of what is to be done, the process from the other; so none waits long for
the other, and all is done without the process where it does not start, is slow, or ends.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from tripleo_gitops.sandbox.forking import NotStarted
from tripleo_gitops.sandbox.messages import PARSER
from tripleo_gitops.sandbox.process import ConfinedProcess, Lost

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import BlobId

MEBIBYTE = 1024 * 1024
MANY_BYTES = 256 * 1024
"""From how much on a process is started: parsing here takes longer than starting it, from there on."""
BATCH_BYTES = 64 * 1024
BATCH_SECONDS = 60.0
_LIMITS = {"memory": 512 * MEBIBYTE, "cpu_seconds": 300}
ANSWER_LIMIT = 64 * MEBIBYTE


class ParsingAhead:
    """What is to be parsed, and who does it; to be ended by `with`, and used by one thread."""

    def __init__(self, *, many_bytes: int = MANY_BYTES) -> None:
        self._many_bytes = many_bytes
        self._waiting: dict[BlobId, bytes] = {}
        self._told: dict[BlobId, tuple[bytes, bytes] | None] = {}
        self._under_way: set[BlobId] = set()
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_over = False
        self.parsed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._turn:
            self._is_over = True
            self._turn.notify_all()
        if self._thread is not None:
            self._thread.join()

    def offer(self, blob: BlobId, content: bytes) -> None:
        """Note a file that will be taken; the process is started when there is enough for it to do."""
        with self._turn:
            if self._is_over or blob in self._waiting or blob in self._under_way or blob in self._told:
                return
            self._waiting[blob] = content
            self._turn.notify_all()
            if self._thread is None and sum(map(len, self._waiting.values())) >= self._many_bytes:
                self._thread = threading.Thread(target=self._work, name="parsing ahead", daemon=True)
                self._thread.start()

    def take(self, blob: BlobId) -> tuple[bytes, bytes] | None:
        """Return outline and document of a file; None for one that nobody has begun with, or that is refused."""
        with self._turn:
            if self._waiting.pop(blob, None) is None:
                while blob in self._under_way:
                    self._turn.wait()
            return self._told.pop(blob, None)

    def _work(self) -> None:
        """Hand over files, batch by batch, until it is over; then, and when the process is lost, end it."""
        process: ConfinedProcess | None = None
        with suppress(NotStarted, Lost, TimeoutError, LookupError):
            process = ConfinedProcess.start(_LIMITS, body_limit=ANSWER_LIMIT, program=PARSER)
            process.wait_until_ready()
            while batch := self._next_batch():
                answers = _asked(process, tuple(batch.values()))
                self._note(dict(zip(batch, answers, strict=True)))
        with self._turn:
            self._is_over = True
            self._waiting.clear()
            self._under_way.clear()
            self._turn.notify_all()
        if process is not None:
            process.end()

    def _next_batch(self) -> dict[BlobId, bytes]:
        with self._turn:
            while not self._waiting and not self._is_over:
                self._turn.wait()
            batch: dict[BlobId, bytes] = {}
            while self._waiting and not self._is_over and sum(map(len, batch.values())) < BATCH_BYTES:
                blob = next(iter(self._waiting))
                batch[blob] = self._waiting.pop(blob)
            self._under_way.update(batch)
            return batch

    def _note(self, told: dict[BlobId, tuple[bytes, bytes] | None]) -> None:
        with self._turn:
            self._told |= told
            self.parsed += len(told)
            self._under_way.difference_update(told)
            self._turn.notify_all()


def _asked(process: ConfinedProcess, contents: tuple[bytes, ...]) -> list[tuple[bytes, bytes] | None]:
    """Return what the process tells of files; raises Lost, TimeoutError, LookupError."""
    deadline = time.monotonic() + BATCH_SECONDS
    process.send({"lengths": [len(content) for content in contents]}, b"".join(contents), deadline=deadline)
    head, body = process.receive(deadline=deadline)
    parts, begin = [], 0
    for length in head["lengths"]:
        parts.append(body[begin : begin + length])
        begin += length
    if len(parts) != 2 * len(contents) or begin != len(body):
        raise Lost("it told of other files")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [(outline, document) if outline else None for outline, document in pairs]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))
