"""Our answers beside those of a real Heat."""

from __future__ import annotations

import pytest

from tests.heat.answers import bundle_of, differences, heat_answer, our_answer
from tests.heat.cases import all_cases
from tests.heat.random_templates import random_case
from tripleo_gitops.errors import GitopsError

pytestmark = pytest.mark.undercloud
ACCEPTED = [case for case in all_cases() if not case.refused]
REFUSED = [case for case in all_cases() if case.refused]


@pytest.fixture(scope="module")
def connection(undercloud):
    return undercloud.connect()


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_the_parameter_tree_is_what_heat_answers(case, connection):
    bundle = bundle_of(case)
    theirs = heat_answer(connection, bundle)
    assert theirs is not None
    ours = our_answer(bundle, project_id=connection.current_project_id)
    assert list(differences(theirs, ours)) == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_heat_refuses_is_refused(case, connection):
    try:
        bundle = bundle_of(case)
    except GitopsError:
        return  # refused before there is anything to send: what a client cannot read either
    assert heat_answer(connection, bundle) is None
    with pytest.raises(GitopsError):
        our_answer(bundle)


@pytest.mark.parametrize("seed", range(60))
def test_random_expressions_give_what_heat_gives_or_are_refused_by_both(seed, connection):
    bundle = bundle_of(random_case(seed))
    theirs = heat_answer(connection, bundle)
    if theirs is None:
        with pytest.raises(GitopsError):
            our_answer(bundle)
        return
    ours = our_answer(bundle, project_id=connection.current_project_id)
    assert list(differences(theirs, ours)) == []
