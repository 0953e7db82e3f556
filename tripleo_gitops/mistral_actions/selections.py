"""`tripleo.heat_capabilities.*` and `tripleo.role.list`: what a plan offers and what it is made of."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.operations.composition_edits import networks_in
from tripleo_gitops.operations.editing import capabilities_of, roles_of, select_plan_roles
from tripleo_gitops.operations.plan_edits import change_selection
from tripleo_gitops.plan.networks import NETWORKS_FILE
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.roles import ROLES_FILE, parse_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.plan_service import PlanService
    from tripleo_gitops.plan.capabilities import EnvironmentGroup, Topic


def get_capabilities(service: PlanService, *, container: str) -> dict[str, Any]:
    """Topics of environments by title, and which of them are enabled."""
    with service.tree(container) as tree:
        topics = capabilities_of(tree)
    found: dict[str, Any] = {}
    for topic in topics:
        if topic.title in found:  # upstream forgets the first of two topics of one title
            found[topic.title]["environment_groups"] += _topic(topic)["environment_groups"]
        else:
            found[topic.title] = _topic(topic)
    return found


def update_capabilities(
    service: PlanService,
    *,
    environments: Mapping[str, bool],
    container: str,
    purge_missing: bool = False,
    sort_environments: bool = False,  # noqa: ARG001  # TripleO's input; here the order is always one that works
) -> dict[str, Any]:
    """Enable and disable environments by a commit; the plan environment as it is then."""
    named = ", ".join(sorted(environments)) or "nothing"
    service.edit(
        container,
        lambda tree: change_selection(tree, environments, purge=purge_missing),
        subject=f"Select {named}" if len(named) < 60 else f"Change the selection of {len(environments)} environments",
    )
    return plan_environment(service, container=container)


def plan_environment(service: PlanService, *, container: str) -> dict[str, Any]:
    """plan-environment.yaml as it is committed, secrets sealed."""
    with service.tree(container) as tree:
        document: dict[str, Any] = parse_yaml(tree.read(PLAN_ENVIRONMENT_FILE), source=PLAN_ENVIRONMENT_FILE)
    return {**document, "name": container}


def list_roles(
    service: PlanService, *, container: str, role_file_name: str = ROLES_FILE, detail: bool = False
) -> list[Any]:
    """Names of the roles of a plan, or with `detail` all that its file says of them."""
    with service.tree(container) as tree:
        roles = parse_roles(tree.read(role_file_name), source=role_file_name)
    return [dict(role.fields) if detail else role.name for role in roles]


def list_available_roles(service: PlanService, *, container: str) -> list[dict[str, Any]]:
    """All that is said of the roles that a plan may be made of."""
    with service.tree(container) as tree:
        return [dict(one.role.fields) for one in roles_of(tree)]


def list_networks(
    service: PlanService, *, container: str, network_data_file: str = NETWORKS_FILE
) -> list[dict[str, Any]]:
    """All that is said of the networks of a plan."""
    with service.tree(container) as tree:
        return [dict(network.fields) for network in networks_in(tree, path=network_data_file)]


def select_roles(
    service: PlanService,
    *,
    role_names: list[str],
    container: str,
    replace_all: bool = True,
    roles_data_file: str = ROLES_FILE,
) -> list[dict[str, Any]]:
    """Make a plan consist of these roles, or have them too, by a commit; all that is said of its roles then."""

    def decide(tree: PlanTree) -> dict[str, bytes]:
        own = parse_roles(tree.read(roles_data_file), source=roles_data_file)
        names = role_names if replace_all else [*(role.name for role in own), *role_names]
        return {roles_data_file: select_plan_roles(tree, names, path=roles_data_file)}

    service.edit(container, decide, subject=f"Select the roles {', '.join(role_names)}")
    return list_roles(service, container=container, role_file_name=roles_data_file, detail=True)


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "title": topic.title,
        "description": topic.description,
        "environment_groups": [_group(group) for group in topic.groups],
    }


def _group(group: EnvironmentGroup) -> dict[str, Any]:
    return {
        "title": group.title,
        "description": group.description,
        "mutually_exclusive": group.mutually_exclusive,
        "environments": [{**asdict(one), "requires": list(one.requires)} for one in group.environments],
    }
