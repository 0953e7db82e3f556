"""Files of nodes as TripleO has them: a JSON or YAML list, `{nodes: […]}`, CSV; with the place of every field."""

from __future__ import annotations

import csv
import io
import json
import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.events import Limits
from tripleo_gitops.documents.outline import find_entries, read_outline
from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml
from tripleo_gitops.nodes.secret import Secret, is_sealed, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tripleo_gitops.documents.outline import Node as OutlineNode
    from tripleo_gitops.documents.tree import PlanTree

FOLDER = "baremetal/"
SUFFIXES = (".json", ".yaml", ".yml", ".csv")
RESERVED = ("deployment", "inspection-rules", "profiles")
"""Names of files in the folder, without suffix, that speak of something else than machines."""
CSV_COLUMNS = ("pm_type", "pm_addr", "pm_user", "pm_password", "mac", "pm_port")
SHORTEST_ROW = 5
JSON_LIMIT = 64 * 1024 * 1024
NODE_LIMIT = 100_000
SOPS_KEY = "sops"
LINES = Limits()


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """One machine as a file describes it: fields by name, secrets as Secret, and where it stands."""

    source: str
    index: int
    fields: Mapping[str, Any]
    document: NodeDocument = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """The machine's name, or its number in the file, counted from 0 as upstream does."""
        name = self.fields.get("name")
        return name if isinstance(name, str) and name else f"node #{self.index}"

    def line_of(self, *steps: str | int) -> int | None:
        """Return the line of a field, or of the machine where the field is absent."""
        return self.document.line_of(self.index, *steps)


class NodeDocument:
    """One file of nodes; lines are looked up when something is wrong, all with one reading."""

    def __init__(self, source: str, entries: list[Any], *, content: bytes, base: tuple[str | int, ...] | None) -> None:
        self.source, self._content, self._base = source, content, base
        self.raw = tuple(entries)
        self.lines: tuple[int, ...] = ()

    @cached_property
    def _root(self) -> OutlineNode | None:
        try:
            return read_outline(self._content, source=self.source)
        except InvalidDocument:
            return None

    def line_of(self, index: int, *steps: str | int) -> int | None:
        """Return the line of a step below a machine; the deepest that is there. None where the file is too large."""
        if self._base is None:
            return self.lines[index] if index < len(self.lines) else None
        node, line = self._root, None
        for step in (*self._base, index, *steps):
            found = _child(node, step)
            if found is None:
                break
            line, node = found[0].line + 1, found[1]
        return line


def _child(node: OutlineNode | None, step: str | int) -> tuple[OutlineNode, OutlineNode] | None:
    if node is None:
        return None
    if node.kind == "sequence":
        is_there = isinstance(step, int) and step < len(node.children)
        return (node.children[step], node.children[step]) if is_there and isinstance(step, int) else None
    entries = find_entries(node, step)
    return entries[-1] if entries else None


def node_files(paths: Collection[str]) -> tuple[str, ...]:
    """Return which paths of a plan are files of nodes, sorted."""
    found = (path for path in paths if path.startswith(FOLDER) and path.endswith(SUFFIXES))
    return tuple(sorted(path for path in found if posixpath.splitext(path[len(FOLDER) :])[0] not in RESERVED))


def read_nodes(
    content: bytes, *, source: str, opened: Mapping[str, Any] | None = None
) -> tuple[NodeEntry | InvalidDocument, ...]:
    """Return the machines of a file, in place of each that is no mapping the error that says so.

    `opened` is the same document as SOPS opened it. Raises InvalidDocument for a file that cannot be read.
    """
    document = _read_csv(content, source) if source.endswith(".csv") else _read_list(content, source)
    if len(document.raw) > NODE_LIMIT:
        raise InvalidDocument(f"{len(document.raw)} nodes are over the limit of {NODE_LIMIT}", source=source)
    values = opened.get("nodes") if opened is not None else None
    readable = values if isinstance(values, list) and len(values) == len(document.raw) else [None] * len(document.raw)
    return tuple(
        _entry(document, index, raw, value)
        for index, (raw, value) in enumerate(zip(document.raw, readable, strict=True))
    )


