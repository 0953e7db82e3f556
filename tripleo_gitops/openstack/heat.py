"""Heat stacks of plans: found, created, replaced, watched and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openstack import exceptions as sdk

from tripleo_gitops.openstack.connection import CONNECT_RETRIES, RETRIED_STATUSES, told
from tripleo_gitops.openstack.stack import (
    DeploymentOutput,
    PreviewedResource,
    Stack,
    StackContent,
    StackEvent,
    StackRequest,
    StackResource,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests
    from openstack.connection import Connection

NESTED_DEPTH = 10


class HeatStacks:
    """The stacks of one project."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> Stack | None:
        """Return the stack of that name; None when there is none (a deleted one is none).

        Heat 27 answers 404, too, where a failed stack's outputs cannot be told ("ResourcePropertiesData with id {} not
        found"): such a stack is returned without outputs.
        """
        with told("Heat"):
            response = self._ask("GET", f"/stacks/{quote(name)}", absent_is_fine=True)
        return self.look(name) if response.status_code == 404 else _present(response)

    def look(self, name: str) -> Stack | None:
        """Return what `find` does without the outputs: Heat resolves all of them each time that it shows them.

        That costs time, and it harms: Heat 27 keeps the attributes that it resolves, and when an update removes them
        meanwhile, it misses them from then on ("ResourcePropertiesData with id {} not found"). So stacks that are
        under way are looked at in this way.
        """
        with told("Heat"):
            response = self._ask("GET", f"/stacks/{quote(name)}?resolve_outputs=False", absent_is_fine=True)
            if response.status_code == 404 and not _says_absent(response):
                sdk.raise_from_response(response)
        return None if response.status_code == 404 else _present(response)

    def create(self, name: str, request: StackRequest) -> None:
        """Begin to create a stack; a failed one is kept to be looked at, unless the request asks for rollback."""
        with told("Heat"):
            self._ask("POST", "/stacks", json={"stack_name": name} | request.body())

    def replace(self, stack: Stack, request: StackRequest) -> None:
        """Begin an update by PUT: what the request does not hold leaves the stack."""
        with told("Heat"):
            self._ask("PUT", _url(stack), json=request.body())

    def patch(self, stack: Stack, request: StackRequest) -> None:
        """Begin an update by PATCH: Heat merges the request into what the stack already has."""
        with told("Heat"):
            self._ask("PATCH", _url(stack), json=request.body())

    def delete(self, stack: Stack) -> None:
        """Begin to delete a stack."""
        with told("Heat"):
            self._ask("DELETE", _url(stack), absent_is_fine=True)

    def cancel(self, stack: Stack, *, rollback: bool) -> None:
        """Stop what Heat does with a stack: an update, or without `rollback` a create, too.

        With `rollback`, Heat then brings the stack back to what it was before the update.
        """
        action = "cancel_update" if rollback else "cancel_without_rollback"
        with told("Heat"):
            self._ask("POST", f"{_url(stack)}/actions", json={action: None})

    def events(self, stack: Stack, *, after: str | None = None) -> tuple[StackEvent, ...]:
        """Return what Heat noted of a stack and of all stacks nested in it, oldest first.

        With `after`, the id of an event, only what is newer.
        """
        query = f"nested_depth={NESTED_DEPTH}&sort_dir=asc" + (f"&marker={quote(after)}" if after else "")
        with told("Heat"):
            response = self._ask("GET", f"{_url(stack)}/events?{query}", absent_is_fine=True)
        return () if response.status_code == 404 else tuple(map(_event, response.json()["events"]))

    def last_event(self, stack: Stack) -> str | None:
        """Return the id of the newest event of a stack or of one nested in it."""
        query = f"nested_depth={NESTED_DEPTH}&sort_dir=desc&limit=1"
        with told("Heat"):
            response = self._ask("GET", f"{_url(stack)}/events?{query}", absent_is_fine=True)
        found = [] if response.status_code == 404 else response.json()["events"]
        return str(found[0]["id"]) if found else None

    def deployment_output(self, deployment: str) -> DeploymentOutput | None:
        """Return what a software deployment (by its id) gave back; None where it is gone or gave nothing."""
        with told("Heat"):
            response = self._ask("GET", f"/software_deployments/{quote(deployment)}", absent_is_fine=True)
        if response.status_code == 404:
            return None
        values = response.json()["software_deployment"].get("output_values") or {}
        code = str(values.get("deploy_status_code"))
        return DeploymentOutput(
            exit_code=int(code) if code.lstrip("-").isdecimal() else None,
            stdout=str(values.get("deploy_stdout") or ""),
            stderr=str(values.get("deploy_stderr") or ""),
        )

    def content(self, stack: Stack) -> StackContent:
        """Return template, environment and files as the stack has them now."""
        with told("Heat"):
            template, environment, files = (
                self._ask("GET", f"{_url(stack)}/{part}").json() for part in ("template", "environment", "files")
            )
        return StackContent(template=template, environment=environment, files=files)

    def preview(self, stack: Stack, request: StackRequest) -> tuple[PreviewedResource, ...]:
        """Return what Heat says that an update by PUT would do, sorted by path; nothing is changed.

        Resources of nested stacks are in it as far as Heat tells which stack they are in. Where Heat 27 fails over
        them, as it does when a resource that holds a stack would be replaced in one, only the root's are in it.
        """
        with told("Heat"):
            url = f"{_url(stack)}/preview"
            response = self._send("PUT", f"{url}?show_nested=True", json=request.body())
            if response.status_code >= 400:
                response = self._ask("PUT", url, json=request.body())
            changes = response.json()["resource_changes"]
            listing = self._ask("GET", f"{_url(stack)}/resources?nested_depth={NESTED_DEPTH}").json()["resources"]
        return _previewed(changes, _stack_paths(listing, root=stack.id))

    def resources(self, stack: Stack) -> tuple[StackResource, ...]:
        """Return the resources of a stack and of all stacks nested in it, sorted by path; none for one that is gone.

        Raises RequestRejected where Heat 27 has lost a resource's properties: it answers 404 then, too.
        """
        with told("Heat"):
            url = f"{_url(stack)}/resources?nested_depth={NESTED_DEPTH}"
            listing = self._ask("GET", url, absent_is_fine=True)
            if listing.status_code == 404 and not _says_absent(listing):
                sdk.raise_from_response(listing)
        if listing.status_code == 404:
            return ()
        return _resources(listing.json()["resources"], root=stack.id)

    def attributes(self, stack: Stack, resource: str) -> Mapping[str, Any]:
        """Return the attributes of one resource of a stack; none for a resource that the stack has not."""
        with told("Heat"):
            answer = self._ask("GET", f"{_url(stack)}/resources/{quote(resource, safe='')}", absent_is_fine=True)
        if answer.status_code == 404:
            return {}
        attributes: Mapping[str, Any] = answer.json()["resource"].get("attributes") or {}
        return attributes

    def _ask(
        self, method: str, url: str, *, json: Mapping[str, Any] | None = None, absent_is_fine: bool = False
    ) -> requests.Response:
        response = self._send(method, url, json=json)
        if not (absent_is_fine and response.status_code == 404):
            sdk.raise_from_response(response)
        return response

    def _send(self, method: str, url: str, *, json: Mapping[str, Any] | None = None) -> requests.Response:
        repeatable = method in {"GET", "DELETE"}
        return self._connection.orchestration.request(
            url,
            method,
            json=json,
            connect_retries=CONNECT_RETRIES if repeatable else 0,
            status_code_retries=3 if repeatable else 0,
            retriable_status_codes=list(RETRIED_STATUSES),
        )


