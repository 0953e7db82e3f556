"""Each code of the table is found where it should be, with its place, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.plan.checks import CODES, Severity, check

if TYPE_CHECKING:
    from pathlib import Path

PLAN = {
    "plan-environment.yaml": """\
version: 1.0
name: x
template: overcloud.yaml
environments:
- path: environments/a.yaml
""",
    "overcloud.yaml": "heat_template_version: rocky\n",
    "environments/a.yaml": "parameter_defaults: {A: 1}\n",
    "environments/b.yaml": "parameter_defaults: {A: 2}\n",
    "capabilities-map.yaml": """\
topics:
- title: T
  environment_groups:
  - title: G
    mutually_exclusive: true
    environments:
    - {file: environments/a.yaml, title: A}
    - {file: environments/b.yaml, title: B, requires: [environments/c.yaml]}
""",
    "roles_data.yaml": "- {name: Controller, tags: [primary], networks: [Storage]}\n",
    "network_data.yaml": "- {name: Storage}\n",
}
ENVIRONMENT = PLAN["plan-environment.yaml"]
MAP = PLAN["capabilities-map.yaml"]


def findings(files: dict[str, str | bytes | None]) -> list[tuple[str, str, int | None]]:
    merged = {**PLAN, **files}
    tree = {path: text.encode() if isinstance(text, str) else text for path, text in merged.items() if text is not None}
    return [(found.code, found.path, found.line) for found in check(MemoryTree(tree))]


def test_a_good_plan_has_no_findings() -> None:
    assert findings({}) == []


def test_what_settings_name_and_groups_of_validations_are_fine_where_they_are() -> None:
    settings = "[ansible]\ninventory = 'hosts'\n[[post_deploy.steps]]\nplaybook = 'there.yaml'\n"
    files = {"hosts": "[web]\n", "there.yaml": "- hosts: all\n", "validations/groups.yaml": "prep:\n"}

    assert findings({"tripleo-plan.toml": settings, **files}) == []


CASES: list[tuple[dict[str, str | bytes | None], tuple[str, str, int | None]]] = [
    (
        {"tripleo-plan.toml": "[[post_deploy.steps]]\nplaybook = 'gone.yaml'\n"},
        ("settings-file-missing", "tripleo-plan.toml", None),
    ),
    ({"plan-environment.yaml": None}, ("plan-environment-missing", "plan-environment.yaml", None)),
    ({"plan-environment.yaml": "template: t\nname: [\n"}, ("plan-environment-invalid", "plan-environment.yaml", 3)),
    (
        {"plan-environment.yaml": ENVIRONMENT + "pasword: {}\n"},
        ("plan-environment-unknown-key", "plan-environment.yaml", 6),
    ),
    (
        {"plan-environment.yaml": ENVIRONMENT.replace("name: x", "name: my_plan")},
        ("plan-name-invalid", "plan-environment.yaml", 2),
    ),
    ({"tripleo-plan.toml": "[deploy]\non_pusch = true\n"}, ("settings-invalid", "tripleo-plan.toml", 2)),
    ({"tripleo-plan.toml": "[checks]\nignore = ['nope']\n"}, ("settings-unknown-code", "tripleo-plan.toml", None)),
    (
        {"tripleo-plan.toml": "[checks]\nignore = ['path-not-utf8']\n"},
        ("settings-unknown-code", "tripleo-plan.toml", None),
    ),
    (
        {"tripleo-plan.toml": "[checks.severity]\npath-not-utf8 = 'info'\n"},
        ("settings-unknown-code", "tripleo-plan.toml", None),
    ),
    ({"overcloud.yaml": None}, ("template-missing", "plan-environment.yaml", 3)),
    ({"overcloud.yaml": "resources: {}\n"}, ("template-invalid", "overcloud.yaml", 1)),
    (
        {"overcloud.yaml": "heat_template_version: rocky\na: !!set {b}\n"},
        ("template-invalid", "overcloud.yaml", 2),
    ),
    ({"environments/a.yaml": None}, ("environment-missing", "plan-environment.yaml", 5)),
    ({"environments/a.yaml": "- a\n"}, ("environment-invalid", "environments/a.yaml", 1)),
    (
        {"environments/a.yaml": "parameter_defaults: {}\nparameters_default: {}\n"},
        ("environment-invalid", "environments/a.yaml", 2),
    ),
    ({"environments/a.yaml": "\nparameter_defaults:\n"}, ("environment-invalid", "environments/a.yaml", 2)),
    (
        {"plan-environment.yaml": ENVIRONMENT + "- data: {x: 1}\n"},
        ("environment-invalid", "plan-environment.yaml", 6),
    ),
    (
        {"plan-environment.yaml": ENVIRONMENT + "- path: environments/a.yaml\n"},
        ("environment-twice", "plan-environment.yaml", 6),
    ),
    ({"capabilities-map.yaml": "topics:\n- {}\n"}, ("capabilities-invalid", "capabilities-map.yaml", 2)),
    ({"environments/b.yaml": None}, ("capabilities-file-missing", "capabilities-map.yaml", None)),
    (
        {"capabilities-map.yaml": MAP.replace("title: A}", "title: A, requires: [x.yaml]}")},
        ("capabilities-requires", "plan-environment.yaml", 5),
    ),
    (
        {
            "plan-environment.yaml": ENVIRONMENT + "- path: environments/b.yaml\n",
            "capabilities-map.yaml": MAP.replace(", requires: [environments/c.yaml]", ""),
        },
        ("capabilities-exclusive", "plan-environment.yaml", 5),
    ),
    ({"roles_data.yaml": "- CountDefault: 1\n"}, ("roles-invalid", "roles_data.yaml", 1)),
    ({"roles_data.yaml": "- {name: A}\n"}, ("roles-no-primary", "roles_data.yaml", 1)),
    (
        {"roles_data.yaml": "- name: A\n  tags: [primary]\n  networks: [Gone]\n"},
        ("role-network-unknown", "roles_data.yaml", 3),
    ),
    ({"network_data.yaml": "- {name: Storage}\n- {name: Storage}\n"}, ("networks-invalid", "network_data.yaml", 2)),
    ({"j2_excludes.yaml": "name: {}\n"}, ("excludes-invalid", "j2_excludes.yaml", 1)),
    ({"a.j2.yaml": "a: 1\n{{ broken\n"}, ("template-error", "a.j2.yaml", 2)),
    ({"a.j2.yaml": "{% for r in roles %}\na: [\n{% endfor %}"}, ("render-invalid", "a.yaml", 3)),
    ({"a.j2.yaml": "a: 1", "a.yaml": "a: 1"}, ("render-committed", "a.yaml", None)),
    ({"deep/down/x.yaml": "a: 1\nb: [\n"}, ("yaml-invalid", "deep/down/x.yaml", 3)),
    ({"x.yml": "[" * 5000}, ("yaml-invalid", "x.yml", 1)),
    ({"x.json": '{"a": 1,\n]'}, ("json-invalid", "x.json", 2)),
    ({"x.json": b'\n"\xff"'}, ("json-invalid", "x.json", 2)),
    ({"x.json": "[" * 100_000}, ("json-invalid", "x.json", None)),
    (
        {"environments/a.yaml": "parameter_defaults:\n  A: 1\n  A: 2\n"},
        ("duplicate-key", "environments/a.yaml", 3),
    ),
    ({"plan-environment.yaml": ENVIRONMENT + "name: y\n"}, ("duplicate-key", "plan-environment.yaml", 6)),
    ({"roles_data.yaml": "- name: A\n  tags: [primary]\n  name: B\n"}, ("duplicate-key", "roles_data.yaml", 3)),
    ({"baremetal/nodes.json": '{"nodes": [}'}, ("nodes-invalid", "baremetal/nodes.json", 1)),
    ({"baremetal/nodes.yaml": "nodes:\n- {\n"}, ("nodes-invalid", "baremetal/nodes.yaml", 3)),
    ({"baremetal/nodes.csv": "ipmi,192.0.2.1\n"}, ("nodes-invalid", "baremetal/nodes.csv", 1)),
    ({"baremetal/nodes.csv": b"\xff"}, ("nodes-invalid", "baremetal/nodes.csv", 1)),
    ({"validations/v.yaml": "a: 1\n"}, ("validation-invalid", "validations/v.yaml", 1)),
    ({"validations/v.yaml": "- hosts: all\n"}, ("validation-metadata-missing", "validations/v.yaml", 1)),
    ({"validations/v.yaml": "- hosts: all\n  vars: 3\n"}, ("validation-metadata-missing", "validations/v.yaml", 1)),
    ({"README": "", "readme": ""}, ("path-case-twins", "readme", None)),
    ({"stra\u00dfe": "", "STRASSE": ""}, ("path-case-twins", "stra\u00dfe", None)),
    ({"e\u0301": "", "\u00e9": ""}, ("path-case-twins", "\u00e9", None)),
    ({"bad\udcffname": ""}, ("path-not-utf8", "bad\\xffname", None)),
]


@pytest.mark.parametrize(("files", "expected"), CASES, ids=[f"{case[1][0]}-{n}" for n, case in enumerate(CASES)])
def test_what_is_wrong_is_found_with_its_place(
    files: dict[str, str | bytes | None], expected: tuple[str, str, int | None]
) -> None:
    assert expected in findings(files)


def test_every_code_of_the_table_has_a_case() -> None:
    elsewhere = (
        "secret",
        "parameter-",
        "role-parameter-",
        "heat-refuses",
        "outside-plan",
        "file-missing",
        "node-",
        "machine-file-",
        "deployment-",
        "yaql-",
    )
    assert {case[1][0] for case in CASES} == {one.code for one in CODES if not one.code.startswith(elsewhere)}


@pytest.mark.parametrize(
    "files",
    [
        {"playbooks/p.yaml": "- hosts: all\n  vars: {secret: !vault x}\n"},
        {"k8s.yaml": "a: 1\n---\nb: 2\n"},
        {"validations/roles/r/tasks/main.yaml": "- name: x\n"},
        {"validations/v.yaml": "- hosts: all\n  vars: {x: !unsafe y, metadata: {name: V}}\n"},
        {"validations/v.yaml": "- hosts: all\n  vars: {metadata: {name: V, description: d, groups: []}}\n"},
        {"baremetal/README.md": "[{"},
        {"baremetal/nodes.csv": "ipmi,192.0.2.1,admin,secret,aa:bb:cc:dd:ee:ff\n\n"},
        {"docs.txt": "{["},
        {"environments/a.yaml": ""},
        {"roles_data.yaml": None, "a.j2.yaml": "{{ broken"},
        {".github/workflows/x.yaml": "a: ["},
    ],
)
def test_what_is_right_is_not_found_wrong(files: dict[str, str | bytes | None]) -> None:
    assert findings(files) == []


def test_a_selected_environment_may_be_one_that_rendering_makes() -> None:
    files = {"environments/a.yaml": None, "environments/a.j2.yaml": "parameter_defaults: {N: {{ roles | length }}}"}
    assert findings(files) == []
    broken = {**files, "environments/a.j2.yaml": "parameter_default: {}"}
    assert ("environment-invalid", "environments/a.yaml", 1) in findings(broken)


def test_one_broken_template_is_told_once_however_many_roles_there_are() -> None:
    roles = "- {name: A, tags: [primary]}\n- {name: B}\n- {name: C}\n"
    found = findings({"roles_data.yaml": roles, "x.role.j2.yaml": "{{ 1 / 0 }}"})
    assert [entry for entry in found if entry[0] == "template-error"] == [("template-error", "x.role.j2.yaml", 1)]


def tree_with(**files: str) -> MemoryTree:
    return MemoryTree({path: text.encode() for path, text in {**PLAN, **files}.items()})


def test_a_plan_can_ignore_a_code_and_set_its_severity() -> None:
    roles = {"roles_data.yaml": "- {name: A}\n"}
    assert [f.severity for f in check(tree_with(**roles))] == [Severity.WARNING]
    ignoring = {"tripleo-plan.toml": "[checks]\nignore = ['roles-no-primary']\n"}
    assert check(tree_with(**roles, **ignoring)) == ()
    stricter = {"tripleo-plan.toml": "[checks.severity]\nroles-no-primary = 'error'\n"}
    assert [f.severity for f in check(tree_with(**roles, **stricter))] == [Severity.ERROR]


def test_what_is_essential_can_neither_be_ignored_nor_made_less() -> None:
    settings = "[checks]\nignore = ['path-case-twins']\nseverity = {path-case-twins = 'info'}\n"
    found = check(tree_with(**{"tripleo-plan.toml": settings, "README": "", "readme": ""}))
    assert ("path-case-twins", Severity.ERROR) in [(f.code, f.severity) for f in found]


def test_errors_come_first_and_each_finding_says_the_way_out() -> None:
    found = check(tree_with(**{"a.yaml": "a: [", "roles_data.yaml": "- {name: A}\n", "b.json": "{"}))
    assert [f.code for f in found] == ["yaml-invalid", "json-invalid", "roles-no-primary"]
    assert str(found[0]).startswith("a.yaml:1: error yaml-invalid: ")
    assert all(f.hint for f in found)


def test_only_changed_files_are_parsed_again_when_they_are_named() -> None:
    tree = tree_with(**{"a.yaml": "a: [", "b.yaml": "b: ["})
    assert [f.path for f in check(tree, changed=["b.yaml", "gone.yaml"])] == ["b.yaml"]


def test_codes_are_unique_and_spelled_alike() -> None:
    codes = [entry.code for entry in CODES]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and " " not in code for code in codes)


def test_the_example_plan_has_no_findings(example: Path) -> None:
    files = {str(p.relative_to(example)): p.read_bytes() for p in example.rglob("*") if p.is_file()}
    assert check(MemoryTree(files)) == ()
