"""The bundle: what is sent to Heat, template, environment and every file that they lead to."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import parse_template
from tripleo_gitops.heat.documents import Documents, may_be_template, with_text_keys
from tripleo_gitops.heat.references import TEMPLATE_SUFFIXES, resolve_reference
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


_TYPE_KEYS = ("type", "Type")


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
    template = collector.template(template_path)
    read_template(template, source=template_path)
    document = with_text_keys(environment.document)
    for path, place in _registry_files(document.get("resource_registry", {}), ("resource_registry",)):
        setting = environment.setting(place)
        collector.add(path, named_by=setting.origin if setting else "the environment", follow=True)
    return Bundle(
        template_path,
        with_text_keys(template),
        document,
        dict(sorted(collector.files.items())),
        documents=collector.documents,
    )


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
        self.files: dict[str, str] = {}
        self.documents: dict[str, Any] = {}

    def template(self, path: str) -> Any:
        """Return the template in `path` with its references as plan paths, all of them collected."""
        document = self._documents.load(path)
        found = list(_references(document, (), source=path))
        if not found:
            return document
        if any(reference.written != reference.path for reference in found):
            document = _rewritten(document, path)
        for reference in found:
            self.add(reference.path, named_by=path, follow=reference.is_template)
        return document

    def add(self, path: str, *, named_by: str, follow: bool) -> None:
        """Put one file into the bundle, and what it leads to if it is used as a template."""
        if path in self.documents or (path in self.files and not follow):
            return
        try:
            content = self._tree.read(path)
        except MissingFile as exc:
            raise MissingFile(path, named_by=named_by) from exc
        self.files[path] = _as_text(content)
        if not follow or not may_be_template(content) or not is_template(self._documents.load(path)):
            return
        self.documents[path] = original = self._documents.load(path)
        document = self.template(path)
        if document is not original:
            self.documents[path] = document = with_text_keys(document)
            self.files[path] = json.dumps(document, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Reference:
    written: str
    path: str
    is_template: bool


def _references(value: Any, place: tuple[str | int, ...], *, source: str) -> Iterator[_Reference]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict | list):
                yield from _references(item, (*place, key), source=source)
            elif _is_reference(key, item):
                base = posixpath.dirname(source)
                path = resolve_reference(item, base=base, source=source, path=(*place, key))
                yield _Reference(item, path, key in _TYPE_KEYS)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _references(item, (*place, index), source=source)


def _is_reference(key: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    return key == "get_file" or (key in _TYPE_KEYS and value.endswith(TEMPLATE_SUFFIXES))


def _rewritten(value: Any, source: str) -> Any:
    if isinstance(value, dict):
        base = posixpath.dirname(source)
        return {
            key: resolve_reference(item, base=base, source=source)
            if _is_reference(key, item)
            else _rewritten(item, source)
            for key, item in value.items()
        }
    return [_rewritten(item, source) for item in value] if isinstance(value, list) else value


def _as_text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.encodebytes(content).decode("ascii")
