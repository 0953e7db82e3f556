"""Check plan trees, with every finding at once; refuse one that breaks a rule of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, Refused
from tripleo_gitops.operations.clean_files import CleanFiles
from tripleo_gitops.operations.nodes.files import check_node_files
from tripleo_gitops.operations.nodes.machine_file_checks import check_machine_files
from tripleo_gitops.operations.parameter_checks import check_parameters, resolve_for_checks
from tripleo_gitops.operations.resolution import Reader
from tripleo_gitops.operations.yaql_checks import check_yaql
from tripleo_gitops.plan.check_model import check_settings
from tripleo_gitops.plan.checks import Finding, Severity, check, rate_findings
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.plan.rendering import Renderer
    from tripleo_gitops.repository.objects import PlanRepository

UNREADABLE = ("nodes-invalid", "yaml-invalid", "json-invalid")
TOLD = 5
"""How many errors one line holds."""
REFUSALS = ("heat-refuses", "file-missing", "outside-plan")


class BrokenPlan(Refused):
    """A tree that breaks rules of a plan; holds every finding."""

    reason = "BrokenPlan"

    def __init__(self, findings: tuple[Finding, ...], *, what: str) -> None:
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        super().__init__(f"{what}: {errors} error{'s' if errors != 1 else ''} in the plan; mend what is named above")
        self.findings, self.what = findings, what

    @property
    def in_one_line(self) -> str:
        """What is wrong, with the first errors in it: for who is not shown the findings beside it."""
        errors = [str(finding) for finding in self.findings if finding.severity is Severity.ERROR]
        more = f"; and {len(errors) - TOLD} more" if len(errors) > TOLD else ""
        return f"{self.what}: {'; '.join(errors[:TOLD])}{more}"


def check_tree(tree: PlanTree, *, cache: Cache | None = None) -> tuple[Finding, ...]:
    """Return every finding about a tree: about its own files, and about what Heat would make of them.

    What Heat would refuse is only told where no file is broken: it would be the same thing again. `cache`
    remembers the files in which nothing was found, so that each is parsed once.
    """
    own = _check_files(tree, cache, render)
    settings, _ = check_settings(tree)
    is_broken = any(found.severity is Severity.ERROR for found in own)
    try:
        meant = tuple(_meant(tree, Reader(cache)))
    except GitopsError:
        if not is_broken:
            raise
        meant = ()
    told = (found for found in meant if not (is_broken and found.code in REFUSALS))
    return tuple(sorted((*own, *rate_findings(told, settings.checks)), key=_order))


def _meant(tree: PlanTree, reader: Reader) -> Iterable[Finding]:
    resolved = resolve_for_checks(tree, reader)
    if isinstance(resolved, Finding):
        return (resolved,)
    return (*check_parameters(resolved), *check_yaql(resolved, cache=reader.cache))


def check_plan(
    tree: PlanTree, *, what: str, renderer: Renderer = render, cache: Cache | None = None
) -> tuple[Finding, ...]:
    """Return the findings about a tree's own files that do not forbid it; raise BrokenPlan when one does.

    `what` says in the error which tree it was; `cache` remembers what was clean, as in `check_tree`.
    """
    return _refuse_broken(_check_files(tree, cache, renderer), what)


def check_whole_plan(tree: PlanTree, *, what: str, cache: Cache | None = None) -> tuple[Finding, ...]:
    """Return all findings about a tree that do not forbid it, also about what Heat would make of it.

    Raises BrokenPlan when one does.
    """
    return _refuse_broken(check_tree(tree, cache=cache), what)


def check_push(repository: PlanRepository, updates: str) -> None:
    """Check the new revision of the repository's own branch; raise BrokenPlan when it breaks a rule.

    `updates` are lines of old commit, new commit and ref, as git hands them to pre-receive. Other branches may hold
    what they like, and a branch that is deleted is git's to judge (receive.denyDeleteCurrent).
    """
    branch = repository.current_branch()
    for line in updates.splitlines():
        _, commit, ref = line.split(" ", 2)
        if ref == f"refs/heads/{branch}" and commit.strip("0"):
            revision = Revision(commit=CommitId(commit), branch=branch)
            tree = repository.tree(revision)
            check_whole_plan(tree, what=f"{revision.short} is refused", cache=repository.cache)


def _refuse_broken(findings: tuple[Finding, ...], what: str) -> tuple[Finding, ...]:
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise BrokenPlan(findings, what=what)
    return findings


def _check_files(tree: PlanTree, cache: Cache | None, renderer: Renderer) -> tuple[Finding, ...]:
    if cache is None:
        return _with_nodes(tree, check(tree, renderer=renderer))
    clean = CleanFiles(cache)
    unknown = clean.unknown(tree)
    found = _with_nodes(tree, check(tree, changed=unknown, cache=cache, renderer=renderer), changed=unknown)
    clean.remember(tree, unknown, named={one.path for one in found})
    return found


def _with_nodes(
    tree: PlanTree, found: tuple[Finding, ...], *, changed: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Return findings with those about the plan's machines; of a file that cannot be parsed nothing more is said."""
    broken = {one.path for one in found if one.code in UNREADABLE}
    told = (*check_node_files(tree, changed=changed), *check_machine_files(tree, changed=changed))
    about_nodes = [one for one in told if one.path not in broken]
    if not about_nodes:
        return found
    settings, _ = check_settings(tree)
    return tuple(sorted((*found, *rate_findings(about_nodes, settings.checks)), key=_order))


def _order(found: Finding) -> tuple[int, str, int, str]:
    return list(Severity).index(found.severity), found.path, found.line or 0, found.code
