"""TripleO's precedence: the layers of a plan's merged environment, lowest first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, EnvironmentFile, InlineEnvironment
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, SecretValues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.plan.plan_environment import PlanEnvironment


class Origin(StrEnum):
    """Where a layer comes from, in rising precedence."""

    FILE = "environment file"
    INLINE = "inline environment"
    PASSWORDS = "passwords"
    DERIVED_PARAMETERS = "derived_parameters"
    PARAMETER_DEFAULTS = "parameter_defaults"
    RESOURCE_REGISTRY = "resource_registry"


@dataclass(frozen=True, slots=True)
class Layer:
    """One environment in the order of merging.

    `source` is the file that it stands in. A layer that is a file of its own has no `document`: read it from
    the rendered plan. `sections` says for each section of the document which keys lead to it in `source`.
    """

    origin: Origin
    source: str
    document: Mapping[str, Any] | None = None
    sections: tuple[tuple[str, tuple[str | int, ...]], ...] = ()

    def key_path(self, path: Sequence[str | int]) -> tuple[str | int, ...]:
        """Return where a key path of this environment is found in `source`."""
        if path:
            for section, prefix in self.sections:
                if section == path[0]:
                    return (*prefix, *path[1:])
        return tuple(path)


def environment_layers(
    plan_environment: PlanEnvironment, *, source: str = PLAN_ENVIRONMENT_FILE, secrets: SecretValues | None = None
) -> tuple[Layer, ...]:
    """Return the layers of a plan's merged environment, lowest first.

    TripleO (build_env_paths) merges the files in order, then every inline `data`, even one that is listed
    before a file, then passwords, derived_parameters, parameter_defaults, and the plan's resource_registry.
    Empty sections make no layer. Each section of secrets.yaml, opened or not, is laid right over the plan
    environment's own section of that name.
    """
    secrets = secrets or SecretValues()
    files = [
        Layer(Origin.FILE, entry.path) for entry in plan_environment.environments if isinstance(entry, EnvironmentFile)
    ]
    inline = [
        _inline_layer(entry, source) for entry in plan_environment.environments if isinstance(entry, InlineEnvironment)
    ]
    own = [
        _section_layer(Origin.PASSWORDS, _undecided(plan_environment.passwords, plan_environment), source),
        _section_layer(Origin.PASSWORDS, _undecided(secrets.passwords, plan_environment), SECRETS_FILE),
        _section_layer(Origin.DERIVED_PARAMETERS, plan_environment.derived_parameters, source),
        _section_layer(Origin.PARAMETER_DEFAULTS, plan_environment.parameter_defaults, source),
        _section_layer(Origin.PARAMETER_DEFAULTS, secrets.parameter_defaults, SECRETS_FILE),
        _section_layer(Origin.RESOURCE_REGISTRY, plan_environment.resource_registry, source),
    ]
    return (*files, *inline, *(layer for layer in own if layer.document))


def _inline_layer(entry: InlineEnvironment, source: str) -> Layer:
    sections = tuple((name, ("environments", entry.index, "data", name)) for name in entry.data)
    return Layer(Origin.INLINE, source, entry.data, sections)


def _section_layer(origin: Origin, values: Mapping[str, Any], source: str) -> Layer:
    section = "resource_registry" if origin is Origin.RESOURCE_REGISTRY else "parameter_defaults"
    document = MappingProxyType({section: dict(values)} if values else {})
    return Layer(origin, source, document, ((section, (origin.value,)),))


def _undecided(passwords: Mapping[str, Any], plan_environment: PlanEnvironment) -> Mapping[str, Any]:
    """Return the passwords that no derived parameter replaces: that step is a shallow update upstream."""
    derived = plan_environment.derived_parameters
    return {name: value for name, value in passwords.items() if name not in derived}
