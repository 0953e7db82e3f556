"""Make somebody's files a plan: a name, no renders, no runtime state, no secret in clear, every password there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.edit import set_value, unset_value
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.operations.mirror.manifest import OWN_PATHS
from tripleo_gitops.operations.secrets.passwords import generate_passwords, list_passwords, take_passwords
from tripleo_gitops.operations.secrets.sealing import apply_sealing, plan_sealing
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.repository.bare import EXECUTABLE, REGULAR, NewFile
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.secrets.secrets_file import SecretVault
    from tripleo_gitops.plan.names import PlanName
    from tripleo_gitops.plan.passwords import Randomness
    from tripleo_gitops.repository.file_set import FileSet

TEMPLATE, TEMPLATE_SOURCE = "overcloud.yaml", "overcloud.j2.yaml"
REGISTRY, REGISTRY_SOURCE = "overcloud-resource-registry-puppet.yaml", "overcloud-resource-registry-puppet.j2.yaml"
ROOT_STACK_NAME = "RootStackName"
RUNTIME_PARAMETERS = ("DeployIdentifier", "UpdateIdentifier", "StackAction")
"""What TripleO's deploy writes into the plan about one run; Heat gets it anew with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeeper:
    """Who seals a new plan's secrets and for whom; without recipients nothing can be sealed.

    `given` are passwords that the cloud has for the plan: they are taken before any is made. With `has_stack` a
    stack of the plan's name has services with passwords of their own.
    """

    vault: SecretVault
    recipients: tuple[str, ...]
    randomness: Randomness
    makes_passwords: bool = True
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    has_stack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedPlan:
    """The files of a new plan, and what was done to the source's: names only of what is secret."""

    files: Mapping[str, NewFile]
    sealed: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def adopt_plan(source: FileSet, *, name: PlanName, keeper: SecretKeeper | None = None) -> AdoptedPlan:
    """Return the plan `name` made of a source's files; raises BrokenPlan when they are no plan.

    Of plan-environment.yaml the name changes (in RootStackName, too, where a template declares it), and what stands
    in clear goes into secrets.yaml; renders equal to what rendering makes are dropped, since they are never committed.
    Raises Refused for secrets that nobody is named to open.
    """
    contents = {path: source.read(path) for path in source.paths() if path not in OWN_PATHS}
    contents[PLAN_ENVIRONMENT_FILE] = _plan_environment(contents, name)
    dropped = _equal_renders(MemoryTree(contents))
    for path in dropped:
        del contents[path]
    _name_root_stack(contents, name)
    sealed = _sealed(contents, keeper)
    taken = _taken(contents, keeper)
    generated = _generated(contents, keeper)
    check_plan(MemoryTree(contents), what="no plan was made")
    return AdoptedPlan(
        files={
            path: NewFile(content, EXECUTABLE if source.is_executable(path) else REGULAR)
            for path, content in contents.items()
        },
        sealed=sealed,
        taken=taken,
        generated=generated,
        lacking=tuple(one.name for one in list_passwords(MemoryTree(contents)) if one.is_needed and not one.is_set),
        dropped=dropped,
    )


def upstream_files(source: FileSet, *, name: PlanName, secrets: bytes | None) -> Mapping[str, NewFile]:
    """Return what a newer source brings to the plan `name`: its files under that name, without its renders.

    The plan keeps its own secrets: those of the source that stand in clear are dropped, and `secrets` is the
    secrets.yaml that the plan had when it was made of the older source.
    """
    contents = {path: source.read(path) for path in source.paths() if path not in {*OWN_PATHS, SECRETS_FILE}}
    contents[PLAN_ENVIRONMENT_FILE] = _plan_environment(contents, name)
    for path in _equal_renders(MemoryTree(contents)):
        del contents[path]
    _name_root_stack(contents, name)
    contents.update(plan_sealing(MemoryTree(contents)).edits)
    if secrets is not None:
        contents[SECRETS_FILE] = secrets
    return {
        path: NewFile(content, EXECUTABLE if source.is_executable(path) else REGULAR)
        for path, content in contents.items()
    }


