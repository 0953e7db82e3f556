"""Whose playbooks a machine plays is its operator's to say: all plans', unless the settings say otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripleo_gitops.documents.toml import parse_toml
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.wiring.runs_settings import RunsSettings, parse_runs_settings


def plays(text: str) -> tuple[str, ...]:
    table = parse_toml(f"[runs]\n{text}\n".encode(), source=str(Path("server.toml"))).section_of("runs")
    return parse_runs_settings(table, defaults=RunsSettings(database="sqlite://")).plays


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("*",)),
        ('plays = "all"', ("*",)),
        ('plays = "none"', ()),
        ('plays = ["lab-*", "site1"]', ("lab-*", "site1")),
        ("plays = []", ()),
    ],
)
def test_plays_are_said_by_a_word_or_by_names_of_plans(text: str, expected: tuple[str, ...]) -> None:
    assert plays(text) == expected


@pytest.mark.parametrize("text", ['plays = "site1"', "plays = true", "plays = [1]", 'plays = [""]'])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="plays"):
        plays(text)
