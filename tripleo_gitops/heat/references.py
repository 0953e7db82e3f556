"""References of templates and environments: from what is written to a path of the plan."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from tripleo_gitops.heat.errors import OutsidePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE_SUFFIXES = (".yaml", ".template")


def resolve_reference(reference: str, *, base: str, source: str, path: Sequence[str | int] = ()) -> str:
    """Return the plan path that `reference`, written in a file of directory `base`, leads to.

    Raises OutsidePlan for a URL, an absolute path, or one that climbs out of the plan: a Heat client would
    fetch those, which is a way to make it read what its caller may not (reference/hazards.md, Parsing).
    """
    scheme, colon, _ = reference.partition(":")
    if reference.startswith(("/", "\\")) or (colon and scheme.isalnum()):
        raise OutsidePlan(reference, source=source, path=path)
    resolved = posixpath.normpath(posixpath.join(base, reference))
    if resolved in {"", ".", ".."} or resolved.startswith(("../", "/")) or "\0" in resolved:
        raise OutsidePlan(reference, source=source, path=path)
    return resolved
