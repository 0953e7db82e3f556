"""Templates parsed ahead: the same diff with and without, whatever becomes of the process."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree, blob_id_of
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.documents import told_of
from tripleo_gitops.operations.resolution import Reader, resolve_plan
from tripleo_gitops.sandbox import parsing
from tripleo_gitops.sandbox.forking import fork_server
from tripleo_gitops.sandbox.parsing import ParsingAhead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree

TEMPLATE = b"heat_template_version: rocky\nparameters: {A: {type: string}}\n# %d\n"


@pytest.fixture
def ahead() -> Iterator[ParsingAhead]:
    with ParsingAhead(many_bytes=0) as found:
        yield found


@pytest.fixture
def plans(example: Path) -> tuple[PlanTree, PlanTree]:
    """Return the example plan, and one in which each template's descriptions and some defaults are others."""
    files = {
        path.relative_to(example).as_posix(): path.read_bytes() for path in sorted(example.rglob("*")) if path.is_file()
    }
    changed = {
        path: content.replace(b"default: ''", b"default: 'x'") + b"\n# changed\n" if path.endswith(".yaml") else content
        for path, content in files.items()
    }
    return MemoryTree(files), MemoryTree(changed)


def outcome(plans: tuple[PlanTree, PlanTree], ahead: ParsingAhead | None) -> str:
    reader = Reader(ahead=ahead)
    old, new = (resolve_plan(tree, reader=reader).side for tree in plans)
    return json.dumps(diff_parameters(old, new).to_document(), default=str, sort_keys=True)


def wait_for_the_first(ahead: ParsingAhead) -> None:
    end = time.monotonic() + 60
    while not ahead.parsed and time.monotonic() < end:
        time.sleep(0.01)
    assert ahead.parsed


def processes() -> set[int]:
    """Return the processes that parse for this one."""
    server = fork_server().pid
    found = {int(one) for one in Path(f"/proc/{server}/task/{server}/children").read_text().split()}
    return {pid for pid in found if "parser" in Path(f"/proc/{pid}/comm").read_text()}


def test_a_diff_is_the_same_with_and_without(plans: tuple[PlanTree, PlanTree], ahead: ParsingAhead) -> None:
    assert outcome(plans, ahead) == outcome(plans, None)


def test_the_process_tells_what_is_told_here(ahead: ParsingAhead) -> None:
    contents = [TEMPLATE % number for number in range(40)] + [b"heat_template_version: rocky\n1: {2: 3}\n"]
    for content in contents:
        ahead.offer(blob_id_of(content), content)
    wait_for_the_first(ahead)
    told = [ahead.take(blob_id_of(content)) for content in contents]
    assert any(told)
    for content, found in zip(contents, told, strict=True):
        assert found in (None, told_of(content, source=""))


def test_what_is_refused_is_left_to_who_asked(ahead: ParsingAhead) -> None:
    broken = b"heat_template_version: [\n"
    ahead.offer(blob_id_of(broken), broken)
    wait_for_the_first(ahead)
    assert ahead.take(blob_id_of(broken)) is None


def test_a_process_that_ends_is_done_without(plans: tuple[PlanTree, PlanTree]) -> None:
    wanted = outcome(plans, None)
    with ParsingAhead(many_bytes=0) as ahead:
        ahead.offer(blob_id_of(TEMPLATE), TEMPLATE)
        wait_for_the_first(ahead)
        for pid in processes():
            os.kill(pid, signal.SIGKILL)
        assert outcome(plans, ahead) == wanted


def test_no_process_is_started_for_little(plans: tuple[PlanTree, PlanTree]) -> None:
    with ParsingAhead(many_bytes=100 * parsing.MEBIBYTE) as ahead:
        outcome(plans, ahead)
        assert processes() == set()
        assert ahead.parsed == 0


def test_nothing_is_left_running() -> None:
    before = processes()
    with ParsingAhead(many_bytes=0) as ahead:
        ahead.offer(blob_id_of(TEMPLATE), TEMPLATE)
        wait_for_the_first(ahead)
        assert len(processes() - before) == 1
    end = time.monotonic() + 10
    while processes() - before and time.monotonic() < end:
        time.sleep(0.01)
    assert not processes() - before
