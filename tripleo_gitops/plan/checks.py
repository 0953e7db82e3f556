"""Check a plan tree: everything that can be known to be wrong without asking Heat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import blob_id_of
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.check_codes import CODES, CheckCode, code_of, finding
from tripleo_gitops.plan.check_files import check_contents, check_paths, check_syntax
from tripleo_gitops.plan.check_model import (
    check_capabilities,
    check_plan_environment,
    check_roles_and_networks,
    check_selected,
    check_settings,
)
from tripleo_gitops.plan.check_secrets import check_clear_secrets, check_secrets_file
from tripleo_gitops.plan.findings import Finding, Severity
from tripleo_gitops.plan.rendering import RenderedTree, render
from tripleo_gitops.plan.template_engine import TemplateError
from tripleo_gitops.plan.template_outputs import EXCLUDES_FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.plan_environment import PlanEnvironment
    from tripleo_gitops.plan.rendering import RenderCache, Renderer
    from tripleo_gitops.plan.settings import CheckSettings

__all__ = ["CODES", "CheckCode", "Finding", "Severity", "check", "rate_findings"]

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(
    tree: PlanTree,
    *,
    changed: Collection[str] | None = None,
    cache: RenderCache | None = None,
    renderer: Renderer = render,
) -> tuple[Finding, ...]:
    """Return every finding about a plan tree, errors first, as the plan's own settings rate them.

    `changed` names the files to parse, when the others were parsed at an earlier check; what the plan names
    is always read. `cache` keeps renders between checks; `renderer` makes them.
    """
    settings, of_settings = check_settings(tree)
    environment, of_environment = check_plan_environment(tree)
    files = tree.paths() if changed is None else [path for path in changed if path in tree.paths()]
    findings = [
        *of_settings,
        *of_environment,
        *check_paths(tree.paths()),
        *check_contents(tree, files),
        *check_roles_and_networks(tree),
        *check_secrets_file(tree),
        *_check_rendered(tree, environment, cache, renderer),
    ]
    return rate_findings(findings, settings.checks)


def _check_rendered(
    tree: PlanTree, environment: PlanEnvironment | None, cache: RenderCache | None, renderer: Renderer
) -> Iterator[Finding]:
    """Yield what is wrong with the renders, and with what is selected among sources and renders."""
    rendered: PlanTree = tree
    broken: list[Finding] = []
    try:
        rendered = renderer(tree, cache=cache)
        broken = list(_check_renders(tree, rendered, cache))
    except InvalidDocument as exc:
        if exc.source == EXCLUDES_FILE:
            yield finding("excludes-invalid", exc.source, exc.line, exc.problem)
        rendered = tree
    yield from broken
    if environment is not None and not any(found.severity is Severity.ERROR for found in broken):
        yield from check_selected(rendered, environment)
        yield from check_clear_secrets(rendered, environment, cache=cache)
    yield from check_capabilities(rendered, environment)


def _check_renders(tree: PlanTree, rendered: RenderedTree, cache: RenderCache | None) -> Iterator[Finding]:
    failed: set[str] = set()
    for file in rendered.rendered:
        if file.path in tree.paths():
            message = f"{file.template} makes this file too"
            yield finding("render-committed", file.path, None, message)
        try:
            content = rendered.read(file.path)
        except TemplateError as exc:
            if file.template not in failed:
                yield finding("template-error", exc.source, exc.line, exc.problem)
            failed.add(file.template)
            continue
        key = f"rendered1-{blob_id_of(content)}"
        if cache is not None and cache.get(key) is not None:
            continue
        wrong = tuple(check_syntax(content, file.path, code="render-invalid"))
        for found in wrong:
            yield replace(found, message=f"{found.message} (made by {file.template})")
        if cache is not None and not wrong:
            cache.put(key, b"")


def rate_findings(findings: Iterable[Finding], settings: CheckSettings) -> tuple[Finding, ...]:
    """Return the findings without those that the plan ignores, with its own severities, in a stable order."""
    severities = dict(settings.severity)
    rated: dict[Finding, None] = {}
    for found in findings:
        entry = code_of(found.code)
        is_essential = entry is not None and entry.is_essential
        if found.code in settings.ignore and not is_essential:
            continue
        severity = found.severity if is_essential else severities.get(found.code, found.severity)
        rated[replace(found, severity=severity)] = None
    return tuple(sorted(rated, key=lambda found: (_ORDER[found.severity], found.path, found.line or 0, found.code)))
