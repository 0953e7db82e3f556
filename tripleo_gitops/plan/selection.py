"""The selection of environments: how it changes, which rules it keeps, in which order it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.selection_edit import plan_selection_edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.plan.capabilities import CapabilitiesMap


__all__ = [
    "CapabilityConflict",
    "Rule",
    "RuleBreach",
    "check_selection",
    "order_selection",
    "plan_selection_edit",
    "update_selection",
]


class Rule(StrEnum):
    """The rules that a capabilities map can lay down."""

    REQUIRES = "requires"
    EXCLUDES = "mutually_exclusive"


@dataclass(frozen=True, slots=True)
class RuleBreach:
    """A selected file with what it lacks, or with what it excludes; `group` is the title of that group."""

    rule: Rule
    file: str
    others: tuple[str, ...]
    group: str | None = None

    def __str__(self) -> str:
        others = ", ".join(self.others)
        if self.rule is Rule.REQUIRES:
            return f"{self.file} requires {others}, not selected"
        return f"{self.file} and {others} exclude each other ({self.group or 'one group'})"


class CapabilityConflict(Refused):
    """A change of the selection that would break rules of the capabilities map."""

    reason = "CapabilityConflict"

    def __init__(self, breaches: tuple[RuleBreach, ...]) -> None:
        super().__init__(f"{'; '.join(str(breach) for breach in breaches)}; enable or disable those in one step")
        self.breaches = breaches


def check_selection(capabilities_map: CapabilitiesMap, selected: Sequence[str]) -> tuple[RuleBreach, ...]:
    """Return every rule of the map that a selection breaks, in the order of the selection, each once.

    Upstream leaves both rules to its web interface; here every way in keeps them.
    """
    chosen = dict.fromkeys(selected)
    requirements = capabilities_map.requirements()
    breaches: list[RuleBreach] = []
    for file in chosen:
        missing = tuple(name for name in requirements.get(file, ()) if name not in chosen)
        if missing:
            breaches.append(RuleBreach(Rule.REQUIRES, file, missing))
    for group in capabilities_map.groups():
        files = {environment.file for environment in group.environments}
        both = tuple(file for file in chosen if file in files)
        if group.mutually_exclusive and len(both) > 1:
            breaches.append(RuleBreach(Rule.EXCLUDES, both[0], both[1:], group.title))
    return tuple(dict.fromkeys(breaches))


def update_selection(
    capabilities_map: CapabilitiesMap,
    selected: Sequence[str],
    changes: Mapping[str, bool],
    *,
    purge: bool = False,
) -> tuple[str, ...]:
    """Return the selection after some files are enabled (True) and disabled (False).

    `purge` disables whatever is not named in `changes`. The order is stable: mapped files first, what is
    required before what requires it, then the files that the map does not know, as they were; enabling a
    file again moves nothing. Raises CapabilityConflict for a selection that breaks a rule.
    """
    kept = [file for file in dict.fromkeys(selected) if changes.get(file, not purge)]
    added = [file for file, enable in changes.items() if enable and file not in kept]
    ordered = order_selection(capabilities_map, (*kept, *added))
    breaches = check_selection(capabilities_map, ordered)
    if breaches:
        raise CapabilityConflict(breaches)
    return ordered


def order_selection(capabilities_map: CapabilitiesMap, selected: Iterable[str]) -> tuple[str, ...]:
    """Return the files of a selection, mapped before unmapped, required before requirer, otherwise as given.

    Requirements in a circle stay in the order given: each needs the other to be there, none to be first.
    """
    files = list(dict.fromkeys(selected))
    requirements = capabilities_map.requirements()
    mapped = [file for file in files if file in requirements]
    required = {name for file in mapped for name in requirements[file]}
    first = [file for file in files if file in requirements or file in required]
    ordered: dict[str, None] = {}
    for file in first:
        _place(file, requirements, available=set(first), ordered=ordered)
    return (*ordered, *(file for file in files if file not in ordered))


def _place(
    file: str, requirements: Mapping[str, Sequence[str]], *, available: set[str], ordered: dict[str, None]
) -> None:
    """Add `file` to `ordered` after what it requires; no recursion, a map may chain thousands."""
    pending = [(file, False)]
    under_way: set[str] = set()
    while pending:
        current, is_ready = pending.pop()
        if is_ready:
            ordered[current] = None
        elif current in available and current not in ordered and current not in under_way:
            under_way.add(current)
            pending.append((current, True))
            pending.extend((name, False) for name in reversed(requirements.get(current, ())))
