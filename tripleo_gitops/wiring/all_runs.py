"""Runs of this machine's engine and of the cloud's Mistral, read and stopped in one way."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, InvalidInput
from tripleo_gitops.runs.mistral_runs import is_execution
from tripleo_gitops.runs.record import EngineName
from tripleo_gitops.runs.store import RunFilter, RunNotFound
from tripleo_gitops.runs.why import explain
from tripleo_gitops.wiring.mistral_runs import READ_SECONDS, has_mistral, open_mistral_runs
from tripleo_gitops.wiring.runs import actor_at, bury_dead, explained, open_runs, workflow_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from tripleo_gitops.runs.mistral_engine import MistralEngine
    from tripleo_gitops.runs.record import LogLine, RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config

FOLLOW_SECONDS = 0.2


class AllRuns:
    """The runs that a person of this machine sees; a context, in which the databases are opened as they are needed.

    A run is named by its number or id, one of Mistral's by the id of its execution.
    """

    def __init__(self, config: Config, environment: Mapping[str, str], *, say: Callable[[str], None]) -> None:
        self._config, self._environment, self._say = config, environment, say
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._opened.close()

    def page(
        self, wanted: RunFilter, *, limit: int, before: str | None = None, engine: EngineName | None = None
    ) -> tuple[RunRecord, ...]:
        """Return runs, the newest first; `before` is the last run of the page before.

        Mistral is asked where it is named, or was used from here before; where it cannot be asked, that is said.
        """
        if engine is None and not has_mistral(self._config, self._environment):
            engine = EngineName.EMBEDDED
        number = int(before) if before and not is_execution(before) else None
        chosen = wanted
        if before is not None and (number is None or engine is not EngineName.EMBEDDED):
            chosen = replace(wanted, asked_before=self._asked(before))
        found: list[RunRecord] = []
        if engine is not EngineName.MISTRAL:
            own = wanted if number is not None else chosen
            found.extend(self._store.page(own, limit=limit, before=number))
        if engine is not EngineName.EMBEDDED:
            found.extend(self._in_mistral(chosen, limit=limit, is_named=engine is not None))
        return tuple(sorted(found, key=lambda run: (run.created, run.number), reverse=True)[:limit])

    def get(self, run: str) -> RunRecord:
        """Return a run; raises RunNotFound, NoSuchExecution."""
        return self._mistral.get(run) if is_execution(run) else self._store.get(run)

    def tell(self, run: str, on_line: Callable[[LogLine], None], *, after: int, follow: bool) -> None:
        """Tell of each line of a run's log after a number; with `follow` as it grows, until the run ends."""
        if not is_execution(run):
            self._tell_own(self._store.get(run).id, on_line, after=after, follow=follow)
        elif follow:
            self._mistral.follow(run, on_line=on_line, after=after)
        else:
            while page := self._mistral.lines(run, after=after):
                for line in page:
                    on_line(line)
                after = page[-1].seq

    def cancel(self, run: str) -> RunRecord:
        """Ask a run to stop; raises RunNotFound, NoSuchExecution, RunIsOver."""
        if is_execution(run):
            return self._mistral.cancel(run)
        bury_dead(self._store)
        return self._store.ask_cancel(run, actor=actor_at(self._config.directory))

    def approve(self, run: str, *, comment: str) -> RunRecord:
        """Say yes to a run; one of Mistral's is judged by the rules of its executors' server."""
        if is_execution(run):
            return self._mistral.approve(run, comment=comment)
        from tripleo_gitops.wiring.approving import approve_run  # noqa: PLC0415  # no reader waits for OpenStack's client

        return approve_run(self._config, self._store, run, environment=self._environment, comment=comment)

    def why(self, run: str) -> tuple[str, ...]:
        """Return sentences about a run; raises RunNotFound, NoSuchExecution."""
        if not is_execution(run):
            return explained(self._store, run)
        found = self._mistral.get(run)
        return explain(found, holder=None, executors=(), workflow=workflow_named(found.workflow, found.version))

    @cached_property
    def _store(self) -> RunStore:
        return self._opened.enter_context(open_runs(self._config, self._environment, say=self._say))

    @cached_property
    def _mistral(self) -> MistralEngine:
        return open_mistral_runs(self._config, self._environment, say=self._say, timeout=READ_SECONDS)

    def _in_mistral(self, wanted: RunFilter, *, limit: int, is_named: bool) -> tuple[RunRecord, ...]:
        try:
            return self._mistral.page(wanted, limit=limit)
        except GitopsError as exc:
            if is_named:
                raise
            self._say(f"runs of Mistral are not listed: {exc}")
            return ()

    def _asked(self, before: str) -> float | None:
        try:
            return self.get(before).created.timestamp()
        except RunNotFound:  # forgotten since
            return None

    def _tell_own(self, run: str, on_line: Callable[[LogLine], None], *, after: int, follow: bool) -> None:
        while True:
            is_over = self._store.get(run).state.is_end
            while page := self._store.lines(run, after=after):
                for line in page:
                    on_line(line)
                after = page[-1].seq
            if is_over or not follow:
                return
            time.sleep(FOLLOW_SECONDS)


def check_embedded(run: str, *, command: str) -> None:
    """Raise InvalidInput for a run of Mistral's, which only a new one goes on from."""
    if is_execution(run):
        raise InvalidInput(
            f"run {run} is Mistral's, which `run {command}` does not take up; ask for a new one: what is done is found "
            "done and not done again"
        )
