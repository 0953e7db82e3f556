"""DBOS as the engine uses it: which run is handed to which process, and which of its steps are done for good.

A run is one DBOS workflow with the run's id, for all of its life; each of our steps is one DBOS step. Runs for servers
wait in a queue that is partitioned by plan, one at a time each; what a dead process had goes through a second queue,
and what a command drives itself through a queue of its own. DBOS hands a run to one process at a time as far as it can
see; that two never work at it is the tenure's to say.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos._error import DBOSException, DBOSNonExistentWorkflowError
from dbos._serialization import Serializer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tripleo_gitops.runs.database import Database

APPLICATION, WORKFLOW = "tripleo-plan", "tripleo-plan.run"
APPLICATION_VERSION = "1"
"""Never raised with the tool's: which steps a run has is said by its workflow's version, which is ours."""
SERVER_QUEUE, ADOPTED_QUEUE = "tripleo-plan-runs", "tripleo-plan-adopted"
POLL_SECONDS = 0.1
AT_ONCE = 100
"""Runs that a server has in its hands, most of them waiting; how many steps it works at is another number."""
UNENDED = ("PENDING", "ENQUEUED", "DELAYED")


@dataclass(frozen=True, slots=True)
class Pending:
    """A run that DBOS counts as being worked at, and by whom."""

    run: str
    executor: str


class JsonSerializer(Serializer):
    """Values as JSON: what is read from a database that others write to must not be able to run code, as pickle can."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=str)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "tripleo_plan_json"


class Durable:
    """This process' DBOS; there is one a process."""

    def __init__(self, database: Database, *, executor: str, own_queue: str | None) -> None:
        self._executor, self._own_queue = executor, own_queue
        logger = logging.getLogger("dbos")
        logger.setLevel(logging.ERROR)
        logger.handlers.clear()  # those of an engine before this one may write to what is closed by now
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor,
            "system_database_url": database.engine.url.render_as_string(hide_password=False),
            "serializer": JsonSerializer(),
            "log_level": "CRITICAL",
            "console_log_level": "CRITICAL",
            "use_listen_notify": False,
        }
        if database.is_sqlite:
            config["system_database_engine"] = database.engine
        self._dbos = DBOS(config=config)

    def launch(self, execute: Callable[[str], None]) -> None:
        """Begin: runs that are handed to this process are given to `execute`, each in a thread of its own."""

        def work_at(run: str) -> None:
            execute(run)

        self._workflow = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(work_at)
        DBOS.listen_queues([self._own_queue] if self._own_queue else [SERVER_QUEUE, ADOPTED_QUEUE])
        DBOS.launch()
        if self._own_queue is None:
            DBOS.register_queue(
                SERVER_QUEUE, partition_concurrency=1, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS
            )
            DBOS.register_queue(ADOPTED_QUEUE, polling_interval_sec=POLL_SECONDS)

    def step(self, name: str, work: Callable[[], bool]) -> bool:
        """Do a step of the run that this thread executes, or give what it gave when it was done before."""
        return DBOS.run_step({"name": name}, work)

    def submit(self, run: str, *, plan: str, begins_with: int) -> None:
        """Hand a queued run to whichever server comes first; harmless when it was done before."""
        if self._is_known(run):
            self._again(run, begins_with=begins_with, queue=SERVER_QUEUE, plan=plan)
            return
        with SetWorkflowID(run), SetEnqueueOptions(queue_partition_key=plan):
            DBOS.enqueue_workflow(SERVER_QUEUE, self._workflow, run)

    def begin_here(self, run: str, *, begins_with: int) -> None:
        """Begin a queued run in this process."""
        if self._is_known(run):
            self._again(run, begins_with=begins_with, queue=self._adopting_queue(), plan=None)
            return
        with SetWorkflowID(run):
            DBOS.start_workflow(self._workflow, run)

    def adopt(self, run: str) -> None:
        """Hand a run that a dead process had to this one, or to any server if this is one."""
        try:
            DBOS.resume_workflow(run, queue_name=self._adopting_queue())
        except DBOSNonExistentWorkflowError:
            return

    def recover(self, executor: str) -> None:
        """Put back into their queue what a dead server worked at; only the first who asks has any effect."""
        DBOS._recover_pending_workflows([executor])  # noqa: SLF001  # DBOS' recovery call: it has no public name

    def pending(self) -> tuple[Pending, ...]:
        """Return the runs that DBOS counts as being worked at: one for each plan at most, and a few in passing."""
        found = DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
        return tuple(Pending(status.workflow_id, status.executor_id or "") for status in found)

    def forget(self, runs: Iterable[str]) -> None:
        """Delete what DBOS keeps of runs that are not kept any more."""
        if listed := list(runs):
            DBOS.delete_workflows(listed)

    def close(self) -> None:
        """Stop handing runs to this process; what it still works at is left to `TenureLost`."""
        if self._own_queue is not None:
            DBOS.delete_queue(self._own_queue)
        DBOS.destroy(destroy_registry=True)

    def _adopting_queue(self) -> str:
        if self._own_queue is None:
            return ADOPTED_QUEUE
        DBOS.register_queue(self._own_queue, polling_interval_sec=POLL_SECONDS, on_conflict="never_update")
        return self._own_queue

    def _is_known(self, run: str) -> bool:
        return bool(DBOS.list_workflows(workflow_ids=[run], load_input=False, load_output=False))

    def _again(self, run: str, *, begins_with: int, queue: str, plan: str | None) -> None:
        """Let a run that ended go on with a step; one that did not end for DBOS is handed over as it is."""
        try:
            DBOS.rewind_workflow(run, start_step=begins_with + 1, queue_name=queue, queue_partition_key=plan)
        except DBOSException:
            self.adopt(run)


def own_queue(executor: str) -> str:
    """Return the name of the queue that a command's process has for itself."""
    return f"tripleo-plan-{executor}"
