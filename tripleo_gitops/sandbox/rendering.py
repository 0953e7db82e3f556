"""Rendering of a plan whose templates nobody vouches for: in a confined process, within a time and a memory.

The process is started when the first template has to be rendered that no cache remembers, and serves one tree.
"""

from __future__ import annotations

import marshal
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.plan.rendering import RenderedTree
from tripleo_gitops.plan.rendering import render as render_here
from tripleo_gitops.plan.template_engine import OUTPUT_LIMIT, TemplateError
from tripleo_gitops.sandbox.forking import NotStarted
from tripleo_gitops.sandbox.process import ConfinedProcess, Lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.rendering import RenderCache
    from tripleo_gitops.sandbox.messages import Head

MEBIBYTE = 1024 * 1024
BYTES_A_CHARACTER = 4
GRACE_SECONDS = 2.0
"""How much later than this end the process gives up by itself, should this end be gone or stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLimits:
    """What rendering may take: seconds for one file and for a whole plan, bytes of memory, characters of output."""

    seconds: float = 5.0
    plan_seconds: float = 120.0
    memory: int = 512 * MEBIBYTE
    output: int = OUTPUT_LIMIT
    plan_output: int = 4 * OUTPUT_LIMIT


DEFAULT_LIMITS = RenderLimits()


class TemplateLimit(TemplateError):
    """A template that takes more time or memory than it may; says which limit, and for what it was rendered."""

    reason = "TemplateLimit"


@dataclass(slots=True)
class _Spent:
    """What rendering one plan has taken so far, and which templates ran into a limit."""

    seconds: float = 0.0
    output: int = 0
    refused: dict[str, TemplateLimit] = field(default_factory=dict)


class ConfinedEngine:
    """Renders the templates of one plan tree in a process of their own; may be used by several threads, in turn."""

    def __init__(self, tree: PlanTree, limits: RenderLimits) -> None:
        self._tree, self._limits = tree, limits
        self._process: ConfinedProcess | None = None
        self._spent, self._turn = _Spent(), threading.Lock()
        self._told: set[str] = set()

    def render(self, path: str, data: Mapping[str, Any], *, output: str) -> tuple[str, frozenset[str]]:
        """Return what the template at `path` makes of `data`, and the names that it included; raise TemplateError.

        A template that ran into a limit for one file is not tried for another.
        """
        with self._turn:
            if path in self._spent.refused:
                raise self._spent.refused[path]
            began = time.monotonic()
            try:
                return self._render_alone(path, data, output)
            except TemplateLimit as exc:
                self._spent.refused[path] = exc
                raise
            finally:
                self._spent.seconds += time.monotonic() - began

    def expect(self, wanted: Iterable[tuple[str, str]] = ()) -> None:
        """Start the process ahead of the first template, and let it compile while it waits what is known to come.

        `wanted` are templates, with an output of each. Nothing is waited for.
        """
        with self._turn, suppress(NotStarted):  # the first template that needs it says so
            if self._process is None:
                self._process = self._start()
            for template, output in wanted:
                if template not in self._told and self._process is not None:
                    self._told.add(template)
                    self._tell(self._process, template, output)

    def _tell(self, process: ConfinedProcess, template: str, output: str) -> None:
        """Hand over a template to be compiled ahead; where that fails, it is as if nobody had expected it."""
        try:
            content, deadline = self._tree.read(template), time.monotonic() + self._limits.seconds
            process.send({"ahead": template, "output": output}, content, deadline=deadline)
        except MissingFile:
            pass
        except (Lost, TimeoutError):
            self.end()

    def end(self) -> None:
        """End the process, if there is one; the next file that is rendered starts another."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _render_alone(self, path: str, data: Mapping[str, Any], output: str) -> tuple[str, frozenset[str]]:
        """Render again by a process that was told of no other templates, where one of them may have taken too much."""
        try:
            return self._render(path, data, output)
        except TemplateLimit:
            if not self._told:
                raise
            self.end()
            self._told.clear()
            return self._render(path, data, output)

    def _render(self, path: str, data: Mapping[str, Any], output: str) -> tuple[str, frozenset[str]]:
        left = self._limits.plan_seconds - self._spent.seconds
        if left <= 0:
            raise self._beyond(path, output, f"all templates together take over {self._limits.plan_seconds:g} s")
        if self._process is None:
            self._process = self._start()
        self._process.wait_until_ready()
        request = {"template": path, "output": output}
        try:
            deadline = time.monotonic() + min(left, self._limits.seconds)
            self._process.send(request, marshal.dumps(dict(data)), deadline=deadline)
            head, body = self._conversation(self._process, deadline)
            return self._result(head, body, path, output)
        except TimeoutError as exc:
            self.end()
            raise self._too_slow(path, output, left) from exc
        except (Lost, UnicodeDecodeError, LookupError) as exc:
            self.end()
            raise self._too_large(path, output, exc) from exc

    def _start(self) -> ConfinedProcess:
        limits = self._limits
        confinement = {
            "memory": limits.memory,
            "output": limits.output,
            "seconds": limits.seconds + GRACE_SECONDS,
            "cpu_seconds": int(limits.plan_seconds + GRACE_SECONDS) + 1,
        }
        return ConfinedProcess.start(confinement, body_limit=BYTES_A_CHARACTER * limits.output)

    def _conversation(self, process: ConfinedProcess, deadline: float) -> tuple[Head, bytes]:
        """Hand over the files that are asked for until there is a result."""
        while True:
            head, body = process.receive(deadline=deadline)
            if "read" not in head:
                return head, body
            try:
                content = self._tree.read(str(head["read"]))
            except MissingFile:
                process.send({"found": False}, b"", deadline=deadline)
            else:
                process.send({"found": True}, content, deadline=deadline)

    def _result(self, head: Head, body: bytes, path: str, output: str) -> tuple[str, frozenset[str]]:
        if "is_out_of_memory" in head:
            raise Lost("out of memory")
        if "bug" in head:
            raise RuntimeError(f"rendering {output}: {head['bug']}")
        if "problem" in head:
            line = head["line"]
            raise TemplateError(
                str(head["problem"]), source=str(head["source"]), line=line if isinstance(line, int) else None
            )
        self._spent.output += len(body)
        if self._spent.output > self._limits.plan_output:
            raise self._beyond(path, output, f"all templates together make over {self._limits.plan_output} bytes")
        return body.decode("utf-8"), frozenset(map(str, head["included"]))

    def _too_slow(self, path: str, output: str, left: float) -> TemplateLimit:
        if left < self._limits.seconds:
            return self._beyond(path, output, f"all templates together take over {self._limits.plan_seconds:g} s")
        return self._beyond(path, output, f"takes longer than the limit of {self._limits.seconds:g} s")

    def _too_large(self, path: str, output: str, exc: Exception) -> TemplateLimit:
        if isinstance(exc, Lost) and exc.signal in (signal.SIGXCPU, signal.SIGALRM):
            return self._beyond(path, output, f"takes longer than the limit of {self._limits.seconds:g} s")
        limit = f"the limit of {self._limits.memory // MEBIBYTE} MiB of memory"
        return self._beyond(path, output, f"ended the process that renders it, which has {limit} ({exc})")

    def _beyond(self, path: str, output: str, problem: str) -> TemplateLimit:
        return TemplateLimit(f"{problem} (rendering {output})", source=path)


def render(tree: PlanTree, *, cache: RenderCache | None = None, limits: RenderLimits = DEFAULT_LIMITS) -> RenderedTree:
    """Return a plan rendered as `plan.rendering.render` does, its templates confined to a process of their own.

    Reading a render raises TemplateLimit for a template that is beyond a limit, and TemplateError.
    """
    return render_here(tree, cache=cache, engine=ConfinedEngine(tree, limits))


class RenderOnce:
    """Renders one tree, once, for all who need its renders."""

    def __init__(self) -> None:
        self._rendered: RenderedTree | None = None

    def __call__(self, tree: PlanTree, *, cache: RenderCache | None = None) -> RenderedTree:
        """Return the tree rendered; the same object each time."""
        if self._rendered is None:
            self._rendered = render(tree, cache=cache)
        return self._rendered
