"""The parameter diff: what changes for Heat between two sides of a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.changes import (
    ContentChange,
    EntryChange,
    ParameterDiff,
)
from tripleo_gitops.heat.parameter_changes import diff_declared, diff_derived
from tripleo_gitops.heat.touched import diff_resources
from tripleo_gitops.heat.walk import hidden_names

if TYPE_CHECKING:
    from tripleo_gitops.heat.side import Side


def diff_parameters(old: Side | None, new: Side | None) -> ParameterDiff:
    """Return what changes for Heat from `old` to `new`; None is nothing there (a first deploy, or all is gone)."""
    hidden = hidden_names(old.tree if old else None, new.tree if new else None)
    hidden |= (old.hidden if old else frozenset()) | (new.hidden if new else frozenset())
    return ParameterDiff(
        parameters=diff_declared(old, new, hidden),
        derived=diff_derived(old, new, hidden),
        registry=tuple(_registry(old, new)),
        files=tuple(_contents(_files(old), _files(new))),
        outputs=tuple(_contents(_outputs(old), _outputs(new))),
        resources=diff_resources(old.tree if old else None, new.tree if new else None),
    )


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


def _files(side: Side | None) -> dict[str, str]:
    """Return a hash of each file that Heat gets, of templates by what they say and not by how it is written."""
    if side is None:
        return {}
    hashes = {
        path: _hash(side.bundle.contents.document(path) or content) for path, content in side.bundle.files.items()
    }
    template = {key: value for key, value in side.bundle.template.items() if key not in {"outputs", "Outputs"}}
    return {**hashes, "(template)": _hash(template)}


def _outputs(side: Side | None) -> dict[str, str]:
    if side is None:
        return {}
    outputs = side.bundle.template.get("outputs") or side.bundle.template.get("Outputs") or {}
    return {name: _hash(output) for name, output in outputs.items()}


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _contents(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[ContentChange]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield ContentChange(name, old.get(name), new.get(name))
