"""Which files the templates of a plan make, and of which data: decided without rendering any."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import PartedTree
from tripleo_gitops.plan.document import Document, read_document
from tripleo_gitops.plan.networks import networks_file, parse_networks
from tripleo_gitops.plan.roles import ROLES_FILE, parse_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree

EXCLUDES_FILE = "j2_excludes.yaml"
TEMPLATE_SUFFIX = ".j2.yaml"
ROLE_SUFFIX = ".role.j2.yaml"
NETWORK_SUFFIX = ".network.j2.yaml"
UPSTREAM_TOOL = "tools/process-templates.py"

_TAGS_BY_ROLE_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("compute", ("Compute", "HciCeph", "DistributedCompute")),
    ("ceph", ("Ceph",)),
    ("ovsdpdk", ("ComputeOvsDpdk",)),
    ("storage", ("ObjectStorage", "BlockStorage", "Ceph")),
)


class Pass(StrEnum):
    """What a template is rendered for: each role, each enabled network, or once."""

    ROLE = "role"
    NETWORK = "network"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file that rendering makes: its path, its template, and the role or network it is for."""

    path: str
    template: str
    kind: Pass
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateData:
    """The roles and networks as documents, the way upstream's own tool prepares them for templates."""

    roles: tuple[dict[str, Any], ...]
    networks: tuple[dict[str, Any], ...]
    excluded: frozenset[str]
    nic_config_names: bool

    def role(self, name: str) -> dict[str, Any]:
        """Return one role's document."""
        return next(role for role in self.roles if role["name"] == name)

    def network(self, name: str) -> dict[str, Any]:
        """Return one network's document."""
        return next(network for network in self.networks if network["name"] == name)


def read_template_data(tree: PlanTree) -> TemplateData | None:
    """Return what templates are rendered with, or None for a plan without roles: nothing is rendered there.

    Enabled networks get their `name_lower`, disabled ones stay as they are; every network gets its index.
    Raises InvalidDocument.
    """
    if ROLES_FILE not in tree.paths():
        return None
    dialect = _dialect(tree)
    roles = tuple(dict(role.fields) for role in parse_roles(tree.read(ROLES_FILE)))
    if "_set_tags_based_on_role_name" in dialect:
        for role in roles:
            role["tags"] = _tags_with_those_of_the_name(role)
    return TemplateData(
        roles=roles,
        networks=_networks(tree),
        excluded=_excluded(tree),
        nic_config_names=not dialect or "deprecated_nic_config_name" in dialect,
    )


def _dialect(tree: PlanTree) -> str:
    """Return the text of the plan's own rendering tool, if it ships one: it tells how its release renders."""
    if UPSTREAM_TOOL not in tree.paths():
        return ""
    return tree.read(UPSTREAM_TOOL).decode("utf-8", "replace")


def _tags_with_those_of_the_name(role: dict[str, Any]) -> list[str]:
    tags = list(role.get("tags") or [])
    for tag, prefixes in _TAGS_BY_ROLE_NAME:
        if role["name"].startswith(prefixes) and tag not in tags:
            tags.append(tag)
    return tags


def _networks(tree: PlanTree) -> tuple[dict[str, Any], ...]:
    path = networks_file(tree)
    if path is None:
        return ()
    documents = []
    for index, network in enumerate(parse_networks(tree.read(path), source=path)):
        document = dict(network.fields)
        document["idx"] = index
        if network.enabled:
            document["name_lower"] = network.name_lower
        documents.append(document)
    return tuple(documents)


def _excluded(tree: PlanTree) -> frozenset[str]:
    if EXCLUDES_FILE not in tree.paths():
        return frozenset()
    document: Document = read_document(tree, EXCLUDES_FILE)
    root = document.expect(document.value or {}, dict, ())
    names = document.get(root, "name", list, ()) or []
    return frozenset(posixpath.normpath(name) for name in names if isinstance(name, str) and name)


def rendered_files(tree: PlanTree, data: TemplateData) -> tuple[RenderedFile, ...]:
    """Return every file that rendering makes, sorted by path; of two for one path the last template's.

    Hidden files and directories hold no templates. `j2_excludes.yaml` counts for roles and networks only,
    as upstream. Any path may be a template, so all are looked at where the tree cannot tell; none is read.
    """
    found: dict[str, RenderedFile] = {}
    named = tree.ending(TEMPLATE_SUFFIX) if isinstance(tree, PartedTree) else tree.paths()
    for template in sorted(path for path in named if path.endswith(TEMPLATE_SUFFIX)):
        if any(piece.startswith(".") for piece in template.split("/")):
            continue
        found.update((file.path, file) for file in _files_of(template, data))
    return tuple(found[path] for path in sorted(found))


def _files_of(template: str, data: TemplateData) -> Iterator[RenderedFile]:
    if template.endswith(ROLE_SUFFIX):
        for role in data.roles:
            path = _role_path(template, role, nic_config_names=data.nic_config_names)
            if path not in data.excluded:
                yield RenderedFile(path, template, Pass.ROLE, role["name"])
    elif template.endswith(NETWORK_SUFFIX):
        for network in data.networks:
            if network.get("enabled") is not False:
                path = _network_path(template, network["name_lower"])
                if path not in data.excluded:
                    yield RenderedFile(path, template, Pass.NETWORK, network["name"])
    else:
        directory, name = posixpath.split(template)
        yield RenderedFile(posixpath.join(directory, name.replace(TEMPLATE_SUFFIX, ".yaml")), template, Pass.PLAN)


def _role_path(template: str, role: dict[str, Any], *, nic_config_names: bool) -> str:
    directory, name = posixpath.split(template)
    if "network/config" in template:
        own_name = role.get("deprecated_nic_config_name") if nic_config_names else None
        return posixpath.join(directory, own_name or f"{role['name'].lower()}.yaml")
    return posixpath.join(directory, f"{role['name'].lower()}-{name.replace(ROLE_SUFFIX, '.yaml')}")


def _network_path(template: str, name_lower: str) -> str:
    directory, name = posixpath.split(template)
    placeholder = "port" if directory.endswith("ports") else "network"
    return posixpath.join(directory, name.replace(NETWORK_SUFFIX, ".yaml").replace(placeholder, name_lower))
