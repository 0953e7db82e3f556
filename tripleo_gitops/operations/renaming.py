"""Give a plan of the plans directory another name, while nothing in a cloud has the old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.edit import set_value
from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.adoption import ROOT_STACK_NAME
from tripleo_gitops.operations.creation import ContainerMetadata, EnvironmentNames, check_name_is_free
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.repository.bare import RepositoryExists, Signature, commit_file
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.operations.listing import StackFinder
    from tripleo_gitops.plan.names import PlanName
    from tripleo_gitops.plan.revision import Revision


class PlanInUse(Refused):
    """A plan whose name is that of things in a cloud, which cannot be renamed."""

    reason = "PlanInUse"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePlan:
    """A repository to move, and plan-environment.yaml under the new name, None where it has that already."""

    old: PlanName
    new: PlanName
    source: Path
    target: Path
    content: bytes | None


def plan_rename(directory: Path, old: PlanName, new: PlanName) -> RenamePlan:
    """Return what renaming a plan changes; raises NotFound, RepositoryExists, NotARepository."""
    source, target = directory / f"{old}.git", directory / f"{new}.git"
    if not source.is_dir():
        raise NotFound(f"{directory} has no plan {old}; `tripleo-plan list` shows what there is")
    if target.exists():
        raise RepositoryExists(f"{target} exists; take another name")
    with PlanRepository.open(source) as repository:
        tree = repository.tree(repository.resolve())
        before = tree.read(PLAN_ENVIRONMENT_FILE)
        names_stack = read_plan_environment(tree).parameter_defaults.get(ROOT_STACK_NAME) == old
    content = set_value(before, ("name",), new, source=PLAN_ENVIRONMENT_FILE)
    if names_stack:
        content = set_value(content, ("parameter_defaults", ROOT_STACK_NAME), new, source=PLAN_ENVIRONMENT_FILE)
    return RenamePlan(old=old, new=new, source=source, target=target, content=content if content != before else None)


def check_rename(
    plan: RenamePlan, *, containers: ContainerMetadata, stacks: StackFinder, environments: EnvironmentNames
) -> None:
    """Raise PlanInUse while a stack, container or Mistral environment has the old name, NameTaken for the new one."""
    stack = stacks.find(plan.old)
    if stack is not None:
        raise PlanInUse(f"stack {plan.old} exists ({stack.status}), and Heat renames no stacks; nothing was renamed")
    if containers.metadata(plan.old) is not None:
        raise PlanInUse(
            f"container {plan.old} mirrors the plan, and Swift renames no containers; remove it first with "
            f"`tripleo-plan delete {plan.old} --keep-repository`, then rename and sync"
        )
    if environments.has(plan.old):
        raise PlanInUse(
            f"a Mistral environment {plan.old} is the plan's; remove it first with `tripleo-plan delete {plan.old} "
            "--keep-repository`, then rename"
        )
    check_name_is_free(plan.new, containers=containers, stacks=stacks, environments=environments)


def apply_rename(plan: RenamePlan, *, signature: Signature) -> Revision:
    """Commit the new name and move the repository; repeating it after a crash does the rest."""
    if plan.content is not None:
        message = f"Rename plan {plan.old} to {plan.new}\n"
        commit_file(plan.source, PLAN_ENVIRONMENT_FILE, plan.content, message=message, signature=signature)
    plan.source.rename(plan.target)
    with PlanRepository.open(plan.target) as repository:
        return repository.resolve()
