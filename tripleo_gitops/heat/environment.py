"""The merged environment: what the layers of a plan add up to, and which layer said what."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.remembered import remembered
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.heat.errors import InvalidEnvironment
from tripleo_gitops.heat.merging import STRATEGIES, Merger, Strategies
from tripleo_gitops.heat.references import resolve_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.documents.tree import PlanTree

KeyPath = tuple[str | int, ...]

MAPPINGS = ("parameters", "parameter_defaults", "resource_registry", "parameter_merge_strategies")
LISTS = ("encrypted_param_names", "event_sinks")
SECTIONS = MAPPINGS + LISTS
_NO_FILE = ("hooks", "restricted_actions", "base_url")


class MergeRule(Enum):
    """Who merges several environments: the client, as TripleO does, or Heat, as `openstack stack create` asks."""

    CLIENT = "client"
    SERVER = "server"


def _same_path(path: KeyPath) -> KeyPath:
    return path


@dataclass(frozen=True, slots=True)
class EnvironmentLayer:
    """One environment document and where it stands.

    `origin` is the file to show, `base` the directory that its registry's file names start from (the origin's
    own unless given), `key_path` translates (section, key, …) to the key path inside the origin. `as_sent` is set
    for what Heat has of a stack: its registry names files as they were sent, whatever those names look like.
    """

    origin: str
    document: Mapping[str, Any]
    base: str | None = field(default=None, kw_only=True)
    key_path: Callable[[KeyPath], KeyPath] = field(default=_same_path, kw_only=True, compare=False)
    as_sent: bool = field(default=False, kw_only=True)

    @property
    def directory(self) -> str:
        return posixpath.dirname(self.origin) if self.base is None else self.base


@dataclass(frozen=True, slots=True)
class Setting:
    """What one layer says about one key path; `path` is the place inside `origin`."""

    origin: str
    path: KeyPath
    value: Any


@dataclass(frozen=True, slots=True)
class MergedEnvironment:
    """The one environment document that Heat gets, and the layers (low to high) that it is made of."""

    document: dict[str, Any]
    layers: tuple[EnvironmentLayer, ...] = ()

    def history(self, path: Sequence[str | int]) -> tuple[Setting, ...]:
        """Return what each layer says about `path`, low to high; of those that count, the last one wins.

        What counts not is left out: null over a mapping, an empty mapping over anything, and all that was said
        before a layer put something else in the place of the mapping around it.
        """
        said: list[Setting] = []
        for layer in self.layers:
            found, value = _lookup(layer.document, path)
            if not found:
                if _cuts_off(value):
                    said = []
                continue
            before = said[-1].value if said else None
            if value is None and isinstance(before, Mapping):
                continue
            if value == {} and before is not None and not isinstance(before, Mapping):
                continue
            said.append(Setting(layer.origin, layer.key_path(tuple(path)), value))
        return tuple(said)

    def setting(self, path: Sequence[str | int]) -> Setting | None:
        """Return the layer's word that won for `path`, or None where no layer says anything."""
        said = self.history(path)
        return said[-1] if said else None


def read_layer(tree: PlanTree, path: str) -> EnvironmentLayer:
    """Return the environment file `path` of a tree as a layer; an empty file says nothing."""
    return _file_layer(tree.read(path), source=path)


@remembered
def _file_layer(content: bytes, *, source: str) -> EnvironmentLayer:
    document = parse_yaml(content, source=source)
    return EnvironmentLayer(source, {} if document is None else document)


def merge(
    layers: Sequence[EnvironmentLayer],
    *,
    rule: MergeRule = MergeRule.CLIENT,
    types: Mapping[str, str] | None = None,
) -> MergedEnvironment:
    """Return what `layers`, low to high, add up to.

    Rule CLIENT is python-heatclient's deep merge, as TripleO calls it: mappings merge, lists and scalars
    replace, null never overwrites a mapping. A mapping over a scalar, which crashes there, is refused here.
    Rule SERVER is Heat's own merge of `environment_files`: parameters replace as wholes.
    Under both a parameter named in `parameter_merge_strategies` is merged as it says; `types` (parameter name
    to Heat type) tells text that is a list from text that is not.
    """
    resolved = tuple(_resolved(_checked(layer)) for layer in layers)
    merger = Merger(deep=rule is MergeRule.CLIENT, types=types or {})
    for layer in resolved:
        merger.add(layer.origin, layer.document, strategies=_strategies(layer))
    return MergedEnvironment(merger.document(), resolved)


