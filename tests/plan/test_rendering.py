"""Templates are rendered over roles and networks as upstream's own tool does, and only when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree, blob_id_of
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.rendering import render

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.documents.tree import BlobId

ROLES = b"- {name: Controller, CountDefault: 1, deprecated_nic_config_name: ctl.yaml}\n- {name: Compute}\n"
NETWORKS = b"- {name: InternalApi, name_lower: internal_api}\n- {name: Storage}\n- {name: Unused, enabled: false}\n"


def plan(**files: str) -> dict[str, bytes]:
    named = {path.replace("__", "/"): content.encode() for path, content in files.items()}
    return {"roles_data.yaml": ROLES, "network_data.yaml": NETWORKS, **named}


def rendered(files: dict[str, bytes]) -> dict[str, str]:
    tree = render(MemoryTree(files))
    return {file.path: tree.read(file.path).decode() for file in tree.rendered}


class CountingCache:
    """Keeps renders, and counts what is asked of it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.puts = 0

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, content: bytes) -> None:
        self.puts += 1
        self.kept[key] = content


class ReadingTree(MemoryTree):
    """Notes the paths that are read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.read_paths: list[str] = []

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        return super().read(path)

    def blob_id(self, path: str) -> BlobId:
        return blob_id_of(super().read(path))

    def paths(self) -> Collection[str]:
        return super().paths()


def test_a_plan_without_roles_is_not_templated_at_all() -> None:
    files = {"overcloud.j2.yaml": b"{{ broken", "a.yaml": b"a"}
    tree = render(MemoryTree(files))
    assert tree.rendered == ()
    assert sorted(tree.paths()) == ["a.yaml", "overcloud.j2.yaml"]
    assert tree.read("a.yaml") == b"a"


def test_sources_stay_beside_what_is_made_of_them() -> None:
    tree = render(MemoryTree(plan(**{"a.j2.yaml": "{{ roles | length }}"})))
    assert {"a.j2.yaml", "a.yaml"} <= set(tree.paths())
    assert tree.template_of("a.yaml") == "a.j2.yaml"
    assert tree.template_of("a.j2.yaml") is None
    assert tree.blob_id("a.yaml") == blob_id_of(b"2")


def test_a_plain_template_sees_all_roles_and_networks_even_disabled_ones() -> None:
    networks = "{% for n in networks %}{{ n.name }}:{{ n.name_lower }} {% endfor %}"
    roles = "{{ roles | map(attribute='name') | join(',') }}"
    assert rendered(plan(**{"a.j2.yaml": networks + roles}))["a.yaml"] == (
        "InternalApi:internal_api Storage:storage Unused: Controller,Compute"
    )


def test_a_role_template_is_rendered_once_a_role() -> None:
    made = rendered(plan(**{"puppet__role.role.j2.yaml": "n: {{role.name}} {{ networks | length }}"}))
    assert made == {"puppet/controller-role.yaml": "n: Controller 3", "puppet/compute-role.yaml": "n: Compute 3"}


def test_a_role_template_without_the_exact_words_gets_the_name_only() -> None:
    assert rendered(plan(**{"a.role.j2.yaml": "{{role}}"}))["controller-a.yaml"] == "Controller"
    assert rendered(plan(**{"a.role.j2.yaml": "<{{ role.name }}>"}))["controller-a.yaml"] == "<>"


def test_nic_configurations_are_named_by_the_role_or_by_its_old_name() -> None:
    made = rendered(plan(**{"network__config__bond__role.role.j2.yaml": "{{role.name}}"}))
    assert made == {"network/config/bond/ctl.yaml": "Controller", "network/config/bond/compute.yaml": "Compute"}


def test_a_network_template_is_rendered_once_an_enabled_network() -> None:
    made = rendered(
        plan(
            **{
                "network__network.network.j2.yaml": "{{ network.name }}",
                "network__ports__port_v6.network.j2.yaml": "{{ network.name_lower }}",
            }
        )
    )
    assert made == {
        "network/internal_api.yaml": "InternalApi",
        "network/storage.yaml": "Storage",
        "network/ports/internal_api_v6.yaml": "internal_api",
        "network/ports/storage_v6.yaml": "storage",
    }


def test_excluded_outputs_are_not_made_for_roles_and_networks_but_for_the_plan_they_are() -> None:
    files = plan(
        **{
            "network__network.network.j2.yaml": "{{ network.name }}",
            "a.role.j2.yaml": "{{role.name}}",
            "b.j2.yaml": "b",
            "j2_excludes.yaml": "name: [network/storage.yaml, ./compute-a.yaml, b.yaml, null]\n",
        }
    )
    assert sorted(rendered(files)) == ["b.yaml", "controller-a.yaml", "network/internal_api.yaml"]


def test_hidden_files_are_no_templates() -> None:
    assert rendered(plan(**{".hidden__a.j2.yaml": "x", ".a.j2.yaml": "x"})) == {}


def test_one_final_line_feed_is_stripped_and_line_ends_become_line_feeds() -> None:
    files = plan()
    files["a.j2.yaml"] = b"a: 1\r\nb: 2\r\n\r\n"
    assert rendered(files)["a.yaml"] == "a: 1\nb: 2\n"


def test_includes_are_looked_for_beside_the_output_and_then_at_the_root() -> None:
    files = plan(
        **{
            "deep__a.j2.yaml": "{% include 'near.j2' %}|{% include './far.j2' %}|{% include 'deep/near.j2' %}",
            "deep__near.j2": "near",
            "near.j2": "wrong",
            "far.j2": "far {{ roles[0].name }}",
        }
    )
    assert rendered(files)["deep/a.yaml"] == "near|far Controller|near"


def test_a_template_that_changes_its_data_changes_it_for_no_other() -> None:
    files = plan(
        **{
            "a.j2.yaml": "{% set _ = roles[0].update(name='Bad') %}{% set _ = networks.pop() %}{{ roles[0].name }}",
            "b.j2.yaml": "{{ roles[0].name }} {{ networks | length }}",
        }
    )
    assert rendered(files) == {"a.yaml": "Bad", "b.yaml": "Controller 3"}


def test_tags_by_name_are_added_only_where_the_release_of_the_plan_does_so() -> None:
    files = plan(**{"a.j2.yaml": "{{ roles[1].tags }}"})
    assert rendered(files)["a.yaml"] == ""
    files["tools/process-templates.py"] = b"def _set_tags_based_on_role_name(role_data): ..."
    assert rendered(files)["a.yaml"] == "['compute']"


def test_rendering_waits_until_a_file_is_read() -> None:
    tree = ReadingTree(plan(**{"a.j2.yaml": "a", "b.j2.yaml": "{{ broken"}))
    made = render(tree)
    assert "a.j2.yaml" not in tree.read_paths
    assert made.read("a.yaml") == b"a"
    assert "b.j2.yaml" not in tree.read_paths


def test_what_is_cached_is_not_rendered_again() -> None:
    files = plan(**{"a.j2.yaml": "{% include 'x.j2' %}", "x.j2": "x", "b.role.j2.yaml": "{{role.name}}"})
    cache = CountingCache()
    first = render(MemoryTree(files), cache=cache)
    contents = {file.path: first.read(file.path) for file in first.rendered}
    puts = cache.puts
    tree = ReadingTree(files)
    second = render(tree, cache=cache)
    assert {file.path: second.read(file.path) for file in second.rendered} == contents
    assert cache.puts == puts
    assert set(tree.read_paths) <= {"roles_data.yaml", "network_data.yaml"}


@pytest.mark.parametrize(
    ("path", "content", "redone"),
    [
        ("a.j2.yaml", "changed {% include 'x.j2' %}", {"a.yaml"}),
        ("x.j2", "changed", {"a.yaml"}),
        ("sub/x.j2", "now nearer", {"sub/c.yaml"}),
        (
            "roles_data.yaml",
            "- {name: Controller, CountDefault: 7}\n- {name: Compute}\n",
            {"a.yaml", "controller-b.yaml", "sub/c.yaml"},
        ),
        ("network_data.yaml", "- {name: Storage}\n", {"a.yaml", "controller-b.yaml", "compute-b.yaml", "sub/c.yaml"}),
        ("unrelated.yaml", "x: 1", set()),
    ],
)
def test_only_what_depends_on_a_changed_input_is_redone(path: str, content: str, redone: set[str]) -> None:
    files = plan(
        **{
            "a.j2.yaml": "{{ roles }}{% include 'x.j2' %}",
            "x.j2": "x",
            "b.role.j2.yaml": "{{role.name}} {{role.CountDefault}}",
            "sub__c.j2.yaml": "{% include 'x.j2' %}",
            "network__network.network.j2.yaml": "{{ network.name }}",
        }
    )
    if path == "x.j2":
        redone = {*redone, "sub/c.yaml"}
    if path == "network_data.yaml":
        redone = {*redone, "network/storage.yaml"}
    cache = CountingCache()
    for file in (first := render(MemoryTree(files), cache=cache)).rendered:
        first.read(file.path)
    changed = render(MemoryTree({**files, path: content.encode()}), cache=cache)
    done = set()
    for file in changed.rendered:
        before = cache.puts
        changed.read(file.path)
        if cache.puts > before:
            done.add(file.path)
    assert done == redone
    fresh = render(MemoryTree({**files, path: content.encode()}))
    assert {f.path: changed.read(f.path) for f in changed.rendered} == {
        f.path: fresh.read(f.path) for f in fresh.rendered
    }


def test_a_cache_that_forgets_costs_only_time() -> None:
    class Forgetful(CountingCache):
        def get(self, key: str) -> bytes | None:
            return super().get(key) if len(key) % 2 and self.puts % 2 else None

    files = plan(**{"a.j2.yaml": "{{ roles | length }}"})
    assert render(MemoryTree(files), cache=Forgetful()).read("a.yaml") == b"2"


def test_roles_that_cannot_be_read_are_refused_at_once() -> None:
    with pytest.raises(InvalidDocument, match=r"roles_data\.yaml:1"):
        render(MemoryTree({"roles_data.yaml": b"- CountDefault: 1\n"}))
