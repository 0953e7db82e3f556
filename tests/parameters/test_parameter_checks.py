"""Each code about parameters is found where it should be, with its place, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parameters.plans import PLAN, tree_of, with_values
from tripleo_gitops.operations.checking import check_tree
from tripleo_gitops.plan.checks import CODES
from tripleo_gitops.repository.cache import DiskCache

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = "plan-environment.yaml"


def findings(files: dict[str, str | None]) -> list[tuple[str, str, int | None]]:
    return [(found.code, found.path, found.line) for found in check_tree(tree_of(files))]


def test_a_good_plan_has_no_findings() -> None:
    assert findings({}) == []


def changed(path: str, old: str, new: str) -> dict[str, str | None]:
    assert old in PLAN[path]
    return {path: PLAN[path].replace(old, new)}


CASES: list[tuple[dict[str, str | None], tuple[str, str, int | None]]] = [
    (changed("environments/base.yaml", "../compute", "../gone"), ("file-missing", "environments/base.yaml", None)),
    ({"service.yaml": None}, ("file-missing", "overcloud.yaml", None)),
    (changed("overcloud.yaml", "type: service.yaml", "type: OS::No::Such"), ("heat-refuses", "overcloud.yaml", 22)),
    (changed("environments/base.yaml", "../compute", "../../compute"), ("outside-plan", "environments/base.yaml", 2)),
    (changed("overcloud.yaml", "type: service.yaml", "type: https://example.org/service.yaml"),
     ("outside-plan", "overcloud.yaml", 22)),
    (changed("overcloud.yaml", "type: service.yaml", "type: file:///etc/service.yaml"),
     ("outside-plan", "overcloud.yaml", 22)),
    (with_values("  Settings: {b: 1}\n  Servers: {a: 1}\n"), ("heat-refuses", ENVIRONMENT, 10)),
    (with_values("  Size: 9\n"), ("parameter-invalid", ENVIRONMENT, 9)),
    (with_values("  OldSize: many\n"), ("parameter-invalid", ENVIRONMENT, 9)),
    (with_values("  Flag: perhaps\n"), ("parameter-invalid", ENVIRONMENT, 9)),
    (with_values("  Settings: '{'\n"), ("parameter-invalid", ENVIRONMENT, 9)),
    (changed("service.yaml", "Plain: {type: number, default: 1}", "Plain: {type: number, default: x}"),
     ("parameter-invalid", "service.yaml", 5)),
    (with_values("  Name: [a]\n"), ("parameter-type", ENVIRONMENT, 9)),
    (changed("overcloud.yaml", "Name: {type: string, default: x}", "Name: {type: string}"),
     ("parameter-missing", "overcloud.yaml", 8)),
    (changed("service.yaml", "Plain: {type: number, default: 1}", "Plain: {type: number}"),
     ("parameter-missing-nested", "service.yaml", 5)),
    (with_values("  Sise: 1\n"), ("parameter-unknown", ENVIRONMENT, 9)),
    (with_values("  Elsewhere: 1\n"), ("parameter-unused", ENVIRONMENT, 9)),
    (with_values("  OldSize: 2\n"), ("parameter-deprecated", ENVIRONMENT, 9)),
    (with_values("  ComputeParameters:\n    Tuned: 1\n    Plain: 1\n"), ("role-parameter-misplaced", ENVIRONMENT, 11)),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), CASES, ids=[f"{case[1][0]}-{n}" for n, case in enumerate(CASES)])
def test_what_is_wrong_is_found_with_its_place(
    files: dict[str, str | None], expected: tuple[str, str, int | None]
) -> None:
    assert expected in findings(files)


def test_every_code_about_parameters_has_a_case() -> None:
    ours = ("parameter-", "role-parameter-", "heat-refuses", "file-missing", "outside-plan")
    assert {case[1][0] for case in CASES} == {one.code for one in CODES if one.code.startswith(ours)}


def test_a_value_that_fits_is_not_found_wrong_however_it_is_written() -> None:
    values = "  OldSize: '2'\n  Flag: 'yes'\n  Settings: '{\"a\": 2}'\n  Servers: d,e\n"
    assert [code for code, _, _ in findings(with_values(values))] == ["parameter-deprecated"]


def test_a_hidden_value_is_not_in_a_finding() -> None:
    rule = "default: long-enough, constraints: [{length: {min: 9}}]}"
    limited = PLAN["overcloud.yaml"].replace("default: hush}", rule)
    found = check_tree(tree_of({"overcloud.yaml": limited, **with_values("  Password: hush\n")}))
    assert [one.code for one in found] == ["parameter-invalid", "secret-in-clear"]
    assert "hush" not in "".join(map(str, found))


def test_a_parameter_of_many_stacks_is_told_once() -> None:
    twice = PLAN["overcloud.yaml"].replace(
        "  ComputeServiceChain:", "  Again: {type: service.yaml}\n  ComputeServiceChain:"
    )
    missing = PLAN["service.yaml"].replace("Plain: {type: number, default: 1}", "Plain: {type: number}")
    found = findings({"overcloud.yaml": twice, "service.yaml": missing})
    assert found == [("parameter-missing-nested", "service.yaml", 5)]


def test_what_the_plan_ignores_is_not_told_and_what_it_raises_is_an_error() -> None:
    wrong = with_values("  Sise: 1\n")
    assert findings({**wrong, "tripleo-plan.toml": "[checks]\nignore = ['parameter-unknown']\n"}) == []
    raised = {**wrong, "tripleo-plan.toml": "[checks.severity]\nparameter-unknown = 'error'\n"}
    assert [found.severity.value for found in check_tree(tree_of(raised))] == ["error"]


def test_a_broken_file_does_not_hide_what_is_wrong_with_parameters() -> None:
    codes = [code for code, _, _ in findings({**with_values("  Flag: perhaps\n"), "x.json": "{"})]
    assert sorted(codes) == ["json-invalid", "parameter-invalid"]


def test_a_cache_changes_no_finding(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache.sqlite")
    for files in ({}, with_values("  Size: 9\n"), {"x.yaml": "a: ["}, {"x.yaml": "a: ["}):
        assert check_tree(tree_of(files), cache=cache) == check_tree(tree_of(files))
