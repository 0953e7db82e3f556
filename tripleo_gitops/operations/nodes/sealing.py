"""Seal the passwords in a file of nodes, whatever form it has; addresses and names stay to be read."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.edit import set_value
from tripleo_gitops.documents.emit import block_lines
from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml
from tripleo_gitops.errors import NotFound
from tripleo_gitops.nodes.documents import NodeEntry, is_sealed_file, node_files, read_nodes
from tripleo_gitops.nodes.secret import SECRET_PATTERN, Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.candidates import Candidate


class NodeSealer(Protocol):
    """Seals fields of a document."""

    def seal_document(self, content: bytes, *, source: str, fields: str, recipients: Sequence[str]) -> bytes: ...
    def open_text(self, content: bytes, *, source: str) -> bytes: ...
    def recipients(self, content: bytes, *, source: str) -> tuple[str, ...]: ...


ClearPassword = tuple[NodeEntry, str, Secret]
"""A machine, the field, and what stands there in clear."""


@dataclass(frozen=True, slots=True)
class SealedNodes:
    """A file with its passwords sealed; `replaces` is the file that it stands for, where that is another."""

    path: str
    content: bytes
    passwords: int
    replaces: str | None = None


def clear_node_files(tree: PlanTree) -> tuple[str, ...]:
    """Return the files of nodes in which a password is in clear."""
    return tuple(path for path in node_files(tree.paths()) if _clear(tree.read(path), path))


def seal_nodes(content: bytes, path: str, sealer: NodeSealer, *, recipients: Sequence[str]) -> SealedNodes:
    """Return a file with every password sealed that is in clear; raises InvalidDocument, NotFound without any.

    A list and a CSV become a mapping, which is what SOPS can seal; a CSV becomes YAML beside it.
    """
    clear = _clear(content, path)
    if not clear:
        raise NotFound(f"{path}: no password is in clear")
    if is_sealed_file(content):
        return SealedNodes(path, _sealed_again(content, path, sealer, clear), len(clear))
    target, document = _as_mapping(content, path)
    sealed = sealer.seal_document(document, source=target, fields=SECRET_PATTERN, recipients=recipients)
    return SealedNodes(target, sealed, len(clear), path if path != target else None)


def _sealed_again(content: bytes, path: str, sealer: NodeSealer, clear: Sequence[ClearPassword]) -> bytes:
    """Return a sealed file with more sealed in it: opened, and sealed as a whole for the same people.

    SOPS opens no document in which something stands in clear that should be sealed: that is taken out before. Its
    own way of setting one value counts comments of a list as items, and would give a password to another machine.
    """
    emptied = content
    for entry, name, _ in clear:
        emptied = set_value(emptied, ("nodes", entry.index, name), "", source=path)
    text = sealer.open_text(emptied, source=path)
    for entry, name, secret in clear:
        text = set_value(text, ("nodes", entry.index, name), secret.value, source=path)
    recipients = sealer.recipients(content, source=path)
    return sealer.seal_document(text, source=path, fields=SECRET_PATTERN, recipients=recipients)


def _clear(content: bytes, path: str) -> list[ClearPassword]:
    entries = read_nodes(content, source=path)
    broken = next((entry for entry in entries if isinstance(entry, InvalidDocument)), None)
    if broken is not None:
        raise broken
    return [
        (entry, name, value)
        for entry in entries
        if isinstance(entry, NodeEntry)
        for name, value in entry.fields.items()
        if isinstance(value, Secret) and value.is_in_clear
    ]


def _as_mapping(content: bytes, path: str) -> tuple[str, bytes]:
    stem, suffix = posixpath.splitext(path)
    if suffix == ".csv":
        nodes = [_plain(entry) for entry in read_nodes(content, source=path)]
        return f"{stem}.yaml", _as_yaml({"nodes": nodes})
    document = parse_yaml(content, source=path)
    if isinstance(document, dict):
        return path, content
    if suffix == ".json":
        return path, json.dumps({"nodes": document}, indent=2, ensure_ascii=False).encode() + b"\n"
    return path, _as_yaml({"nodes": document})


def _as_yaml(document: Any) -> bytes:
    return "".join(f"{line}\n" for line in block_lines(document)).encode()


def _plain(entry: NodeEntry | InvalidDocument) -> dict[str, Any]:
    assert isinstance(entry, NodeEntry), "broken entries were refused"
    return {name: value.value if isinstance(value, Secret) else value for name, value in entry.fields.items()}


def seal_candidates(found: Sequence[Candidate], path: str, sealer: NodeSealer, *, recipients: Sequence[str]) -> bytes:
    """Return a file of the machines that were discovered, their passwords sealed."""
    nodes = [
        {name: value.value if isinstance(value, Secret) else value for name, value in one.fields().items()}
        for one in found
    ]
    return sealer.seal_document(_as_yaml({"nodes": nodes}), source=path, fields=SECRET_PATTERN, recipients=recipients)
