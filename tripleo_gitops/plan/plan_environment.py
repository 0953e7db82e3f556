"""plan-environment.yaml 1.0: which template, which environments in which order, and the plan's own values."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.remembered import remembered
from tripleo_gitops.plan.document import Document, KeyPath, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

PLAN_ENVIRONMENT_FILE = "plan-environment.yaml"
VERSION = "1.0"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


_KNOWN_KEYS = frozenset(
    {
        "version",
        "name",
        "description",
        "template",
        "environments",
        "parameter_defaults",
        "derived_parameters",
        "resource_registry",
        "passwords",
        "role_tags",
        "workflow_parameters",
    }
)


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """A selected environment: a file of the rendered plan."""

    path: str


@dataclass(frozen=True, slots=True)
class InlineEnvironment:
    """An environment that stands in the plan environment itself; `index` is its place in the list."""

    data: Mapping[str, Any]
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEnvironment:
    """What plan-environment.yaml says; sections that are absent or null are empty.

    `name` is what the file says: TripleO goes by the container's name, whatever this one is.
    `unknown_keys` are kept out of everything, as TripleO ignores them.
    """

    version: str = VERSION
    name: str | None = None
    description: str = ""
    template: str
    environments: tuple[EnvironmentFile | InlineEnvironment, ...] = ()
    parameter_defaults: Mapping[str, Any] = field(default_factory=_nothing)
    derived_parameters: Mapping[str, Any] = field(default_factory=_nothing)
    resource_registry: Mapping[str, Any] = field(default_factory=_nothing)
    passwords: Mapping[str, Any] = field(default_factory=_nothing)
    workflow_parameters: Mapping[str, Any] = field(default_factory=_nothing)
    role_tags: tuple[str, ...] = ()
    unknown_keys: tuple[str, ...] = ()

    @property
    def selected_paths(self) -> tuple[str, ...]:
        """The selected environment files, in order."""
        return tuple(entry.path for entry in self.environments if isinstance(entry, EnvironmentFile))


def read_plan_environment(tree: PlanTree) -> PlanEnvironment:
    """Return a plan's environment; raises MissingFile and InvalidDocument.

    TripleO takes a plan without this file for one that has nothing to say. We do not: it is no plan.
    """
    return parse_plan_environment(tree.read(PLAN_ENVIRONMENT_FILE))


def parse_plan_environment(content: bytes, *, source: str = PLAN_ENVIRONMENT_FILE) -> PlanEnvironment:
    """Return the plan environment in `content`; raises InvalidDocument with the line of what is wrong."""
    return _plan_environment(content, source=source)


@remembered
def _plan_environment(content: bytes, *, source: str) -> PlanEnvironment:
    document = Document(content, source=source)
    root = document.expect(document.value, dict, (), what="a mapping with version, template, environments …")
    template = document.get(root, "template", str, (), required=True)
    return PlanEnvironment(
        version=_version(document, root),
        name=document.get(root, "name", str, ()),
        description=document.get(root, "description", str, ()) or "",
        template=document.plan_path(template, ("template",)),
        environments=_environments(document, root),
        parameter_defaults=_section(document, root, "parameter_defaults"),
        derived_parameters=_section(document, root, "derived_parameters"),
        resource_registry=_section(document, root, "resource_registry"),
        passwords=_section(document, root, "passwords"),
        workflow_parameters=_workflow_parameters(document, root),
        role_tags=document.strings(root, "role_tags", ()),
        unknown_keys=tuple(str(key) for key in root if key not in _KNOWN_KEYS),
    )


def _version(document: Document, root: Mapping[str, Any]) -> str:
    version = root.get("version", VERSION)
    if isinstance(version, bool) or version not in (1, VERSION):
        raise document.error(("version",), f"{version!r} is not known; known is {VERSION}")
    return VERSION


def _section(document: Document, root: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    section = document.get(root, key, dict, ()) or {}
    _check_keys(document, section, (key,))
    return MappingProxyType(section)


def _check_keys(document: Document, section: Mapping[Any, Any], path: KeyPath) -> None:
    for name in section:
        if not isinstance(name, str):
            raise document.error((*path, name), f"{name!r} is {kind_of(name)}, a name is needed; quote it")


def _workflow_parameters(document: Document, root: Mapping[str, Any]) -> Mapping[str, Any]:
    section = _section(document, root, "workflow_parameters")
    for workflow, parameters in section.items():
        document.expect(parameters, dict, ("workflow_parameters", workflow))
    return section


def _environments(document: Document, root: Mapping[str, Any]) -> tuple[EnvironmentFile | InlineEnvironment, ...]:
    entries = document.get(root, "environments", list, ()) or []
    return tuple(_environment(document, entry, index) for index, entry in enumerate(entries))


def _environment(document: Document, entry: Any, index: int) -> EnvironmentFile | InlineEnvironment:
    path: KeyPath = ("environments", index)
    document.expect(entry, dict, path, what="`path: FILE` or `data: {…}`")
    if len(entry) != 1 or next(iter(entry)) not in ("path", "data"):
        keys = ", ".join(str(key) for key in entry) or "nothing"
        raise document.error(path, f"either `path` or `data` is needed, not {keys}")
    if "path" in entry:
        return EnvironmentFile(document.plan_path(entry["path"], (*path, "path")))
    data = document.expect(entry["data"], dict, (*path, "data"))
    _check_keys(document, data, (*path, "data"))
    return InlineEnvironment(MappingProxyType(data), index)
