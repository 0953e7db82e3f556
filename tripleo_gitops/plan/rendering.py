"""The rendered plan: a plan tree with its Jinja2 templates rendered over its roles and networks.

Sources stay beside what is made of them, as in the container that TripleO fills. What is rendered is rendered
when it is read, and is taken from a cache where none of what it is made of has changed.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import jinja2

from tripleo_gitops.documents.tree import BlobId, PlanTree, blob_id_of
from tripleo_gitops.plan.template_engine import OUTPUT_LIMIT, TemplateEngine, include_candidates, read_text
from tripleo_gitops.plan.template_outputs import (
    Pass,
    RenderedFile,
    TemplateData,
    read_template_data,
    rendered_files,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

RENDERING_VERSION = 2
"""Part of every cache key: raise it when the same inputs give another output."""
NO_NAMES = b"[]"
"""What is kept of a template that includes nothing, in front of what it renders to."""


class RenderCache(Protocol):
    """Keeps rendered bytes by a key that names all their inputs; may forget at any time."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, or None."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key."""
        ...


class Engine(Protocol):
    """Makes text of a template: here, or where it can do no harm."""

    def render(self, path: str, data: Mapping[str, Any], *, output: str) -> tuple[str, frozenset[str]]:
        """Return what the template at `path` makes of `data`, and the names that it included."""
        ...

    def expect(self, wanted: Iterable[tuple[str, str]] = ()) -> None:
        """Prepare for templates to come, without waiting: `wanted` are those that are known, with an output of each."""
        ...


class Renderer(Protocol):
    """Renders a plan tree: `render`, or one that confines the templates."""

    def __call__(self, tree: PlanTree, *, cache: RenderCache | None = None) -> RenderedTree:
        """Return the tree with its renders."""
        ...


class _RenderedPaths(Collection[str]):
    """The paths of sources and renders, each once; nothing is listed to know whether one is there."""

    def __init__(self, sources: Collection[str], renders: Mapping[str, RenderedFile]) -> None:
        self._sources, self._renders = sources, renders

    def __contains__(self, path: object) -> bool:
        return path in self._renders or path in self._sources

    def __iter__(self) -> Iterator[str]:
        yield from self._sources
        yield from (path for path in self._renders if path not in self._sources)

    def __len__(self) -> int:
        return len(self._sources) + sum(path not in self._sources for path in self._renders)


class RenderedTree:
    """A plan tree that holds its sources and its renders; renders win where a source has their path."""

    def __init__(self, tree: PlanTree, *, cache: RenderCache | None, engine: Engine) -> None:
        self._tree, self._cache, self._engine = tree, cache, engine
        self._data = read_template_data(tree)
        self._rendered = rendered_files(tree, self._data) if self._data is not None else ()
        self._files = {file.path: file for file in self._rendered}
        self._paths = _RenderedPaths(tree.paths(), self._files) if self._files else tree.paths()
        self._contents: dict[str, bytes] = {}
        self._ids: dict[str, BlobId] = {}
        self._digests: dict[str, str] = {}
        self._is_unknown: bool | None = None
        self._followers: list[RenderedTree] = []

    @property
    def rendered(self) -> tuple[RenderedFile, ...]:
        """Every file that is rendered, sorted by path."""
        return self._rendered

    def template_of(self, path: str) -> str | None:
        """Return the template that a path is rendered from, or None for a file of the plan itself."""
        file = self._files.get(path)
        return file.template if file is not None else None

    def is_made(self, path: str) -> bool:
        """Return whether a path is rendered when it is read."""
        return path in self._files

    def lead(self, follower: RenderedTree) -> None:
        """Note a tree that is compared with this one: what is made of this one is expected of that one, too."""
        self._followers.append(follower)

    def expect(self, paths: Iterable[str] = ()) -> None:
        """Say that renders will be read, and which: the engine prepares itself, unless a cache seems to know them."""
        wanted = tuple(paths)
        for follower in self._followers:
            follower.expect(wanted)
        if self._is_unknown is None:
            known = not self._rendered or (self._cache and self._cache.get(self._key(self._rendered[0])) is not None)
            self._is_unknown = not known
        if self._is_unknown:
            files = (self._files[path] for path in wanted if path in self._files and path not in self._contents)
            self._engine.expect((file.template, file.path) for file in files)

    def paths(self) -> Collection[str]:
        return self._paths

    def blob_id(self, path: str) -> BlobId:
        if path not in self._files:
            return self._tree.blob_id(path)
        if path not in self._ids:
            self._ids[path] = blob_id_of(self.read(path))
        return self._ids[path]

    def read(self, path: str) -> bytes:
        file = self._files.get(path)
        if file is None:
            return self._tree.read(path)
        if path not in self._contents:
            for follower in self._followers:
                follower.expect((path,))
            self._contents[path] = self._render_or_recall(file)
        return self._contents[path]

    def _render_or_recall(self, file: RenderedFile) -> bytes:
        if self._cache is None:
            return self._render(file)[0]
        key = self._key(file)
        if (kept := self._cache.get(key)) is not None:
            names, _, alone = kept.partition(b"\n")
            if names == NO_NAMES:
                return alone
            content = self._cache.get(self._key_with_includes(key, file, json.loads(names)))
            if content is not None:
                return content
        content, included = self._render(file)
        if included:
            self._cache.put(key, json.dumps(sorted(included)).encode())
            self._cache.put(self._key_with_includes(key, file, included), content)
        else:
            self._cache.put(key, NO_NAMES + b"\n" + content)
        return content

    def _render(self, file: RenderedFile) -> tuple[bytes, frozenset[str]]:
        data = self._template_data()
        values: dict[str, Any]
        if file.kind is Pass.ROLE:
            values = {"role": self._role_value(file, data), "networks": _copy(data.networks)}
            if values["role"] == file.subject and data.role(file.subject).get("disable_constraints"):
                values["disable_constraints"] = True
        elif file.kind is Pass.NETWORK:
            values = {"network": _copy(data.network(file.subject))}
        else:
            values = {"roles": _copy(data.roles), "networks": _copy(data.networks)}
        text, included = self._engine.render(file.template, values, output=file.path)
        return text.encode("utf-8"), included

    def _role_value(self, file: RenderedFile, data: TemplateData) -> Any:
        """Return the role's document, or its name for templates older than `{{role.name}}`.

        Upstream looks for exactly those characters, so that `{{ role.name }}` with spaces renders empty.
        """
        if "{{role.name}}" in read_text(self._tree, file.template):
            return _copy(data.role(file.subject))
        return file.subject

    def _template_data(self) -> TemplateData:
        if self._data is None:
            raise AssertionError("a plan without roles renders nothing")
        return self._data

    def _key(self, file: RenderedFile) -> str:
        data = self._template_data()
        inputs = [
            RENDERING_VERSION,
            jinja2.__version__,
            file.kind.value,
            posixpath.dirname(file.path),
            self._tree.blob_id(file.template),
            file.subject,
        ]
        if file.kind is Pass.ROLE:
            inputs += [
                self._digest(file.subject, data.role(file.subject)),
                self._digest("/networks", data.networks),
            ]
        elif file.kind is Pass.NETWORK:
            inputs += [self._digest(f"/network/{file.subject}", data.network(file.subject))]
        else:
            inputs += [self._digest("/roles", data.roles), self._digest("/networks", data.networks)]
        return _digest(inputs)

    def _key_with_includes(self, key: str, file: RenderedFile, names: Iterable[str]) -> str:
        paths = self._tree.paths()
        found: list[str] = []
        for name in sorted(names):
            candidates = include_candidates(posixpath.dirname(file.path), name)
            found += [f"{path} {self._tree.blob_id(path) if path in paths else ''}" for path in candidates]
        return _digest([key, *found])

    def _digest(self, name: str, value: Any) -> str:
        if name not in self._digests:
            self._digests[name] = _digest(value)
        return self._digests[name]


def render(
    tree: PlanTree,
    *,
    cache: RenderCache | None = None,
    output_limit: int = OUTPUT_LIMIT,
    engine: Engine | None = None,
) -> RenderedTree:
    """Return a plan rendered, byte for byte as tripleo-heat-templates' tools/process-templates.py does.

    Reads roles, networks and the exclude list at once, and a template when one of its outputs is read; that
    raises TemplateError. `output_limit` is in characters a file, for templates that are rendered in this process:
    where `engine` does it, its own limits count. Raises InvalidDocument.
    """
    return RenderedTree(tree, cache=cache, engine=engine or TemplateEngine(tree, output_limit=output_limit))


def _copy(value: Any) -> Any:
    """Return a copy that a template may change (upstream's do) without another template seeing it."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    return value


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode("utf-8", "surrogatepass")).hexdigest()
