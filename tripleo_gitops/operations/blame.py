"""Who set a parameter's value, in which commit, and which values it had before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import locate
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.changes import Origin
from tripleo_gitops.heat.holders import inner_keys
from tripleo_gitops.heat.masking import Masked, to_plain
from tripleo_gitops.operations.opening import sealed_values
from tripleo_gitops.operations.parameter_forms import SECTIONS, UnknownParameter, ValueState, show_parameter
from tripleo_gitops.operations.resolution import Reader, merged_environment, resolve_plan
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.networks import networks_file
from tripleo_gitops.plan.plan import Plan, load_plan
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.roles import ROLES_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE
from tripleo_gitops.plan.template_outputs import EXCLUDES_FILE
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.resolution import Cache
    from tripleo_gitops.plan.rendering import RenderedTree
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.commit_log import CommitLog, LoggedCommit
    from tripleo_gitops.repository.objects import PlanRepository

ALWAYS = (PLAN_ENVIRONMENT_FILE, SECRETS_FILE)


@dataclass(frozen=True, slots=True)
class Word:
    """What a revision says of a parameter: its value, and where; `problem` for a revision that cannot be read.

    `same` decides whether two words are one: a digest, so that hidden values are told apart and not told.
    """

    state: ValueState
    value: Any
    origin: Origin | None
    problem: str = ""
    same: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return the word as plain data; without a value the key is left out."""
        shown = {} if self.value is ABSENT else {"value": to_plain(self.value)}
        return {
            **shown,
            "state": self.state.value,
            "origin": self.origin.to_document() if self.origin else None,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A commit after which a parameter has another value than after each of its parents; `old` is the first's."""

    commit: LoggedCommit
    old: Word | None
    new: Word

    def to_document(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "commit": self.commit.commit,
            "author": self.commit.author,
            "time": self.commit.time,
            "subject": self.commit.subject,
            "old": self.old.to_document() if self.old else None,
            "new": self.new.to_document(),
        }


class ParameterHistory:
    """One parameter over the commits of a repository; a revision is read only where its relevant files differ.

    Relevant are, while an environment sets the value, the files that environments are made of; else every file
    that the stack is made of. `resolved` counts the revisions that had to be read.
    """

    def __init__(self, repository: PlanRepository, log: CommitLog, name: str, *, cache: Cache | None = None) -> None:
        self._repository, self._log, self._name, self._cache = repository, log, name, cache
        self._by_tree: dict[str, Word] = {}
        self._by_files: dict[tuple[str, ...], dict[tuple[str | None, ...], Word]] = {}
        self.resolved = 0

    def word(self, commit: LoggedCommit) -> Word:
        """Return what a commit says of the parameter."""
        if commit.tree not in self._by_tree:
            self._by_tree[commit.tree] = self._recalled(commit.tree) or self._read(commit.tree)
        return self._by_tree[commit.tree]

    def blame(self, start: Revision) -> ValueChange:
        """Return the commit that gave the value that it has at `start`; raises UnknownParameter."""
        at = self._log.commit(start.commit)
        said = self.word(at)
        if said.state is ValueState.NONE and not said.origin and not said.problem:
            raise UnknownParameter(self._name)
        while (before := self._parent_with(at, said)) is not None:
            at = before
        return ValueChange(at, self._before(at), said)

    def changes(self, start: Revision) -> Iterator[ValueChange]:
        """Yield the commits that changed the value, the newest first."""
        for commit in self._log.commits(start.commit):
            said = self.word(commit)
            is_news = said.state is not ValueState.NONE or bool(said.problem) or bool(commit.parents)
            if is_news and self._parent_with(commit, said) is None:
                yield ValueChange(commit, self._before(commit), said)

    def _before(self, commit: LoggedCommit) -> Word | None:
        return self.word(self._log.commit(commit.parents[0])) if commit.parents else None

    def _parent_with(self, commit: LoggedCommit, said: Word) -> LoggedCommit | None:
        parents = map(self._log.commit, commit.parents)
        return next((parent for parent in parents if self.word(parent).same == said.same), None)

    def _recalled(self, tree: str) -> Word | None:
        for paths, words in self._by_files.items():
            word = words.get(self._log.blobs(tree, paths))
            if word is not None:
                return word
        return None

    def _read(self, tree_id: str) -> Word:
        self.resolved += 1
        tree = self._repository.tree_of(tree_id)
        try:
            word, paths = self._said(tree)
        except GitopsError as exc:
            return Word(ValueState.NONE, ABSENT, None, problem=str(exc), same=f"problem {exc}")
        relevant = tuple(sorted(paths))
        self._by_files.setdefault(relevant, {})[self._log.blobs(tree_id, relevant)] = word
        return word

    def _said(self, tree: PlanTree) -> tuple[Word, set[str]]:
        """Return the word of a tree, and the paths of all files that it depends on."""
        plan, rendered = load_plan(tree), render(tree, cache=self._cache)
        environment = merged_environment(plan, rendered, sealed_values(tree))
        section = next((one for one in SECTIONS if self._name in (environment.document.get(one) or {})), None)
        if section is None:
            return self._default(tree, rendered)
        setting = environment.setting((section, self._name))
        value = environment.document[section][self._name]
        names = (self._name, *inner_keys(value))
        is_hidden = not sealed_values(tree).names.isdisjoint(names) or self._is_hidden(rendered, names)
        origin = Origin(setting.origin, setting.path, _locator(rendered)) if setting else None
        word = Word(
            ValueState.SET,
            Masked() if is_hidden else value,
            origin,
            same=_mark(f"set {value!r} {setting.origin if setting else ''}"),
        )
        return word, _sources(tree, rendered, _environment_files(plan))

    def _is_hidden(self, rendered: PlanTree, names: Sequence[str]) -> bool:
        """Return whether a template hides it or something in it; so is what no template declares at all."""
        declared = declared_parameters(rendered, names=names, cache=self._cache)
        return declared.get(self._name, True) or any(declared.get(name, False) for name in names)

    def _default(self, tree: PlanTree, rendered: RenderedTree) -> tuple[Word, set[str]]:
        resolved = resolve_plan(tree, reader=Reader(self._cache))
        files = {resolved.bundle.template_path, *resolved.bundle.files, *_environment_files(resolved.plan)}
        paths = _sources(tree, rendered, files)
        try:
            facts = show_parameter(resolved, self._name)
        except UnknownParameter:
            return Word(ValueState.NONE, ABSENT, None, same="nothing"), paths
        value = "" if facts.value is ABSENT else repr(facts.value)
        origin = facts.origin or Origin(facts.uses[0].template, ("parameters", self._name), resolved.side.locate)
        return Word(facts.state, facts.value, origin, same=f"{facts.state} {value} {origin.file}"), paths


def _mark(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def _environment_files(plan: Plan) -> Iterable[str]:
    return (*ALWAYS, *plan.environment.selected_paths)


def _sources(tree: PlanTree, rendered: RenderedTree, files: Iterable[str]) -> set[str]:
    """Return the committed files that files of a rendered plan are made of, with every template it may include."""
    templates = {path: rendered.template_of(path) for path in files}
    found = {template or path for path, template in templates.items()} | set(ALWAYS)
    if any(templates.values()):
        found |= {ROLES_FILE, networks_file(tree) or ROLES_FILE, EXCLUDES_FILE}
        found |= {path for path in tree.paths() if ".j2" in path}
    return found


def _locator(tree: PlanTree) -> Callable[[str, tuple[str | int, ...]], int | None]:
    return lambda file, path: locate(tree.read(file), path) if file in tree.paths() else None
