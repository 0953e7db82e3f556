"""What is known of each parameter: its value, who set it and what that overrode, its rules, who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import NotFound
from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.changes import Origin
from tripleo_gitops.heat.holders import with_holders
from tripleo_gitops.heat.masking import Masked, to_plain
from tripleo_gitops.heat.walk import Path, hidden_names, place_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.environment import Setting
    from tripleo_gitops.heat.tree import Parameter, ParameterTree
    from tripleo_gitops.operations.resolution import Resolved

SECTIONS = ("parameters", "parameter_defaults")


class ValueState(StrEnum):
    """Where a parameter's value is from; a computed one is given by the templates above in every stack that has it."""

    SET = "set"
    DEFAULT = "default"
    NONE = "no value"
    COMPUTED = "computed"
    UNUSED = "unused"


class UnknownParameter(NotFound):
    """A name that neither a template declares nor an environment sets."""

    reason = "UnknownParameter"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no template declares a parameter {name}, and nothing sets it; `tripleo-plan parameters list`"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Said:
    """What one layer says about a parameter, and where; the value is Masked where it must not be seen."""

    value: Any
    origin: Origin

    def to_document(self) -> dict[str, Any]:
        """Return this as plain data."""
        return {"value": to_plain(self.value), "origin": self.origin.to_document()}


@dataclass(frozen=True, slots=True)
class Use:
    """One stack that has the parameter: its path, its template, whether the stack above computes the value."""

    place: str
    template: str
    is_computed: bool

    def to_document(self) -> dict[str, Any]:
        """Return this as plain data."""
        return {"stack": self.place, "template": self.template, "computed": self.is_computed}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFacts:
    """One parameter by its name; ABSENT for no value and no default, both Masked where it is hidden.

    `overridden` is what layers of lower precedence said, the strongest first.
    """

    name: str
    state: ValueState
    value: Any
    origin: Origin | None = None
    overridden: tuple[Said, ...] = ()
    type: str = ""
    label: Any = ""
    description: Any = ""
    default: Any = ABSENT
    constraints: tuple[dict[str, Any], ...] = ()
    tags: tuple[Any, ...] = ()
    is_hidden: bool = False
    uses: tuple[Use, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the facts as plain data; `value` and `default` are left out where there is none."""
        present = {"value": self.value, "default": self.default}
        return {
            "name": self.name,
            **{key: to_plain(value) for key, value in present.items() if value is not ABSENT},
            "state": self.state.value,
            "origin": self.origin.to_document() if self.origin else None,
            "overridden": [one.to_document() for one in self.overridden],
            "type": self.type,
            "label": self.label,
            "description": self.description,
            "hidden": self.is_hidden,
            "constraints": list(self.constraints),
            "tags": list(self.tags),
            "used_in": [one.to_document() for one in self.uses],
        }


def list_parameters(resolved: Resolved) -> tuple[ParameterFacts, ...]:
    """Return the facts of every parameter that a template declares or an environment sets, by name."""
    found = _Parameters(resolved)
    return tuple(found.facts(name) for name in sorted(found.names()))


def show_parameter(resolved: Resolved, name: str) -> ParameterFacts:
    """Return the facts of one parameter; raises UnknownParameter."""
    found = _Parameters(resolved)
    if name not in found.names():
        raise UnknownParameter(name)
    return found.facts(name)


class _Parameters:
    """All stacks that have each parameter, looked up once."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved
        hidden = hidden_names(resolved.parameters) | resolved.secrets
        self._hidden = with_holders(hidden, resolved.bundle.environment)
        self._declared: dict[str, list[tuple[Path, ParameterTree, Parameter]]] = {}
        for path, node in walk(resolved.parameters):
            for name, parameter in node.parameters.items():
                self._declared.setdefault(name, []).append((path, node, parameter))

    def names(self) -> set[str]:
        document = self._resolved.environment.document
        return self._declared.keys() | {name for section in SECTIONS for name in document.get(section) or {}}

    def facts(self, name: str) -> ParameterFacts:
        if name not in self._declared:
            return self._unused(name)
        declared = self._declared[name]
        own = [one for one in declared if not one[0] or one[2].given is ABSENT]
        path, node, parameter = (own or declared)[0]
        is_hidden = name in self._hidden
        said = tuple(self._said(name, is_root=not path, is_hidden=is_hidden))
        value = parameter.effective
        origin: Origin | None = said[0].origin if said else None
        if not own:
            state, value, origin, said = ValueState.COMPUTED, ABSENT, None, ()
        elif said:
            state = ValueState.SET
        elif value is ABSENT:
            state = ValueState.NONE
        else:
            state = ValueState.DEFAULT
            origin = self._origin(node.source, ("parameters", name, "default"))
        return ParameterFacts(
            name=name,
            state=state,
            value=_shown(value, is_hidden=is_hidden),
            origin=origin,
            overridden=said[1:],
            type=parameter.type,
            label=parameter.label,
            description=parameter.description,
            default=_shown(self._default(node, name), is_hidden=is_hidden),
            constraints=tuple(dict(one.to_heat()) for one in parameter.constraints),
            tags=parameter.tags,
            is_hidden=is_hidden,
            uses=tuple(
                Use(place_of(at), stack.source, bool(at) and one.given is not ABSENT) for at, stack, one in declared
            ),
        )

    def _unused(self, name: str) -> ParameterFacts:
        """Return what is set for a parameter that no template has: hidden, since nobody says that it is not."""
        said = tuple(self._said(name, is_root=True, is_hidden=True))
        return ParameterFacts(
            name=name,
            state=ValueState.UNUSED,
            value=Masked(),
            origin=said[0].origin if said else None,
            overridden=said[1:],
            is_hidden=True,
        )

    def _said(self, name: str, *, is_root: bool, is_hidden: bool) -> Iterator[Said]:
        """Yield what layers say, the one that counts first; only the root stack gets `parameters`."""
        for section in SECTIONS if is_root else SECTIONS[1:]:
            settings: tuple[Setting, ...] = self._resolved.environment.history((section, name))
            for setting in reversed(settings):
                yield Said(_shown(setting.value, is_hidden=is_hidden), self._origin(setting.origin, setting.path))

    def _default(self, node: ParameterTree, name: str) -> Any:
        """Return the template's own default; Heat's answer has an environment's in its place."""
        bundle = self._resolved.bundle
        is_root = node.source == bundle.template_path
        document = bundle.template if is_root else self._document(node.source)
        section = document.get("parameters") or document.get("Parameters") or {}
        schema = section.get(name) or {}
        return schema.get("default", schema.get("Default", ABSENT))

    def _document(self, path: str) -> Mapping[str, Any]:
        contents = self._resolved.bundle.contents
        return (contents.document(path) or {}) if path in contents else {}

    def _origin(self, file: str, path: tuple[str | int, ...]) -> Origin:
        return Origin(file, path, self._resolved.side.locate)


def _shown(value: Any, *, is_hidden: bool) -> Any:
    return Masked() if is_hidden and value is not ABSENT else value
