"""The parameter tree of released tripleo-heat-templates is what a real Heat answers, for several selections each."""

from __future__ import annotations

import pytest

from tests.heat.releases import SELECTIONS, compare

pytestmark = pytest.mark.undercloud
CASES = [(version, selection) for version, selections in SELECTIONS.items() for selection in selections]


@pytest.fixture(scope="module")
def connection(undercloud):
    return undercloud.connect()


@pytest.mark.parametrize(("version", "selection"), CASES)
def test_nothing_differs_from_what_heat_answers(version, selection, connection, released):
    released(version)
    row = compare(connection, version, selection)
    assert row.differing == []
    assert row.ours == row.heat > 100
