"""The bundle: what is sent to Heat, template, environment and every file that they lead to."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.heat.documents import DocumentCache, Documents, replaced, with_text_keys
from tripleo_gitops.heat.files import BundleFile, BundleFiles, GivenFiles
from tripleo_gitops.heat.references import resolve_reference
from tripleo_gitops.heat.template import read_template

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import BlobId, PlanTree
    from tripleo_gitops.heat.environment import MergedEnvironment
    from tripleo_gitops.heat.outline import Outline, Place


@dataclass(frozen=True)
class Bundle:
    """What a stack is made of: the body of a create, update, preview or validate is these three.

    `files` has plan paths for keys; a value is text, or base64 text for bytes that are not UTF-8. `referred` are those
    that the template itself names, where that is known.
    """

    template_path: str
    template: dict[str, Any]
    environment: dict[str, Any]
    files: Mapping[str, str]
    referred: frozenset[str] | None = field(default=None, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """Return a hash (64 hexadecimal digits) that is the same for the same content, in whatever order."""
        summary = json.dumps([self.template, self.environment, dict(self.files)], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(summary.encode()).hexdigest()

    @cached_property
    def contents(self) -> BundleFiles | GivenFiles:
        """The files with what can be told of them: documents, outlines, identities."""
        return self.files if isinstance(self.files, BundleFiles) else GivenFiles(self.files)

    def to_request(self) -> dict[str, Any]:
        """Return the body of a request to Heat, but for the stack's name and options."""
        return {"template": self.template, "environment": self.environment, "files": dict(self.files)}


def collect(
    tree: PlanTree,
    template_path: str,
    environment: MergedEnvironment,
    *,
    cache: DocumentCache | Documents | None = None,
) -> Bundle:
    """Return the bundle of a template and an environment whose files all come from `tree`.

    Follows `get_file`, `type: x.yaml` and registry entries as python-heatclient does, except that a file that
    is only read by `get_file` is content and not followed, and that nothing outside the tree is ever read.
    Templates refer to others relative to themselves; in the bundle they do so by plan path, which is what Heat
    looks up in `files`. `cache` keeps what files say over time; sides of one diff should share one `Documents`.
    Raises MissingFile, OutsidePlan, InvalidTemplate, InvalidDocument.
    """
    documents = cache if isinstance(cache, Documents) else Documents(cache)
    collector = _Collector(tree, documents)
    document = with_text_keys(environment.document)
    entries = tuple(_registry_files(document.get("resource_registry", {}), ("resource_registry",)))
    pack = json.dumps([template_path, entries])
    documents.unpack(pack)
    documents.expect(tree, [path for path, _ in entries if path in tree.paths()])
    template = collector.template(template_path)
    referred = frozenset(collector.files)
    for path, place in entries:
        setting = environment.setting(place) if path not in tree.paths() else None
        collector.add(path, named_by=setting.origin if setting else "the environment", is_type=True)
    collector.follow()
    documents.pack(pack, collector.outlined)
    return Bundle(template_path, template, document, BundleFiles(tree, documents, collector.files), referred)


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
        self._unexpected: list[str] = []
        self._followed: set[str] = set()
        self.outlined: set[BlobId] = set()
        self.files: dict[str, BundleFile] = {}

    def template(self, path: str) -> Any:
        """Return the stack's own template with its references as plan paths; raises InvalidTemplate for none."""
        outline = self._outline(path)
        value = self._documents.value(self._tree, path)
        read_template(value, source=path)
        return with_text_keys(replaced(value, dict(self._new(path, outline))))

    def add(self, path: str, *, named_by: str, is_type: bool) -> None:
        """Note one file, and that it is to be followed if it is used as a template."""
        if path not in self._paths:
            raise MissingFile(path, named_by=named_by)
        self.files.setdefault(path, BundleFile())
        if is_type and path not in self._followed:
            self._followed.add(path)
            self._pending.append(path)
            self._unexpected.append(path)

    def follow(self) -> None:
        """Read what is noted as a template, and note what that leads to, until nothing is left."""
        while self._pending:
            self._documents.expect(self._tree, self._unexpected)
            self._unexpected.clear()
            path = self._pending.pop()
            outline = self._outline(path)
            if outline.is_template:
                new = tuple(self._new(path, outline))
                self.files[path] = BundleFile(is_template=True, directory=posixpath.dirname(path), new=new)

    def _outline(self, path: str) -> Outline:
        self.outlined.add(self._tree.blob_id(path))
        return self._documents.outline(self._tree, path)

    def _new(self, path: str, outline: Outline) -> Iterator[tuple[Place, str]]:
        """Note what a template refers to, and yield the references whose plan path is not what is written."""
        base = posixpath.dirname(path)
        for reference in outline.references:
            target = resolve_reference(reference.written, base=base, source=path, path=reference.place)
            self.add(target, named_by=path, is_type=reference.is_type)
            if target != reference.written:
                yield reference.place, target
