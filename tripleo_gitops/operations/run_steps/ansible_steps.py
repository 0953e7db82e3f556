"""The steps of runs that play playbooks: validations, as gates and by themselves, and what follows a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.ansible.runner import check_installed
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.playbooks.plays import lay_out
from tripleo_gitops.operations.playbooks.post_deploy import PostDeploy, StepOutcome
from tripleo_gitops.operations.playbooks.validation_jobs import (
    ValidationsFailed,
    check_own,
    find_validations,
    gate_jobs,
    place_jobs,
    plan_jobs,
)
from tripleo_gitops.operations.playbooks.validation_running import Surveillance, ValidationRound, run_validations
from tripleo_gitops.plan.post_deploy import CommandStep, PlaybookStep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tripleo_gitops.ansible.workspace import Workspace
    from tripleo_gitops.operations.playbooks.plays import Ground, Machine, Player
    from tripleo_gitops.operations.playbooks.post_deploy import Fetcher
    from tripleo_gitops.operations.playbooks.validation_jobs import Shipped
    from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord, ValidationResults
    from tripleo_gitops.operations.playbooks.validation_running import ValidationJob
    from tripleo_gitops.operations.steps import StepBody, StepContext

GATES = ("pre-deployment", "post-deployment", "pre-introspection")


class PlaysForbidden(Refused):
    """A plan whose playbooks and commands this machine does not run, by its operator's rule."""

    reason = "PlaysForbidden"

    def __init__(self, plan: str) -> None:
        super().__init__(
            f"nothing of plan {plan} is played or run on this machine: `plays` of [runs] in the server's settings does "
            "not name it; leave the plan's gates and playbooks out, or ask the machine's operator"
        )
        self.plan = plan


class AnsibleServices(Protocol):
    """What playbooks need of the outside."""

    @property
    def results(self) -> ValidationResults: ...
    @property
    def fetch(self) -> Fetcher: ...
    def check_may_play(self, plan: str) -> None: ...
    def ground(self, context: StepContext) -> Ground: ...
    def shipped(self) -> tuple[Shipped, ...]: ...
    def workspace(self) -> Workspace: ...
    def player(self, workspace: Workspace) -> Player: ...
    def machine(self, context: StepContext) -> Machine: ...
    def now(self) -> datetime: ...
    def new_id(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which validations somebody asks for: by id, by group, all for nothing; on which hosts."""

    ids: tuple[str, ...] = ()
    group: str | None = None
    limit: tuple[str, ...] = ()
    is_gate: bool = False


def ansible_bodies(services: AnsibleServices) -> Mapping[str, StepBody]:
    """Return the bodies of the actions of this module by their names."""
    gates: dict[str, StepBody] = {f"validations.{group}": _gate(services, group) for group in GATES}
    return {
        "validations.run": lambda context: _validations(services, context, _asked(context.inputs)),
        "post-deploy.run": lambda context: {
            "post_deploy": {"steps": [one.to_document() for one in post_deploy(services, context)]}
        },
        **gates,
    }


def validate(services: AnsibleServices, context: StepContext, asked: Asked) -> tuple[ValidationRecord, ...]:
    """Run validations of the context's revision and return how each ended; none raises by failing.

    Raises UnknownValidation, BrokenValidations, PlaysForbidden, NoAnsible, and what `context.check` raises.
    """
    ground = services.ground(context)
    shipped = services.shipped()
    catalogue = find_validations(ground.tree, ground.settings.validations, shipped)
    check_own(catalogue)
    settings = ground.settings.validations
    jobs: tuple[ValidationJob, ...]
    if asked.is_gate and asked.group is not None:
        jobs = gate_jobs(catalogue, settings, asked.group)
    else:
        jobs = plan_jobs(catalogue, settings, ids=asked.ids, groups=_names(asked.group))
    if not jobs:
        context.log(f"no validations{f' in group {asked.group}' if asked.group else ''}")
        return ()
    services.check_may_play(context.plan)
    check_installed()
    around = ValidationRound(
        run=context.run_id,
        plan=context.plan,
        revision=context.revision,
        actor=context.actor,
        group=asked.group,
        parallel=settings.parallel,
        time_limit=settings.timeout_minutes * 60.0,
        limit=asked.limit,
    )
    with services.workspace() as workspace:
        stage = lay_out(ground, workspace, services.machine(context))
        return run_validations(
            place_jobs(jobs, shipped, stage),
            stage=stage,
            player=services.player(workspace),
            around=around,
            watch=_surveillance(services, context),
        )


def post_deploy(services: AnsibleServices, context: StepContext) -> tuple[StepOutcome, ...]:
    """Do what the plan wants done after a deployment; raise PostDeployFailed, PlaysForbidden, NoAnsible.

    What `check` raises is raised again. Steps that only ask an address run nothing of the plan, and are no plays.
    """
    ground = services.ground(context)
    steps = ground.settings.post_deploy.steps
    if not steps:
        context.log("the plan has no post-deploy steps")
        return ()
    if any(isinstance(step, (PlaybookStep, CommandStep)) for step in steps):
        services.check_may_play(context.plan)
    if any(isinstance(step, PlaybookStep) for step in steps):
        check_installed()
    with services.workspace() as workspace:
        doing = PostDeploy(
            stage=lay_out(ground, workspace, services.machine(context)),
            workspace=workspace,
            player=services.player(workspace),
            fetch=services.fetch,
            clock=context.clock,
            log=lambda text, level: context.log(text, level=level),
            check=context.check,
        )
        return doing.run(steps)


def summary(records: tuple[ValidationRecord, ...], group: str | None) -> dict[str, Any]:
    """Return what a run keeps of its validations: how many passed, and the ids of the others."""
    bad = [one for one in records if one.state not in ("passed", "skipped")]
    return {
        "group": group,
        "passed": sum(one.state == "passed" for one in records),
        "skipped": [one.validation for one in records if one.state == "skipped"],
        "failed": [one.validation for one in bad if not one.is_warning],
        "warnings": [one.validation for one in bad if one.is_warning],
    }


def _gate(services: AnsibleServices, group: str) -> StepBody:
    return lambda context: _validations(services, context, Asked(group=group, is_gate=True))


def _validations(services: AnsibleServices, context: StepContext, asked: Asked) -> Mapping[str, Any]:
    """Run validations as a step of a run, which ends with them where one holds it up."""
    records = validate(services, context, asked)
    if failed := [one for one in records if one.holds_up]:
        raise ValidationsFailed(failed, group=asked.group)
    return {"validations": summary(records, asked.group)}


def _asked(inputs: Mapping[str, Any]) -> Asked:
    return Asked(
        ids=tuple(inputs.get("validations") or ()),
        group=inputs.get("group") or None,
        limit=tuple(inputs.get("limit") or ()),
    )


def _names(group: str | None) -> tuple[str, ...]:
    """Return the groups that are asked for: several are separated by commas."""
    return tuple(name.strip() for name in (group or "").split(",") if name.strip())


def _surveillance(services: AnsibleServices, context: StepContext) -> Surveillance:
    return Surveillance(
        log=lambda text, level: context.log(text, level=level),
        check=context.check,
        results=services.results,
        now=services.now,
        new_id=services.new_id,
    )
