"""What a play told, gathered to its result: secrets taken out, bounded, a line at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.masking import Masker
from tripleo_gitops.ansible.play import OUTPUT_LIMIT, Outcome, PlayLine, PlayResult, TaskFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_LOOSE = {"verbose", "warning", "error", "system_warning", "deprecated", "debug", ""}
"""Events whose lines Ansible breaks where it likes."""
LAST_LINES = 12
LONGEST_MESSAGE = 2000
_LONGEST_LINE = 20_000


class Told:
    """Lines as they may be seen: without secrets and control characters, and no more of them than are kept."""

    def __init__(self, secrets: Iterable[str], tell: Callable[[PlayLine], None]) -> None:
        self._masker, self._tell = Masker(secrets), tell
        self._last: list[str] = []
        self.heard = 0

    def take(self, text: str, *, length: int, failed: bool = False, wrapped: bool = False) -> None:
        """Tell the lines of `text`; `length` is what it was before somebody cut it."""
        before, self.heard = self.heard, self.heard + length
        if before > OUTPUT_LIMIT:
            return
        if length > len(text):  # what is left of a secret that was cut in two is not known as one
            text = f"{text[: max(0, len(text) - self._masker.longest)]}… ({length:,} characters)"
        for line in self.clean(text, wrapped=wrapped).splitlines():
            if line.strip():
                self._last = [*self._last[1 - LAST_LINES :], line]
                self._tell(PlayLine(line, failed=failed))
        if self.heard > OUTPUT_LIMIT:
            self._tell(PlayLine(f"… what comes after {OUTPUT_LIMIT:,} characters is not kept", failed=True))

    @property
    def longest_secret(self) -> int:
        """How many characters a secret has at most."""
        return self._masker.longest

    def clean(self, text: str, *, wrapped: bool = False) -> str:
        """Return a text as it may be seen."""
        return _CONTROL.sub("", self._masker.mask(_CONTROL.sub("", text.replace("\r\n", "\n")), wrapped=wrapped))

    def last(self) -> str:
        """Return the last lines in one."""
        return " ".join(" ".join(self._last).split())[:800]


class LineCutter:
    """Cuts what a program writes into lines, and tells them."""

    def __init__(self, secrets: Iterable[str], tell: Callable[[PlayLine], None]) -> None:
        self._told, self._pending = Told(secrets, tell), b""

    def take(self, chunk: bytes) -> None:
        """Take what was read; a line that has no end yet waits for it, but not for ever."""
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        if len(self._pending) > _LONGEST_LINE:
            clean = self._told.clean(self._pending.decode(errors="replace"))
            cut = max(0, len(clean) - self._told.longest_secret)  # the rest may be the begin of a secret
            lines, self._pending = [*lines, clean[:cut].encode()], clean[cut:].encode()
        text = b"\n".join(lines).decode(errors="replace")
        self._told.take(text, length=len(text))

    def end(self) -> None:
        """Tell the last line, which had no end."""
        self.take(b"\n")

    def last(self) -> str:
        """Return the last lines in one."""
        return self._told.last()


class Hearing:
    """Takes the messages of one play and knows its result in the end."""

    def __init__(self, secrets: Iterable[str], tell: Callable[[PlayLine], None]) -> None:
        self._told = Told(secrets, tell)
        self._failures: list[TaskFailure] = []
        self._stats: dict[str, dict[str, int]] | None = None
        self._ended: tuple[Outcome, str] | None = None

    def take(self, message: dict[str, Any]) -> None:
        """Take one message of the process that plays."""
        if "line" in message:
            wrapped = message["kind"] in _LOOSE
            self._told.take(message["line"], length=message["length"], failed=message["failed"], wrapped=wrapped)
        elif "failure" in message:
            told = {name: self._told.clean(text, wrapped=True) for name, text in message["failure"].items()}
            self._failures.append(
                TaskFailure(host=told["host"], task=told["task"], message=told["message"][:LONGEST_MESSAGE])
            )
        elif "stats" in message:
            self._stats = message["stats"]
        elif message.get("too_loud"):
            self.ended_by(Outcome.TOO_LOUD, f"stopped after {self._told.heard:,} characters of output")
        elif "end" in message and self._ended is None:
            self._ended = (_outcome(self._stats, message["code"]), "")

    def ended_by(self, outcome: Outcome, problem: str) -> None:
        """Note that the play did not end by itself."""
        self._ended = (outcome, problem)

    def result(self, *, seconds: float) -> PlayResult:
        """Return how the play ended, to the best that it told."""
        outcome, problem = self._ended or (Outcome.LOST, "the process that played it was killed")
        stats = self._stats or {}
        return PlayResult(
            outcome=outcome,
            seconds=seconds,
            hosts=tuple(sorted(stats.get("processed", ()))),
            failed=tuple(sorted(stats.get("failures", ()))),
            unreachable=tuple(sorted(stats.get("dark", ()))),
            failures=tuple(self._failures),
            changed=sum(stats.get("changed", {}).values()),
            problem=problem or self._problem(outcome),
        )

    def _problem(self, outcome: Outcome) -> str:
        if outcome in (Outcome.PASSED, Outcome.NO_HOSTS):
            return ""
        if self._failures:
            first = self._failures[0]
            more = f" (and {len(self._failures) - 1} more)" if len(self._failures) > 1 else ""
            return f"{first.host}: {first.task}: {' '.join(first.message.split())[:400]}{more}"
        return self._told.last() or "it ended without a word"


def _outcome(stats: dict[str, dict[str, int]] | None, code: int | None) -> Outcome:
    """Return what figures and exit code say; a play without figures did not begin."""
    if stats is None:
        return Outcome.BROKEN
    if stats["dark"]:
        return Outcome.UNREACHABLE
    if stats["failures"] or code:
        return Outcome.FAILED
    return Outcome.PASSED if stats["processed"] else Outcome.NO_HOSTS
