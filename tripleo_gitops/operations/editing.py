"""Edit a plan's own files: one key changes, every other byte stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.edit import set_value, unset_value
from tripleo_gitops.errors import NotFound
from tripleo_gitops.plan.capabilities import Topic, get_capabilities, read_capabilities_map
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.plan.role_selection import available_roles, select_roles
from tripleo_gitops.plan.roles import ROLES_FILE, ROLES_FOLDER, Role, parse_roles, read_roles
from tripleo_gitops.plan.selection import update_selection
from tripleo_gitops.plan.selection_edit import plan_selection_edit
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree

PARAMETERS_KEY = "parameter_defaults"


def set_parameters(tree: PlanTree, values: Mapping[str, Any]) -> bytes:
    """Return plan-environment.yaml with parameters set in its `parameter_defaults`."""
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    for name, value in values.items():
        content = set_value(content, (PARAMETERS_KEY, name), value, source=PLAN_ENVIRONMENT_FILE)
    return content


def unset_parameters(tree: PlanTree, names: Iterable[str]) -> bytes:
    """Return plan-environment.yaml without parameters; raise NotFound for one that it does not set."""
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    present = read_plan_environment(tree).parameter_defaults
    for name in names:
        if name not in present:
            raise NotFound(
                f"{PLAN_ENVIRONMENT_FILE} sets no parameter {name}; an environment file may: `tripleo-plan diff` "
                "and `tripleo-plan show` name them"
            )
        content = unset_value(content, (PARAMETERS_KEY, name), source=PLAN_ENVIRONMENT_FILE)
    return content


@dataclass(frozen=True, slots=True)
class OfferedRole:
    """A role that a plan has, or may have."""

    role: Role
    is_selected: bool

    @property
    def name(self) -> str:
        """The role's name."""
        return self.role.name


def roles_of(tree: PlanTree) -> tuple[OfferedRole, ...]:
    """Return the roles that a plan tree has, in their order, and then the others that it offers, by name."""
    own = read_roles(tree)
    names = {role.name for role in own}
    offered = (
        role
        for name, content in available_roles(tree).items()
        for role in parse_roles(content, source=f"{ROLES_FOLDER}/{name}.yaml")
        if role.name not in names
    )
    return (
        *(OfferedRole(role, is_selected=True) for role in own),
        *(OfferedRole(role, is_selected=False) for role in offered),
    )


def select_plan_roles(tree: PlanTree, names: Sequence[str], *, path: str = ROLES_FILE) -> bytes:
    """Return a plan's roles file with exactly these roles; raises UnknownRole, InvalidRoleCopy, MissingFile."""
    return select_roles(tree.read(path), names, available=available_roles(tree), source=path)


def capabilities_of(tree: PlanTree) -> tuple[Topic, ...]:
    """Return the topics of a plan tree: which environments may be selected, and which are."""
    return get_capabilities(
        read_capabilities_map(tree),
        paths=render(tree).paths(),
        selected=read_plan_environment(tree).selected_paths,
    )


def select_environments(tree: PlanTree, changes: Mapping[str, bool]) -> bytes:
    """Return plan-environment.yaml with environments enabled (true) or disabled, in an order that works.

    Raises CapabilityConflict when the capabilities map's rules forbid the result, NotFound for a file that
    the rendered plan does not hold.
    """
    rendered = render(tree)
    for path, wanted in changes.items():
        if wanted and path not in rendered.paths():
            raise NotFound(f"{path}: no such environment in the plan; `tripleo-plan capabilities list` shows them")
    selected = update_selection(read_capabilities_map(tree), read_plan_environment(tree).selected_paths, changes)
    return plan_selection_edit(tree.read(PLAN_ENVIRONMENT_FILE), selected, source=PLAN_ENVIRONMENT_FILE)
