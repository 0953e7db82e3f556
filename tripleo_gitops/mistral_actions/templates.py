"""`tripleo.templates.*` and `tripleo.deployment.*`: what Heat would get, and how the stack stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.emit import block_lines
from tripleo_gitops.errors import InvalidInput, Refused, Unavailable
from tripleo_gitops.heat.holders import with_holders
from tripleo_gitops.heat.masked_answer import mask_values
from tripleo_gitops.heat.walk import hidden_names
from tripleo_gitops.openstack.connection import NoSuchService
from tripleo_gitops.operations.creation import Origin
from tripleo_gitops.operations.plan_edits import sealed_edit
from tripleo_gitops.operations.plan_import import create_from
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.plan.names import parse_plan_name
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, parse_plan_environment
from tripleo_gitops.repository.file_set import read_directory
from tripleo_gitops.wiring.sources import DEFAULT, default_templates

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService

SECTIONS = ("parameters", "parameter_defaults")


def process(service: PlanService, *, container: str) -> dict[str, Any]:
    """Template, merged environment and files of a plan as Heat would get them; hidden values are masked."""
    with service.tree(container) as tree:
        resolved = resolve_plan(tree, reader=Reader(service.cache))
        request = resolved.bundle.to_request()
        hidden = with_holders(hidden_names(resolved.parameters) | resolved.secrets, request["environment"])
    masked = {key: mask_values(request["environment"].get(key) or {}, hidden) for key in SECTIONS}
    return {**request, "environment": {**request["environment"], **masked}, "stack_name": container}


def upload(service: PlanService, *, container: str, dir_to_upload: str | None = None) -> dict[str, Any]:
    """Make a plan of the server's own tripleo-heat-templates; no other directory of the server is read."""
    directory = default_templates()
    if dir_to_upload is not None and dir_to_upload.rstrip("/") != str(directory):
        raise Refused(f"a server reads templates from {directory} only; upload others into the plan's container")
    made = create_from(service, container, read_directory(directory), Origin(place=DEFAULT))
    return {"revision": str(made)}


def upload_plan_environment(service: PlanService, *, plan_environment: dict[str, Any], container: str) -> None:
    """Replace plan-environment.yaml by a commit; what is secret in it is sealed."""
    document = {**plan_environment, "name": parse_plan_name(container)}
    content = "".join(f"{line}\n" for line in block_lines(document)).encode()
    parse_plan_environment(content)
    service.edit(
        container,
        lambda tree: sealed_edit(tree, {PLAN_ENVIRONMENT_FILE: content}, keeper=service.keeper),
        subject="Replace the plan environment",
    )


def convert_status(_service: PlanService, *, status: str | None) -> str:
    """TripleO's word for the status of a stack (absent: UNDEPLOYED)."""
    if not status or status == "DELETE_COMPLETE":
        return "UNDEPLOYED"
    action, _, phase = status.partition("_")
    is_deletion = action == "DELETE"
    words = {
        "IN_PROGRESS": ("DEPLOYING", "UNDEPLOYING"),
        "COMPLETE": ("DEPLOY_SUCCESS", "UNDEPLOYED"),
        "FAILED": ("DEPLOY_FAILED", "UNDEPLOY_FAILED"),
    }
    return words[phase][is_deletion] if phase in words else "UNKNOWN"


def deployment_status(service: PlanService, *, plan: str) -> dict[str, Any]:
    """How a plan's stack stands, in TripleO's words and Heat's, and which revision it was made from."""
    service.caller.check_may(write=False)
    stack = service.cloud.stacks.find(parse_plan_name(plan))
    revision = deployed_revision(stack)
    status = convert_status(service, status=stack.status if stack else None)
    return {
        "cd_status": None,
        "stack_status": stack.status if stack else None,
        "deployment_status": status,
        "ansible_status": None,
        "status_update": None,
        "revision": str(revision) if revision else None,
    }


def stack_status(service: PlanService, *, stack: str) -> dict[str, str]:
    """The status of a stack in Heat's words; NO_STACK where it is not there, UNKNOWN while Heat cannot be asked."""
    service.caller.check_may(write=False)
    try:
        found = service.cloud.stacks.find(stack)
    except NoSuchService:
        raise
    except Unavailable:
        return {"stack_status": "UNKNOWN"}
    return {"stack_status": found.status if found else "NO_STACK"}


def tempurl(service: PlanService, *, container: str, obj: str, method: str = "GET", valid: str | int = 86_400) -> str:
    """An address of one object that anybody may use for some seconds."""
    service.caller.check_may(write=True)
    if method not in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        raise InvalidInput(f"{method!r} is no method for a temporary URL")
    return service.urls.sign(container, obj, now=service.clock.time(), method=method, seconds=int(valid))
