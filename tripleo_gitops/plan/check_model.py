"""Checks of what a plan says about itself: environment, settings, capabilities, roles, networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.documents.yaml import InvalidDocument, duplicate_keys, locate, parse_template, parse_yaml
from tripleo_gitops.plan.capabilities import CAPABILITIES_FILE, CapabilitiesMap, read_capabilities_map
from tripleo_gitops.plan.check_codes import code_of, finding
from tripleo_gitops.plan.findings import Severity
from tripleo_gitops.plan.names import InvalidPlanName, parse_plan_name
from tripleo_gitops.plan.networks import networks_file, read_networks
from tripleo_gitops.plan.plan_environment import (
    PLAN_ENVIRONMENT_FILE,
    EnvironmentFile,
    InlineEnvironment,
    PlanEnvironment,
    read_plan_environment,
)
from tripleo_gitops.plan.post_deploy import HttpStep, PlaybookStep
from tripleo_gitops.plan.roles import ROLES_FILE, read_roles
from tripleo_gitops.plan.selection import Rule, check_selection
from tripleo_gitops.plan.settings import SETTINGS_FILE, PlanSettings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.findings import Finding

ENVIRONMENT_SECTIONS = frozenset(
    {
        "parameters",
        "resource_registry",
        "parameter_defaults",
        "encrypted_param_names",
        "event_sinks",
        "parameter_merge_strategies",
    }
)
TEMPLATE_VERSIONS = ("heat_template_version", "HeatTemplateFormatVersion", "AWSTemplateFormatVersion")


def check_settings(tree: PlanTree) -> tuple[PlanSettings, tuple[Finding, ...]]:
    """Return a plan's settings, the defaults where they cannot be read, with what is wrong about them."""
    try:
        settings = read_settings(tree)
    except InvalidDocument as exc:
        return PlanSettings(), (finding("settings-invalid", exc.source, exc.line, exc.problem),)
    return settings, (*_check_codes(settings), *_check_named_files(tree, settings))


def _check_codes(settings: PlanSettings) -> Iterator[Finding]:
    for code in settings.checks.ignore:
        entry = code_of(code)
        if entry is None or entry.is_essential:
            problem = "is no code of a check" if entry is None else "cannot be ignored"
            yield finding("settings-unknown-code", SETTINGS_FILE, None, f"[checks] ignore: {code!r} {problem}")
    for code, severity in settings.checks.severity:
        entry = code_of(code)
        if entry is None or (entry.is_essential and severity is not Severity.ERROR):
            problem = "is no code of a check" if entry is None else "is always an error"
            yield finding("settings-unknown-code", SETTINGS_FILE, None, f"[checks.severity] {code!r} {problem}")


def _check_named_files(tree: PlanTree, settings: PlanSettings) -> Iterator[Finding]:
    """Yield what settings of playbooks name and the plan does not have: a deployment would find out too late."""
    ansible = settings.ansible
    named = [("[ansible]", path) for path in (ansible.inventory, ansible.known_hosts, ansible.config)]
    for step in settings.post_deploy.steps:
        where = f"[[post_deploy.steps]] {step.name}"
        match step:
            case PlaybookStep():
                named.append((where, step.playbook))
            case HttpStep():
                named.append((where, step.ca_file))
    for where, path in named:
        if path is not None and path not in tree.paths():
            yield finding("settings-file-missing", SETTINGS_FILE, None, f"{where}: {path} is not in the plan")


def check_plan_environment(tree: PlanTree) -> tuple[PlanEnvironment | None, tuple[Finding, ...]]:
    """Return the plan environment, None where it cannot be read, with what is wrong about it."""
    if PLAN_ENVIRONMENT_FILE not in tree.paths():
        message = "this file makes a tree a plan, and it is not there"
        return None, (finding("plan-environment-missing", PLAN_ENVIRONMENT_FILE, None, message),)
    content = tree.read(PLAN_ENVIRONMENT_FILE)
    try:
        environment = read_plan_environment(tree)
    except InvalidDocument as exc:
        return None, (finding("plan-environment-invalid", exc.source, exc.line, exc.problem),)
    return environment, (*_check_environment_keys(environment, content), *_duplicates(tree, PLAN_ENVIRONMENT_FILE))


def _check_environment_keys(environment: PlanEnvironment, content: bytes) -> Iterator[Finding]:
    for key in environment.unknown_keys:
        line = locate(content, (key,))
        yield finding("plan-environment-unknown-key", PLAN_ENVIRONMENT_FILE, line, f"{key!r} is not known")
    try:
        parse_plan_name(environment.name or "overcloud")
    except InvalidPlanName as exc:
        yield finding("plan-name-invalid", PLAN_ENVIRONMENT_FILE, locate(content, ("name",)), str(exc))


def check_selected(rendered: PlanTree, environment: PlanEnvironment) -> Iterator[Finding]:
    """Yield what is wrong with the main template and the selected environments, files and inline ones."""
    content = rendered.read(PLAN_ENVIRONMENT_FILE)
    yield from _check_template(rendered, environment.template, content)
    seen: set[str] = set()
    for index, entry in enumerate(environment.environments):
        line = locate(content, ("environments", index))
        if isinstance(entry, InlineEnvironment):
            yield from _check_sections(entry.data, PLAN_ENVIRONMENT_FILE, line)
            continue
        if entry.path in seen:
            yield finding("environment-twice", PLAN_ENVIRONMENT_FILE, line, f"{entry.path} stands above already")
            continue
        seen.add(entry.path)
        yield from _check_environment_file(rendered, entry, line)


