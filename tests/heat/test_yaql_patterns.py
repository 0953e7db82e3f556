"""yaql's regular expressions: what the library makes of them, and never for ever."""

from __future__ import annotations

import time
import types
from typing import Any

import pytest
import yaql

from tripleo_gitops.heat.functions.call import TooMuch, Unresolvable
from tripleo_gitops.heat.functions.yaql_expression import evaluate
from tripleo_gitops.heat.functions.yaql_patterns import MAX_MATCHES
from tripleo_gitops.heat.limits import HeatLimits

DATA = {"a": "abcadcabc", "l": ["ab", "cd"], "n": None}
EXPRESSIONS = (
    "$.data.a.matches('a.c')",
    "$.data.a =~ 'x'",
    "$.data.a !~ 'x'",
    "$.data.a =~ regex('b')",
    "$.data.a !~ regex('b')",
    "regex('a.c').matches($.data.a)",
    "regex('A.C', ignoreCase => true).search($.data.a)",
    "regex('^b', multiLine => true).matches('a\nb')",
    "regex('a.b', dotAll => true).matches('a\nb')",
    "regex('a(.)c').search($.data.a, $)",
    "regex('nothing').search($.data.a)",
    "regex('a.').searchAll($.data.a)",
    "regex('b').split($.data.a)",
    "regex('b').split($.data.a, maxSplit => 1)",
    "$.data.a.split(regex('b'))",
    "$.data.a.split('b')",
    "$.data.a.replace('b', 'x')",
    "$.data.a.replace(regex('b(c)'), 'x')",
    "regex('b').replace($.data.a, 'y', count => 1)",
    "$.data.a.replaceBy(regex('b.'), $.value + 'q')",
    "regex('b.').replaceBy($.data.a, $.value + 'q')",
    "isRegex(regex('a'))",
    "isRegex('a')",
    "escapeRegex('a.')",
    "$.data.l.where($ =~ '^a')",
)
ENDLESS = "^(a|aa)+$"


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, types.GeneratorType) else value


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_answer_is_that_of_the_library(expression: str) -> None:
    theirs = yaql.YaqlFactory().create({})(expression).evaluate({"data": DATA}, yaql.create_context())
    assert plain(evaluate(expression, DATA, limits=HeatLimits())) == plain(theirs)


@pytest.mark.parametrize(
    "expression",
    [
        f"$.data.matches('{ENDLESS}')",
        f"regex('{ENDLESS}').searchAll($.data)",
        f"$.data.split(regex('{ENDLESS}'))",
    ],
)
def test_a_pattern_that_never_ends_is_ended(expression: str) -> None:
    began = time.process_time()
    with pytest.raises(TooMuch, match="takes over 1 s"):
        evaluate(expression, "a" * 200 + "b", limits=HeatLimits())
    assert time.process_time() - began < 4


def test_patterns_in_a_loop_are_counted() -> None:
    with pytest.raises(TooMuch, match=f"over {MAX_MATCHES} times"):
        evaluate(f"range({MAX_MATCHES + 1}).where(str($) =~ '1').len()", {}, limits=HeatLimits())


def test_what_is_no_pattern_cannot_be_computed() -> None:
    with pytest.raises(Unresolvable):
        evaluate("$.data.matches('(')", "a", limits=HeatLimits())
