"""What a server does with plans for one caller: reads them, commits their edits as theirs, mirrors what is new."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.operations.caller import NoSuchPlan, give_plan
from tripleo_gitops.operations.checking import check_plan, check_whole_plan
from tripleo_gitops.operations.mirror.announcement import mirrored_revision
from tripleo_gitops.operations.mirror.environment_edits import environment_edits
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.mirroring import mirror_revision
from tripleo_gitops.operations.plan_edits import sealed_edit
from tripleo_gitops.plan.names import parse_plan_name
from tripleo_gitops.repository.bare import NewFile
from tripleo_gitops.repository.branch_edit import (
    BranchMoved,
    commit_on_branch,
    write_tree_with,
)
from tripleo_gitops.repository.identity import signs
from tripleo_gitops.repository.objects import NotARepository, PlanRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.openstack.heat import HeatStacks
    from tripleo_gitops.openstack.mistral import MistralEnvironments
    from tripleo_gitops.openstack.swift import SwiftContainers
    from tripleo_gitops.openstack.temporary_url import TemporaryUrls
    from tripleo_gitops.openstack.workflow_service import WorkflowService
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.operations.caller import Caller
    from tripleo_gitops.operations.messages import Queues
    from tripleo_gitops.operations.mirror.mirror import Mirror, WallClock
    from tripleo_gitops.operations.mirror.sync import SyncResult
    from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.bare import Signature

    Edits = Mapping[str, bytes | NewFile | None]
    Decide = Callable[[PlanTree], Edits]
    Demand = Callable[[PlanRepository, Revision, str], None]

HEAD = "HEAD"
TRIES = 5
"""How often an edit is decided again after somebody else committed in between."""


class ProjectCloud(Protocol):
    """One project of one cloud."""

    @property
    def containers(self) -> SwiftContainers: ...
    @property
    def stacks(self) -> HeatStacks: ...
    @property
    def environments(self) -> MistralEnvironments: ...
    def mirror(self, name: str) -> Mirror: ...


@dataclass(frozen=True, slots=True)
class Edited:
    """The revision that a plan is at after an edit, and whether the edit made it."""

    revision: Revision
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanService:
    """The plans of a directory of bare repositories, for one caller with their own rights in the cloud.

    A plan belongs to the project that its repository names; for others it is not there. `demand` raises where the
    operator's rules about signatures keep a revision from the cloud.
    """

    caller: Caller
    plans_directory: Path
    cloud: ProjectCloud
    urls: TemporaryUrls
    queues: Queues
    executions: WorkflowService
    keeper: SecretKeeper
    clock: WallClock
    cache: Cache | None
    demand: Demand

    def path(self, name: str) -> Path:
        """Return where a plan's repository is, or would be; raises InvalidInput for what is no plan's name."""
        return self.plans_directory / f"{parse_plan_name(name)}.git"

    def has(self, name: str) -> bool:
        """Return whether the caller's project has a plan of that name here."""
        try:
            with self.open(name):
                return True
        except NoSuchPlan:
            return False

    @contextmanager
    def open(self, name: str) -> Iterator[PlanRepository]:
        """Yield a plan's repository; raises NoSuchPlan, RoleMissing."""
        self.caller.check_may(write=False)
        path = self.path(name)
        if not path.is_dir():
            raise NoSuchPlan(name)
        try:
            repository = PlanRepository.open(path, cache=self.cache)
        except NotARepository:
            raise NoSuchPlan(name) from None
        with repository:
            self.caller.check_owns(repository, name)
            yield repository

    @contextmanager
    def tree(self, name: str, revision: str = "HEAD") -> Iterator[PlanTree]:
        """Yield the plan tree of a revision; raises NoSuchPlan, UnknownRevision."""
        with self.open(name) as repository:
            yield repository.tree(repository.resolve(revision))

    def signature(self, name: str) -> Signature:
        """Return the caller as who commits now; signed with this machine's key where its Git configuration says so."""
        caller = self.caller.signature(time=int(self.clock.time()))
        return replace(caller, is_signed=signs(self.path(name)))

    def claim(self, name: str) -> None:
        """Say that a new repository belongs to the caller's project."""
        give_plan(self.path(name), self.caller.project_id)

    def edit(self, name: str, decide: Decide, *, subject: str, whole: bool = False) -> Edited:
        """Commit what `decide` makes of the newest tree, as the caller, and mirror the commit.

        With `whole` it is also checked for what Heat would refuse. Decides again when somebody commits in between;
        nothing is committed where nothing differs. Raises BrokenPlan for a tree that breaks a rule, BranchMoved after
        too many tries, and what mirroring raises: the commit stays then, and the next sync brings it.
        """
        self.take_environment(name)
        edited = self.commit(name, decide, subject=subject, whole=whole)
        if edited.is_changed:
            self.mirror(name)
        return edited

    def commit(self, name: str, decide: Decide, *, subject: str, whole: bool = False) -> Edited:
        """Do what `edit` does, without mirroring."""
        self.caller.check_may(write=True)
        for attempt in range(TRIES):
            with self.open(name) as repository:
                base = repository.resolve()
                tree = repository.tree(base)
                changes = _differing(tree, decide(tree))
                if not changes:
                    return Edited(base, is_changed=False)
                planned = write_tree_with(self.path(name), base.commit, changes)
                after = repository.tree_of(planned)
                if whole:
                    check_whole_plan(after, what="nothing was changed", cache=self.cache)
                else:
                    check_plan(after, what="nothing was changed", cache=self.cache)
                signature = self.signature(name)
                try:
                    commit_on_branch(
                        self.path(name), planned, base=base.commit, message=f"{subject}\n", signature=signature
                    )
                except BranchMoved:
                    if attempt == TRIES - 1:
                        raise
                    continue
                return Edited(repository.resolve(), is_changed=True)
        raise AssertionError("the loop returns or raises")

    def take_environment(self, name: str) -> Edited | None:
        """Commit what somebody wrote into the plan's Mistral environment since it was mirrored; None where nobody did.

        Older clients write there; the next sync would replace it. Raises EnvironmentConflict.
        """
        found = self.cloud.environments.variables(name)
        mirrored = mirrored_revision(self.cloud.containers.metadata(name)) if found is not None else None
        with self.open(name) as repository:
            if mirrored is None or not repository.has_commit(mirrored.commit):
                return None
            base = repository.tree(mirrored)
            if not environment_edits(base, repository.tree(repository.resolve()), found):
                return None

            def decide(tree: PlanTree) -> Edits:
                return sealed_edit(tree, environment_edits(base, tree, found), keeper=self.keeper)

            return self.commit(name, decide, subject="Take in what was written to the Mistral environment")

    def mirror(self, name: str, revision: str = HEAD, *, options: SyncOptions | None = None) -> SyncResult:
        """Make the plan's container hold a revision, with the caller's rights; raises what `sync_mirror` raises."""
        self.caller.check_may(write=True)
        if revision == HEAD:
            self.take_environment(name)
        with self.open(name) as repository:
            found = repository.resolve(revision)
            self.demand(repository, found, name)
            mirror = self.cloud.mirror(name)
            history = PlanHistory(repository, mirror.memory)
            return mirror_revision(mirror, history, repository, found, options=options)


def _differing(tree: PlanTree, edits: Edits) -> dict[str, NewFile | None]:
    present = tree.paths()
    new = {path: NewFile(given) if isinstance(given, bytes) else given for path, given in edits.items()}
    return {
        path: file
        for path, file in new.items()
        if (path in present) != (file is not None)
        or (file is not None and path in present and tree.read(path) != file.content)
    }
