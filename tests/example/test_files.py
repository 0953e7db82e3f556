"""Each kind of file of the example plan is what its readers expect."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.plan.rendering import RenderedTree

TEMPLATED = ".j2.yaml"
METADATA = {"name", "description", "groups"}
GROUPS = {"pre-introspection", "pre-deployment", "post-deployment"}
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def documents(tree: RenderedTree, pattern: str = "*.yaml") -> dict[str, Any]:
    paths = [path for path in tree.paths() if fnmatchcase(path, pattern) and not path.endswith(TEMPLATED)]
    return {path: parse_yaml(tree.read(path), source=path) for path in sorted(paths)}


def values_of(document: Any, key: str) -> Iterator[Any]:
    """Every value that stands under `key`, at any depth."""
    if isinstance(document, dict) and key in document:
        yield document[key]
    children = document.values() if isinstance(document, dict) else document
    for child in children if isinstance(document, dict | list) else ():
        yield from values_of(child, key)


def test_every_yaml_file_parses_once_rendered(rendered: RenderedTree) -> None:
    found = documents(rendered)
    assert "overcloud.yaml" in found
    assert [path for path, document in found.items() if not document] == []


def test_every_file_is_rendered_for_the_roles_and_networks_that_are_on(rendered: RenderedTree) -> None:
    assert {file.path for file in rendered.rendered} == {
        "overcloud.yaml",
        "overcloud-resource-registry-puppet.yaml",
        "environments/network-isolation.yaml",
        "environments/network-flat.yaml",
        "puppet/controller-role.yaml",
        "puppet/compute-role.yaml",
        "network/internal_api.yaml",
    }


def test_the_network_that_is_kept_by_hand_is_not_rendered_over(
    rendered: RenderedTree, example_files: dict[str, bytes]
) -> None:
    assert rendered.read("network/storage.yaml") == example_files["network/storage.yaml"]


def test_templates_need_no_service_but_heat(rendered: RenderedTree) -> None:
    templates = {path: doc for path, doc in documents(rendered).items() if "heat_template_version" in doc}
    types = {resource["type"] for doc in templates.values() for resource in (doc.get("resources") or {}).values()}
    assert len(templates) > 10
    assert [name for name in sorted(types) if not name.startswith(("OS::Heat::", "OS::TripleO::"))] == []


def test_no_hidden_parameter_has_a_value_in_git(rendered: RenderedTree) -> None:
    found = documents(rendered)
    hidden = {
        name: parameter
        for doc in found.values()
        if "heat_template_version" in doc
        for name, parameter in (doc.get("parameters") or {}).items()
        if parameter.get("hidden")
    }
    assert set(hidden) == {"AdminPassword", "KeystoneDbPassword", "CephClientKey", "SSLKey"}
    assert {parameter["default"] for parameter in hidden.values()} == {""}
    defaults = [values for doc in found.values() for values in values_of(doc, "parameter_defaults")]
    given = {name for values in defaults for name in values}
    assert given & set(hidden) == set()
    assert not list(values_of(found["plan-environment.yaml"], "passwords"))


def test_the_roles_of_the_plan_are_made_of_the_roles_that_can_be_had(rendered: RenderedTree) -> None:
    found = documents(rendered)
    available = {role["name"]: role for path in found if path.startswith("roles/") for role in found[path]}
    assert set(available) == {"Controller", "Compute", "CephStorage", "Networker"}
    assert found["roles_data.yaml"] == [available["Controller"], available["Compute"]]


def test_validations_have_complete_metadata_and_run_without_a_cloud(rendered: RenderedTree) -> None:
    plays = {path: doc[0] for path, doc in documents(rendered, "validations/*.yaml").items()}
    assert len(plays) >= 2
    for path, play in plays.items():
        metadata = play["vars"]["metadata"]
        assert set(metadata) == METADATA, path
        assert all(metadata.values()), path
        assert set(metadata["groups"]) <= GROUPS, path
        assert (play["hosts"], play["connection"]) == ("localhost", "local"), path
    groups = {group for play in plays.values() for group in play["vars"]["metadata"]["groups"]}
    assert groups >= {"pre-deployment", "post-deployment"}


def test_the_playbook_after_a_deployment_runs_without_a_cloud(rendered: RenderedTree) -> None:
    plays = documents(rendered, "playbooks/*.yaml")["playbooks/post-deploy.yaml"]
    assert [(play["hosts"], play["connection"]) for play in plays] == [("localhost", "local")]


def test_nodes_are_distinct_machines_that_nothing_is_done_to(rendered: RenderedTree) -> None:
    nodes = documents(rendered)["baremetal/nodes.yaml"]["nodes"]
    addresses = [port["address"] for node in nodes for port in node["ports"]]
    assert {node["pm_type"] for node in nodes} == {"fake-hardware"}
    assert all(MAC.fullmatch(address) for address in addresses)
    assert len({node["name"] for node in nodes}) == len(set(addresses)) == len(nodes) == 3
    assert not {key for node in nodes for key in node} & {"pm_user", "pm_password"}


def test_the_readme_explains_every_file(example_files: dict[str, bytes]) -> None:
    readme = example_files["README.md"].decode()
    table = readme.split("## What is in it")[1].split("##")[0]
    first_column = [row.split("|")[1] for row in table.splitlines() if "|" in row]
    patterns = re.findall(r"`([^`]+)`", "\n".join(first_column))
    unexplained = [
        path
        for path in example_files
        if path != "README.md" and not any(fnmatchcase(path, pattern) for pattern in patterns)
    ]
    assert unexplained == []
    stale = [pattern for pattern in patterns if not any(fnmatchcase(path, pattern) for path in example_files)]
    assert stale == []