def read_plan_nodes(
    tree: PlanTree, *, opened: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[NodeEntry | InvalidDocument, ...]:
    """Return the machines of all files of a plan; `opened` are those that SOPS opened, by path.

    In place of a file, or of a machine, that cannot be read stands the error that says so.
    """
    found: list[NodeEntry | InvalidDocument] = []
    for path in node_files(tree.paths()):
        try:
            found += read_nodes(tree.read(path), source=path, opened=(opened or {}).get(path))
        except InvalidDocument as exc:
            found.append(exc)
    return tuple(found)


def is_sealed_file(content: bytes) -> bool:
    """Return whether SOPS has sealed something in a file; it leaves its own word in each that it has."""
    return b"ENC[AES256_GCM," in content and SOPS_KEY.encode() in content


def _entry(document: NodeDocument, index: int, raw: Any, opened: Any) -> NodeEntry | InvalidDocument:
    if not isinstance(raw, dict):
        line = document.line_of(index)
        return InvalidDocument(f"node #{index}: a mapping of fields is needed", source=document.source, line=line)
    values = opened if isinstance(opened, dict) else {}
    return NodeEntry(document.source, index, dict(_fields(raw, values)), document)


def _fields(raw: Mapping[Any, Any], opened: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        name = str(key)
        if name.startswith("_"):
            continue  # comments, as upstream's `_comment`
        if is_secret_name(name) and isinstance(value, str | int):
            yield name, _secret(value, opened.get(name))
        else:
            yield name, opened.get(name, value) if is_sealed(value) else value


def _secret(raw: str | int, opened: Any) -> Secret:
    if is_sealed(raw):
        return Secret(None if opened is None else str(opened), str(raw))
    return Secret(str(raw))


def _read_list(content: bytes, source: str) -> NodeDocument:
    value = _parse(content, source)
    if isinstance(value, dict) and isinstance(value.get("nodes"), list):
        return NodeDocument(source, value["nodes"], content=content, base=("nodes",))
    if isinstance(value, list):
        return NodeDocument(source, value, content=content, base=())
    raise InvalidDocument("a list of nodes is needed, or a mapping {nodes: […]}", source=source, line=1)


def _parse(content: bytes, source: str) -> Any:
    if not source.endswith(".json"):
        return parse_yaml(content, source=source)
    if len(content) > JSON_LIMIT:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {JSON_LIMIT}", source=source)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as exc:
        raise InvalidDocument(f"no JSON: {exc.msg}", source=source, line=exc.lineno) from exc
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InvalidDocument("not UTF-8; save the file as UTF-8", source=source, line=line) from exc
    except RecursionError as exc:
        raise InvalidDocument("nested too deep", source=source) from exc


def _read_csv(content: bytes, source: str) -> NodeDocument:
    if len(content) > JSON_LIMIT:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {JSON_LIMIT}", source=source)
    entries: list[Any] = []
    lines: list[int] = []
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        for row in reader:
            if row and any(cell.strip() for cell in row):
                lines.append(reader.line_num)
                entries.append(_row(row))
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InvalidDocument("not UTF-8; save the file as UTF-8", source=source, line=line) from exc
    except csv.Error as exc:
        raise InvalidDocument(f"no CSV: {exc}", source=source) from exc
    document = NodeDocument(source, entries, content=b"", base=None)
    document.lines = tuple(lines)
    return document


def _row(row: list[str]) -> dict[str, Any] | str:
    """Return a row's fields; the row itself, which is no machine, where columns are missing or too many."""
    if not SHORTEST_ROW <= len(row) <= len(CSV_COLUMNS):
        return ",".join(row[:1])
    fields: dict[str, Any] = {name: cell.strip() for name, cell in zip(CSV_COLUMNS, row, strict=False) if cell.strip()}
    if "mac" in fields:
        fields["mac"] = [part for part in fields["mac"].replace(";", " ").split() if part]
    return fields
