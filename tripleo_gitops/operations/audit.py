"""Secrets that were ever committed in clear, over the whole history of every branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.check_secrets import ClearValue, secrets_in_clear
from tripleo_gitops.plan.document import spelled
from tripleo_gitops.plan.plan_environment import read_plan_environment
from tripleo_gitops.plan.revision import Revision
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, parse_sealed
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.repository.objects import PlanRepository

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSecret:
    """A secret that some commit has in clear: where it stands in the first one that has it, and whether HEAD does."""

    name: str
    path: str
    line: int | None
    first: Revision
    subject: str
    is_there_now: bool


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    path: str
    line: int | None


def audit_history(repository: PlanRepository) -> tuple[ExposedSecret, ...]:
    """Return every secret that a commit of any branch has in clear, once for each file, the oldest commit first.

    A commit whose files are those of one that was read is not read again.
    """
    if not repository.has_commits():
        return ()
    now = {_key(place) for place in _exposed(repository.tree(repository.resolve()))}
    found: dict[Key, ExposedSecret] = {}
    read: dict[frozenset[tuple[str, str]], tuple[_Place, ...]] = {}
    for commit in repository.history():
        revision = Revision(commit=commit.commit)
        tree = repository.tree(revision)
        files = frozenset((path, tree.blob_id(path)) for path in tree.paths())
        if files not in read:
            read[files] = tuple(_exposed(tree))
        for place in read[files]:
            found[_key(place)] = ExposedSecret(
                name=place.name,
                path=place.path,
                line=place.line,
                first=revision,
                subject=commit.subject,
                is_there_now=_key(place) in now,
            )
    return tuple(reversed(found.values()))


def _exposed(tree: PlanTree) -> Iterator[_Place]:
    """Yield what stands in clear in one tree; a tree that is no plan, or a broken one, says what it can."""
    yield from _unsealed(tree)
    try:
        found = _in_clear(tree)
    except (InvalidInput, MissingFile):
        return
    for value in found:
        yield _Place(value.name, value.path, value.line)


def _in_clear(tree: PlanTree) -> tuple[ClearValue, ...]:
    return secrets_in_clear(render(tree), read_plan_environment(tree).selected_paths)


def _unsealed(tree: PlanTree) -> Iterator[_Place]:
    if SECRETS_FILE in tree.paths():
        try:
            sealed = parse_sealed(tree.read(SECRETS_FILE))
        except InvalidDocument:
            return
        for path in sealed.in_clear:
            yield _Place(spelled(path), SECRETS_FILE, None)


def _key(place: _Place) -> Key:
    return place.name, place.path
