"""`tripleo.git.*`: what Git adds to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Refused
from tripleo_gitops.mistral_actions.plans import create_plan, export, update_plan
from tripleo_gitops.mistral_actions.templates import tempurl, upload_plan_environment
from tripleo_gitops.operations.commits import plan_history
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.operations.creation import Origin, check_name_is_free
from tripleo_gitops.operations.mirror.drift import find_drift
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.operations.mirror.verification import Verification, verify_mirror
from tripleo_gitops.operations.plan_import import create_from
from tripleo_gitops.operations.status import cloud_status
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.plan.source_address import GitAddress, parse_source
from tripleo_gitops.repository.file_set import read_commit, read_directory
from tripleo_gitops.wiring.sources import DEFAULT, default_templates, open_git_source

if TYPE_CHECKING:
    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.repository.bare import NewFile

EXPORTS, EXPORT_SECONDS = "plan-exports", 3600
REMOTE = ("https", "ssh")
"""How a caller may have a server fetch; a path would be the server's own."""


def revisions(service: PlanService, *, container: str, limit: int = 50) -> list[dict[str, Any]]:
    """The newest commits of a plan, and which of them are mirrored and deployed."""
    with service.open(container) as repository:
        cloud = cloud_status(container, containers=service.cloud.containers, stacks=service.cloud.stacks)
        found = plan_history(repository, repository.resolve(), limit=limit, cloud=cloud)
    return [
        {
            "commit": str(one.commit),
            "author": one.author,
            "time": one.time,
            "subject": one.subject,
            "mirrored": one.is_mirrored,
            "deployed": one.is_deployed,
        }
        for one in found
    ]


def diff(service: PlanService, *, container: str, old: str = "HEAD~1", new: str = "HEAD") -> dict[str, Any]:
    """What changes between two revisions, for files and for Heat; hidden values masked."""
    with service.open(container) as repository:
        before, after = repository.resolve(old), repository.resolve(new)
        found = diff_plans(
            repository.tree(before),
            repository.tree(after),
            old_label=str(before),
            new_label=str(after),
            cache=service.cache,
        )
        return found.to_document()


def sync(
    service: PlanService, *, container: str, revision: str = "HEAD", force: bool = False, allow_older: bool = False
) -> dict[str, Any]:
    """Make a plan's container hold a revision and nothing else but the manifest."""
    done = service.mirror(container, revision, options=SyncOptions(force=force, allow_older=allow_older))
    return {"revision": str(done.revision), "put": done.put, "deleted": done.deleted, "unchanged": done.unchanged}


def verify(service: PlanService, *, container: str, revision: str = "HEAD", deep: bool = False) -> dict[str, Any]:
    """Whether a plan's container holds a revision, and each object that differs."""
    with service.open(container) as repository:
        mirror = service.cloud.mirror(container)
        wanted = PlanHistory(repository, mirror.memory).manifest(repository.resolve(revision))
        assert wanted is not None, "a revision that was resolved is known"
        return _verification(verify_mirror(mirror.store, container, wanted, deep=deep))


def drift(service: PlanService, *, container: str, deep: bool = False) -> dict[str, Any]:
    """Each object of a plan's container that was changed since the last sync, with a text diff."""
    with service.open(container) as repository:
        mirror = service.cloud.mirror(container)
        found = find_drift(mirror.store, container, PlanHistory(repository, mirror.memory), deep=deep)
    lines = {one.change.path: list(one.lines) for one in found.objects}
    return {**_verification(found.verification), "diff": lines}


def rollback(
    service: PlanService, *, container: str, revision: str = "HEAD~1", with_secrets: bool = False
) -> dict[str, Any]:
    """Make a plan what it was at an older revision, by a commit; secrets stay unless they are asked for."""
    with service.open(container) as repository:
        head, target = repository.resolve(), repository.resolve(revision)
        if target.commit == head.commit or not repository.is_ancestor(target.commit, head.commit):
            raise Refused(f"{target.short} is no older revision of {head.short}")
    files = read_commit(service.path(container), target.commit)
    wanted: dict[str, NewFile | bytes | None] = {
        path: files.read(path) for path in files.paths() if with_secrets or path != SECRETS_FILE
    }
    edited = service.edit(
        container,
        lambda tree: {
            **{path: None for path in tree.paths() if with_secrets or path != SECRETS_FILE},
            **wanted,
        },
        subject=f"Roll back to {target.short}",
    )
    return {"revision": str(edited.revision), "changed": edited.is_changed}


def import_plan(
    service: PlanService,
    *,
    container: str,
    source_url: str | None = None,
    use_default_templates: bool = False,
    generate_passwords: bool = True,
) -> dict[str, Any]:
    """Make a plan of a Git repository (https or ssh, `URL@REF`) or of the server's own templates."""
    service.caller.check_may(write=True)
    if use_default_templates or not source_url:
        files, origin = read_directory(default_templates()), Origin(place=DEFAULT)
    else:
        address = parse_source(source_url)
        if not isinstance(address, GitAddress) or address.scheme not in REMOTE:
            raise Refused(f"a server fetches plans by {' and '.join(REMOTE)} only; name a repository by its URL")
        files, origin = open_git_source(address)
    made = create_from(service, container, files, origin, makes_passwords=generate_passwords)
    return {"revision": str(made)}


def create_deployment_plan(
    service: PlanService,
    *,
    container: str,
    source_url: str | None = None,
    generate_passwords: bool = True,
    use_default_templates: bool = False,
) -> dict[str, Any]:
    """Make a plan of a Git repository, of the server's own templates, or of what its container holds."""
    if not (source_url or use_default_templates):
        return create_plan(service, container=container, generate_passwords=generate_passwords)
    cloud = service.cloud
    check_name_is_free(container, containers=cloud.containers, stacks=cloud.stacks, environments=cloud.environments)
    return import_plan(
        service,
        container=container,
        source_url=source_url,
        use_default_templates=use_default_templates,
        generate_passwords=generate_passwords,
    )


def update_deployment_plan(
    service: PlanService,
    *,
    container: str,
    generate_passwords: bool = True,
    source_url: str | None = None,
    plan_environment: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Commit what was changed in a plan's container, and a plan environment where one is given."""
    if source_url:
        raise Refused("a plan that has a repository is updated by a push, or `tripleo-plan upgrade --from URL`")
    done = update_plan(service, container=container, generate_passwords=generate_passwords)
    if plan_environment is not None:
        upload_plan_environment(service, plan_environment=plan_environment, container=container)
    return done


def export_plan(service: PlanService, *, plan: str) -> str:
    """Export a plan for an hour; the address to fetch it from."""
    name = export(service, plan=plan, delete_after=EXPORT_SECONDS, exports_container=EXPORTS)
    return tempurl(service, container=EXPORTS, obj=name, valid=EXPORT_SECONDS)


def _verification(found: Verification) -> dict[str, Any]:
    return {
        "revision": str(found.revision),
        "mirrored": str(found.mirrored) if found.mirrored else None,
        "exact": found.is_exact,
        "objects": found.objects,
        "changes": [{"path": change.path, "kind": change.kind.value} for change in found.changes],
    }
