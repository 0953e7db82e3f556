"""Which validations are to be run: the plan's before the shipped ones, as errors or warnings, with which values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, Refused
from tripleo_gitops.operations.playbooks.validation_running import ValidationJob
from tripleo_gitops.validations.catalogue import Catalogue, UnknownValidation, combine, read_catalogue
from tripleo_gitops.validations.validation import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.playbooks.plays import Stage
    from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord
    from tripleo_gitops.plan.ansible_settings import ValidationSettings


class BrokenValidations(Refused):
    """Files of the plan that should be validations and are none: whether they would hold something up is unknown."""

    reason = "BrokenValidations"

    def __init__(self, problems: Sequence[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{len(problems)} files of the plan are no validations: {problems[0]}{more}")
        self.problems = tuple(problems)


class ValidationsFailed(GitopsError):
    """Validations that hold up what they stand before; holds their records."""

    reason = "ValidationsFailed"

    def __init__(self, failed: Sequence[ValidationRecord], *, group: str | None) -> None:
        words = "; ".join(f"{one.validation} {one.state}: {one.problem}" for one in failed[:5])
        of_group = f" of group {group}" if group else ""
        super().__init__(
            f"{len(failed)} validations{of_group} did not pass: {words[:1500]}; mend what they found, or name them "
            "under `warning` in [validations] of tripleo-plan.toml"
        )
        self.failed_validations, self.group = tuple(failed), group


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """Validations that are installed on the machine: a directory of playbooks, roles and plugins."""

    directory: Path
    catalogue: Catalogue


def find_validations(tree: PlanTree, settings: ValidationSettings, shipped: Iterable[Shipped]) -> Catalogue:
    """Return the validations of a plan: its own, and the shipped ones unless its settings leave them out."""
    own = read_catalogue(tree, origin=Origin.PLAN)
    return combine(own, [one.catalogue for one in shipped] if settings.shipped else [])


def check_own(catalogue: Catalogue) -> None:
    """Raise BrokenValidations where files of the plan itself cannot be read."""
    own = [str(error) for error in catalogue.broken if not error.source.startswith("/")]
    if own:
        raise BrokenValidations(own)


def plan_jobs(
    catalogue: Catalogue, settings: ValidationSettings, *, ids: Iterable[str] = (), groups: Iterable[str] = ()
) -> tuple[ValidationJob, ...]:
    """Return the validations to run: those named, or in a group, all for nothing. What the plan turned off is not.

    Raises UnknownValidation for an id or a group that there is not, for one that is turned off, too.
    """
    names, sought = tuple(ids), tuple(groups)
    known = {group.name for group in catalogue.groups()}
    if unknown := set(sought) - known:
        raise UnknownValidation("group of validations", unknown, known)
    if off := set(names) & set(settings.off):
        left = {one.id for one in catalogue.validations} - set(settings.off)
        raise UnknownValidation("validation that tripleo-plan.toml does not turn off:", off, left)
    parameters = {name: dict(values) for name, values in settings.parameters}
    return tuple(
        ValidationJob(validation=one, is_warning=one.id in settings.warning, parameters=parameters.get(one.id, {}))
        for one in catalogue.select(ids=names, groups=sought)
        if one.id not in settings.off
    )


def gate_jobs(catalogue: Catalogue, settings: ValidationSettings, group: str) -> tuple[ValidationJob, ...]:
    """Return the validations of a gate; none where the plan does not want it, or nothing is in its group."""
    is_known = any(one.name == group for one in catalogue.groups())
    return plan_jobs(catalogue, settings, groups=(group,)) if is_known and group in settings.gates else ()


def place_jobs(jobs: Iterable[ValidationJob], shipped: Sequence[Shipped], stage: Stage) -> tuple[ValidationJob, ...]:
    """Return the jobs with where each playbook is: in the stage, or in the package that ships it.

    Packages lend each other their roles and modules: those of tripleo-validations use those of validations-common.
    """
    around = stage.surroundings
    shared = replace(
        around,
        roles=(*around.roles, *(one.directory / "roles" for one in shipped)),
        modules=tuple(one.directory / "library" for one in shipped),
        lookups=tuple(one.directory / "lookup_plugins" for one in shipped),
        filters=tuple(one.directory / "filter_plugins" for one in shipped),
    )
    homes = {str(one.directory): one.directory for one in shipped}
    return tuple(
        replace(job, playbook=homes[job.validation.source] / job.validation.path, surroundings=shared)
        if job.validation.origin is Origin.SHIPPED
        else replace(job, playbook=job.validation.path)
        for job in jobs
    )
