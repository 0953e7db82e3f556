"""The steps of making and deleting plans: each may be killed anywhere, and done again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.operations.creation import check_name_is_free, create_plan
from tripleo_gitops.operations.deletion import apply_deletion, archive_repository, plan_deletion, purge_repository
from tripleo_gitops.plan.names import parse_plan_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.operations.creation import Origin
    from tripleo_gitops.operations.plan_service import ProjectCloud
    from tripleo_gitops.operations.steps import StepBody, StepContext
    from tripleo_gitops.repository.bare import Signature
    from tripleo_gitops.repository.file_set import FileSet

ARCHIVE, KEEP, PURGE = "archive", "keep", "purge"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWork:
    """What the steps about plans work with, each for the place of its run.

    `repository` is where the plan's bare repository is or is to be, `source` reads what a plan is to be made of,
    `keeper` seals its secrets: for those recipients, with what the cloud has where the plan takes that over.
    """

    repository: Callable[[StepContext], Path]
    cloud: Callable[[StepContext], ProjectCloud]
    source: Callable[[StepContext], tuple[FileSet, Origin]]
    keeper: Callable[[StepContext], SecretKeeper]
    signature: Callable[[StepContext], Signature]
    now: Callable[[], datetime]


def plan_bodies(work: PlanWork) -> Mapping[str, StepBody]:
    """Return the bodies of the steps of `plan-creation` and `plan-deletion` that no other workflow has."""
    bodies = {"plan.create": create, "plan.remove": remove, "plan.put-away": put_away}
    return {action: partial(body, work) for action, body in bodies.items()}


def create(work: PlanWork, context: StepContext) -> Mapping[str, Any]:
    """Make the repository, whole or not at all; one that a killed process of this step made is taken as it is.

    Raises NameTaken for a name that the cloud knows, RepositoryExists, BrokenPlan, and what reading the source raises.
    """
    path, name = work.repository(context), parse_plan_name(context.plan)
    if context.resumed and path.is_dir():
        context.log(f"{path} was made before this process had the step")
        return {"created": str(path)}
    if context.place.cloud is not None and not context.inputs.get("adopt"):
        cloud = work.cloud(context)
        check_name_is_free(name, containers=cloud.containers, stacks=cloud.stacks, environments=cloud.environments)
    files, origin = work.source(context)
    keeper, signature = work.keeper(context), work.signature(context)
    made = create_plan(path, files, name=name, origin=origin, signature=signature, keeper=keeper)
    context.log(f"plan {name} at {made.revision.short}, from {origin.place}: git clone {path}")
    return {
        "created": str(path),
        "origin": {"place": origin.place, "ref": origin.ref, "commit": origin.commit},
        "sealed": list(made.adopted.sealed),
        "taken": list(made.adopted.taken),
        "lacking": list(made.adopted.lacking),
        "generated": list(made.adopted.generated),
    }


def remove(work: PlanWork, context: StepContext) -> Mapping[str, Any]:
    """Take the plan's mirror and what TripleO keeps beside it out of the cloud; raises StackInUse, NotFound."""
    cloud = work.cloud(context)
    try:
        planned = plan_deletion(
            context.plan,
            containers=cloud.containers,
            stacks=cloud.stacks,
            environments=cloud.environments,
            repository=work.repository(context),
        )
    except NotFound:
        if not context.resumed:
            raise
        return {"removed": 0, "containers": []}  # all of it went before this process had the step
    apply_deletion(planned, containers=cloud.containers, environments=cloud.environments)
    containers = [removal.container for removal in planned.containers]
    context.log(f"{planned.object_count} objects removed ({', '.join(containers) or 'no container'})")
    return {"removed": planned.object_count, "containers": containers}


def put_away(work: PlanWork, context: StepContext) -> Mapping[str, Any]:
    """Archive, purge or keep the plan's bare repository; one that is gone was put away before."""
    path, how = work.repository(context), context.inputs.get("repository") or ARCHIVE
    if how not in {ARCHIVE, KEEP, PURGE}:
        raise InvalidInput(f"a repository is not put away by {how!r}; write {ARCHIVE}, {KEEP} or {PURGE}")
    if how == KEEP or not path.is_dir():
        return {"archived": None}
    if how == PURGE:
        purge_repository(path)
        context.log(f"{path} is gone, with its history")
        return {"archived": None}
    archived = archive_repository(path, time=int(work.now().timestamp()))
    context.log(f"the repository is in {archived}")
    return {"archived": str(archived)}
