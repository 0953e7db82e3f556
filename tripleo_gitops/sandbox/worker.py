"""The confined end: renders templates that it is named, of a plan whose files it has to ask for."""

from __future__ import annotations

import marshal
import os
import select
import sys
import traceback
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

from tripleo_gitops.documents.tree import MissingFile, blob_id_of
from tripleo_gitops.plan.template_engine import TemplateEngine, TemplateError
from tripleo_gitops.sandbox.confinement import confine, end_after
from tripleo_gitops.sandbox.messages import HEAD_LIMIT, LENGTHS, Head, pack, parse_head

PROBLEM_LIMIT = HEAD_LIMIT // 16
"""Characters of one answer's words; in JSON one may take twelve bytes."""
NAME_BYTES = 4

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.documents.tree import BlobId


class _Line:
    """The connection to the process that started this one; what it says is trusted."""

    def __init__(self, incoming: int, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    def send(self, head: Head, body: bytes = b"") -> None:
        self._outgoing.write(pack(head, body))
        self._outgoing.flush()

    def is_silent(self) -> bool:
        """Return whether nothing has been said that was not received."""
        return not select.select([self._incoming], [], [], 0)[0]

    def receive(self) -> tuple[Head, bytes]:
        """Return the next message; end the process when there will be none."""
        head, body = LENGTHS.unpack(self._read(LENGTHS.size))
        return parse_head(self._read(head)), self._read(body)

    def _read(self, size: int) -> bytes:
        """Return so many bytes and read no more: what follows is seen by `is_silent`."""
        content = bytearray()
        while len(content) < size:
            if not (chunk := os.read(self._incoming, size - len(content))):
                sys.exit(0)
            content += chunk
        return bytes(content)


class _DistantTree:
    """The plan tree, file by file, as the other end hands it over; its paths are those that were asked for."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._read: set[str] = set()
        self._held: dict[str, bytes] = {}

    def hold(self, path: str, content: bytes) -> None:
        """Keep a file that came without being asked for."""
        self._held[path] = content

    def paths(self) -> Collection[str]:
        return self._read

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(self.read(path))

    def read(self, path: str) -> bytes:
        if path in self._held:
            self._read.add(path)
            return self._held[path]
        self._line.send({"read": path})
        head, content = self._line.receive()
        if not head["found"]:
            raise MissingFile(path)
        self._read.add(path)
        return content


def main() -> None:
    """Confine this process as the first message says, and render what the next ones name until there are no more."""
    line = _Line(0, os.fdopen(1, "wb"))
    limits, _ = line.receive()
    confine(memory=limits["memory"], cpu_seconds=limits["cpu_seconds"])
    tree = _DistantTree(line)
    engine = TemplateEngine(tree, output_limit=limits["output"])
    line.send({"ready": True})
    ahead: deque[tuple[str, str]] = deque()
    while True:
        if ahead and line.is_silent():
            template, output = ahead.popleft()
            end_after(limits["seconds"])
            engine.prepare(template, output=output)
        else:
            request, values = line.receive()
            end_after(limits["seconds"])
            if "ahead" in request:
                tree.hold(request["ahead"], values)
                ahead.append((request["ahead"], request["output"]))
            else:
                _answer(line, engine, request, values)
        end_after(0)


def _answer(line: _Line, engine: TemplateEngine, request: Head, values: bytes) -> None:
    try:
        message = _rendered(engine, request, values)
    except TemplateError as exc:
        message = {"problem": exc.problem[:PROBLEM_LIMIT], "source": exc.source, "line": exc.line}, b""
    except MemoryError:
        line.send({"is_out_of_memory": True})
        os._exit(1)
    except Exception:  # noqa: BLE001  # the edge of this process: the other end raises it as the bug that it is
        message = {"bug": traceback.format_exc()[-PROBLEM_LIMIT:]}, b""
    line.send(*message)


def _rendered(engine: TemplateEngine, request: Head, values: bytes) -> tuple[Head, bytes]:
    data = marshal.loads(values)  # noqa: S302  # from the process that started this one
    text, included = engine.render(request["template"], data, output=request["output"])
    if sum(len(name) + NAME_BYTES for name in included) > PROBLEM_LIMIT:
        raise TemplateError(f"includes {len(included)} names, which is too many", source=request["template"])
    return {"included": sorted(included)}, text.encode("utf-8")