def _plan_environment(contents: Mapping[str, bytes], name: PlanName) -> bytes:
    """Return plan-environment.yaml under the plan's name; templates of later releases, which have none, get one."""
    content = contents.get(PLAN_ENVIRONMENT_FILE)
    if content is None:
        if not {TEMPLATE, TEMPLATE_SOURCE} & contents.keys():
            raise Refused(
                f"no plan was made: the source has neither {PLAN_ENVIRONMENT_FILE} nor {TEMPLATE}; it is no plan"
            )
        selected = [REGISTRY] if {REGISTRY, REGISTRY_SOURCE} & contents.keys() else []
        lines = [f"version: 1.0\n\nname: {name}\ntemplate: {TEMPLATE}\n"]
        lines += ["environments:\n", *(f"  - path: {path}\n" for path in selected)] if selected else []
        return "".join(lines).encode()
    content = set_value(content, ("name",), name, source=PLAN_ENVIRONMENT_FILE)
    for parameter in RUNTIME_PARAMETERS:
        content = unset_value(content, ("parameter_defaults", parameter), source=PLAN_ENVIRONMENT_FILE)
    return content


def _name_root_stack(contents: dict[str, bytes], name: PlanName) -> None:
    """Set RootStackName where a template asks for it, as TripleO's creation of plans does."""
    if declared_parameters(render(MemoryTree(contents)), names=(ROOT_STACK_NAME,)).keys() & {ROOT_STACK_NAME}:
        contents[PLAN_ENVIRONMENT_FILE] = set_value(
            contents[PLAN_ENVIRONMENT_FILE],
            ("parameter_defaults", ROOT_STACK_NAME),
            name,
            source=PLAN_ENVIRONMENT_FILE,
        )


def _equal_renders(tree: PlanTree) -> tuple[str, ...]:
    rendered = render(tree)
    made = {file.path for file in rendered.rendered}
    return tuple(sorted(path for path in made if path in tree.paths() and rendered.blob_id(path) == tree.blob_id(path)))


def _sealed(contents: dict[str, bytes], keeper: SecretKeeper | None) -> tuple[str, ...]:
    planned = plan_sealing(MemoryTree(contents))
    if not planned.found:
        return ()
    recipients = keeper.recipients if keeper else ()
    if keeper is None or (not recipients and SECRETS_FILE not in contents):
        raise Refused(
            f"no plan was made: the source has {len(planned.found)} secrets in clear ({planned.found[0].name}, …) and "
            "nobody is named to seal them for; pass --recipient, or make a key with `tripleo-plan secrets key`"
        )
    contents.update(apply_sealing(planned, contents.get(SECRETS_FILE), keeper.vault, recipients=recipients))
    return tuple(secret.name for secret in planned.found)


def _taken(contents: dict[str, bytes], keeper: SecretKeeper | None) -> tuple[str, ...]:
    """Take over the passwords that the cloud has, where there is somebody to open them."""
    if keeper is None or not keeper.given or not (keeper.recipients or SECRETS_FILE in contents):
        return ()
    taken = take_passwords(MemoryTree(contents), keeper.vault, keeper.given, recipients=keeper.recipients)
    if taken is None:
        return ()
    contents[SECRETS_FILE] = taken.content
    return taken.names


def _generated(contents: dict[str, bytes], keeper: SecretKeeper | None) -> tuple[str, ...]:
    """Make the passwords that are missing, where there is somebody to open them."""
    if keeper is None or not keeper.makes_passwords or not (keeper.recipients or SECRETS_FILE in contents):
        return ()
    tree = MemoryTree(contents)
    made = generate_passwords(tree, keeper.vault, randomness=keeper.randomness, recipients=keeper.recipients)
    if made is None:
        return ()
    contents[SECRETS_FILE] = made.content
    return made.names
