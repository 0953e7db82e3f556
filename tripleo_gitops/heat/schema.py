"""Parameter schemata: what a template declares about its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.constraints import (
    BOOLEAN,
    JSON,
    LIST,
    NUMBER,
    STRING,
    Constraint,
    allowed_values,
    bounds,
    parse_hot_constraint,
    pattern,
)
from tripleo_gitops.heat.errors import InvalidTemplate

if TYPE_CHECKING:
    from tripleo_gitops.heat.versions import TemplateVersion

_HOT_TYPES = {
    "string": STRING,
    "number": NUMBER,
    "comma_delimited_list": LIST,
    "json": JSON,
    "boolean": BOOLEAN,
}
_CFN_TYPES = {name: name for name in _HOT_TYPES.values()}
_HOT_KEYS = frozenset({"type", "description", "default", "schema", "constraints", "hidden", "label", "immutable"})
_CFN_KEYS = frozenset(
    {
        "Type",
        "Default",
        "NoEcho",
        "AllowedValues",
        "AllowedPattern",
        "MaxLength",
        "MinLength",
        "MaxValue",
        "MinValue",
        "Description",
        "ConstraintDescription",
        "Label",
    }
)


@dataclass(frozen=True, slots=True)
class ParameterSchema:
    """What a template declares about one parameter; `type` is Heat's API word, a default of None is none."""

    name: str
    type: str
    default: Any = None
    description: Any = None
    label: Any = None
    hidden: bool = False
    immutable: bool = False
    tags: tuple[Any, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    def with_default(self, default: Any) -> ParameterSchema:
        """Return the schema with another default."""
        return replace(self, default=default)

    def type_problem(self) -> str | None:
        """Return which constraint this type cannot have, or None."""
        for constraint in self.constraints:
            if not constraint.fits_type(self.type):
                return f"a {self.type} cannot have a {constraint.kind} constraint"
        return None

    def default_problem(self) -> str | None:
        """Return what its constraints find wrong with the default, or None."""
        if self.default is None:
            return None
        try:
            value = self._default_as_list() if self.type == LIST else self.default
            found = next(filter(None, (one.problem(value, self.type) for one in self.constraints)), None)
        except (TypeError, ValueError):  # the text may quote the default, which may be hidden
            found = f"it is no {self.type} that can be checked"
        return f"the default is invalid: {found}" if found else None

    def _default_as_list(self) -> list[str]:
        if isinstance(self.default, list):
            return [str(item) for item in self.default]
        if not isinstance(self.default, str):
            raise TypeError("it must be comma-delimited text")
        return self.default.split(",")


def parse_schemata(section: object, *, version: TemplateVersion, source: str) -> dict[str, ParameterSchema]:
    """Return the schemata of a parameters section; raises InvalidTemplate with the parameter that is wrong."""
    words = version.words
    if not isinstance(section, Mapping):
        raise InvalidTemplate("must be a mapping", source=source, path=(words.parameters,))
    parse = _parse_hot if version.is_hot else _parse_cfn
    found = {}
    for name, entry in section.items():
        try:
            found[name] = parse(str(name), entry, version)
        except (TypeError, ValueError) as exc:
            raise InvalidTemplate(str(exc), source=source, path=(words.parameters, name)) from exc
    return found


def _check_entry(entry: object, known: frozenset[str], type_key: str) -> None:
    if not isinstance(entry, dict):
        raise TypeError("a parameter must be a mapping")
    unknown = [key for key in entry if key not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no key of a parameter; known are {', '.join(sorted(known))}")
    if type_key not in entry:
        raise ValueError(f"the parameter has no {type_key}")


def _type(entry: dict[str, Any], key: str, types: Mapping[str, str]) -> str:
    name = entry[key]
    if not isinstance(name, str) or name not in types:
        raise ValueError(f"{name!r} is no parameter type; known are {', '.join(types)}")
    return types[name]


def _parse_hot(name: str, entry: Any, version: TemplateVersion) -> ParameterSchema:
    _check_entry(entry, _HOT_KEYS | {"tags"} if version.has_tags else _HOT_KEYS, "type")
    tags = entry.get("tags", [])
    if not isinstance(tags, list):
        if "tags" in entry:
            raise TypeError("tags must be a list")
        tags = []
    constraints = entry.get("constraints")
    if constraints is not None and not isinstance(constraints, list):
        raise TypeError("constraints must be a list")
    return ParameterSchema(
        name,
        _type(entry, "type", _HOT_TYPES),
        default=entry.get("default"),
        description=entry.get("description"),
        label=entry.get("label"),
        hidden=bool(entry.get("hidden", False)),
        immutable=bool(entry.get("immutable", False)),
        tags=tuple(tags),
        constraints=tuple(parse_hot_constraint(one, has_modulo=version.has_modulo) for one in constraints or ()),
    )


def _parse_cfn(name: str, entry: Any, _version: TemplateVersion) -> ParameterSchema:
    _check_entry(entry, _CFN_KEYS, "Type")
    return ParameterSchema(
        name,
        _type(entry, "Type", _CFN_TYPES),
        default=entry.get("Default"),
        description=entry.get("Description"),
        label=entry.get("Label"),
        hidden=str(entry.get("NoEcho", "false")).lower() == "true",
        constraints=tuple(_cfn_constraints(entry)),
    )


def _cfn_constraints(entry: dict[str, Any]) -> Iterator[Constraint]:
    description = entry.get("ConstraintDescription")
    if "MinValue" in entry or "MaxValue" in entry:
        yield bounds("range", entry.get("MinValue"), entry.get("MaxValue"), description)
    if "MinLength" in entry or "MaxLength" in entry:
        yield bounds("length", entry.get("MinLength"), entry.get("MaxLength"), description)
    if "AllowedValues" in entry:
        yield allowed_values(entry["AllowedValues"], description)
    if "AllowedPattern" in entry:
        yield pattern(entry["AllowedPattern"], description)
