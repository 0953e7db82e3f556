"""Our answers beside recorded ones of a real Heat 27 (`python -m tests.heat.record_answers` records them anew)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.heat.answers import bundle_of, differences, our_answer
from tests.heat.cases import all_cases
from tripleo_gitops.errors import GitopsError, InvalidInput, NotFound

RECORDED = json.loads(Path(__file__).with_name("recorded_answers.json").read_text())
CASES = all_cases()


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=lambda case: case.name)
def test_the_parameter_tree_is_what_heat_answered(case):
    assert list(differences(RECORDED[case.name], our_answer(bundle_of(case)))) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_what_heat_refused_is_refused_with_the_place(case):
    assert RECORDED[case.name] is None
    with pytest.raises(GitopsError) as refusal:
        our_answer(bundle_of(case))
    assert isinstance(refusal.value, InvalidInput | NotFound)
    assert any(file in str(refusal.value) for file in (*case.files, "environment.yaml", "resource_registry"))


def test_cases_have_names_of_their_own():
    assert len({case.name for case in CASES}) == len(CASES)
