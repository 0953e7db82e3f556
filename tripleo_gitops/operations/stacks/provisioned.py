"""What `provision` found out about a plan's servers, as a deploy on the same machine gives it to Heat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.invalid import InvalidDocument
from tripleo_gitops.documents.yaml import parse_yaml
from tripleo_gitops.operations.stacks.deploy_values import declared_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.operations.resolution import ResolvedPlan
    from tripleo_gitops.operations.stacks.deploy import DeployOptions

SECTIONS = ("parameter_defaults", "resource_registry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """The environment of a plan's servers, and where it is kept."""

    path: Path
    parameters: Mapping[str, Any]
    registry: Mapping[str, Any]

    def given(self, options: DeployOptions, resolved: ResolvedPlan) -> DeployOptions:
        """Return a deploy's options with the parameters that the plan's templates declare; what they give stays."""
        declared = declared_names(resolved.parameters)
        own = {name: value for name, value in self.parameters.items() if name in declared}
        return replace(options, values={**own, **options.values})

    def words(self, options: DeployOptions, resolved: ResolvedPlan) -> tuple[str, ...]:
        """Return sentences about what a deploy takes from here, and about what the plan lacks for it."""
        taken = [name for name in self.parameters if name in options.values]
        registry = resolved.environment.document.get("resource_registry") or {}
        lacking = [
            f"{name}: {target}"
            for name, target in self.registry.items()
            if not str(registry.get(name)).endswith(str(target))
        ]
        found = (f"servers are as `provision` left them ({self.path}): {', '.join(taken) or 'Heat is told nothing'}",)
        if not lacking:
            return found
        return (*found, f"fixed addresses need {', '.join(lacking)} in the plan's resource_registry, which lacks it")


def read_provisioned(directory: Path, plan: str) -> Provisioned | None:
    """Return what is kept of a plan in a directory, None for nothing; raise InvalidDocument where it is damaged."""
    path = directory / f"{plan}.yaml"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    document = parse_yaml(content, source=str(path))
    sections = [document.get(name) or {} for name in SECTIONS] if isinstance(document, dict) else []
    found = [section for section in sections if isinstance(section, dict)]
    if len(found) != len(SECTIONS):
        raise InvalidDocument("it is no environment; `tripleo-plan provision` makes it anew", source=str(path))
    return Provisioned(path=path, parameters=found[0], registry=found[1])
