"""Secrets that were ever committed in clear, over the whole history of every branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput
from tripleo_gitops.plan.check_secrets import ClearValue, environment_values, own_values, secret_among
from tripleo_gitops.plan.document import spelled
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment
from tripleo_gitops.plan.revision import Revision
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, parse_sealed
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.repository.objects import PlanRepository

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedSecret:
    """A secret that some commit has in clear: where it stands in the first one that has it, and whether HEAD does.

    `was_selected` says whether a commit ever gave it to Heat; elsewhere it may be a sample, or somebody's own.
    """

    name: str
    path: str
    line: int | None
    first: Revision
    subject: str
    is_there_now: bool
    was_selected: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """A secret in clear in one tree: its name and place, and whether the tree gives it to Heat."""

    name: str
    path: str
    line: int | None
    is_selected: bool


def audit_history(repository: PlanRepository, *, cache: Cache | None = None) -> tuple[ExposedSecret, ...]:
    """Return every secret that a commit of any branch has in clear, once for each file, the oldest commit first.

    Every file is read in which a plan can hold one, selected or not; each of its versions once, and no commit whose
    files are those of one that was read. `cache` keeps renders, and what templates declare, over time.
    """
    if not repository.has_commits():
        return ()
    reader = ExposureReader(cache)
    now = {_key(place) for place in reader.exposed(repository.tree(repository.resolve()))}
    found: dict[Key, ExposedSecret] = {}
    read: dict[frozenset[tuple[str, str]], tuple[Exposure, ...]] = {}
    for commit in repository.history():
        revision = Revision(commit=commit.commit)
        tree = repository.tree(revision)
        files = frozenset((path, tree.blob_id(path)) for path in tree.paths())
        if files not in read:
            read[files] = tuple(reader.exposed(tree))
        for place in read[files]:
            before = found.get(_key(place))
            found[_key(place)] = ExposedSecret(
                name=place.name,
                path=place.path,
                line=place.line,
                first=revision,
                subject=commit.subject,
                is_there_now=_key(place) in now,
                was_selected=place.is_selected or (before is not None and before.was_selected),
            )
    return tuple(reversed(found.values()))


class ExposureReader:
    """Reads the trees of one history, most of whose files they share."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._values: dict[tuple[str, str], tuple[ClearValue, ...]] = {}

    def exposed(self, tree: PlanTree) -> Iterator[Exposure]:
        """Yield what stands in clear in one tree; a tree that is no plan, or a broken one, says what it can."""
        yield from _unsealed(tree)
        whole: PlanTree = tree
        selected: frozenset[str] = frozenset()
        try:
            whole = render(tree, cache=self._cache)
            whole.paths()
            selected = frozenset(read_plan_environment(tree).selected_paths)
        except (InvalidInput, MissingFile):
            pass
        values = [*own_values(tree), *(value for path in _candidates(whole) for value in self._of(whole, path))]
        for value in secret_among(whole, values, cache=self._cache):
            yield Exposure(
                value.name, value.path, value.line, value.path == PLAN_ENVIRONMENT_FILE or value.path in selected
            )

    def _of(self, tree: PlanTree, path: str) -> tuple[ClearValue, ...]:
        try:
            key = (path, tree.blob_id(path))
            if key not in self._values:
                self._values[key] = tuple(environment_values(tree, path, is_any_file=True))
        except InvalidInput:
            return ()  # a render that failed; the template itself is read as it is
        return self._values[key]


def _candidates(tree: PlanTree) -> Iterator[str]:
    """Yield the files of which any may be an environment; plan-environment.yaml and secrets.yaml are read as such."""
    for path in tree.paths():
        if path.endswith((".yaml", ".yml", ".json", ".env")) and path not in (PLAN_ENVIRONMENT_FILE, SECRETS_FILE):
            yield path


def _unsealed(tree: PlanTree) -> Iterator[Exposure]:
    if SECRETS_FILE in tree.paths():
        try:
            sealed = parse_sealed(tree.read(SECRETS_FILE))
        except InvalidDocument:
            return
        for path in sealed.in_clear:
            yield Exposure(spelled(path), SECRETS_FILE, None, is_selected=True)


def _key(place: Exposure) -> Key:
    return place.name, place.path
