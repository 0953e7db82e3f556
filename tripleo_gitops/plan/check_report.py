"""Findings for other programs: SARIF 2.1.0, annotations of GitHub's workflows, GitLab's code quality report."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tripleo_gitops.plan.check_codes import CODES
from tripleo_gitops.plan.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SARIF_VERSION = "2.1.0"
TOOL_NAME = "tripleo-plan"
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_GITLAB_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


FEW, SHOWN, NAMED = 5, 3, 6
"""Findings of one kind that are each shown; else how many of them are, and how many of the others are named."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line for people; an aside says more of the line above."""

    text: str
    is_aside: bool = False


def lines(findings: Sequence[Finding]) -> Iterator[ReportLine]:
    """Yield findings for people, as compilers write them; of many of one kind that are no errors only the first."""
    counts = Counter(found.code for found in findings)
    told: set[str] = set()
    for found in findings:
        if found.severity is Severity.ERROR or counts[found.code] <= FEW:
            yield from _lines_of((found,))
        elif found.code not in told:
            told.add(found.code)
            alike = [one for one in findings if one.code == found.code and one.severity is not Severity.ERROR]
            yield from _lines_of(alike)


def _lines_of(alike: Sequence[Finding]) -> Iterator[ReportLine]:
    is_short = len(alike) > FEW
    for found in alike[: SHOWN if is_short else len(alike)]:
        place = f"{found.path}:{found.line}" if found.line else found.path
        yield ReportLine(f"{place}: {found.severity.value}: {found.message} [{found.code}]")
    if is_short:
        names = tuple(dict.fromkeys(one.subject or one.path for one in alike[SHOWN:]))
        words = f": {', '.join(names[:NAMED])}{', …' if len(names) > NAMED else ''}" if len(names) > 1 else ""
        yield ReportLine(f"… and {len(alike) - SHOWN} more [{alike[0].code}]{words}; `check -o json` has each")
    if alike[0].hint:
        yield ReportLine(f"    {alike[0].hint}", is_aside=True)


def plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain data, a mapping each."""
    return [
        {
            "code": found.code,
            "severity": found.severity.value,
            "path": found.path,
            "line": found.line,
            "message": found.message,
            "hint": found.hint,
        }
        for found in findings
    ]


def sarif(findings: Sequence[Finding], *, tool_version: str) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log of one run; the rules are all checks that there are."""
    rules = [
        {
            "id": code.code,
            "shortDescription": {"text": code.title},
            "help": {"text": code.hint},
            "defaultConfiguration": {"level": _SARIF_LEVELS[code.severity]},
        }
        for code in CODES
    ]
    places = {code.code: index for index, code in enumerate(CODES)}
    driver = {"name": TOOL_NAME, "semanticVersion": tool_version, "rules": rules}
    results = [
        _sarif_result(found, places[found.code], mark)
        for found, mark in zip(findings, _fingerprints(findings), strict=True)
    ]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return {"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]}


def _sarif_result(found: Finding, rule: int, mark: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(found.path, errors="surrogateescape")}}
    if found.line is not None:
        place["region"] = {"startLine": found.line}
    return {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[found.severity],
        "message": {"text": f"{found.message}; {found.hint}" if found.hint else found.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"tripleoPlan/v1": mark},
    }


def github(findings: Iterable[Finding]) -> str:
    """Return workflow commands of GitHub, one a line, which it shows beside the lines of a change."""
    return "".join(f"{_github_command(found)}\n" for found in findings)


def _github_command(found: Finding) -> str:
    properties = {"file": found.path, "line": str(found.line or ""), "title": found.code}
    shown = ",".join(f"{name}={_github_property(value)}" for name, value in properties.items() if value)
    message = f"{found.message}\n{found.hint}" if found.hint else found.message
    return f"::{_GITHUB_COMMANDS[found.severity]} {shown}::{_github_data(message)}"


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return a code quality report of GitLab; a finding without a line stands at the first."""
    return [
        {
            "description": f"{found.message}; {found.hint}" if found.hint else found.message,
            "check_name": found.code,
            "fingerprint": mark,
            "severity": _GITLAB_SEVERITIES[found.severity],
            "location": {"path": found.path, "lines": {"begin": found.line or 1}},
        }
        for found, mark in zip(findings, _fingerprints(findings), strict=True)
    ]


def _fingerprints(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a name for each finding that is its own, and stays when lines above it come and go."""
    seen: Counter[tuple[str, ...]] = Counter()
    for found in findings:
        told = (found.code, found.path, found.message)
        seen[told] += 1
        words = "\0".join((*told, str(seen[told])))
        yield hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()
