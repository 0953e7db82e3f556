"""Register the tool's workbooks in Mistral, take them away, and say how they stand; only its own are ever touched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.errors import Refused, Unavailable
from tripleo_gitops.openstack.connection import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MARK = "# tripleo-gitops "
"""How the last line of every text begins that this tool registered; behind it is the text's digest."""


class Standing(StrEnum):
    """How a workbook in Mistral stands to the one of this release."""

    CURRENT = "current"
    OLDER = "other release"
    ABSENT = "absent"
    FOREIGN = "foreign"


class WorkbookStore(Protocol):
    """Mistral, as far as installing needs it."""

    def actions(self) -> frozenset[str]: ...
    def workbook(self, name: str) -> tuple[str, bool] | None: ...
    def put_workbook(self, text: str, *, exists: bool, is_public: bool) -> None: ...
    def delete_workbook(self, name: str) -> None: ...


class MissingActions(Unavailable):
    """Actions that Mistral does not offer."""

    reason = "MissingActions"

    def __init__(self, names: Sequence[str], *, wanted: int) -> None:
        super().__init__(
            f"Mistral lacks {len(names)} of {wanted} actions ({', '.join(names[:3])}, …): install "
            "tripleo-gitops[mistral] where its API, engine and executors run, and start them again"
        )
        self.names = tuple(names)


class ForeignWorkbooks(Refused):
    """Workbooks of the same names that somebody else registered."""

    reason = "ForeignWorkbooks"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"{len(names)} workbooks of those names are not this tool's ({', '.join(names[:3])}, …), perhaps "
            "tripleo-common's or another project's; `tripleo-plan mistral install --replace` replaces one's own"
        )
        self.names = tuple(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class MistralStatus:
    """What of the tool is in Mistral: each workbook's standing, and the actions that are not there.

    `own` names the workbooks that this project registered; others are public ones of another project.
    """

    workbooks: Mapping[str, Standing]
    own: frozenset[str]
    actions: int
    missing: tuple[str, ...]

    @property
    def is_installed(self) -> bool:
        """Whether everything is there, of this release."""
        return not self.missing and all(one is Standing.CURRENT for one in self.workbooks.values())


def mistral_status(store: WorkbookStore, texts: Mapping[str, str], actions: Collection[str]) -> MistralStatus:
    """Return how the workbooks, by name and text, and the actions of this release stand in Mistral."""
    known = store.actions()
    registered = {name: store.workbook(name) for name in texts}
    found = {name: _standing(one[0] if (one := registered[name]) else None, text) for name, text in texts.items()}
    own = frozenset(name for name, one in registered.items() if one is not None and one[1])
    missing = tuple(sorted(name for name in actions if name not in known))
    return MistralStatus(workbooks=found, own=own, actions=len(actions), missing=missing)


def install(
    store: WorkbookStore,
    texts: Mapping[str, str],
    status: MistralStatus,
    *,
    replace: bool = False,
    is_public: bool = True,
) -> tuple[str, ...]:
    """Register what is not current, for every project or for one's own, and return its names.

    Doing it again does nothing.

    Executions that are under way go on with the text that they began with. Raises MissingActions, and
    ForeignWorkbooks unless those are to be replaced.
    """
    if status.missing:
        raise MissingActions(status.missing, wanted=status.actions)
    foreign = [name for name, standing in status.workbooks.items() if standing is Standing.FOREIGN]
    others = [name for name, one in status.workbooks.items() if one is Standing.OLDER and name not in status.own]
    if others or (foreign and not replace) or set(foreign) - status.own:
        raise ForeignWorkbooks([*foreign, *others])
    due = tuple(name for name, standing in status.workbooks.items() if standing is not Standing.CURRENT)
    for name in due:
        standing = status.workbooks[name]
        if standing is Standing.FOREIGN:
            store.delete_workbook(name)
        try:
            store.put_workbook(texts[name], exists=standing is Standing.OLDER, is_public=is_public)
        except RequestRejected as refused:
            if refused.status != 409 or not _is_current(store, name, texts[name]):
                raise  # else somebody else registered the same at the same time
    return due


def uninstall(store: WorkbookStore, status: MistralStatus) -> tuple[str, ...]:
    """Remove this project's workbooks of the tool with their workflows and return their names; all others stay."""
    ours = tuple(
        name
        for name, one in status.workbooks.items()
        if name in status.own and one in (Standing.CURRENT, Standing.OLDER)
    )
    for name in ours:
        store.delete_workbook(name)
    return ours


def _is_current(store: WorkbookStore, name: str, text: str) -> bool:
    found = store.workbook(name)
    return found is not None and _standing(found[0], text) is Standing.CURRENT


def _standing(found: str | None, wanted: str) -> Standing:
    if found is None:
        return Standing.ABSENT
    if MARK not in found:
        return Standing.FOREIGN
    return Standing.CURRENT if _digest(found) == _digest(wanted) else Standing.OLDER


def _digest(text: str) -> str:
    return text.rpartition(MARK)[2].strip()
