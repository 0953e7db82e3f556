"""yaql's parser belongs to one thread at a time: servers resolve several plans at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.heat.functions.yaql_expression import parse_expression

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def eager_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_expressions_that_threads_parse_at_once_are_all_understood() -> None:
    expressions = [f"$.data.a{number}.where($.b = {number}).select([$.c, $.d + {number}])" for number in range(600)]
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(parse_expression, expressions))) == len(expressions)
