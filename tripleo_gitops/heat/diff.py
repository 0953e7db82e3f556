"""The parameter diff: what changes for Heat between two sides of a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.changes import (
    ContentChange,
    EntryChange,
    ParameterDiff,
)
from tripleo_gitops.heat.files import BundleFiles, GivenFiles
from tripleo_gitops.heat.forest import Forest
from tripleo_gitops.heat.holders import with_holders
from tripleo_gitops.heat.outline import hidden_parameters
from tripleo_gitops.heat.pairs import pair_stacks
from tripleo_gitops.heat.parameter_changes import diff_declared, diff_derived
from tripleo_gitops.heat.touched import diff_resources

if TYPE_CHECKING:
    from tripleo_gitops.heat.side import Side

_OTHER_SECTIONS = ("encrypted_param_names", "event_sinks")


def diff_parameters(old: Side | None, new: Side | None) -> ParameterDiff:
    """Return what changes for Heat from `old` to `new`; None is nothing there (a first deploy, or all is gone).

    Raises InvalidTemplate for what Heat would refuse of the stacks that can differ; others are not looked at.
    """
    rest = diff_contents(old, new)
    forests = [Forest(side.bundle) if side else None for side in (old, new)]
    pairs = pair_stacks(*forests)
    environments = [side.bundle.environment for side in (old, new) if side]
    hidden = with_holders(_hidden(old) | _hidden(new), *environments)
    return replace(
        rest,
        parameters=diff_declared(pairs, old, new, hidden),
        derived=diff_derived(pairs, hidden),
        resources=diff_resources(pairs),
    )


def diff_contents(old: Side | None, new: Side | None) -> ParameterDiff:
    """Return what differs of two sides without making a stack of either: no parameters, and no resources."""
    return ParameterDiff(
        parameters=(),
        derived=(),
        registry=tuple(_registry(old, new)),
        files=tuple(_file_changes(old, new)),
        outputs=tuple(_named_changes(_outputs(old), _outputs(new))),
        sections=tuple(_named_changes(_sections(old), _sections(new))),
        resources=(),
    )


def _hidden(side: Side | None) -> frozenset[str]:
    """Return the parameters that any template of a side hides, used or not: hidden once is hidden everywhere."""
    if side is None:
        return frozenset()
    contents = side.bundle.contents
    own = hidden_parameters(side.bundle.template)
    return side.hidden.union(own, *(contents.outline(path).hidden for path in contents))


def _registry(old: Side | None, new: Side | None) -> Iterator[EntryChange]:
    before, after = (dict(_entries(_section(side, "resource_registry"), ())) for side in (old, new))
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield EntryChange(
                path,
                before.get(path),
                after.get(path),
                old.origin("resource_registry", *path) if old else None,
                new.origin("resource_registry", *path) if new else None,
            )


def _section(side: Side | None, name: str) -> Mapping[str, Any]:
    return side.bundle.environment.get(name) or {} if side else {}


def _entries(level: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in level.items():
        if isinstance(value, Mapping):
            yield from _entries(value, (*path, name))
        else:
            yield (*path, name), value


def _file_changes(old: Side | None, new: Side | None) -> Iterator[ContentChange]:
    """Yield the files that differ, templates by what they say and not by how it is written; the main one first."""
    sides = [side.bundle if side else None for side in (old, new)]
    templates = [_without_outputs(bundle.template) if bundle else None for bundle in sides]
    if templates[0] != templates[1]:
        names = [bundle.template_path for bundle in sides if bundle]
        yield ContentChange(names[-1], *(None if one is None else _hash(one) for one in templates))
    before, after = (bundle.contents if bundle else GivenFiles({}) for bundle in sides)
    for path in sorted(before.keys() | after.keys()):
        identities = [one.identity(path) if path in one else None for one in (before, after)]
        if identities[0] == identities[1]:
            continue
        if None in identities or _content(before, path) != _content(after, path):
            yield ContentChange(path, *(None if one is None else _hash(one) for one in identities))


def _content(files: BundleFiles | GivenFiles, path: str) -> Any:
    document = files.document(path)
    return files[path] if document is None else document


def _without_outputs(template: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in template.items() if key not in {"outputs", "Outputs"}}


def _named_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ContentChange]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield ContentChange(name, before.get(name), after.get(name))


def _sections(side: Side | None) -> dict[str, str]:
    """Return a hash of the environment's other sections; an empty one is as none."""
    environment = side.bundle.environment if side else {}
    return {name: _hash(environment[name]) for name in _OTHER_SECTIONS if environment.get(name)}


def _outputs(side: Side | None) -> dict[str, str]:
    if side is None:
        return {}
    outputs = side.bundle.template.get("outputs") or side.bundle.template.get("Outputs") or {}
    return {name: _hash(output) for name, output in outputs.items()}


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
