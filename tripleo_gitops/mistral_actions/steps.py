"""`tripleo.git.begin`, `step` and `send_message`: what generated workflows are made of."""

from __future__ import annotations

import json
import logging
import os
import secrets
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.emit import block_lines
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.mistral_actions.run_token import AUTH_TYPE
from tripleo_gitops.mistral_actions.server import server_config
from tripleo_gitops.mistral_actions.step_notes import StepNotes
from tripleo_gitops.mistral_actions.trusting import entrusted, release
from tripleo_gitops.mistral_actions.turns import wait_for_turn
from tripleo_gitops.operations.messages import Message, keep_message, post_message
from tripleo_gitops.operations.stacks.staleness import Bound
from tripleo_gitops.operations.steps import Level, NotYet, Place, RunCancelled, StepContext
from tripleo_gitops.repository.objects import UnknownRevision
from tripleo_gitops.runs.execution_notes import ExecutionNotes
from tripleo_gitops.runs.mistral_runs import trace_of
from tripleo_gitops.runs.run_workflows import TAKES_TURNS, TURN_SECONDS
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.bodies import step_bodies
from tripleo_gitops.wiring.runs import open_runs, workflow_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.operations.steps import StepBody
    from tripleo_gitops.runs.workflow import Step

LOG = logging.getLogger(__name__)
CLOUD, NO_RUN = "caller", "none"
LOOK_SECONDS = 5.0
"""How often a step that works looks whether its execution was cancelled."""
MEMORY = "/dev/shm"  # noqa: S108  # what is made there has a random name and is its owner's only


def begin(
    service: PlanService,
    *,
    call: Call,
    container: str,
    workflow: str,
    revision: str | None = None,
    values: Mapping[str, Any] | None = None,
    deployment_status: str | None = None,
) -> dict[str, Any]:
    """The revision that a run is of, spelled in full, and the run's inputs; says that a deployment begins.

    While another run has the plan, `not_yet` says which. The trust is there by then: a queue can outlast a token.
    """
    service.caller.check_may(write=True)
    known = next((one for one in WORKFLOWS if one.name == workflow), None)
    if known is None:
        raise InvalidInput(f"no workflow {workflow!r}")
    given = {name: value for name, value in (values or {}).items() if value is not None}
    known.check_inputs(given)
    with service.open(container) as repository:
        try:
            found = repository.resolve(revision or "HEAD")
        except UnknownRevision as exc:
            raise InvalidInput(
                f"plan {container} has no revision {revision} where Mistral's executors keep it; push it there first"
            ) from exc
    takes_turns = workflow in TAKES_TURNS
    seconds = sum(one.time_limit for one in known.steps) + (TURN_SECONDS if takes_turns else 0)
    with entrusted(call, seconds=seconds) as ticket:
        if takes_turns and (waits := wait_for_turn(service, call, container)):
            return {"not_yet": waits, "ticket": ticket}
        _announce(service, call, workflow=workflow, container=container, deployment_status=deployment_status)
    return {"revision": str(found), "values": given, "ticket": ticket, "actor": service.caller.signature(time=0).who}


def _announce(
    service: PlanService, call: Call, *, workflow: str, container: str, deployment_status: str | None
) -> None:
    """Say that a deployment begins, where that is one, and forget what was noted of runs long ago."""
    if deployment_status:
        said = _message(call, type=f"tripleo.git.v1.{workflow}", status="RUNNING", plan=container)
        _send(service, replace(said, deployment_status=deployment_status), queue="tripleo")
    with open_runs(server_config(os.environ), os.environ, say=LOG.info) as store:
        ExecutionNotes(store.database, container, now=time.time).forget_old()


