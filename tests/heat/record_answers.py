"""Asks a real Heat for every case and keeps what it says: `OS_CLOUD=… python -m tests.heat.record_answers`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import openstack

from tests.heat.answers import PROJECT, bundle_of, heat_answer
from tests.heat.cases import Case, all_cases
from tripleo_gitops.errors import GitopsError


def answer_of(connection: Any, case: Case) -> Any:
    """Return Heat's answer with our stand-in for the project; None where it, or the way to it, refuses."""
    try:
        found = heat_answer(connection, bundle_of(case))
    except GitopsError:
        return None
    return json.loads(json.dumps(found).replace(connection.current_project_id, PROJECT))


def main() -> None:
    connection = openstack.connect()
    cases = all_cases()
    answers = {case.name: answer_of(connection, case) for case in cases}
    lines = [f"{json.dumps(name)}: {json.dumps(answer, sort_keys=True)}" for name, answer in answers.items()]
    Path(__file__).with_name("recorded_answers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    wrong = [case.name for case in cases if (answers[case.name] is None) != case.refused]
    sys.stdout.write(f"{len(answers)} answers; not as expected: {wrong or 'none'}\n")


if __name__ == "__main__":
    main()
