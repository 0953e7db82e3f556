"""Templates run in a process of their own: what it can see, what it may take, and when it ends."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.checking import check_plan
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.rendering import render as render_here
from tripleo_gitops.plan.template_engine import TemplateError
from tripleo_gitops.repository.cache import DiskCache
from tripleo_gitops.sandbox.forking import fork_server
from tripleo_gitops.sandbox.process import ConfinedProcess, Lost
from tripleo_gitops.sandbox.rendering import DEFAULT_LIMITS, MEBIBYTE, RenderLimits, TemplateLimit, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.documents.tree import PlanTree

TIGHT = RenderLimits(seconds=1.0, plan_seconds=30.0, memory=128 * MEBIBYTE)
SLACK = 6.0
"""Seconds that a busy machine may need around a limit: to start the process, and to end it."""

ENDLESS = {
    "doubling and cutting": "{% set ns = namespace(t='x') %}{% for i in range(99999) %}"
    "{% set ns.t = ns.t ~ ns.t %}{% set ns.t = ns.t[:4999999] %}{% endfor %}",
    "loops in loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "sorting": "{% for a in range(99999) %}{% set _ = range(99999) | sort | list %}{% endfor %}",
    "a macro that calls itself twice": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}"
    "{{ f(60) }}",
    "big numbers": "{% for a in range(9999) %}{% set _ = (9 ** 4000) ** 4000 %}{% endfor %}",
}
MEMORY = {
    "doubling": "{% set ns = namespace(t='x') %}{% for i in range(60) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    "a list": "{% set l = [] %}{% for i in range(99999) %}{% set _ = l.append('x' * 99999 ~ i) %}{% endfor %}",
    "lists": "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
    "joining": "{{ (['x' * 9999999] * 99999) | join }}",
    "replacing": "{{ ('x' * 9999999).replace('x', 'x' * 9999999) }}",
}


def plan(template: str, **files: str) -> MemoryTree:
    contents = {"roles_data.yaml": "- name: Controller\n- name: Compute\n", "a.j2.yaml": template, **files}
    return MemoryTree({path: content.encode() for path, content in contents.items()})


def example_with(example: Path, **files: str) -> MemoryTree:
    contents = {str(path.relative_to(example)): path.read_bytes() for path in example.rglob("*") if path.is_file()}
    return MemoryTree({**contents, **{path: content.encode() for path, content in files.items()}})


@pytest.mark.parametrize("template", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_template_that_runs_for_ever_is_stopped_with_its_name_and_the_limit(template: str) -> None:
    began = time.monotonic()
    with pytest.raises(TemplateLimit) as refused:
        render(plan(template), limits=TIGHT).read("a.yaml")
    assert time.monotonic() - began < TIGHT.seconds + SLACK
    assert str(refused.value) == "a.j2.yaml: takes longer than the limit of 1 s (rendering a.yaml)"


@pytest.mark.parametrize("template", MEMORY.values(), ids=MEMORY.keys())
def test_a_template_that_fills_the_memory_is_stopped_with_its_name_and_the_limit(template: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = RenderLimits(seconds=20.0, memory=128 * MEBIBYTE)
    with pytest.raises(TemplateLimit) as refused:
        render(plan(template), limits=limits).read("a.yaml")
    assert "limit of 128 MiB of memory" in str(refused.value)
    assert (refused.value.source, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000) == (
        "a.j2.yaml",
        True,
    )


def test_a_template_that_ran_into_a_limit_is_not_tried_for_the_next_role() -> None:
    tree = render(plan("", **{"x.role.j2.yaml": ENDLESS["loops in loops"]}), limits=TIGHT)
    began = time.monotonic()
    for file in tree.rendered:
        if file.template == "x.role.j2.yaml":
            with pytest.raises(TemplateLimit):
                tree.read(file.path)
    assert time.monotonic() - began < TIGHT.seconds + SLACK


def test_others_are_rendered_after_one_that_ran_into_a_limit() -> None:
    tree = render(plan(ENDLESS["sorting"], **{"b.j2.yaml": "{{ roles | length }}"}), limits=TIGHT)
    with pytest.raises(TemplateLimit):
        tree.read("a.yaml")
    assert tree.read("b.yaml") == b"2"


def test_many_slow_templates_end_with_the_limit_of_the_plan() -> None:
    limits = RenderLimits(seconds=1.0, plan_seconds=2.5)
    tree = render(plan("", **{f"{n}.j2.yaml": ENDLESS["loops in loops"] for n in range(50)}), limits=limits)
    began = time.monotonic()
    problems = []
    for n in range(50):
        with pytest.raises(TemplateLimit) as refused:
            tree.read(f"{n}.yaml")
        problems.append(refused.value.problem)
    assert time.monotonic() - began < limits.plan_seconds + SLACK
    assert "all templates together take over 2.5 s" in problems[-1]


def test_the_output_of_all_templates_together_is_bounded() -> None:
    limits = RenderLimits(plan_output=2_000_000)
    files = {f"{n}.j2.yaml": "{% for x in range(600) %}{{ 'x' * 1000 }}{% endfor %}" for n in range(9)}
    tree = render(plan("", **files), limits=limits)
    for n in range(3):
        tree.read(f"{n}.yaml")
    with pytest.raises(TemplateLimit, match="over 2000000 bytes"):
        tree.read("3.yaml")


def test_renders_are_those_of_the_engine_in_this_process(example: Path) -> None:
    tree = example_with(example)
    here, confined = render_here(tree), render(tree)
    assert len(here.rendered) > 5
    assert {f.path: confined.read(f.path) for f in confined.rendered} == {
        f.path: here.read(f.path) for f in here.rendered
    }


@pytest.mark.parametrize(
    "text", ["a\n{{ nothing.at.all }}", "{% for %}", "{% include 'gone' %}", "{{ [].__class__.__base__.__bases__ }}"]
)
def test_failures_are_those_of_the_engine_in_this_process(text: str) -> None:
    with pytest.raises(TemplateError) as here:
        render_here(plan(text)).read("a.yaml")
    with pytest.raises(TemplateError) as confined:
        render(plan(text)).read("a.yaml")
    assert str(confined.value) == str(here.value)


@pytest.mark.parametrize(
    "text",
    [
        "{{ '\\ud800' }}",
        "{% for k in roles[0] %}{% set _ = roles[0].update({k ~ 'x': 1}) %}{% endfor %}",
        "{% for a in [1] %}" * 25 + "{% endfor %}" * 25,
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{{ " + "[" * 5000,
        "{{ 1" + "+1" * 20_000 + " }}",
        "{{ -" + "-" * 20_000 + "1 }}",
    ],
    ids=["half a surrogate pair", "growing what is looped over", "25 loops", "brackets", "lists", "sum", "signs"],
)
def test_what_python_cannot_do_is_an_error_of_the_template(text: str) -> None:
    with pytest.raises(TemplateError) as refused:
        render(plan(text), limits=TIGHT).read("a.yaml")
    assert refused.value.source == "a.j2.yaml"


def test_the_process_has_no_environment_and_no_file_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OS_PASSWORD", "canary-in-the-environment")
    before = forked()
    with (tmp_path / "canary-on-disk").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        process = ConfinedProcess.start(
            {"memory": 128 * MEBIBYTE, "output": 1000, "seconds": 5, "cpu_seconds": 5}, body_limit=1000
        )
        process.wait_until_ready()
        (pid,) = forked() - before
        of_process = Path(f"/proc/{pid}")
        assert (of_process / "environ").read_bytes() == b""
        assert b"canary" not in (of_process / "cmdline").read_bytes()
        files = {entry.name: str(entry.readlink()) for entry in (of_process / "fd").iterdir()}
        assert set(files) == {"0", "1", "2", "3"}
        assert not [name for name in files.values() if "canary" in name or "socket" in name]
        assert str((of_process / "cwd").readlink()) == "/"
        limits = (of_process / "limits").read_text()
        assert f"Max address space         {128 * MEBIBYTE}" in limits
        assert "Max file size             0  " in limits
        process.end()
    assert is_soon(lambda: not of_process.exists())


def test_a_process_may_be_started_ahead_where_no_cache_knows_the_renders(example: Path, tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    before = forked()
    tree = render(example_with(example), cache=cache)
    tree.expect()
    tree.expect()
    assert is_soon(lambda: len(forked() - before) == 1)
    for file in tree.rendered:
        tree.read(file.path)
    known = render(example_with(example), cache=cache)
    known.expect()
    fork_server().exit_code(0)  # it has heard of everything before
    assert len(forked() - before) == 1


def test_a_template_that_is_expected_is_handed_over_once_and_rendered_the_same(example: Path) -> None:
    files, read = example_with(example), list[str]()

    class Watched(MemoryTree):
        def read(self, path: str) -> bytes:
            read.append(path)
            return files.read(path)

    tree = render(Watched(dict.fromkeys(files.paths(), b"")))
    tree.expect(["overcloud.yaml", "roles_data.yaml", "gone.yaml"])
    tree.expect(["overcloud.yaml"])
    assert read.count("overcloud.j2.yaml") == 1
    assert tree.read("overcloud.yaml") == render_here(files).read("overcloud.yaml")
    assert read.count("overcloud.j2.yaml") == 1


def test_a_template_that_takes_too_long_to_compile_ahead_is_not_put_down_to_another() -> None:
    limits = RenderLimits(seconds=1.0, plan_seconds=30.0)
    tree = render(plan("fine", **{"b.j2.yaml": "{{ a }}" * 300_000}), limits=limits)
    tree.expect(["b.yaml"])
    time.sleep(limits.seconds / 2)  # it is at it
    assert tree.read("a.yaml") == b"fine"
    with pytest.raises(TemplateLimit, match=r"b\.j2\.yaml"):
        tree.read("b.yaml")


def test_a_template_that_cannot_be_compiled_ahead_says_why_when_it_is_rendered() -> None:
    tree = render(plan("fine", **{"b.j2.yaml": "\n{% if %}", "c.j2.yaml": "{{ 1 }}"}))
    tree.expect(["b.yaml", "c.yaml"])
    assert tree.read("c.yaml") == b"1"
    with pytest.raises(TemplateError, match=r"b\.j2\.yaml:2"):
        tree.read("b.yaml")


def test_what_is_made_of_a_tree_is_compiled_for_the_one_that_it_leads(example: Path) -> None:
    newer, older = render(example_with(example)), render(example_with(example))
    newer.lead(older)
    before = forked()
    newer.read("overcloud.yaml")
    assert is_soon(lambda: len(forked() - before) == 2)


def test_no_process_is_started_before_something_is_rendered(example: Path) -> None:
    before = forked()
    tree = render(example_with(example))
    tree.read("plan-environment.yaml")
    assert not forked() - before
    tree.read("overcloud.yaml")
    tree.read(tree.rendered[-1].path)
    assert len(forked() - before) == 1
    del tree
    assert is_soon(lambda: not forked() - before)


def forked(parent: int | None = None) -> set[int]:
    """Return the ids of a process's children, this one's fork server's by default; others' may end at any time."""
    found = parent or fork_server().pid
    return {int(pid) for pid in Path(f"/proc/{found}/task/{found}/children").read_text().split()}


def is_soon(true: Callable[[], bool], *, seconds: float = 30.0) -> bool:
    """Wait for something to be so, and return whether it is."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def test_what_is_cached_needs_no_process(example: Path) -> None:
    class Kept(dict[str, bytes]):
        def put(self, key: str, content: bytes) -> None:
            self[key] = content

    cache = Kept()
    first = render(example_with(example), cache=cache).read("overcloud.yaml")
    before = forked()
    again = render(example_with(example), cache=cache)
    assert again.read("overcloud.yaml") == first
    assert not forked() - before


