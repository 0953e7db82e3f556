"""Break a mirror's syncs in every way, and look whether the next sync leaves the container exact, every time."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from faults.cases import NOTHING, Broken, Case, Interleaved
from faults.child import Child
from faults.mirrors import (
    IMPATIENT_SECONDS,
    PATIENT_SECONDS,
    STOCKED_FROM,
    Access,
    differences,
    mirror_of,
    numbered_names,
    three_large_revisions,
    three_revisions,
)
from faults.proxy import Fault, FaultProxy, Kind, Request, Response
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.mirror.stocked_manifest import STOCK_FROM
from tripleo_gitops.operations.mirror.sync import sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from faults.mirrors import MemoryHistory
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.mirror.sync import SyncResult
    from tripleo_gitops.plan.revision import Revision

UNKNOWN = -2
CHILDREN = 1_000_000_000
"""Where the seeds of syncs begin that may run in a child: what it counts, its parent does not see."""
FREELY = SyncOptions(allow_older=True, force=True, take_over=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """A case after which the mirror was not exact, or a sync that said what was not so."""

    case: Case
    what: str


@dataclass(slots=True)
class Report:
    """What came of the cases: how many ran, those that failed, and how often of two syncs at once neither won."""

    cases: int = 0
    failures: list[Failure] = field(default_factory=list)
    interleaved: int = 0
    nobody_won: int = 0

    @property
    def line(self) -> str:
        """The one line of figures."""
        return f"mirror: {self.cases} cases, {len(self.failures)} failed"


class QuickClock:
    """The real time, with pauses that are over at once."""

    time, monotonic = staticmethod(time.time), staticmethod(time.monotonic)

    def sleep(self, _seconds: float) -> None:
        time.sleep(0.001)


class Turns:
    """Lets the requests of two actors through in the order of a text such as `AABB`, one after the other."""

    def __init__(self, order: str) -> None:
        self._order, self._done, self._change = list(order), set[str](), threading.Condition()

    def wait(self, actor: str) -> None:
        """Wait until it is an actor's turn."""
        with self._change:
            self._change.wait_for(lambda: self._is_next(actor), timeout=20)

    def over(self) -> None:
        """End the turn of whoever had it."""
        with self._change:
            if self._order:
                self._order.pop(0)
            self._change.notify_all()

    def finish(self, actor: str) -> None:
        """Give an actor no more turns."""
        with self._change:
            self._done.add(actor)
            self._change.notify_all()

    def _is_next(self, actor: str) -> bool:
        while self._order and self._order[0] in self._done:
            self._order.pop(0)
        return not self._order or self._order[0] == actor


