"""Names of plans are names that every service takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.plan.names import InvalidPlanName, parse_plan_name

HEAT = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,254}\Z")


@pytest.mark.parametrize("name", ["overcloud", "a", "Site-1", "a" * 244, "x--"])
def test_a_name_that_every_service_takes_is_taken(name: str) -> None:
    assert parse_plan_name(name) == name


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("", "TripleO"),
        ("plan\n", "TripleO"),
        ("\nplan", "TripleO"),
        ("my_plan", "TripleO"),
        ("my plan", "TripleO"),
        ("plän", "TripleO"),
        ("a/b", "TripleO"),
        ("..", "TripleO"),
        ("٣", "TripleO"),
        ("1site", "Heat"),
        ("-site", "Heat"),
        ("a" * 256, "Heat"),
        ("a" * 245, "Swift"),
    ],
)
def test_a_name_that_a_service_refuses_is_refused_and_says_which(name: str, service: str) -> None:
    with pytest.raises(InvalidPlanName) as refused:
        parse_plan_name(name)
    assert refused.value.service == service
    assert service in str(refused.value)
    assert len(str(refused.value)) < 250


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_taken_is_taken_by_heat_and_swift_too(text: str) -> None:
    try:
        name = parse_plan_name(text)
    except InvalidPlanName:
        return
    assert HEAT.match(name)
    assert len(f"{name}-swift-rings".encode()) <= 256
    assert "/" not in name
