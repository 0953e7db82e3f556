"""Take a newer release of a plan's source: merged three-way by Git, with what it means for the plan's own values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.documents.changes import diff_trees
from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.walk import walk_parameters
from tripleo_gitops.operations.adoption import upstream_files
from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.operations.commit import DetachedHead
from tripleo_gitops.operations.creation import SOURCE_TRAILER, Origin
from tripleo_gitops.operations.resolution import Reader, ResolvedPlan, resolve_plan
from tripleo_gitops.operations.secrets.passwords import list_passwords
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.plan.revision import Revision
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, read_sealed
from tripleo_gitops.repository.merging import write_source_commit

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.branch_changes import BranchChanges
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.plan.roles import Role
    from tripleo_gitops.repository.bare import Signature
    from tripleo_gitops.repository.file_set import FileSet
    from tripleo_gitops.repository.objects import PlanRepository


class MergeConflict(Refused):
    """A newer source that changed what the plan changed, too; in a clone, the work tree has the conflicts as in Git."""

    reason = "MergeConflict"

    def __init__(self, paths: tuple[str, ...], *, is_bare: bool) -> None:
        way_out = (
            "nothing was changed: upgrade in a clone, where they can be resolved, and push"
            if is_bare
            else "resolve them, `git add` them, then `tripleo-plan commit`; `git merge --abort` gives up"
        )
        super().__init__(f"{len(paths)} files are in conflict: {', '.join(paths)}; {way_out}")
        self.paths = paths


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """A role whose services differ: those that came and those that went; a new role has only came, a gone one went."""

    name: str
    came: tuple[str, ...]
    went: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeReport:
    """What a newer source means for the plan's own values."""

    values_without_parameter: tuple[str, ...]
    required_without_value: tuple[str, ...]
    missing_passwords: tuple[str, ...]
    roles: tuple[RoleChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A merge that waits for its commit; `merged` is the id of its tree."""

    base: Revision
    head: Revision
    tree: PlanTree
    merged: str
    message: str


def find_base(repository: PlanRepository, head: Revision) -> Revision:
    """Return the newest commit whose files are those of a source, as its trailer says; raise NotFound."""
    for info in repository.history(head):
        revision = Revision(commit=info.commit)
        last = repository.message(revision).rstrip().rpartition("\n\n")[2]
        if any(line.startswith(f"{SOURCE_TRAILER}: ") for line in last.splitlines()):
            return revision
    raise NotFound("no commit says which source its files are of; name the one with --base (often the first one)")


def begin_upgrade(
    repository: PlanRepository,
    branch: BranchChanges,
    source: FileSet,
    *,
    origin: Origin,
    base: Revision | None,
    signature: Signature,
) -> Upgrade:
    """Merge a newer source into the branch, without committing.

    The source's files become a commit on top of the last one that a source made, and Git merges that: what the
    plan changed since stays, what both changed is a conflict (MergeConflict). Raises Refused for a work tree
    that is not clean, and for a source whose files are those of the base; BrokenPlan for what the merge gives.
    """
    if repository.current_branch() is None:
        raise DetachedHead
    branch.check_clean()
    head = repository.resolve()
    base = base or find_base(repository, head)
    before = repository.tree(base)
    name = load_plan(repository.tree(head)).name
    secrets = before.read(SECRETS_FILE) if SECRETS_FILE in before.paths() else None
    files = upstream_files(source, name=name, secrets=secrets)
    what = f"{origin.place} {origin.ref}" if origin.ref else origin.place
    message = "\n".join([f"Take the files of {what}\n", *origin.trailers])
    commit = write_source_commit(
        Path(repository.git_dir), files, parent=base.commit, message=f"{message}\n", signature=signature
    )
    merged = branch.merge(commit)
    if merged.tree is None:
        raise MergeConflict(merged.conflicts, is_bare=repository.is_bare)
    tree = repository.tree_of(merged.tree)
    if not diff_trees(repository.tree(head), tree):
        branch.abort_merge()
        raise Refused(f"{origin.place} brings nothing new; nothing was changed")
    return Upgrade(
        base=base,
        head=head,
        tree=tree,
        merged=merged.tree,
        message=f"Upgrade plan {name} to {what}\n",
    )


def check_upgrade(upgrade: Upgrade, *, cache: Cache | None = None) -> None:
    """Raise BrokenPlan when the merged tree breaks a rule of plans; `cache` remembers what was clean."""
    check_plan(upgrade.tree, what="nothing was committed", cache=cache)


def report_upgrade(before: PlanTree, after: PlanTree, *, cache: Cache | None = None) -> UpgradeReport:
    """Return what a change of templates means for the values that the plan sets; `cache` remembers what files say."""
    reader = Reader(cache)
    old, new = (resolve_plan(tree, reader=reader) for tree in (before, after))
    declared = declared_parameters(new.rendered, cache=cache)
    sealed = read_sealed(after)
    own = set(new.plan.environment.parameter_defaults) | (set(sealed.values.parameter_defaults) if sealed else set())
    known_before = declared_parameters(old.rendered, cache=cache)
    lacking = tuple(one.name for one in list_passwords(after) if one.is_needed and not one.is_set)
    return UpgradeReport(
        values_without_parameter=tuple(sorted(own & known_before.keys() - declared.keys())),
        required_without_value=tuple(sorted(_without_value(new) - _without_value(old) - set(lacking))),
        missing_passwords=lacking,
        roles=tuple(_role_changes(old.plan.roles, new.plan.roles)),
    )


def _without_value(resolved: ResolvedPlan) -> set[str]:
    """Return the parameters, of any stack of the plan, that nothing gives a value; a deploy is refused for them."""
    return {one.name for _, one in walk_parameters(resolved.parameters) if one.effective is ABSENT}


def _role_changes(old: tuple[Role, ...], new: tuple[Role, ...]) -> list[RoleChange]:
    before, after = ({role.name: set(role.services) for role in roles} for roles in (old, new))
    differing = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return [
        RoleChange(
            name=name,
            came=tuple(sorted(after.get(name, set()) - before.get(name, set()))),
            went=tuple(sorted(before.get(name, set()) - after.get(name, set()))),
        )
        for name in sorted(differing)
    ]
