"""The table of every check: its code, how bad it is unless a plan says otherwise, and the way out.

Codes are an interface: plans name them in `tripleo-plan.toml`. The reference in docs/ is generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tripleo_gitops.plan.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class CheckCode:
    """One kind of finding; an essential one cannot be ignored or made less than an error."""

    code: str
    severity: Severity
    title: str
    hint: str
    is_essential: bool = False


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

CODES: tuple[CheckCode, ...] = (
    CheckCode(
        "plan-environment-missing",
        _ERROR,
        "The tree has no plan-environment.yaml",
        "`tripleo-plan init` makes a plan; or run this at the root of one",
        is_essential=True,
    ),
    CheckCode(
        "plan-environment-invalid",
        _ERROR,
        "plan-environment.yaml is not one of version 1.0",
        "correct the line; the user's guide shows every key",
        is_essential=True,
    ),
    CheckCode(
        "plan-environment-unknown-key",
        _WARNING,
        "plan-environment.yaml has a key that nothing reads",
        "remove it, or correct its spelling",
    ),
    CheckCode(
        "plan-name-invalid",
        _ERROR,
        "The plan's name is one that a service refuses",
        "choose a name of letters, digits and '-' that begins with a letter",
    ),
    CheckCode(
        "settings-invalid",
        _ERROR,
        "tripleo-plan.toml cannot be read as settings",
        "correct the line; a key that is left out has its default",
        is_essential=True,
    ),
    CheckCode(
        "settings-unknown-code",
        _WARNING,
        "[checks] names a code that no check has, or one that cannot be ignored",
        "remove it; the reference lists every code",
    ),
    CheckCode(
        "template-missing", _ERROR, "The plan's main template is not in the plan", "add the file, or name another"
    ),
    CheckCode(
        "template-invalid",
        _ERROR,
        "The plan's main template cannot be read as a Heat template",
        "correct the line",
    ),
    CheckCode(
        "environment-missing",
        _ERROR,
        "A selected environment file is not in the plan",
        "add the file, or take it out of `environments`",
    ),
    CheckCode(
        "environment-invalid", _ERROR, "A selected environment cannot be read as one by Heat", "correct the line"
    ),
    CheckCode(
        "environment-twice",
        _WARNING,
        "An environment file is selected twice",
        "keep the entry whose place in the order is meant",
    ),
    CheckCode("capabilities-invalid", _ERROR, "capabilities-map.yaml cannot be read as such a map", "correct the line"),
    CheckCode(
        "capabilities-file-missing",
        _WARNING,
        "The capabilities map offers an environment that is not in the plan",
        "add the file, or take it out of the map",
    ),
    CheckCode(
        "capabilities-requires",
        _ERROR,
        "A selected environment requires another that is not selected",
        "`tripleo-plan capabilities enable` the one that is required, or disable this one",
    ),
    CheckCode(
        "capabilities-exclusive",
        _ERROR,
        "Selected environments exclude each other",
        "keep one of them: `tripleo-plan capabilities disable` the others",
    ),
    CheckCode("roles-invalid", _ERROR, "roles_data.yaml cannot be read as roles", "correct the line"),
    CheckCode(
        "roles-no-primary",
        _WARNING,
        "No role is tagged `primary`",
        "tag the role whose first node bootstraps the others",
    ),
    CheckCode(
        "role-network-unknown",
        _WARNING,
        "A role has a network that the plan does not have",
        "define the network, or take it out of the role",
    ),
    CheckCode("networks-invalid", _ERROR, "The networks' file cannot be read as networks", "correct the line"),
    CheckCode("excludes-invalid", _ERROR, "j2_excludes.yaml cannot be read as a list of names", "correct the line"),
    CheckCode("template-error", _ERROR, "A Jinja2 template cannot be rendered", "correct the template at that line"),
    CheckCode(
        "render-invalid",
        _ERROR,
        "What a Jinja2 template makes of the roles and networks is not YAML",
        "look at the output with `tripleo-plan render`, and correct the template",
    ),
    CheckCode(
        "render-committed",
        _WARNING,
        "A file is committed that rendering makes, too, and replaces",
        "remove it from the repository, or name it in j2_excludes.yaml",
    ),
    CheckCode(
        "secret-in-clear",
        _ERROR,
        "A password or hidden parameter is in clear where it is selected",
        "`tripleo-plan secrets seal` moves it into secrets.yaml; a secret that was pushed is known: rotate it, too",
    ),
    CheckCode(
        "secret-not-sealed",
        _ERROR,
        "A value in secrets.yaml is in clear",
        "take it out by hand, and put it in with `tripleo-plan secrets set`",
        is_essential=True,
    ),
    CheckCode(
        "secrets-invalid",
        _ERROR,
        "secrets.yaml is not one that SOPS sealed with age keys",
        "`tripleo-plan secrets init` makes one; `git checkout REVISION -- secrets.yaml` brings back an older one",
    ),
    CheckCode(
        "file-missing",
        _ERROR,
        "A template or environment leads to a file that is not in the plan",
        "add the file, or correct the name",
    ),
    CheckCode(
        "outside-plan",
        _ERROR,
        "A URL, an absolute path or `..` leads out of the plan; nothing is fetched, since no commit says what is there",
        "copy the file into the plan, and name it by its path from the file that names it",
    ),
    CheckCode(
        "heat-refuses",
        _ERROR,
        "Heat would refuse what the plan adds up to",
        "correct the line; `tripleo-plan parameters tree` asks again",
    ),
    CheckCode(
        "parameter-invalid",
        _ERROR,
        "A parameter's value does not fit its type or its constraints",
        "`tripleo-plan parameters show NAME` shows type, constraints and who set the value",
    ),
    CheckCode(
        "parameter-type",
        _WARNING,
        "A parameter that is text has a mapping or a list for a value",
        "quote the value, if it is meant to be text",
    ),
    CheckCode(
        "parameter-missing",
        _ERROR,
        "A parameter of the main template has no default, and nothing gives it a value",
        "`tripleo-plan parameters set NAME=VALUE`",
    ),
    CheckCode(
        "parameter-missing-nested",
        _WARNING,
        "A parameter of a nested stack has no default, and nothing gives it a value: Heat fails on that stack",
        "`tripleo-plan parameters set NAME=VALUE`, or `passwords generate` for passwords",
    ),
    CheckCode(
        "yaql-function-unknown",
        _WARNING,
        "A yaql expression calls a function that yaql 3 does not have: Heat fails on it in the middle of a deploy",
        "write it without that function (`format` is gone: `str($)` and `+`, or Heat's `str_replace`)",
    ),
    CheckCode(
        "parameter-unknown",
        _WARNING,
        "A parameter is set that no template of the plan declares",
        "correct its spelling, or remove it",
    ),
    CheckCode(
        "parameter-unused",
        _INFO,
        "A parameter is set that only templates declare which are not selected",
        "select what uses it, or remove it",
    ),
    CheckCode(
        "parameter-deprecated",
        _WARNING,
        "A deprecated parameter is set",
        "its description names the one to use instead",
    ),
    CheckCode(
        "role-parameter-misplaced",
        _WARNING,
        "A role is given a parameter that is not specific to roles, or not to any service of this role",
        "set it in parameter_defaults for all roles, or for the role whose services read it",
    ),
    CheckCode("yaml-invalid", _ERROR, "A YAML file cannot be parsed", "correct the line"),
    CheckCode("json-invalid", _ERROR, "A JSON file cannot be parsed", "correct the line"),
    CheckCode(
        "duplicate-key",
        _WARNING,
        "A key occurs twice in one mapping; the last one counts",
        "remove the one that is not meant",
    ),
    CheckCode("nodes-invalid", _ERROR, "A file of nodes cannot be parsed", "correct the line"),
    CheckCode(
        "node-invalid",
        _ERROR,
        "A machine cannot be registered as it is written, or two share what no two may",
        "correct the field",
    ),
    CheckCode(
        "machine-file-invalid",
        _ERROR,
        "The deployment file, the introspection rules or the rules for profiles cannot be taken as they are written",
        "correct the line; `tripleo-plan provision --dry-run` shows what a deployment file asks for",
    ),
    CheckCode(
        "deployment-unknown",
        _WARNING,
        "The deployment file names a role or a node that the plan does not have",
        "mend the name, or add the role to roles_data.yaml, the node to a file of `baremetal/`",
    ),
    CheckCode(
        "node-secret-in-clear",
        _ERROR,
        "A password of a management controller is in clear",
        "`tripleo-plan node seal` seals it; what was committed in clear stays in the history, so change it, too",
    ),
    CheckCode(
        "settings-file-missing",
        _ERROR,
        "The settings name a playbook, or what playbooks need, that the plan does not have",
        "add the file, or name another in tripleo-plan.toml",
    ),
    CheckCode("validation-invalid", _ERROR, "A validation is not an Ansible playbook", "make it a list of plays"),
    CheckCode(
        "validation-metadata-missing",
        _WARNING,
        "A validation has no metadata",
        "give its first play `vars: metadata: {name, description, groups}`",
    ),
    CheckCode(
        "path-case-twins",
        _ERROR,
        "Two paths are one on a system that folds case",
        "rename one of them",
        is_essential=True,
    ),
    CheckCode("path-not-utf8", _ERROR, "The name of a file is not UTF-8", "rename the file", is_essential=True),
)

_BY_CODE = {entry.code: entry for entry in CODES}


def code_of(code: str) -> CheckCode | None:
    """Return the entry of a code, or None for a code that no check has."""
    return _BY_CODE.get(code)


def finding(code: str, path: str, line: int | None, message: str) -> Finding:
    """Return a finding with the severity and the hint that its code has in the table."""
    entry = _BY_CODE[code]
    return Finding(code, entry.severity, path, line, message, entry.hint)
