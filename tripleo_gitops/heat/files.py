"""The files of a bundle: text that is made when it is asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file; `identity` is equal for equal content. A document is sent instead of the bytes if there is one."""

    identity: tuple[str, ...]
    document: Any = None


class BundleFiles(Mapping[str, str]):
    """Plan path → text, in order of the paths; base64 text for bytes that are not UTF-8."""

    def __init__(self, tree: PlanTree, files: Mapping[str, BundleFile]) -> None:
        self._tree, self._files = tree, dict(sorted(files.items()))

    def __getitem__(self, path: str) -> str:
        file = self._files[path]
        if file.document is not None:
            return json.dumps(file.document, ensure_ascii=False)
        return as_text(self._tree.read(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def identity(self, path: str) -> tuple[str, ...]:
        """Return what tells a file's content from others without reading it."""
        return self._files[path].identity


def as_text(content: bytes) -> str:
    """Return bytes as Heat's clients send them."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.encodebytes(content).decode("ascii")