def _check_template(rendered: PlanTree, path: str, content: bytes) -> Iterator[Finding]:
    if path not in rendered.paths():
        line = locate(content, ("template",))
        message = f"{path} is not in the plan, nor made by a Jinja2 template"
        yield finding("template-missing", PLAN_ENVIRONMENT_FILE, line, message)
        return
    try:
        template = parse_template(rendered.read(path), source=path)
    except InvalidDocument as exc:
        yield finding("template-invalid", exc.source, exc.line, exc.problem)
        return
    if not isinstance(template, dict) or not any(key in template for key in TEMPLATE_VERSIONS):
        yield finding("template-invalid", path, 1, "no heat_template_version: this is no Heat template")


def _check_environment_file(rendered: PlanTree, entry: EnvironmentFile, line: int | None) -> Iterator[Finding]:
    if entry.path not in rendered.paths():
        message = f"{entry.path} is selected, and neither in the plan nor made by a Jinja2 template"
        yield finding("environment-missing", PLAN_ENVIRONMENT_FILE, line, message)
        return
    content = rendered.read(entry.path)
    try:
        document = parse_yaml(content, source=entry.path)
    except InvalidDocument as exc:
        yield finding("environment-invalid", exc.source, exc.line, exc.problem)
        return
    if document is not None and not isinstance(document, dict):
        yield finding("environment-invalid", entry.path, 1, "a mapping of sections is needed")
        return
    sections: dict[str, Any] = document or {}
    for section in sections:
        yield from _check_section(sections, section, entry.path, locate(content, (section,)))
    yield from _duplicates(rendered, entry.path)


def _check_sections(document: Mapping[str, Any], path: str, line: int | None) -> Iterator[Finding]:
    for section in document:
        yield from _check_section(document, section, path, line)


def _check_section(document: Mapping[str, Any], section: str, path: str, line: int | None) -> Iterator[Finding]:
    """Yield what Heat refuses about one section (heat.common.environment_format)."""
    if section not in ENVIRONMENT_SECTIONS:
        known = ", ".join(sorted(ENVIRONMENT_SECTIONS))
        yield finding("environment-invalid", path, line, f"{section!r} is no section of an environment ({known})")
    elif document[section] is None:
        yield finding("environment-invalid", path, line, f"the section {section!r} is empty; write {{}} or remove it")


def check_capabilities(rendered: PlanTree, environment: PlanEnvironment | None) -> Iterator[Finding]:
    """Yield what is wrong with the capabilities map, and which of its rules the selection breaks."""
    try:
        capabilities_map = read_capabilities_map(rendered)
    except InvalidDocument as exc:
        yield finding("capabilities-invalid", exc.source, exc.line, exc.problem)
        return
    paths = rendered.paths()
    for file in dict.fromkeys(entry.file for entry in capabilities_map.environments()):
        if file not in paths:
            yield finding("capabilities-file-missing", CAPABILITIES_FILE, None, f"{file} is not in the plan")
    if environment is not None:
        yield from _check_rules(capabilities_map, environment, rendered.read(PLAN_ENVIRONMENT_FILE))


def _check_rules(capabilities_map: CapabilitiesMap, environment: PlanEnvironment, content: bytes) -> Iterator[Finding]:
    places = {
        entry.path: index for index, entry in enumerate(environment.environments) if isinstance(entry, EnvironmentFile)
    }
    for breach in check_selection(capabilities_map, environment.selected_paths):
        code = "capabilities-requires" if breach.rule is Rule.REQUIRES else "capabilities-exclusive"
        line = locate(content, ("environments", places[breach.file]))
        yield finding(code, PLAN_ENVIRONMENT_FILE, line, str(breach))


def check_roles_and_networks(tree: PlanTree) -> Iterator[Finding]:
    """Yield what is wrong with the roles and networks, each by itself and together."""
    networks = roles = None
    try:
        networks = read_networks(tree)
    except InvalidDocument as exc:
        yield finding("networks-invalid", exc.source, exc.line, exc.problem)
    try:
        roles = read_roles(tree)
    except InvalidDocument as exc:
        yield finding("roles-invalid", exc.source, exc.line, exc.problem)
    for path in (ROLES_FILE, networks_file(tree)):
        if path is not None and path in tree.paths() and (roles and networks):
            yield from _duplicates(tree, path)
    if roles and not any(role.is_primary for role in roles):
        yield finding("roles-no-primary", ROLES_FILE, 1, "none of the roles is tagged `primary`")
    if roles and networks:
        known = {network.name for network in networks}
        content = tree.read(ROLES_FILE)
        for index, role in enumerate(roles):
            for name in role.networks:
                if name not in known:
                    line = locate(content, (index, "networks"))
                    yield finding("role-network-unknown", ROLES_FILE, line, f"{role.name}: no network {name!r}")


def _duplicates(tree: PlanTree, path: str) -> Iterator[Finding]:
    for key, line in duplicate_keys(tree.read(path), source=path):
        yield finding("duplicate-key", path, line, f"{key!r} occurs a second time")
