"""New plans: in an operator's own directory, or as a bare repository that others clone and push to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.documents.edit import set_value
from tripleo_gitops.documents.tree import MemoryTree, PlanTree
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.repository.bare import BRANCH, EXECUTABLE, REGULAR, NewFile, Signature, create_bare
from tripleo_gitops.repository.work_copy import WorkCopy

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.plan.names import PlanName


class PlanFilesOnDisk(PlanTree, Protocol):
    """A plan tree whose files may be executable."""

    def is_executable(self, path: str) -> bool: ...


def named_files(source: PlanFilesOnDisk, name: PlanName) -> dict[str, NewFile]:
    """Return the files of a source as the plan `name`; raise BrokenPlan when they are no plan.

    Only the key `name` of plan-environment.yaml is written; every other byte is the source's.
    """
    contents = {path: source.read(path) for path in source.paths()}
    if PLAN_ENVIRONMENT_FILE in contents:
        contents[PLAN_ENVIRONMENT_FILE] = set_value(
            contents[PLAN_ENVIRONMENT_FILE], ("name",), name, source=PLAN_ENVIRONMENT_FILE
        )
    check_plan(MemoryTree(contents), what="no plan was made")
    return {
        path: NewFile(content, EXECUTABLE if source.is_executable(path) else REGULAR)
        for path, content in contents.items()
    }


def init_plan(path: Path, source: PlanFilesOnDisk, *, name: PlanName) -> tuple[str, ...]:
    """Put the files of a new plan into `path`, under Git but not committed yet; return their paths, sorted.

    Raises Refused when `path` holds something, BrokenPlan when the source is no plan.
    """
    if path.exists() and any(path.iterdir()):
        raise Refused(f"{path} is not empty; name a new directory")
    files = named_files(source, name)
    path.mkdir(parents=True, exist_ok=True)
    WorkCopy.create(path, branch=BRANCH)
    for relative, new in files.items():
        target = path / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(new.content)
        target.chmod(new.mode & 0o777)
    return tuple(sorted(files))


def create_plan(path: Path, source: PlanFilesOnDisk, *, name: PlanName, origin: str, signature: Signature) -> Revision:
    """Make the bare repository of a plan with one clean first commit that says where it came from (`origin`).

    Validates first; leaves nothing behind when it fails. Raises BrokenPlan, RepositoryExists.
    """
    files = named_files(source, name)
    message = f"Create plan {name}\n\nSource: {origin}\n"
    commit = create_bare(path, files, message=message, signature=signature)
    return Revision(commit=CommitId(commit), branch=BRANCH)
