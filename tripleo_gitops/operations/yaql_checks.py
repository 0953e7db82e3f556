"""yaql expressions of the selected templates that Heat cannot compute; what was found is remembered by content."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_template
from tripleo_gitops.heat.documents import may_be_template
from tripleo_gitops.heat.yaql_calls import FUNCTION, UnknownCalls, unknown_calls
from tripleo_gitops.plan.check_codes import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.resolution import Cache, Resolved
    from tripleo_gitops.plan.findings import Finding

_FORMAT = "yaql1"


def check_yaql(resolved: Resolved, *, cache: Cache | None = None) -> Iterator[Finding]:
    """Yield each expression of a template that is in use that calls a function that yaql does not have.

    `cache` keeps the answer for a plan's files together, and for each file.
    """
    tree, bundle = resolved.rendered, resolved.bundle
    paths = sorted({bundle.template_path, *bundle.files})
    told = json.dumps([[path, tree.blob_id(path)] for path in paths])
    key = f"{_FORMAT}-plan-{hashlib.sha256(told.encode('utf-8', 'surrogateescape')).hexdigest()}"
    if cache is not None and cache.get(key) is not None:
        return
    is_clean = True
    for path in paths:
        for found in _calls_of(resolved, path, cache):
            is_clean = False
            line = locate(tree.read(path), found.place)
            words = " and ".join(f"`{name}`" for name in found.names)
            yield finding("yaql-function-unknown", path, line, f"this expression calls {words}, which yaql 3 has not")
    if cache is not None and is_clean:
        cache.put(key, b"")


def _calls_of(resolved: Resolved, path: str, cache: Cache | None) -> tuple[UnknownCalls, ...]:
    key = f"{_FORMAT}-file-{resolved.rendered.blob_id(path)}"
    kept = cache.get(key) if cache is not None else None
    if kept is not None:
        return tuple(UnknownCalls(tuple(place), tuple(names)) for place, names in json.loads(kept))
    found = tuple(_found(resolved.rendered, path))
    if cache is not None:
        cache.put(key, json.dumps([[one.place, one.names] for one in found]).encode())
    return found


def _found(tree: PlanTree, path: str) -> Iterator[UnknownCalls]:
    content = tree.read(path)
    if FUNCTION.encode() not in content or not may_be_template(content):
        return
    try:
        document = parse_template(content, source=path)
    except InvalidDocument:
        return  # only a file that `get_file` reads may be broken here
    if isinstance(document, dict):
        yield from unknown_calls(document)
