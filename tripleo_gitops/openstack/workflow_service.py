"""Mistral's workbooks, workflows, actions and executions, as one project sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml
from openstack import exceptions as sdk

from tripleo_gitops.errors import GitopsError, NotFound
from tripleo_gitops.openstack.connection import CONNECT_RETRIES, told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from openstack.connection import Connection

PAGE = 200
ENDS = ("SUCCESS", "ERROR", "CANCELLED")


class NoSuchWorkflow(NotFound):
    """A workflow that nobody registered for this project."""

    reason = "NoSuchWorkflow"

    def __init__(self, workflow: str) -> None:
        super().__init__(f"Mistral has no workflow {workflow} for this project; `tripleo-plan mistral install` adds it")
        self.workflow = workflow


class ActionFailed(GitopsError):
    """An action that Mistral ran and that ended badly: what it says."""

    reason = "ActionFailed"

    def __init__(self, action: str, words: str) -> None:
        super().__init__(f"{action}: {words}")
        self.action, self.words = action, words


class NoSuchExecution(NotFound):
    """An execution that Mistral does not know, or does not show to this project."""

    reason = "NoSuchExecution"

    def __init__(self, execution: str) -> None:
        super().__init__(f"Mistral has no execution {execution} for this project")
        self.execution = execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of a workflow, which may be part of another; times are Mistral's own text, in UTC."""

    id: str
    workflow: str
    state: str
    info: str
    created: str
    updated: str
    input: Mapping[str, Any]
    output: Mapping[str, Any]
    environment: Mapping[str, Any]
    is_part: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens of itself."""
        return self.state in ENDS


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExecution:
    """One task of an execution with what its action gave."""

    name: str
    state: str
    started: str | None
    ended: str | None
    result: Any
    info: str


class WorkflowService:
    """Mistral for one project."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def actions(self) -> frozenset[str]:
        """Return the names of all actions."""
        return frozenset(one["name"] for one in self._pages("/actions?fields=name", "actions"))

    def workbook(self, name: str) -> tuple[str, bool] | None:
        """Return a workbook's text, and whether it is this project's own; None where there is none of that name."""
        answer = self._ask("GET", f"/workbooks/{quote(name, safe='')}", absent_is_fine=True)
        if answer is None:
            return None
        with told("Mistral"):
            project = self._connection.session.get_project_id()
        return str(answer["definition"]), answer.get("project_id") == project

    def put_workbook(self, text: str, *, exists: bool, is_public: bool) -> None:
        """Register a workbook with its workflows, or replace the one of the name that the text has.

        A public one is every project's to run; registering it needs an administrator. Mistral 23 keeps workflows that
        the text does not have any more; those of this project are removed.
        """
        method = "PUT" if exists else "POST"
        self._ask(method, f"/workbooks?scope={'public' if is_public else 'private'}", text=text)
        if exists:
            document = yaml.safe_load(text)
            self._delete_workflows(document["name"], kept=document["workflows"])

    def delete_workbook(self, name: str) -> None:
        """Remove a workbook of this project with its workflows; one that is gone already is fine.

        To be asked for one's own only: Mistral 23 deletes public workbooks of other projects, too.
        """
        self._ask("DELETE", f"/workbooks/{quote(name, safe='')}", absent_is_fine=True)
        self._delete_workflows(name)

    def _delete_workflows(self, workbook: str, *, kept: Collection[str] = ()) -> None:
        """Remove this project's workflows of a workbook but for some; by their ids, since others may have the names."""
        with told("Mistral"):
            project = self._connection.session.get_project_id()
        names = {f"{workbook}.{name}" for name in kept}
        for one in tuple(self._pages("/workflows?fields=name,project_id", "workflows")):
            is_ours = one["project_id"] == project and one["name"].startswith(f"{workbook}.")
            if is_ours and one["name"] not in names:
                self._ask("DELETE", f"/workflows/{one['id']}", absent_is_fine=True)

    def start(
        self, workflow: str, inputs: Mapping[str, Any], *, environment: Mapping[str, Any] | None = None
    ) -> Execution:
        """Begin an execution, which keeps `environment`; raises NoSuchWorkflow."""
        body: dict[str, Any] = {"workflow_name": workflow, "input": json.dumps(dict(inputs))}
        if environment:
            body["params"] = json.dumps({"env": dict(environment)})
        answer = self._ask("POST", "/executions", document=body, absent_is_fine=True)
        if answer is None:
            raise NoSuchWorkflow(workflow)
        return _execution(answer)

    def act(self, action: str, inputs: Mapping[str, Any]) -> Any:
        """Run one action at once and return its result; raises ActionFailed with what it says."""
        body = {"name": action, "input": json.dumps(dict(inputs)), "params": json.dumps({"run_sync": True})}
        answer = self._ask("POST", "/action_executions", document=body) or {}
        result = (_parsed(answer.get("output")) or {}).get("result")
        if answer.get("state") != "SUCCESS":
            raise ActionFailed(action, str(result))
        return result

    def state(self, execution: str) -> str:
        """Return an execution's state; raises NoSuchExecution."""
        return self.execution(execution).state

    def execution(self, execution: str) -> Execution:
        """Return an execution; raises NoSuchExecution."""
        answer = self._ask("GET", f"/executions/{quote(execution, safe='')}", absent_is_fine=True)
        if answer is None:
            raise NoSuchExecution(execution)
        return _execution(answer)

    def executions(self, *, limit: int, before: str | None = None, marker: str | None = None) -> tuple[Execution, ...]:
        """Return the newest executions, those that are part of others among them.

        `before` is a time as Mistral writes it, `marker` the id of the last one of the page before.
        """
        path = f"/executions?limit={limit}&sort_keys=created_at&sort_dirs=desc"
        path += f"&created_at=lt:{quote(before)}" if before else ""
        answer = self._ask("GET", f"{path}&marker={marker}" if marker else path) or {}
        return tuple(_execution(one) for one in answer.get("executions", ()))

    def tasks(self, execution: str, *, results_of: Collection[str] | None = None) -> tuple[TaskExecution, ...]:
        """Return an execution's tasks in the order in which they were made.

        Mistral tells a result when asked for one task only: with `results_of`, those of other names have none, but
        for failed ones.
        """
        answer = self._ask("GET", f"/executions/{quote(execution, safe='')}/tasks?sort_keys=created_at") or {}
        return tuple(
            TaskExecution(
                name=one["name"],
                state=one["state"],
                started=one.get("started_at"),
                ended=one.get("finished_at"),
                result=self._result(one["id"])
                if results_of is None or one["name"] in results_of or one["state"] == "ERROR"
                else None,
                info=one.get("state_info") or "",
            )
            for one in answer.get("tasks", ())
        )

    def cancel(self, execution: str) -> None:
        """Ask an execution to stop: what its steps began goes on to the end of what they do right now."""
        document = {"state": "CANCELLED"}
        if self._ask("PUT", f"/executions/{quote(execution, safe='')}", document=document, absent_is_fine=True) is None:
            raise NoSuchExecution(execution)

    def _result(self, task: str) -> Any:
        answer = self._ask("GET", f"/tasks/{quote(task, safe='')}?fields=result") or {}
        return _parsed(answer.get("result"))

    def _pages(self, path: str, key: str) -> Iterator[Mapping[str, Any]]:
        marker = ""
        while True:
            answer = self._ask("GET", f"{path}&limit={PAGE}{marker}") or {}
            found = answer.get(key, [])
            yield from found
            if len(found) < PAGE or "id" not in found[-1]:
                return
            marker = f"&marker={found[-1]['id']}"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        document: Mapping[str, Any] | None = None,
        text: str | None = None,
        absent_is_fine: bool = False,
    ) -> Mapping[str, Any] | None:
        with told("Mistral"):
            response = self._connection.workflow.request(
                path,
                method,
                json=document,
                data=text.encode() if text is not None else None,
                headers={"Content-Type": "text/plain"} if text is not None else {},
                connect_retries=CONNECT_RETRIES,
            )
            if absent_is_fine and response.status_code == 404:
                return None
            sdk.raise_from_response(response)
        return dict(response.json()) if response.content else {}


def _execution(answer: Mapping[str, Any]) -> Execution:
    return Execution(
        id=answer["id"],
        workflow=answer["workflow_name"],
        state=answer["state"],
        info=answer.get("state_info") or "",
        created=answer["created_at"],
        updated=answer["updated_at"],
        input=_parsed(answer.get("input")) or {},
        output=_parsed(answer.get("output")) or {},
        environment=(_parsed(answer.get("params")) or {}).get("env") or {},
        is_part=bool(answer.get("task_execution_id")),
    )


def _parsed(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str) and text else text
