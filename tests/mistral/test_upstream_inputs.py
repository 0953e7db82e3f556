"""Clients that know TripleO's own workflows and actions may give ours the same inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tripleo_gitops.mistral_actions.row import NEEDED
from tripleo_gitops.mistral_actions.table import ROWS
from tripleo_gitops.runs.workbooks import workbooks

UPSTREAM: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "upstream_inputs.yaml").read_text(encoding="utf-8")
)


def _served() -> dict[str, dict[str, Any]]:
    documents = (yaml.safe_load(workbook.text) for workbook in workbooks())
    return {f"{one['name']}.{name}": body for one in documents for name, body in one["workflows"].items()}


SERVED, OFFERED = _served(), {row.name: row.inputs for row in ROWS}


@pytest.mark.parametrize("name", sorted(UPSTREAM["workflows"].keys() & SERVED.keys()))
def test_a_workflow_takes_every_input_that_upstreams_takes(name: str) -> None:
    taken = {next(iter(one)) if isinstance(one, dict) else one for one in SERVED[name].get("input", [])}
    assert set(UPSTREAM["workflows"][name]) <= taken


@pytest.mark.parametrize("name", sorted(UPSTREAM["actions"].keys() & OFFERED.keys()))
def test_an_action_takes_every_input_that_upstreams_takes(name: str) -> None:
    assert set(UPSTREAM["actions"][name]) <= OFFERED[name].keys()


@pytest.mark.parametrize("name", sorted(UPSTREAM["actions"].keys() & OFFERED.keys()))
def test_an_action_needs_no_input_that_upstreams_has_not(name: str) -> None:
    needed = {one for one, default in OFFERED[name].items() if default is NEEDED}
    assert needed <= set(UPSTREAM["actions"][name])