def _url(stack: Stack) -> str:
    return f"/stacks/{quote(stack.name)}/{quote(stack.id)}"


def _says_absent(response: requests.Response) -> bool:
    """Return whether an answer of 404 says that there is no such stack, and not that Heat misses a part of one."""
    try:
        error = response.json().get("error") or {}
    except ValueError:
        return True
    return error.get("type") != "NotFound"


def _present(response: requests.Response) -> Stack | None:
    stack = _stack(response.json()["stack"])
    return None if stack.status == "DELETE_COMPLETE" else stack


def _stack(document: Mapping[str, Any]) -> Stack:
    return Stack(
        name=document["stack_name"],
        id=document["id"],
        status=document["stack_status"],
        reason=document.get("stack_status_reason") or "",
        updated=document.get("updated_time") or document.get("creation_time") or "",
        tags=tuple(document.get("tags") or ()),
        outputs={output["output_key"]: output.get("output_value") for output in document.get("outputs") or ()},
    )


def _resources(listing: Sequence[Mapping[str, Any]], *, root: str) -> tuple[StackResource, ...]:
    """Give each resource its path: a nested stack's id is its owner resource's physical id."""
    owners = {entry["physical_resource_id"]: entry for entry in listing if entry.get("physical_resource_id")}

    def path(entry: Mapping[str, Any]) -> str:
        stack_id = _stack_id(entry)
        owner = owners.get(stack_id) if stack_id != root else None
        return f"{path(owner)}/{entry['resource_name']}" if owner else str(entry["resource_name"])

    nested = {_stack_id(entry) for entry in listing}
    found = (
        StackResource(
            path=path(entry),
            type=entry["resource_type"],
            status=entry["resource_status"],
            reason=entry.get("resource_status_reason") or "",
            is_nested=entry.get("physical_resource_id") in nested,
            physical_id=entry.get("physical_resource_id") or "",
        )
        for entry in listing
    )
    return tuple(sorted(found, key=lambda resource: resource.path))


def _event(entry: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        id=entry["id"],
        time=entry["event_time"],
        stack_id=_stack_id(entry),
        name=entry["resource_name"],
        status=entry["resource_status"],
        reason=entry.get("resource_status_reason") or "",
        physical_id=entry.get("physical_resource_id") or "",
    )


def _stack_paths(listing: Sequence[Mapping[str, Any]], *, root: str) -> dict[str, str]:
    """Return the path of each stack that there is, by its id; the root's is empty."""
    found = {root: ""}
    pending = [entry for entry in listing if entry.get("physical_resource_id")]
    while True:
        known = [entry for entry in pending if _stack_id(entry) in found]
        if not known:
            return found
        for entry in known:
            above = found[_stack_id(entry)]
            found[entry["physical_resource_id"]] = f"{above}/{entry['resource_name']}"
        pending = [entry for entry in pending if entry not in known]


def _previewed(changes: Mapping[str, Any], stacks: Mapping[str, str]) -> tuple[PreviewedResource, ...]:
    """Name each resource by its path; in stacks that are only to be made they have none, and are left out."""
    found = {
        PreviewedResource(
            f"{stacks[stack_id]}/{entry['resource_name']}",
            entry["resource_type"],
            action,
            holds_stack="nested_stack_id" in entry,
        )
        for action, entries in changes.items()
        for entry in entries
        if (stack_id := (entry.get("resource_identity") or {}).get("stack_id", "")) in stacks
    }
    return tuple(sorted(found, key=lambda one: (one.path, one.action)))


def _stack_id(entry: Mapping[str, Any]) -> str:
    """Return the id of the stack that a listed resource is in: the end of its `stack` link."""
    links = (link["href"] for link in entry.get("links", ()) if link["rel"] == "stack")
    return next(links, "").rsplit("/", 1)[-1]
