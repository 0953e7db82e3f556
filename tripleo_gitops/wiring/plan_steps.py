"""What the steps of runs about plans themselves work with, built for each run's own place."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.adoption import SecretKeeper
from tripleo_gitops.operations.run_steps.plan_steps import PlanWork
from tripleo_gitops.operations.secrets.live_passwords import live_passwords
from tripleo_gitops.repository.identity import committer
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.runs import config_at
from tripleo_gitops.wiring.sources import open_source
from tripleo_gitops.wiring.vault import open_vault, system_randomness

if TYPE_CHECKING:
    from tripleo_gitops.operations.creation import Origin
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.repository.bare import Signature
    from tripleo_gitops.repository.file_set import FileSet
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config


class NotThePlansRepository(Refused):
    """A run about a plan whose place is no bare repository of that plan: a person's clone is never put away."""

    reason = "NotThePlansRepository"


def plan_work(config: Config) -> PlanWork:
    """Return what the steps about plans need; nothing is opened until one is done."""

    def cloud(context: StepContext) -> Cloud:
        return open_cloud(config_at(config, context.place, trace_id=context.trace_id))

    def source(context: StepContext) -> tuple[FileSet, Origin]:
        text, ref = str(context.inputs.get("source") or "example"), context.inputs.get("ref")
        return open_source(replace(config, directory=Path("/")), text, ref=ref)

    def keeper(context: StepContext) -> SecretKeeper:
        found = SecretKeeper(
            vault=open_vault(os.environ),
            recipients=tuple(context.inputs.get("recipients") or ()),
            randomness=system_randomness(time.time),
            makes_passwords=bool(context.inputs.get("passwords", True)),
        )
        return found if context.place.cloud is None else with_live_passwords(found, cloud(context), context.plan)

    return PlanWork(
        repository=_repository,
        cloud=cloud,
        source=source,
        keeper=keeper,
        signature=_signature,
        now=lambda: datetime.now(UTC),
    )


def _repository(context: StepContext) -> Path:
    path = Path(context.place.repository)
    if path.name != f"{context.plan}.git":
        raise NotThePlansRepository(f"{path} is not the bare repository of plan {context.plan}; nothing was done")
    return path


def _signature(context: StepContext) -> Signature:
    return committer(Path(context.place.repository).parent, time=int(time.time()))


def with_live_passwords(keeper: SecretKeeper, cloud: Cloud, plan: str) -> SecretKeeper:
    """Return a keeper that takes over what the cloud has for a plan; for a live stack it makes no password."""
    found = live_passwords(plan, containers=cloud.containers, environments=cloud.environments, stacks=cloud.stacks)
    makes = keeper.makes_passwords and not found.has_stack
    return replace(keeper, makes_passwords=makes, given=found.values, has_stack=found.has_stack)