def test_the_process_ends_with_its_parent_even_in_the_middle_of_a_template() -> None:
    code = (
        "from tests.sandbox.test_rendering import *\n"
        "render(plan(ENDLESS['loops in loops']), limits=RenderLimits(seconds=60)).read('a.yaml')"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    try:
        assert is_soon(lambda: bool(forked(parent.pid)))
        (server,) = forked(parent.pid)
        assert is_soon(lambda: bool(forked(server)))
        (pid,) = forked(server)
        worker = Path(f"/proc/{pid}")
        assert is_soon(lambda: (worker / "limits").read_text().count("unlimited") <= 20)
        time.sleep(1.0)
    finally:
        parent.kill()
        parent.wait()
    assert is_soon(lambda: not is_running(worker) and not is_running(Path(f"/proc/{server}")), seconds=5)


def is_running(process: Path) -> bool:
    """Return whether a process runs: one that nobody has waited for yet does not."""
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_fork_server_is_started_again_when_it_was_killed(example: Path) -> None:
    before = forked()
    tree = render(example_with(example))
    text = tree.read("overcloud.yaml")
    (left,) = forked() - before
    killed = fork_server().pid
    os.kill(killed, signal.SIGKILL)
    assert is_soon(lambda: fork_server().pid != killed)
    assert render(example_with(example)).read("overcloud.yaml") == text
    assert tree.read(tree.rendered[-1].path)
    del tree
    assert is_soon(lambda: not is_running(Path(f"/proc/{left}")))


def test_a_process_that_was_forked_from_ours_starts_a_fork_server_of_its_own() -> None:
    code = (
        "from tests.sandbox.test_rendering import *\n"
        "before = render(plan('{{ 1 }}'))\n"
        "assert before.read('a.yaml') == b'1'\n"
        "if pid := os.fork(): assert os.waitpid(pid, 0)[1] == 0\n"
        "del before\n"
        "assert render(plan('{{ 2 }}')).read('a.yaml') == b'2'\n"
        "print(fork_server().pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert len(set(done.stdout.split())) == 2
    assert done.stderr == ""


def test_an_answer_that_is_larger_than_any_render_is_not_read() -> None:
    process = ConfinedProcess.start(
        {"memory": 128 * MEBIBYTE, "output": 10_000, "seconds": 5, "cpu_seconds": 5}, body_limit=100
    )
    process.wait_until_ready()
    process.send({"template": "a", "output": "b"}, b"{0", deadline=time.monotonic() + 5)
    assert process.receive(deadline=time.monotonic() + 5)[0] == {"read": "a"}
    process.send({"found": True}, b"x" * 9000, deadline=time.monotonic() + 5)
    with pytest.raises(Lost, match="over"):
        process.receive(deadline=time.monotonic() + 5)


@pytest.mark.parametrize(
    "use",
    [
        lambda hostile, _: check_plan(hostile, what="the work tree"),
        lambda hostile, _: resolve_plan(hostile),
        lambda hostile, calm: diff_plans(calm, hostile, old_label="old", new_label="new"),
    ],
    ids=["check", "resolve", "diff"],
)
def test_every_way_in_to_a_plan_is_bounded(example: Path, use: Callable[[PlanTree, PlanTree], object]) -> None:
    hostile = example_with(example, **{"overcloud.j2.yaml": ENDLESS["loops in loops"]})
    began = time.monotonic()
    with pytest.raises(GitopsError) as refused:
        use(hostile, example_with(example))
    assert time.monotonic() - began < DEFAULT_LIMITS.seconds + 2 * SLACK
    named = [str(refused.value), *(f"{one.path}: {one.message}" for one in getattr(refused.value, "findings", ()))]
    assert any(text.startswith("overcloud.j2.yaml: takes longer than the limit of 5 s") for text in named)
