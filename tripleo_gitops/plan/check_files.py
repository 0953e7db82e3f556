"""Checks of single files: their names, and whether they are what their suffix says."""

from __future__ import annotations

import csv
import io
import json
import posixpath
import unicodedata
from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.documents.events import DEFAULT_LIMITS, EventSource, Unacceptable, read_events
from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml
from tripleo_gitops.plan.check_codes import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.findings import Finding

NODES_FOLDER = "baremetal/"
VALIDATIONS_FOLDER, GROUPS_FILE = "validations/", "groups.yaml"
YAML_SUFFIXES = (".yaml", ".yml")
SHORTEST_CSV_ROW = 5


def check_paths(paths: Iterable[str]) -> Iterator[Finding]:
    """Yield what is wrong with the names of files; looks at all of them, since any two may be twins."""
    seen: dict[str, str] = {}
    for path in sorted(paths):
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            yield finding("path-not-utf8", shown, None, "this name is not UTF-8")
            continue
        twin = seen.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if twin != path:
            yield finding("path-case-twins", path, None, f"on some systems this is the same file as {twin}")


def check_contents(tree: PlanTree, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield what cannot be parsed among `paths`; Jinja2 templates are YAML only when rendered."""
    for path in sorted(paths):
        if path.endswith(".j2.yaml") or path.startswith("."):
            continue
        if path.startswith(NODES_FOLDER):
            yield from _check_nodes(tree, path)
        elif path.startswith(VALIDATIONS_FOLDER) and path.endswith(YAML_SUFFIXES):
            yield from _check_validation(tree, path)
        elif path.endswith(YAML_SUFFIXES):
            yield from check_syntax(tree.read(path), path, code="yaml-invalid")
        elif path.endswith(".json"):
            yield from _check_json(tree.read(path), path, code="json-invalid")


def check_syntax(content: bytes, path: str, *, code: str) -> Iterator[Finding]:
    """Yield a finding if `content` is no YAML; several documents and any tags are YAML."""
    try:
        read_events(content, _drain, source=path)
    except InvalidDocument as exc:
        yield finding(code, path, exc.line, exc.problem)


def _drain(parser: EventSource) -> None:
    depth = 0
    event: Any = None
    while type(event) is not yaml.StreamEndEvent:
        event = parser.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEFAULT_LIMITS.depth:
                problem = f"nested deeper than the limit of {DEFAULT_LIMITS.depth}"
                raise Unacceptable(problem, event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_json(content: bytes, path: str, *, code: str) -> Iterator[Finding]:
    try:
        json.loads(content)
    except json.JSONDecodeError as exc:
        yield finding(code, path, exc.lineno, exc.msg)
    except UnicodeDecodeError as exc:
        yield finding(code, path, content.count(b"\n", 0, exc.start) + 1, "not UTF-8")
    except (RecursionError, ValueError) as exc:
        yield finding(code, path, None, "nested too deep" if isinstance(exc, RecursionError) else str(exc))


def _check_nodes(tree: PlanTree, path: str) -> Iterator[Finding]:
    suffix = posixpath.splitext(path)[1]
    if suffix == ".json":
        yield from _check_json(tree.read(path), path, code="nodes-invalid")
    elif suffix in YAML_SUFFIXES:
        try:
            parse_yaml(tree.read(path), source=path)
        except InvalidDocument as exc:
            yield finding("nodes-invalid", path, exc.line, exc.problem)
    elif suffix == ".csv":
        yield from _check_csv(tree.read(path), path)


def _check_csv(content: bytes, path: str) -> Iterator[Finding]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except UnicodeDecodeError as exc:
        yield finding("nodes-invalid", path, content.count(b"\n", 0, exc.start) + 1, "not UTF-8")
        return
    except csv.Error as exc:
        yield finding("nodes-invalid", path, None, f"no CSV: {exc}")
        return
    for number, row in enumerate(rows, start=1):
        if row and len(row) < SHORTEST_CSV_ROW:
            message = f"{len(row)} columns; pm_type, pm_addr, pm_user, pm_password and mac are needed"
            yield finding("nodes-invalid", path, number, message)


def _check_validation(tree: PlanTree, path: str) -> Iterator[Finding]:
    content = tree.read(path)
    problems = list(check_syntax(content, path, code="yaml-invalid"))
    name = path.removeprefix(VALIDATIONS_FOLDER)
    if problems or "/" in name or name == GROUPS_FILE:
        yield from problems
        return
    try:
        playbook = parse_yaml(content, source=path)
    except InvalidDocument:
        return  # tags that only Ansible knows: it is YAML, and Ansible's to judge
    if not isinstance(playbook, list) or not playbook or not isinstance(playbook[0], dict):
        yield finding("validation-invalid", path, 1, "a list of plays is needed")
        return
    metadata = (playbook[0].get("vars") or {}).get("metadata") if _has_vars(playbook[0]) else None
    if not isinstance(metadata, dict):
        yield finding("validation-metadata-missing", path, 1, "no metadata: it has no name, and is in no group")


def _has_vars(play: dict[str, Any]) -> bool:
    return isinstance(play.get("vars"), dict)
