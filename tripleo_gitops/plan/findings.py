"""Findings: what a check has to say about one place of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error refuses the commit, a warning and a hint do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: what, how bad, where (line from 1), the way out, and what it is about, if named."""

    code: str
    severity: Severity
    path: str
    line: int | None
    message: str
    hint: str
    subject: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line is not None else self.path
        return f"{place}: {self.severity} {self.code}: {self.message}; {self.hint}"
