"""What somebody wrote into a plan's Mistral environment, as edits of plan-environment.yaml: three-way, nothing lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.edit import set_value, unset_value
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.mirror.mistral_environment import ALWAYS, VARIABLES, environment_variables
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree

_GONE = object()
Path = tuple[str, ...]


class EnvironmentConflict(Refused):
    """Keys that were changed in Git and in the Mistral environment, each in its own way."""

    reason = "EnvironmentConflict"

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(
            f"{', '.join(keys[:3])}{', …' if len(keys) > 3 else ''} changed in Git and in Mistral's environment since "
            "it was mirrored; nothing was changed: put one of them right and try again"
        )
        self.keys = keys


class EnvironmentWritten(Refused):
    """Keys of a plan's Mistral environment that somebody wrote since it was mirrored, and that a sync would lose."""

    reason = "EnvironmentWritten"

    def __init__(self, name: str, keys: tuple[str, ...]) -> None:
        super().__init__(
            f"the Mistral environment {name} was written to since it was mirrored: {', '.join(keys[:3])}"
            f"{', …' if len(keys) > 3 else ''}; nothing was changed: the next change by an action of Mistral commits "
            "that, or set it in the plan (`tripleo-plan parameters set`), or overwrite it (`tripleo-plan sync --force`)"
        )
        self.keys = keys


def keys_written(newest: PlanTree, mirrored: Iterable[PlanTree], found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that an environment has from somebody else, not from the newest tree or one mirrored before.

    `mirrored` are the trees that syncs wrote, or began to; where there are none, nobody can tell.
    """
    theirs = _plain_leaves({**ALWAYS, **found})
    written = [_plain_leaves(variables) for variables in map(environment_variables, mirrored) if variables is not None]
    wanted = environment_variables(newest)
    if not written or wanted is None:
        return ()
    mine = _plain_leaves(wanted)
    by_base = [
        [key for key in base | theirs if theirs.get(key, _GONE) not in (base.get(key, _GONE), mine.get(key, _GONE))]
        for base in written
    ]
    return tuple(".".join(key) for key in min(by_base, key=len))


def _plain_leaves(variables: Mapping[str, Any]) -> dict[Path, Any]:
    """Return what is compared by itself, as it is once it has been through Mistral."""
    return dict(_leaves(json.loads(json.dumps(variables, default=str))))


def environment_edits(mirrored: PlanTree, newest: PlanTree, found: Mapping[str, Any] | None) -> dict[str, bytes]:
    """Return what brings to the newest tree what an environment has and the mirrored revision did not write.

    None where there is no environment, and the same as was written, give no edit. Raises EnvironmentConflict.
    """
    base, ours = environment_variables(mirrored), environment_variables(newest)
    if found is None or base is None or ours is None:
        return {}
    before, mine, theirs = (dict(_leaves(one)) for one in (base, ours, {**ALWAYS, **found}))
    changed = [path for path in before | theirs if before.get(path, _GONE) != theirs.get(path, _GONE)]
    conflicts = tuple(
        ".".join(path)
        for path in changed
        if mine.get(path, _GONE) not in (before.get(path, _GONE), theirs.get(path, _GONE))
    )
    if conflicts:
        raise EnvironmentConflict(conflicts)
    content = newest.read(PLAN_ENVIRONMENT_FILE)
    for path in changed:
        value = theirs.get(path, _GONE)
        if value is _GONE:
            content = unset_value(content, path, source=PLAN_ENVIRONMENT_FILE)
        else:
            content = set_value(content, path, value, source=PLAN_ENVIRONMENT_FILE)
    return {PLAN_ENVIRONMENT_FILE: content} if content != newest.read(PLAN_ENVIRONMENT_FILE) else {}


def _leaves(variables: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield what is compared by itself: each parameter of a section, and each other variable whole."""
    for key in VARIABLES:
        value = variables.get(key)
        if isinstance(value, dict):
            for name, one in value.items():
                yield (key, str(name)), one
        elif value is not None:
            yield (key,), value
