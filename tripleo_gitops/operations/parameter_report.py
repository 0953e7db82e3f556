"""Which parameters that a plan sets by itself do nothing, or not for long: deprecated, unused, not for roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.operations.parameter_checks import ParameterChecks

if TYPE_CHECKING:
    from tripleo_gitops.operations.resolution import ResolvedPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterReport:
    """Names of parameters, sorted: `deprecated` are all that templates list as such; the others are set by the plan.

    `misplaced` are keys of `<Role>Parameters` that no service of that role takes from there.
    """

    deprecated: tuple[str, ...]
    given: frozenset[str]
    unused: tuple[str, ...]
    misplaced: tuple[str, ...]


def report_parameters(resolved: ResolvedPlan) -> ParameterReport:
    """Return what is to be said of the `parameter_defaults` of plan-environment.yaml; files of the plan do not count.

    Raises what Heat would refuse of the plan.
    """
    found = ParameterChecks(resolved)
    given = frozenset(resolved.plan.environment.parameter_defaults)
    misplaced = {key for role, key in found.misplaced_keys() if f"{role.name}Parameters" in given}
    return ParameterReport(
        deprecated=tuple(sorted(found.deprecated_names())),
        given=given,
        unused=tuple(sorted(name for name in given if not found.is_declared(name))),
        misplaced=tuple(sorted(misplaced)),
    )
