"""New plans: in an operator's own directory, or as a bare repository that others clone and push to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.adoption import AdoptedPlan, SecretKeeper, adopt_plan
from tripleo_gitops.operations.mirror.announcement import is_plan_container
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.repository.bare import BRANCH, RepositoryExists, Signature, create_bare
from tripleo_gitops.repository.work_copy import WorkCopy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.operations.listing import StackFinder
    from tripleo_gitops.plan.names import PlanName
    from tripleo_gitops.repository.file_set import FileSet

SOURCE_TRAILER = "Source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a plan's files came from: a place to show, and what of it, where it has revisions."""

    place: str
    ref: str | None = None
    commit: str | None = None

    @property
    def trailers(self) -> tuple[str, ...]:
        """Return the lines that say it at the end of a commit's message."""
        named = {SOURCE_TRAILER: self.place, "Source-Ref": self.ref, "Source-Commit": self.commit}
        return tuple(f"{name}: {value}" for name, value in named.items() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedPlan:
    """A plan's first revision, and what was done to the source's files."""

    revision: Revision
    adopted: AdoptedPlan


class ContainerMetadata(Protocol):
    """Containers by name: what they say of themselves."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...


class EnvironmentNames(Protocol):
    """Mistral's environments, by name."""

    def has(self, name: str) -> bool: ...


class NameTaken(Refused):
    """A name that a project uses for something; holds each place."""

    reason = "NameTaken"

    def __init__(self, name: str, places: tuple[str, ...]) -> None:
        super().__init__(
            f"the name {name} is taken in the cloud: {'; '.join(places)}; take another name, delete what is there "
            "with `tripleo-plan delete`, or pass --adopt to let the new plan take it over"
        )
        self.name, self.places = name, places


def check_name_is_free(
    name: str, *, containers: ContainerMetadata, stacks: StackFinder, environments: EnvironmentNames
) -> None:
    """Raise NameTaken when a container, a stack or a Mistral environment has a plan's name.

    A plan would take each of them over, unasked.
    """
    metadata, stack = containers.metadata(name), stacks.find(name)
    places = []
    if metadata is not None:
        what = "plan container" if is_plan_container(metadata) else "container that is no plan's"
        places.append(f"a {what}")
    if stack is not None:
        places.append(f"a stack ({stack.status})")
    if environments.has(name):
        places.append("a Mistral environment")
    if places:
        raise NameTaken(name, tuple(places))


def init_plan(
    path: Path, source: FileSet, *, name: PlanName, origin: Origin | None = None, keeper: SecretKeeper | None = None
) -> AdoptedPlan:
    """Put the files of a new plan into `path`, under Git but not committed yet.

    Raises Refused when `path` holds something, BrokenPlan when the source is no plan; then nothing is left there.
    """
    if path.exists() and any(path.iterdir()):
        raise Refused(f"{path} is not empty; name a new directory")
    adopted = adopt_plan(source, name=name, keeper=keeper)
    path.mkdir(parents=True, exist_ok=True)
    work_copy = WorkCopy.create(path, branch=BRANCH)
    if origin is not None:
        work_copy.remember("source", origin.place)
    for relative, new in adopted.files.items():
        target = path / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(new.content)
        target.chmod(new.mode & 0o777)
    return adopted


def create_plan(
    path: Path,
    source: FileSet,
    *,
    name: PlanName,
    origin: Origin,
    signature: Signature,
    keeper: SecretKeeper | None = None,
) -> CreatedPlan:
    """Make the bare repository of a plan with one clean first commit that says where it came from.

    Validates first; leaves nothing behind when it fails. Raises BrokenPlan, RepositoryExists.
    """
    if path.exists():
        raise RepositoryExists(f"{path} exists; delete that plan first, or take another name")
    adopted = adopt_plan(source, name=name, keeper=keeper)
    trailers = "\n".join(origin.trailers)
    commit = create_bare(path, adopted.files, message=f"Create plan {name}\n\n{trailers}\n", signature=signature)
    return CreatedPlan(revision=Revision(commit=CommitId(commit), branch=BRANCH), adopted=adopted)