def step(
    service: PlanService,
    *,
    call: Call,
    container: str,
    revision: str,
    workflow: str,
    version: int,
    step: str,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Do one step of a run as the caller: its outputs and its log; `not_yet` says why it has to be asked again."""
    service.caller.check_may(write=True)
    known = workflow_named(workflow, version)
    if known is None:
        raise InvalidInput(f"no workflow {workflow} of version {version} here; `tripleo-plan mistral install` again")
    wanted = known.steps[known.position(step)]
    with service.open(container):
        pass  # whose plan it is was asked
    config = server_config(os.environ)
    with (
        clouds_file(call) as clouds,
        open_runs(config, os.environ, say=LOG.info) as store,
    ):
        body = step_bodies(replace(config, cloud=CLOUD, clouds_file=clouds), store)[wanted.action]
        notes = StepNotes(ExecutionNotes(store.database, container, now=time.time), call.execution or NO_RUN, step)
        context = _context(service, call, wanted, container=container, revision=revision, clouds=clouds, notes=notes)
        given = {name: values[name] for name in wanted.inputs if values.get(name) is not None}
        shown = Bound.of(values["bound"]).digest if values.get("bound") else None
        try:
            with notes.taken_down():
                outputs = _tried(wanted, body, replace(context, inputs=given, shown=shown))
        except NotYet as exc:
            return {"outputs": {}, "log": notes.texts, "not_yet": str(exc)}
    kept = {name: outputs[name] for name in wanted.outputs if name in outputs}
    return {"outputs": kept, "log": notes.texts, "not_yet": None}


def deliver(
    service: PlanService,
    *,
    call: Call,
    queue_name: str,
    type: str,
    execution: Mapping[str, Any],
    status: str = "SUCCESS",
    message: Any = None,
    payload: Mapping[str, Any] | None = None,
    plan_name: str | None = None,
    deployment_status: str | None = None,
    ticket: str | None = None,
) -> dict[str, Any]:
    """Send a workflow's message to Zaqar, where there is one, and keep it beside its plan; the payload as sent.

    The message is a run's last word: its trust, whose `ticket` that is, ends with it.
    """
    said = replace(
        _message(call, type=type, status=status, plan=plan_name),
        message=message,
        execution_id=execution.get("id"),
        root_execution_id=execution.get("root_execution_id"),
        deployment_status=deployment_status,
        payload=payload,
    )
    _send(service, said, queue=queue_name)
    if ticket:
        release(call, ticket)
    sent: dict[str, Any] = said.to_document()["payload"]
    return sent


def _message(call: Call, *, type: str, status: str, plan: str | None) -> Message:
    return Message(
        type=type,
        status=status,
        message=None,
        execution_id=call.execution,
        root_execution_id=call.execution,
        plan=plan,
    )


def _send(service: PlanService, message: Message, *, queue: str) -> None:
    service.caller.check_may(write=True)
    keep_message(message, containers=service.cloud.containers, now=service.clock.time())
    post_message(message, queue=queue, queues=service.queues, clock=service.clock, say=LOG.warning)


def _tried(step: Step, body: StepBody, context: StepContext) -> Mapping[str, Any]:
    """Call a step's body, again as its retry rule says; Mistral itself only sees how it ended."""
    for attempt in range(1, step.retry.attempts + 1):
        try:
            return body(replace(context, attempt=context.attempt + attempt - 1))
        except step.retry.on as exc:
            if attempt == step.retry.attempts or isinstance(exc, NotYet | RunCancelled):
                raise
            context.log(f"try {attempt} failed: {exc}", level=Level.WARNING)
            context.pause(step.retry.wait(attempt))
    raise AssertionError("the loop returns or raises")


def _context(
    service: PlanService, call: Call, step: Step, *, container: str, revision: str, clouds: Path, notes: StepNotes
) -> StepContext:
    run = call.execution or NO_RUN
    return StepContext(
        run_id=run,
        step=step.name,
        attempt=notes.attempt,
        resumed=notes.was_begun,
        approvals=notes.approvals,
        plan=container,
        revision=revision,
        actor=service.caller.signature(time=0).who,
        trace_id=trace_of(run) if call.execution else secrets.token_hex(16),
        place=Place(repository=str(service.path(container)), cloud=CLOUD, clouds_file=str(clouds)),
        inputs={},
        clock=time,
        time_limit=step.time_limit,
        deadline=time.monotonic() + step.time_limit,
        write=notes.write,
        check_wanted=watch(service, call),
    )


def watch(service: PlanService, call: Call) -> Callable[[], None]:
    """Return what raises RunCancelled when the execution was stopped; it asks Mistral now and then."""
    asked = time.monotonic()

    def check() -> None:
        nonlocal asked
        if call.execution is None or time.monotonic() - asked < LOOK_SECONDS:
            return
        asked = time.monotonic()
        state = service.executions.state(call.execution)
        if state in ("CANCELLED", "ERROR"):
            raise RunCancelled(f"execution {call.execution} is {state}")

    return check


@contextmanager
def clouds_file(call: Call) -> Iterator[Path]:
    """Yield a clouds.yaml with the caller's token and the run's trust behind it; it is gone afterwards."""
    auth = {"auth_url": call.auth_url, "token": call.token, "process": str(os.getpid())}
    auth |= {"execution": call.execution} if call.execution else {}
    auth |= {"document": json.dumps(call.document)} if call.document else {}
    cloud: dict[str, Any] = {"auth_type": AUTH_TYPE, "auth": auth, "identity_api_version": "3"}
    cloud |= {"cacert": call.verify} if isinstance(call.verify, str) else {"verify": call.verify}
    with tempfile.TemporaryDirectory(
        prefix="tripleo-plan-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
    ) as folder:
        file = Path(folder, "clouds.yaml")
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write("\n".join(block_lines({"clouds": {CLOUD: cloud}})) + "\n")
        yield file
