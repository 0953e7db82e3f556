"""What is kept of each time a validation was run: which, for which revision and run, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LOST_AFTER_SECONDS = 30.0
"""Who runs a validation says so every second; of whom nothing was heard for so long, is gone."""
MOST_FAILURES = 50
_AS_THEY_ARE = (
    *("id", "run", "plan", "revision", "validation", "name", "origin", "group"),
    *("actor", "detail", "problem", "stop_asked_by"),
)


class ValidationState(StrEnum):
    """Where one run of a validation stands. `skipped`: there was no host to look at; `lost`: its process was killed."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRecord:
    """One run of a validation. `run` is the run that it was part of; `detail` is Ansible's word for how it ended.

    `failures` are `{host, task, message}`; `is_warning` says that the plan lets its failure hold nothing up.
    """

    id: str
    run: str
    plan: str
    revision: str
    validation: str
    name: str
    origin: str
    group: str | None
    is_warning: bool
    actor: str
    state: ValidationState
    started: datetime
    ended: datetime | None = None
    detail: str = ""
    problem: str = ""
    hosts: tuple[str, ...] = ()
    failures: tuple[dict[str, str], ...] = ()
    stop_asked_by: str | None = None

    @property
    def holds_up(self) -> bool:
        """Whether what waits for this validation has to wait on."""
        return self.state not in (ValidationState.PASSED, ValidationState.SKIPPED) and not self.is_warning

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended - self.started).total_seconds() if self.ended else None

    def to_document(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {
            "id": self.id,
            "run": self.run,
            "plan": self.plan,
            "revision": self.revision,
            "validation": self.validation,
            "name": self.name,
            "origin": self.origin,
            "group": self.group,
            "warning": self.is_warning,
            "actor": self.actor,
            "state": str(self.state),
            "detail": self.detail,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat() if self.ended else None,
            "seconds": round(self.seconds, 3) if self.seconds is not None else None,
            "hosts": list(self.hosts),
            "problem": self.problem,
            "failures": [dict(one) for one in self.failures],
            "stop_asked_by": self.stop_asked_by,
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the record that `to_document` gave as plain data."""
        given = {name: document[name] for name in _AS_THEY_ARE}
        ended = document["ended"]
        return cls(
            **given,
            is_warning=bool(document["warning"]),
            state=ValidationState(document["state"]),
            started=datetime.fromisoformat(document["started"]),
            ended=datetime.fromisoformat(ended) if ended else None,
            hosts=tuple(document["hosts"]),
            failures=tuple(map(dict, document["failures"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultQuery:
    """Which records: those that have all that is named; the newest first, `limit` of them after `before`."""

    plan: str | None = None
    validation: str | None = None
    run: str | None = None
    revision: str | None = None
    states: tuple[ValidationState, ...] = ()
    limit: int = 50
    before: str | None = None


class ValidationResults(Protocol):
    """Records of validations, shared by all processes of a machine or of several."""

    def begin(self, record: ValidationRecord) -> None:
        """Keep a record of a validation that begins."""
        ...

    def end(self, record: ValidationRecord) -> None:
        """Keep how it ended."""
        ...

    def beat(self, ids: Collection[str]) -> dict[str, str]:
        """Say that these still run; return which of them somebody asked to stop, and who."""
        ...

    def ask_stop(self, ids: Collection[str], *, actor: str) -> None:
        """Ask whoever runs these to stop them."""
        ...

    def find(self, query: ResultQuery) -> tuple[ValidationRecord, ...]:
        """Return the records that a query asks for; those whose process is gone are `lost`."""
        ...


class MemoryResults:
    """Records in memory, for one process: what is asked for without a database."""

    def __init__(self) -> None:
        self._records: dict[str, ValidationRecord] = {}

    def begin(self, record: ValidationRecord) -> None:
        self._records[record.id] = record

    def end(self, record: ValidationRecord) -> None:
        self._records[record.id] = record

    def beat(self, ids: Collection[str]) -> dict[str, str]:
        return {name: who for name in ids if (who := self._records[name].stop_asked_by)}

    def ask_stop(self, ids: Collection[str], *, actor: str) -> None:
        for name in ids:
            self._records[name] = replace(self._records[name], stop_asked_by=actor)

    def find(self, query: ResultQuery) -> tuple[ValidationRecord, ...]:
        found = [one for one in reversed(self._records.values()) if _is_asked_for(one, query)]
        return tuple(found[: query.limit])


def _is_asked_for(record: ValidationRecord, query: ResultQuery) -> bool:
    asked = {"plan": query.plan, "validation": query.validation, "run": query.run, "revision": query.revision}
    same = all(value is None or getattr(record, name) == value for name, value in asked.items())
    return same and (not query.states or record.state in query.states)
