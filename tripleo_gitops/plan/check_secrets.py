"""Secrets that stand in a plan in clear, and a secrets.yaml that is not what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.check_codes import finding
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.document import Document, KeyPath, spelled
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import METADATA, SECRETS_FILE, is_sealed, parse_sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.findings import Finding
    from tripleo_gitops.plan.plan_environment import PlanEnvironment
    from tripleo_gitops.plan.rendering import RenderCache

_SECTIONS = ("parameter_defaults", "parameters")
_OWN_SECTIONS = ("parameter_defaults", "derived_parameters")
PASSWORDS = "passwords"
ROLE_SUFFIX = "Parameters"


@dataclass(frozen=True, slots=True)
class ClearValue:
    """A parameter that a file sets in clear, and where; `is_password` where it stands among the plan's passwords."""

    name: str
    document: Document
    place: KeyPath
    is_password: bool

    @property
    def path(self) -> str:
        """The file."""
        return self.document.source

    @property
    def line(self) -> int | None:
        """The line, from 1."""
        return self.document.line_of(self.place)


def check_secrets_file(tree: PlanTree) -> Iterator[Finding]:
    """Yield what is wrong with secrets.yaml, as far as that can be seen without a key."""
    if SECRETS_FILE not in tree.paths():
        return
    content = tree.read(SECRETS_FILE)
    try:
        sealed = parse_sealed(content)
        document = Document(content, source=SECRETS_FILE)
    except InvalidDocument as exc:
        yield finding("secrets-invalid", SECRETS_FILE, exc.line, exc.problem)
        return
    for path in sealed.in_clear:
        yield finding("secret-not-sealed", SECRETS_FILE, document.line_of(path), f"{spelled(path)} is in clear")
    for key in sealed.foreign_keys:
        yield finding("secrets-invalid", SECRETS_FILE, document.line_of((METADATA, key)), f"it names keys of {key}")
    if not sealed.recipients:
        yield finding("secrets-invalid", SECRETS_FILE, document.line_of((METADATA,)), "it is sealed for nobody")


def check_clear_secrets(
    rendered: PlanTree, environment: PlanEnvironment, *, cache: RenderCache | None = None
) -> Iterator[Finding]:
    """Yield the passwords and hidden parameters that what the plan selects sets in clear."""
    for value in secrets_in_clear(rendered, environment.selected_paths, cache=cache):
        what = "password" if value.is_password else "hidden parameter"
        yield finding("secret-in-clear", value.path, value.line, f"the {what} {value.name} is in clear")


def secrets_in_clear(
    rendered: PlanTree, selected: Collection[str], *, cache: RenderCache | None = None
) -> tuple[ClearValue, ...]:
    """Return the values in clear whose names are those of passwords, or of parameters that a template hides."""
    return secret_among(rendered, tuple(clear_values(rendered, selected)), cache=cache)


def secret_among(
    rendered: PlanTree, values: Sequence[ClearValue], *, cache: RenderCache | None = None
) -> tuple[ClearValue, ...]:
    """Return those of `values` that are passwords, or parameters that a template of the rendered plan hides."""
    names = {value.name for value in values if not value.is_password} - KINDS.keys()
    secret = hidden_among(rendered, names, cache=cache) | KINDS.keys()
    return tuple(value for value in values if value.is_password or value.name in secret)


def hidden_among(rendered: PlanTree, names: Collection[str], *, cache: RenderCache | None = None) -> set[str]:
    """Return those of `names` that a template of the rendered plan hides."""
    if not names:
        return set()
    declared = declared_parameters(rendered, names=names, cache=cache)
    return {name for name in names if declared.get(name, False)}


def clear_values(tree: PlanTree, selected: Collection[str]) -> Iterator[ClearValue]:
    """Yield every parameter that the plan environment or a selected environment sets, sealed and empty ones aside.

    A role's own parameters (`ComputeParameters: {…}`) count by their names, too.
    """
    yield from own_values(tree)
    for path in selected:
        yield from environment_values(tree, path)


def own_values(tree: PlanTree) -> Iterator[ClearValue]:
    """Yield what plan-environment.yaml sets, its inline environments too."""
    own = _document(tree, PLAN_ENVIRONMENT_FILE)
    if own is None:
        return
    yield from _values(own, (PASSWORDS,), is_password=True)
    for section in _OWN_SECTIONS:
        yield from _values(own, (section,))
    entries = own.value.get("environments") if isinstance(own.value, Mapping) else None
    for index in range(len(entries) if isinstance(entries, list) else 0):
        for section in _SECTIONS:
            yield from _values(own, ("environments", index, "data", section))


def environment_values(tree: PlanTree, path: str, *, is_any_file: bool = False) -> Iterator[ClearValue]:
    """Yield what an environment sets; with `is_any_file` a template yields nothing, and `passwords` count, too."""
    document = _document(tree, path)
    if document is None or (is_any_file and _is_template(document.value)):
        return
    for section in (*_SECTIONS, PASSWORDS) if is_any_file else _SECTIONS:
        yield from _values(document, (section,))


def _is_template(value: Any) -> bool:
    return isinstance(value, Mapping) and bool({"heat_template_version", "HeatTemplateFormatVersion"} & value.keys())


def _document(tree: PlanTree, path: str) -> Document | None:
    """Return a file, parsed; None for one that is missing or broken, which other checks say."""
    try:
        return Document(tree.read(path), source=path)
    except (MissingFile, InvalidDocument):
        return None


def _values(document: Document, section: KeyPath, *, is_password: bool = False) -> Iterator[ClearValue]:
    values: Any = document.value
    for step in section:
        is_there = isinstance(values, Mapping) and step in values
        is_item = isinstance(values, list) and isinstance(step, int)
        values = values[step] if is_there or is_item else None
    for name, value in values.items() if isinstance(values, Mapping) else ():
        if _says_something(value):
            yield ClearValue(str(name), document, (*section, name), is_password)
        if str(name).endswith(ROLE_SUFFIX) and isinstance(value, Mapping):
            inner = (key for key, content in value.items() if _says_something(content))
            for key in inner:
                yield ClearValue(str(key), document, (*section, name, key), is_password=False)


def _says_something(value: Any) -> bool:
    return value not in (None, "", {}, []) and not is_sealed(value)
