"""The files of a bundle: text, documents and outlines, made when they are asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.documents import may_be_template
from tripleo_gitops.heat.outline import Outline, outline_of
from tripleo_gitops.heat.references import resolve_reference

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.documents import Documents
    from tripleo_gitops.heat.outline import Place


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file: whether it is used as a template, where its references start, and those that are written otherwise."""

    is_template: bool = False
    directory: str = ""
    new: tuple[tuple[Place, str], ...] = ()


class BundleFiles(Mapping[str, str]):
    """Plan path → text, in order of the paths; base64 text for bytes that are not UTF-8."""

    def __init__(self, tree: PlanTree, documents: Documents, files: Mapping[str, BundleFile]) -> None:
        self._tree, self._documents, self._files = tree, documents, dict(sorted(files.items()))

    def __getitem__(self, path: str) -> str:
        if self._files[path].new:
            return json.dumps(self.document(path), ensure_ascii=False)
        return as_text(self._tree.read(path))

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def document(self, path: str) -> Any:
        """Return a file as Heat parses it, its references as plan paths; None for what is no template."""
        file = self._files[path]
        if not file.is_template:
            content = self._tree.read(path)
            return parse_template(content, source=path) if may_be_template(content) else None
        if not file.new:
            return self._documents.value(self._tree, path)
        return self._documents.resolved(self._tree, path, file.directory, dict(file.new))

    def outline(self, path: str) -> Outline:
        """Return a file's outline, with its references as they are written."""
        return self._documents.outline(self._tree, path)

    def referred(self, path: str) -> tuple[str, ...]:
        """Return the files that a file refers to, if it is used as a template."""
        file = self._files[path]
        if not file.is_template:
            return ()
        references = self.outline(path).references
        return tuple(resolve_reference(one.written, base=file.directory, source=path) for one in references)

    def identity(self, path: str) -> str:
        """Return a word that is the same for the same content, without reading the file."""
        file = self._files[path]
        return f"{self._tree.blob_id(path)} {file.directory if file.new else ''}"


class GivenFiles(Mapping[str, str]):
    """Files whose text is at hand, as Heat has them of a stack."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._parsed: dict[str, Any] = {}

    def __getitem__(self, path: str) -> str:
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def document(self, path: str) -> Any:
        """Return a file as Heat parses it; None for what is no template."""
        if path not in self._parsed:
            content = self._files[path].encode()
            self._parsed[path] = parse_template(content, source=path) if may_be_template(content) else None
        return self._parsed[path]

    def outline(self, path: str) -> Outline:
        """Return a file's outline."""
        return outline_of(self.document(path))

    def referred(self, path: str) -> tuple[str, ...]:
        """Return the files that a file refers to; Heat has them under the names that are written."""
        return tuple(one.written for one in self.outline(path).references if one.written in self._files)

    def identity(self, path: str) -> str:
        """Return the content, which is its own identity."""
        return self._files[path]


def as_text(content: bytes) -> str:
    """Return bytes as Heat's clients send them."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.encodebytes(content).decode("ascii")