def _checked(layer: EnvironmentLayer) -> EnvironmentLayer:
    if not isinstance(layer.document, Mapping):
        raise InvalidEnvironment(
            f"an environment is a mapping, this is a {type(layer.document).__name__}", origin=layer.origin
        )
    for section, content in layer.document.items():
        path = layer.key_path((section,))
        if section not in SECTIONS:
            raise InvalidEnvironment(
                f"no section of an environment; known are {', '.join(SECTIONS)}", origin=layer.origin, path=path
            )
        kind, name = (Mapping, "mapping") if section in MAPPINGS else (list, "list")
        if content is not None and not isinstance(content, kind):
            raise InvalidEnvironment(
                f"must be a {name}, this is a {type(content).__name__}", origin=layer.origin, path=path
            )
    return layer


def _strategies(layer: EnvironmentLayer) -> Strategies:
    named = layer.document.get("parameter_merge_strategies") or {}
    for parameter, strategy in named.items():
        if strategy not in STRATEGIES:
            raise InvalidEnvironment(
                f"{strategy!r} is no merge strategy; known are {', '.join(STRATEGIES)}",
                origin=layer.origin,
                path=layer.key_path(("parameter_merge_strategies", parameter)),
            )
    return dict(named)


def _resolved(layer: EnvironmentLayer) -> EnvironmentLayer:
    """Return the layer with its registry's file names as plan paths."""
    registry = layer.document.get("resource_registry")
    if not registry or layer.as_sent:
        return layer
    document = dict(layer.document)
    document["resource_registry"] = _registry(layer, registry, layer.directory, ("resource_registry",))
    return EnvironmentLayer(layer.origin, document, base=layer.base, key_path=layer.key_path)


def _registry(layer: EnvironmentLayer, registry: Mapping[str, Any], base: str, path: KeyPath) -> dict[str, Any]:
    directory = registry.get("base_url", "")
    if not isinstance(directory, str):
        raise InvalidEnvironment("must be text", origin=layer.origin, path=layer.key_path((*path, "base_url")))
    if directory:
        base = resolve_reference(directory, base=base, source=layer.origin, path=layer.key_path((*path, "base_url")))
    return dict(_registry_entries(layer, registry, base, path))


def _registry_entries(
    layer: EnvironmentLayer, registry: Mapping[str, Any], base: str, path: KeyPath
) -> Iterator[tuple[str, Any]]:
    for name, value in registry.items():
        here = (*path, name)
        if name == "base_url":
            continue
        if not isinstance(name, str):
            raise InvalidEnvironment("must be text", origin=layer.origin, path=layer.key_path(here))
        if isinstance(value, Mapping):
            yield name, _registry(layer, value, base, here)
        elif name in _NO_FILE or value is None:
            yield name, value
        elif not isinstance(value, str):
            raise InvalidEnvironment(
                f"a registry entry is a type or a file, this is a {type(value).__name__}",
                origin=layer.origin,
                path=layer.key_path(here),
            )
        elif "::" in value:
            yield name, value
        else:
            yield name, resolve_reference(value, base=base, source=layer.origin, path=layer.key_path(here))


def _lookup(document: Any, path: Sequence[str | int]) -> tuple[bool, Any]:
    """Return whether a document has a path, and its value; where it ends before, what it ends with."""
    for key in path:
        is_item = isinstance(document, list) and isinstance(key, int) and 0 <= key < len(document)
        if not is_item and not (isinstance(document, Mapping) and key in document):
            return False, document
        document = document[key]
    return True, document


def _cuts_off(value: Any) -> bool:
    return value is not None and not isinstance(value, Mapping)
