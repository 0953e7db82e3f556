"""What is wrong with the files of `baremetal/` that are no machines: the deployment file, rules, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.documents.yaml import InvalidDocument, locate
from tripleo_gitops.errors import GitopsError, InvalidInput
from tripleo_gitops.nodes.deployment import FILES as DEPLOYMENTS
from tripleo_gitops.nodes.deployment import parse_deployment
from tripleo_gitops.nodes.documents import FOLDER, NodeEntry, read_plan_nodes
from tripleo_gitops.nodes.instances import expand_roles
from tripleo_gitops.nodes.profiles import RULES_FILE, parse_profile_rules
from tripleo_gitops.nodes.rules import FILES as RULES
from tripleo_gitops.nodes.rules import parse_rules
from tripleo_gitops.plan.check_codes import finding
from tripleo_gitops.plan.roles import ROLES_FILE, read_roles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.deployment import RoleRequest
    from tripleo_gitops.plan.findings import Finding

NOT_READ = ("baremetal/profiles.yml", "baremetal/profiles.json")


def check_machine_files(tree: PlanTree, *, changed: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the deployment file, the introspection rules and the rules for profiles of a plan.

    All are looked at when one of `baremetal/` or the roles are named in `changed`, since they name one another.
    """
    if changed is not None and not any(path.startswith(FOLDER) or path == ROLES_FILE for path in changed):
        return
    paths = set(tree.paths())
    for path in DEPLOYMENTS:
        if path in paths:
            yield from _check_deployment(tree, path)
    for path in RULES:
        if path in paths:
            yield from _parsed(lambda source: parse_rules(tree.read(source), source=source), path)
    if RULES_FILE in paths:
        yield from _parsed(lambda source: parse_profile_rules(tree.read(source), source=source), RULES_FILE)
    for path in NOT_READ:
        if path in paths:
            yield finding("machine-file-invalid", path, 1, f"rules for profiles are read from {RULES_FILE} alone")


def _parsed(parse: Callable[[str], object], path: str) -> Iterator[Finding]:
    try:
        parse(path)
    except InvalidDocument as exc:
        yield finding("machine-file-invalid", path, exc.line, exc.problem)


def _check_deployment(tree: PlanTree, path: str) -> Iterator[Finding]:
    content = tree.read(path)
    try:
        roles = parse_deployment(content, source=path)
        expand_roles(roles, stack="plan")
    except InvalidDocument as exc:
        yield finding("machine-file-invalid", path, exc.line, exc.problem)
        return
    except InvalidInput as exc:
        yield finding("machine-file-invalid", path, None, str(exc))
        return
    yield from _check_names(tree, path, content, roles)


def _check_names(tree: PlanTree, path: str, content: bytes, roles: tuple[RoleRequest, ...]) -> Iterator[Finding]:
    """Yield the roles and nodes that a deployment file names and the plan does not have."""
    known_roles, known_nodes = _roles(tree), _nodes(tree)
    for index, role in enumerate(roles):
        if known_roles and role.name not in known_roles:
            line = locate(content, (index, "name"))
            yield finding("deployment-unknown", path, line, f"the plan has no role {role.name}")
        for number, instance in enumerate(role.instances):
            node = instance.get("name")
            if known_nodes and node is not None and node not in known_nodes:
                line = locate(content, (index, "instances", number, "name"))
                yield finding("deployment-unknown", path, line, f"{role.name}: no file of the plan has a node {node}")


def _roles(tree: PlanTree) -> frozenset[str]:
    try:
        return frozenset(role.name for role in read_roles(tree))
    except GitopsError:  # told of that file
        return frozenset()


def _nodes(tree: PlanTree) -> frozenset[str]:
    """Return the names of the plan's machines; none where it names none, since others may register them."""
    entries = (entry for entry in read_plan_nodes(tree) if isinstance(entry, NodeEntry))
    return frozenset(str(entry.fields["name"]) for entry in entries if entry.fields.get("name"))
