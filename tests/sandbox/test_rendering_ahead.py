"""Renders made ahead: the same bytes with and without, whatever fails and whoever reads first."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree, blob_id_of
from tripleo_gitops.heat.documents import Documents
from tripleo_gitops.operations.diff import diff_plans
from tripleo_gitops.plan.template_engine import TemplateError
from tripleo_gitops.repository.directory import DirectoryTree
from tripleo_gitops.sandbox.rendering import render
from tripleo_gitops.sandbox.rendering_ahead import RenderingAhead

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.documents.tree import BlobId
    from tripleo_gitops.plan.rendering import RenderedTree

SECONDS = 60


class Offers:
    """Takes note of what is offered to be parsed, and parses nothing."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.came = threading.Event()

    def offer(self, blob: BlobId, content: bytes) -> None:
        assert blob == blob_id_of(content)
        self.contents.append(content)
        self.came.set()

    def take(self, blob: BlobId) -> None:
        assert blob


def tree_of(files: dict[str, bytes]) -> RenderedTree:
    roles = b"- {name: Controller}\n- {name: Compute}\n"
    return render(MemoryTree({"roles_data.yaml": roles, "network_data.yaml": b"[]\n", **files}))


@pytest.fixture
def plan() -> RenderedTree:
    names = ("a", "b", "c", "d")
    return tree_of({f"{name}.j2.yaml": b"{% for role in roles %}{{role.name}} {% endfor %}\n" for name in names})


def test_every_render_is_the_same_whether_it_was_expected_or_not(plan: RenderedTree) -> None:
    wanted = {file.path: plan.read(file.path) for file in plan.rendered}
    again = tree_of({path: plan.read(path) for path in plan.paths() if path.endswith(".j2.yaml")})
    made = threading.Semaphore(0)
    with RenderingAhead() as rendering:
        ahead = rendering.of(again, Documents())
        for path in list(wanted)[::2]:
            ahead.read_ahead(path, made.release)
        assert {path: ahead.read(path) for path in wanted} == wanted
        assert {path: ahead.blob_id(path) for path in wanted} == {path: plan.blob_id(path) for path in wanted}


def test_who_expects_is_told_when_it_is_made(plan: RenderedTree) -> None:
    made = threading.Event()
    with RenderingAhead() as rendering:
        rendering.of(plan, Documents()).read_ahead("a.yaml", made.set)
        assert made.wait(SECONDS)


def test_a_file_that_is_no_render_is_there_at_once(plan: RenderedTree) -> None:
    made = threading.Event()
    with RenderingAhead() as rendering:
        rendering.of(plan, Documents()).read_ahead("roles_data.yaml", made.set)
        assert made.is_set()


def test_a_template_that_fails_is_left_to_who_reads_it() -> None:
    plan = tree_of({"bad.j2.yaml": b"{% endfor %}", "good.j2.yaml": b"x: 1\n"})
    failed, made = threading.Event(), threading.Event()
    with RenderingAhead() as rendering:
        ahead = rendering.of(plan, Documents())
        ahead.read_ahead("bad.yaml", failed.set)
        ahead.read_ahead("good.yaml", made.set)
        assert made.wait(SECONDS)
        assert not failed.is_set()
        with pytest.raises(TemplateError):
            ahead.read("bad.yaml")


def test_what_is_read_of_one_tree_is_rendered_and_offered_of_the_other() -> None:
    template = b"heat_template_version: rocky\n# {{roles|length}}\n"
    new, old = tree_of({"a.j2.yaml": template}), tree_of({"a.j2.yaml": template + b"# older\n"})
    offers = Offers()
    with RenderingAhead() as rendering:
        documents = Documents(ahead=offers)
        ahead = [rendering.of(tree, documents) for tree in (new, old)]
        ahead[0].read("a.yaml")
        assert offers.came.wait(SECONDS)
    assert offers.contents == [old.read("a.yaml")]


def test_nothing_is_rendered_when_it_is_over(plan: RenderedTree) -> None:
    made = threading.Event()
    with RenderingAhead() as rendering:
        ahead = rendering.of(plan, Documents())
    ahead.read_ahead("a.yaml", made.set)
    assert not made.is_set()
    assert ahead.read("a.yaml") == b"Controller Compute "
    assert not [thread for thread in threading.enumerate() if thread.name == "rendering ahead"]


def test_a_diff_says_the_same_on_one_core_as_on_all(example: Path) -> None:
    old = DirectoryTree(example)
    files = {path: old.read(path) for path in old.paths()}
    files["roles_data.yaml"] = files["roles_data.yaml"].replace(b"- name: Compute\n", b"- name: Calculate\n")
    new = MemoryTree(files)
    cores = os.sched_getaffinity(0)
    everywhere = diff_plans(old, new, old_label="old", new_label="new").to_document()
    try:
        os.sched_setaffinity(0, {min(cores)})
        alone = diff_plans(old, new, old_label="old", new_label="new").to_document()
    finally:
        os.sched_setaffinity(0, cores)
    assert everywhere["heat"]
    assert everywhere == alone
