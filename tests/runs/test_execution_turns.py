"""One execution of Mistral's has a plan at a time; who has it is read again where several ask at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.runs.database import open_database
from tripleo_gitops.runs.execution_turns import ExecutionTurns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[ExecutionTurns]:
    opened = open_database(f"sqlite:///{tmp_path / 'runs.sqlite'}", clock=time, say=lambda _text: None)
    yield ExecutionTurns(opened)
    opened.close()


def runs_on(_execution: str) -> bool:
    return False


def test_a_plan_is_its_first_executions_until_that_is_over(turns: ExecutionTurns) -> None:
    assert turns.take("mycloud", "first", is_over=runs_on) is None
    assert turns.take("mycloud", "second", is_over=runs_on) == "first"
    assert turns.take("mycloud", "first", is_over=runs_on) is None
    assert turns.take("other", "second", is_over=runs_on) is None
    assert turns.take("mycloud", "second", is_over=lambda execution: execution == "first") is None
    assert turns.take("mycloud", "first", is_over=runs_on) == "second"


def test_of_many_that_ask_at_once_one_has_the_plan(turns: ExecutionTurns) -> None:
    turns.take("mycloud", "over", is_over=runs_on)
    asking = [f"run-{number}" for number in range(12)]
    with ThreadPoolExecutor(max_workers=6) as pool:
        told = list(pool.map(lambda one: turns.take("mycloud", one, is_over=lambda has: has == "over"), asking))
    [winner] = [one for one, holder in zip(asking, told, strict=True) if holder is None]
    assert {holder for holder in told if holder is not None} == {winner}
