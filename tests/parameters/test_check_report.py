"""Findings as other programs take them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tripleo_gitops.plan.check_codes import CODES
from tripleo_gitops.plan.check_report import FEW, github, gitlab, lines, sarif
from tripleo_gitops.plan.findings import Finding, Severity

if TYPE_CHECKING:
    from tests.parameters.conftest import Plan

FOUND = (
    Finding("parameter-invalid", Severity.ERROR, "a b/é.yaml", 3, "Size is 9: does not fit\n100%", "look, here"),
    Finding("parameter-unknown", Severity.WARNING, "x:y,z.yaml", None, "Sise is set", ""),
    Finding("parameter-unused", Severity.INFO, "c.yaml", 1, "unused", "hint"),
    Finding("parameter-unused", Severity.INFO, "c.yaml", 7, "unused", "hint"),
)


def test_sarif_names_rule_level_place_and_a_lasting_mark_of_each_finding() -> None:
    log = json.loads(json.dumps(sarif(FOUND, tool_version="1.2.3")))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    driver, results = log["runs"][0]["tool"]["driver"], log["runs"][0]["results"]
    assert (driver["name"], driver["semanticVersion"]) == ("tripleo-plan", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == [code.code for code in CODES]
    for result, found in zip(results, FOUND, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.code
    assert [result["level"] for result in results] == ["error", "warning", "note", "note"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b/%C3%A9.yaml"}, "region": {"startLine": 3}}
    assert "region" not in results[1]["locations"][0]["physicalLocation"]
    marks = [result["partialFingerprints"]["tripleoPlan/v1"] for result in results]
    assert len(set(marks)) == len(marks)
    moved = sarif((Finding("parameter-unused", Severity.INFO, "c.yaml", 99, "unused", "hint"),), tool_version="1")
    assert moved["runs"][0]["results"][0]["partialFingerprints"]["tripleoPlan/v1"] == marks[2]


def test_github_commands_stay_one_line_each_whatever_is_in_them() -> None:
    assert github(FOUND).splitlines()[:2] == [
        "::error file=a b/é.yaml,line=3,title=parameter-invalid::Size is 9: does not fit%0A100%25%0Alook, here",
        "::warning file=x%3Ay%2Cz.yaml,title=parameter-unknown::Sise is set",
    ]
    assert len(github(FOUND).splitlines()) == len(FOUND)


def test_gitlab_s_report_has_the_keys_that_it_needs() -> None:
    report = gitlab(FOUND)
    assert [one["severity"] for one in report] == ["major", "minor", "info", "info"]
    assert [one["location"]["lines"]["begin"] for one in report] == [3, 1, 1, 7]
    assert len({one["fingerprint"] for one in report}) == len(FOUND)
    assert all({"description", "check_name", "fingerprint", "severity", "location"} == one.keys() for one in report)


def test_check_prints_every_form_and_exits_by_what_is_found(plan: Plan) -> None:
    assert plan("check").out == "no findings\n"
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 9")
    assert plan("check", "-o", "sarif", code=2).data["runs"][0]["results"][0]["ruleId"] == "parameter-invalid"
    assert plan("check", "-o", "github", code=2).out.startswith("::error file=plan-environment.yaml,line=8,")
    assert plan("check", "-o", "gitlab", code=2).data[0]["check_name"] == "parameter-invalid"
    assert plan("check", "-o", "json", code=2).data[0]["line"] == 8
    plan("check", "HEAD")
    plan("check", "--plan", ".", code=2)


def test_commit_refuses_what_heat_would_refuse(plan: Plan) -> None:
    plan.edit("plan-environment.yaml", "Size: 3", "Size: 9")
    assert "plan-environment.yaml:8" in plan("commit", "--all", "-m", "Nine", code=2).err


def test_many_of_one_kind_are_short_for_people_and_errors_never_are() -> None:
    many = [Finding("parameter-missing-nested", Severity.WARNING, f"{n}.yaml", n, f"P{n} has no value", "hint", f"P{n}")
            for n in range(1, FEW + 7)]  # fmt: skip
    errors = [Finding("parameter-missing", Severity.ERROR, "x.yaml", n, "no value", "h") for n in range(1, FEW + 7)]
    told = [line.text for line in lines((*errors, *many))]
    assert sum("parameter-missing]" in line for line in told) == len(errors)
    assert [line for line in told if "P" in line or "hint" in line] == [
        "1.yaml:1: warning: P1 has no value [parameter-missing-nested]",
        "2.yaml:2: warning: P2 has no value [parameter-missing-nested]",
        "3.yaml:3: warning: P3 has no value [parameter-missing-nested]",
        "… and 8 more [parameter-missing-nested]: P4, P5, P6, P7, P8, P9, …; `check -o json` has each",
        "    hint",
    ]
    few = [line.text for line in lines(many[:FEW])]
    assert sum("P" in line for line in few) == FEW
    assert len(few) == 2 * FEW
