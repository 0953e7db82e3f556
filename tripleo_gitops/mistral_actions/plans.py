"""`tripleo.plan.*`: plans are listed, made, taken in, exported and deleted."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.creation import Origin, check_name_is_free
from tripleo_gitops.operations.deletion import apply_deletion, archive_repository, plan_deletion
from tripleo_gitops.operations.export import SecretsAs, export_tree, write_archive
from tripleo_gitops.operations.mirror.announcement import USAGE_KEY, USAGE_VALUE, is_plan_container
from tripleo_gitops.operations.mirror.container_source import read_container
from tripleo_gitops.operations.mirror.manifest import md5_of
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS
from tripleo_gitops.operations.plan_edits import edit_plan_environment
from tripleo_gitops.operations.plan_import import create_from, take_in
from tripleo_gitops.plan.names import InvalidPlanName, parse_plan_name

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService


def list_plans(service: PlanService) -> list[str]:
    """Names of the plans of the caller's project: those with a repository here, and containers that say so."""
    service.caller.check_may(write=False)
    containers = service.cloud.containers
    names = [name for name in containers.names() if _may_be_plan(name)]
    own = {name for name in names if service.has(name)}
    others = [name for name in names if name not in own]
    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:  # only a container itself says that it is a plan's
        found = zip(others, pool.map(containers.metadata, others), strict=True)
        own.update(name for name, metadata in found if is_plan_container(metadata or {}))
    return [name for name in names if name in own]


def create_container(service: PlanService, *, container: str) -> None:
    """Make the container of a new plan, to be filled; refuses a name that is taken."""
    service.caller.check_may(write=True)
    name = parse_plan_name(container)
    cloud = service.cloud
    check_name_is_free(name, containers=cloud.containers, stacks=cloud.stacks, environments=cloud.environments)
    service.cloud.containers.create(name, {USAGE_KEY: USAGE_VALUE})


def create_plan(
    service: PlanService, *, container: str, generate_passwords: bool = True, adopt: bool = False
) -> dict[str, Any]:
    """Make a plan's repository of what its container holds, and the container that one's mirror."""
    if service.has(container):
        edited = take_in(
            service, container, makes_passwords=generate_passwords, subject=f"Take in plan {container} as uploaded"
        )
        return {"revision": str(edited.revision)}
    _refuse_without_passwords(service, container, adopt=adopt)
    files = read_container(service.cloud.containers, parse_plan_name(container))
    origin = Origin(place=f"container:{container}")
    return {"revision": str(create_from(service, container, files, origin, makes_passwords=generate_passwords))}


def update_plan(service: PlanService, *, container: str, generate_passwords: bool = True) -> dict[str, Any]:
    """Commit what was changed in a plan's container; a container that has no repository yet gets one."""
    if not service.has(container):
        return create_plan(service, container=container, generate_passwords=generate_passwords, adopt=True)
    edited = take_in(
        service, container, makes_passwords=generate_passwords, subject=f"Take in what was uploaded to {container}"
    )
    return {"revision": str(edited.revision), "changed": edited.is_changed}


def delete(service: PlanService, *, container: str) -> None:
    """Delete a plan that has no stack: its containers and its environment; its repository is put aside."""
    service.caller.check_may(write=True)
    name = parse_plan_name(container)
    repository = service.path(name) if service.has(name) else None
    containers, environments = service.cloud.containers, service.cloud.environments
    planned = plan_deletion(
        name, containers=containers, stacks=service.cloud.stacks, environments=environments, repository=repository
    )
    apply_deletion(planned, containers=containers, environments=environments)
    if planned.repository is not None:
        archive_repository(planned.repository, time=int(service.clock.time()))


def export(service: PlanService, *, plan: str, delete_after: int, exports_container: str) -> str:
    """Put a plan's archive, secrets sealed, into a container from which it goes after some seconds; its name."""
    service.caller.check_may(write=True)
    name, packed = f"{parse_plan_name(plan)}.tar.gz", io.BytesIO()
    with service.tree(plan) as tree:
        write_archive(export_tree(tree, secrets=SecretsAs.SEALED, vault=None), packed, time=int(time.time()))
    containers, content = service.cloud.containers, packed.getvalue()
    containers.create(exports_container, {})
    containers.put(
        exports_container,
        name,
        content,
        md5=md5_of(content),
        content_type="application/gzip",
        delete_after=int(delete_after),
    )
    return name


def update_plan_environment(
    service: PlanService,
    *,
    container: str,
    parameter: str | None = None,
    env_key: str = "parameter_defaults",
    value: Any = None,
    delete: bool = False,
) -> dict[str, Any]:
    """Set or take away one key of plan-environment.yaml, or a parameter in it, by a commit."""
    path = (env_key, parameter) if parameter else (env_key,)
    verb = "Unset" if delete else "Set"
    edited = service.edit(
        container,
        lambda tree: edit_plan_environment(tree, path, value=value, delete=delete),
        subject=f"{verb} {'.'.join(path)}",
    )
    return {"revision": str(edited.revision)}


def _may_be_plan(container: str) -> bool:
    try:
        parse_plan_name(container)
    except InvalidPlanName:
        return False
    return True


def _refuse_without_passwords(service: PlanService, container: str, *, adopt: bool) -> None:
    stack = service.cloud.stacks.find(parse_plan_name(container))
    if stack is not None and not adopt:
        raise Refused(
            f"stack {container} exists ({stack.status}) and has passwords that Heat does not tell; adopt the plan on "
            f"its server with `tripleo-plan create {container} --from container:{container} --adopt`"
        )
