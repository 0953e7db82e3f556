"""Which parameters the templates of a plan declare, and which of them are hidden; read from every template there is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, parse_template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.rendering import RenderCache

_MARKS = (b"heat_template_version", b"HeatTemplateFormatVersion")
_SUFFIXES = (".yaml", ".yml", ".template", ".json")


def declared_parameters(
    tree: PlanTree, *, names: Collection[str] = (), cache: RenderCache | None = None
) -> dict[str, bool]:
    """Return every parameter that a template of a rendered tree declares, and whether any template hides it.

    All templates are read, also those that nothing selects yet; with `names`, only those that hold one of the
    names. What cannot be parsed declares nothing here: the checks say that. `cache` remembers what files declare.
    """
    words = [name.encode() for name in names]
    asked = hashlib.sha256(b"\0".join(sorted(words))).hexdigest()[:16]
    declared: dict[str, bool] = {}
    for path in tree.paths():
        if path.endswith(_SUFFIXES):
            for name, is_hidden in _recalled(tree, path, words, asked, cache):
                declared[name] = declared.get(name, False) or is_hidden
    return declared


def _recalled(
    tree: PlanTree, path: str, words: list[bytes], asked: str, cache: RenderCache | None
) -> list[tuple[str, bool]]:
    key = f"declared1-{asked}-{tree.blob_id(path)}" if cache is not None else ""
    kept = cache.get(key) if cache is not None else None
    if kept is not None:
        return [(name, is_hidden) for name, is_hidden in json.loads(kept)]
    content = tree.read(path)
    is_asked = any(mark in content for mark in _MARKS) and (not words or any(word in content for word in words))
    found = list(_declared(content, path)) if is_asked else []
    if cache is not None:
        cache.put(key, json.dumps(found).encode())
    return found


def _declared(content: bytes, path: str) -> Iterator[tuple[str, bool]]:
    try:
        document = parse_template(content, source=path)
    except InvalidDocument:
        return
    parameters: Any = document.get("parameters", document.get("Parameters")) if isinstance(document, Mapping) else None
    for name, schema in parameters.items() if isinstance(parameters, Mapping) else ():
        if isinstance(schema, Mapping):
            no_echo = str(schema.get("NoEcho", "false")).lower() == "true"
            yield str(name), bool(schema.get("hidden", False)) or no_echo