class Ground:
    """One container after the other behind a proxy, with two machines that may write to it."""

    def __init__(self, access: Access, proxy: FaultProxy, directory: Path) -> None:
        self._access, self._proxy, self._directory = access, proxy, directory
        self._histories, self._direct = (three_revisions(), three_large_revisions()), access.store()
        self._names = numbered_names(f"faults-{os.getpid()}")
        self._container, self._seed, self._is_at, self._is_stocked = next(self._names), 0, NOTHING, False

    @property
    def _history(self) -> MemoryHistory:
        return self._histories[self._is_stocked]

    @property
    def _stock_from(self) -> int:
        return STOCKED_FROM if self._is_stocked else STOCK_FROM

    def run(self, case: Case, report: Report) -> None:
        """Run one case and enter it into the report; one that breaks nothing is not entered."""
        if case.stocked != self._is_stocked:
            self._container, self._is_at, self._is_stocked = next(self._names), NOTHING, case.stocked
        if isinstance(case, Broken):
            is_reached, what = self._run_broken(case)
        else:
            is_reached, what = True, self._run_interleaved(case, report)
        if not is_reached:
            self._is_at = UNKNOWN
            return
        report.cases += 1
        try:
            self._sync(self._mirror(self._machine(case)), case.then)
        except GitopsError as exc:
            what = what or f"the next sync failed: {exc}"
        self._proxy.reset()
        found = self._differences(case.then)
        if found or what:
            report.failures.append(Failure(case, what or "; ".join(found)))
            self._container, self._is_at = next(self._names), NOTHING
        else:
            self._is_at = case.then

    def _run_broken(self, case: Broken) -> tuple[bool, str]:
        self._begin(case.start)
        if case.lags:
            self._proxy.alter = self._stale_listing()
        reached: list[Request] = []

        def decide(request: Request) -> Fault | None:
            if request.number == case.number or (case.repeats and request.number > case.number):
                reached.append(request)
                return Fault(case.kind, case.status, process.pid)
            return None

        process = Child()
        self._proxy.decide = decide
        kills = case.kind in {Kind.KILL_BEFORE, Kind.KILL_AFTER}
        what = process.run(lambda: self._attempt(case)) if kills else self._attempt(case)
        self._proxy.decide = lambda _request: None
        return bool(reached), what

    def _attempt(self, case: Broken) -> str:
        """Sync, which may fail; return what was said although it is not so."""
        timeout, towards = IMPATIENT_SECONDS if case.kind is Kind.SILENT else PATIENT_SECONDS, case.towards
        try:
            self._sync(self._mirror("one", timeout=timeout, seed=CHILDREN + self._seed), towards)
        except GitopsError:
            return ""
        found = self._differences(towards)
        return f"said to be done: {'; '.join(found)}" if found else ""

    def _run_interleaved(self, case: Interleaved, report: Report) -> str:
        self._begin(case.start)
        turns = Turns(case.turns)

        def decide(request: Request) -> None:
            turns.wait(request.actor)

        def alter(_request: Request, response: Response) -> Response:
            turns.over()
            return response

        self._proxy.decide, self._proxy.alter = decide, alter
        won: list[int] = []

        def compete(actor: str, machine: str, towards: int) -> None:
            options = SyncOptions(allow_older=True, force=True)
            try:
                self._sync(self._mirror(machine, actor=actor), towards, options)
                won.append(towards)
            except GitopsError:
                return
            finally:
                turns.finish(actor)

        threads = [
            threading.Thread(target=compete, args=("A", "one", case.one)),
            threading.Thread(target=compete, args=("B", "two", case.other)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._proxy.reset()
        report.interleaved += 1
        report.nobody_won += not won
        if won and all(self._differences(towards) for towards in won):
            return f"{won} said to be done, and the mirror is none of them"
        return ""

    def _begin(self, start: int) -> None:
        """Make the container exact at a revision, or take a new one."""
        self._proxy.reset()
        if start == NOTHING:
            self._container = next(self._names)
        elif self._is_at != start:
            self._sync(self._mirror("one"), start)
        self._proxy.reset()

    def _stale_listing(self) -> Callable[[Request, Response], Response]:
        """Return what answers every listing with the objects as they are now."""
        rows = [
            {"name": found.path, "hash": found.md5, "bytes": found.size, "content_type": found.content_type}
            for found in self._direct.objects(self._container)
        ]

        def alter(request: Request, response: Response) -> Response:
            query = parse_qs(urlsplit(request.target).query)
            if request.method != "GET" or "format" not in query or response.status not in {200, 204}:
                return response
            prefix, marker = query.get("prefix", [""])[0], query.get("marker", [""])[0]
            kept = [row for row in rows if str(row["name"]).startswith(prefix) and str(row["name"]) > marker]
            return Response(200, "OK", response.headers, json.dumps(kept).encode())

        return alter

    def _machine(self, case: Case) -> str:
        return "two" if isinstance(case, Broken) and case.elsewhere else "one"

    def _mirror(self, machine: str, *, actor: str = "", timeout: float = PATIENT_SECONDS, seed: int = 0) -> Mirror:
        self._seed += 1
        store = self._access.through(self._proxy.url, actor=actor).store(timeout=timeout)
        directory = self._directory / machine
        mirror = mirror_of(store, self._container, directory, clock=QuickClock(), seed=seed or self._seed)
        return replace(mirror, stock_from=self._stock_from)

    def _sync(self, mirror: Mirror, towards: int, options: SyncOptions = FREELY) -> SyncResult:
        return sync_mirror(mirror, self._history, self._revision(towards), options=options)

    def _revision(self, number: int) -> Revision:
        return self._history.revisions[number]

    def _differences(self, number: int) -> list[str]:
        """Return how the container differs from a revision, by its number."""
        manifest = self._history.manifest(self._revision(number))
        assert manifest is not None, "the history has every revision"
        return differences(self._direct, self._container, manifest, stock_from=self._stock_from)


@contextmanager
def ground(access: Access, directory: Path) -> Iterator[Ground]:
    """Give a ground for cases on a project's real Swift, behind a proxy of its own."""
    upstream = access.endpoint.partition("/v1/")[0]
    with FaultProxy(upstream) as proxy:
        yield Ground(access, proxy, directory)


def run_cases(access: Access, directory: Path, cases: Sequence[Case], *, say: Callable[[str], None]) -> Report:
    """Run cases and report."""
    report = Report()
    with ground(access, directory) as field_:
        for number, case in enumerate(cases, start=1):
            failed = len(report.failures)
            field_.run(case, report)
            for failure in report.failures[failed:]:
                say(f"{failure.case}: {failure.what}")
            if number % 100 == 0:
                say(f"{number} of {len(cases)} cases tried; {report.line}")
    return report
