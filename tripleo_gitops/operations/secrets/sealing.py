"""Move what stands in clear into secrets.yaml, so that what Heat gets stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.edit import unset_value
from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.check_secrets import PASSWORDS, ClearValue, secrets_in_clear
from tripleo_gitops.plan.document import spelled
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, Section
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree

KeyPath = tuple[str | int, ...]


class Sealer(Protocol):
    """Seals values into the bytes of secrets.yaml."""

    def seal(self, document: Mapping[str, Any], *, recipients: Sequence[str]) -> bytes: ...
    def put(self, content: bytes, path: KeyPath, value: Any) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FoundInClear:
    """A secret to move: where it goes, and where it stands; its value is not shown."""

    section: Section
    name: str
    source: str
    value: Any

    def __repr__(self) -> str:
        return f"FoundInClear({self.section}.{self.name} in {self.source})"


@dataclass(frozen=True, slots=True)
class SealingPlan:
    """What moves into secrets.yaml, and the files as they are without it."""

    found: tuple[FoundInClear, ...]
    edits: Mapping[str, bytes]


def plan_sealing(tree: PlanTree) -> SealingPlan:
    """Return which secrets of a plan tree stand in clear, and its files without them.

    The word that wins today is the one that is sealed. Raises Refused for one that cannot be moved without
    changing what Heat gets: a role's own parameter, an inline environment, a file that a template makes.
    """
    rendered = render(tree)
    values = secrets_in_clear(rendered, read_plan_environment(tree).selected_paths)
    edits: dict[str, bytes] = {}
    found: dict[tuple[Section, str], FoundInClear] = {}
    for value in sorted(values, key=_precedence):
        _check_movable(tree, value)
        section = Section.PASSWORDS if value.is_password else Section.PARAMETERS
        content = value.document.value
        for step in value.place:
            content = content[step]
        before = found.get((section, value.name))
        if before is not None and isinstance(content, dict):
            raise Refused(
                f"{value.name} is a mapping that {before.source} and {value.path} add up to; join them by hand"
            )
        found[section, value.name] = FoundInClear(section, value.name, value.path, content)
        edited = edits.get(value.path) or tree.read(value.path)
        whole = (PASSWORDS,) if value.is_password else value.place
        edits[value.path] = unset_value(edited, whole, source=value.path)
    return SealingPlan(tuple(found.values()), edits)


def apply_sealing(
    plan: SealingPlan, sealed: bytes | None, vault: Sealer, *, recipients: Sequence[str] = ()
) -> dict[str, bytes]:
    """Return the files to write: the edited ones and secrets.yaml, which is made for `recipients` if there is none."""
    if not plan.found:
        return {}
    if sealed is None:
        sections: dict[str, dict[str, Any]] = {section.value: {} for section in Section}
        for secret in plan.found:
            sections[secret.section][secret.name] = secret.value
        content = vault.seal(sections, recipients=recipients)
    else:
        content = sealed
        for secret in plan.found:
            content = vault.put(content, (secret.section.value, secret.name), secret.value)
    return {**plan.edits, SECRETS_FILE: content}


def _check_movable(tree: PlanTree, value: ClearValue) -> None:
    simple = len(value.place) == 2 and value.place[0] != "derived_parameters"
    if not simple or value.path not in tree.paths():
        reason = "a template makes that file" if value.path not in tree.paths() else "other values hang on its place"
        raise Refused(
            f"{value.path}: {spelled(value.place)} is in clear and cannot be moved by itself ({reason}); "
            f"take it out by hand, and `tripleo-plan secrets set {value.name}`"
        )


def _precedence(value: ClearValue) -> int:
    """Sort the plan's own parameters behind those of files, whose order is that of the selection already."""
    return 1 if value.path == PLAN_ENVIRONMENT_FILE else 0
