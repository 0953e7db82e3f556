"""What the steps of a deploy work with, built for each run's own place, and under the server's rules."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tripleo_gitops.operations.stacks.deploy_work import DeployServices
from tripleo_gitops.operations.stacks.provisioned import read_provisioned
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.run_clouds import RunClouds
from tripleo_gitops.wiring.runs import config_at
from tripleo_gitops.wiring.signatures import check_deployable
from tripleo_gitops.wiring.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tripleo_gitops.operations.revisions import PlanAtRevision
    from tripleo_gitops.operations.stacks.deploy_work import RunCloud
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config
    from tripleo_gitops.wiring.server_settings import ServerSettings


def deploy_services(
    config: Config, settings: ServerSettings, *, earlier: Callable[[str], Sequence[float]]
) -> DeployServices:
    """Return the services of the steps of a deploy; `earlier` tells how many seconds a plan's earlier deploys took."""

    @contextmanager
    def repository(context: StepContext) -> Iterator[PlanRepository]:
        with open_repository(config_at(config, context.place, trace_id=context.trace_id)) as found:
            yield found

    clouds = RunClouds(config)

    def cloud(context: StepContext) -> RunCloud:
        return clouds.of(context)

    def check_revision(context: StepContext, found: PlanRepository, plan: PlanAtRevision) -> None:
        own = config_at(config, context.place, trace_id=context.trace_id)
        check_deployable(own, found, plan.revision, name=plan.name, stacks=cloud(context).stacks)

    return DeployServices(
        repository=repository,
        cloud=cloud,
        vault=open_vault(os.environ),
        now=lambda: datetime.now(UTC),
        check_revision=check_revision,
        earlier=earlier,
        provisioned=lambda plan: read_provisioned(config.provisioned_directory, plan),
        approvals=settings.approvals,
        windows=settings.windows,
    )
