"""The bundle: what is sent to Heat, template, environment and every file that they lead to."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.documents import (
    Document,
    Documents,
    at,
    is_type,
    may_be_template,
    replaced,
    with_text_keys,
)
from tripleo_gitops.heat.files import BundleFile, BundleFiles
from tripleo_gitops.heat.references import resolve_reference
from tripleo_gitops.heat.template import is_template, read_template

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.documents import DocumentCache
    from tripleo_gitops.heat.environment import MergedEnvironment


@dataclass(frozen=True)
class Bundle:
    """What a stack is made of: the body of a create, update, preview or validate is these three.

    `files` has plan paths for keys; a value is text, or base64 text for bytes that are not UTF-8.
    """

    template_path: str
    template: dict[str, Any]
    environment: dict[str, Any]
    files: Mapping[str, str]
    documents: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """Return a hash (64 hexadecimal digits) that is the same for the same content, in whatever order."""
        summary = json.dumps([self.template, self.environment, dict(self.files)], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(summary.encode()).hexdigest()

    def document(self, path: str) -> Any:
        """Return one of the files as Heat parses it; None for what is no template."""
        if path not in self.documents and path in self.files:
            content = self.files[path].encode()
            return parse_template(content, source=path) if may_be_template(content) else None
        return self.documents.get(path)

    def to_request(self) -> dict[str, Any]:
        """Return the body of a request to Heat, but for the stack's name and options."""
        return {"template": self.template, "environment": self.environment, "files": dict(self.files)}


def collect(
    tree: PlanTree,
    template_path: str,
    environment: MergedEnvironment,
    *,
    cache: DocumentCache | None = None,
) -> Bundle:
    """Return the bundle of a template and an environment whose files all come from `tree`.

    Follows `get_file`, `type: x.yaml` and registry entries as python-heatclient does, except that a file that
    is only read by `get_file` is content and not followed, and that nothing outside the tree is ever read.
    Templates refer to others relative to themselves; in the bundle they do so by plan path, which is what Heat
    looks up in `files`. Raises MissingFile, OutsidePlan, InvalidTemplate, InvalidDocument.
    """
    collector = _Collector(tree, Documents(tree, cache))
    template = with_text_keys(collector.template(template_path))
    document = with_text_keys(environment.document)
    for path, place in _registry_files(document.get("resource_registry", {}), ("resource_registry",)):
        setting = environment.setting(place)
        collector.add(path, named_by=setting.origin if setting else "the environment", is_type=True)
    collector.follow()
    files = BundleFiles(tree, collector.files)
    return Bundle(template_path, template, document, files, documents=collector.documents)


def _registry_files(registry: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in registry.items():
        if isinstance(value, Mapping):
            yield from _registry_files(value, (*place, name))
        elif isinstance(value, str) and "::" not in value and name not in {"hooks", "restricted_actions"}:
            yield value, (*place, name)


class _Collector:
    """The files found so far; follows each template once, so that templates that name each other end."""

    def __init__(self, tree: PlanTree, documents: Documents) -> None:
        self._tree, self._documents = tree, documents
        self._paths = tree.paths()
        self._pending: list[str] = []
        self.files: dict[str, BundleFile] = {}
        self.documents: dict[str, Any] = {}

    def template(self, path: str) -> Any:
        """Return the stack's own template with its references as plan paths; raises InvalidTemplate for none."""
        document = self._documents.load(path)
        read_template(document.value, source=path)
        return self._resolved(path, document)

    def add(self, path: str, *, named_by: str, is_type: bool) -> None:
        """Note one file, and that it is to be followed if it is used as a template."""
        if path not in self._paths:
            raise MissingFile(path, named_by=named_by)
        if path not in self.files:
            self.files[path] = BundleFile((self._tree.blob_id(path),))
        if is_type and path not in self.documents:
            self.documents[path] = None
            self._pending.append(path)

    def follow(self) -> None:
        """Read what is noted as a template, and note what that leads to, until nothing is left."""
        while self._pending:
            path = self._pending.pop()
            document = self._documents.load(path)
            if not is_template(document.value):
                del self.documents[path]
                continue
            resolved = self._resolved(path, document)
            if resolved is not document.value:
                resolved = with_text_keys(resolved)
                identity = (*self.files[path].identity, posixpath.dirname(path))
                self.files[path] = BundleFile(identity, resolved)
            self.documents[path] = resolved

    def _resolved(self, path: str, document: Document) -> Any:
        """Return a template's document with its references as plan paths; the same object if they are that."""
        base, changed = posixpath.dirname(path), {}
        for place in document.references:
            written = at(document.value, place)
            target = resolve_reference(written, base=base, source=path, path=place)
            if target != written:
                changed[place] = target
            self.add(target, named_by=path, is_type=is_type(place))
        return replaced(document.value, changed) if changed else document.value
