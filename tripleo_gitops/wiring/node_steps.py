"""What the steps of runs about machines work with, built for each run's own place."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tripleo_gitops.operations.nodes.reconcile import NodeCloud
from tripleo_gitops.operations.run_steps.node_step_work import NodeWork, ProvisioningGround
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.nodes import inspection_of, open_node_vault, open_nodes
from tripleo_gitops.wiring.provisioning import open_provisioning
from tripleo_gitops.wiring.runs import config_at
from tripleo_gitops.wiring.signatures import check_deployable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.operations.nodes.introspection import Results
    from tripleo_gitops.operations.nodes.store import NodeGuide
    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config


def node_work(config: Config) -> NodeWork:
    """Return what the steps about machines need; nothing is opened until one is done."""

    def own(context: StepContext) -> Config:
        return config_at(config, context.place, trace_id=context.trace_id)

    @contextmanager
    def repository(context: StepContext) -> Iterator[PlanRepository]:
        with open_repository(own(context)) as found:
            yield found

    def check_revision(context: StepContext, found: PlanRepository, revision: Revision, name: str) -> None:
        check_deployable(own(context), found, revision, name=name, stacks=open_cloud(own(context)).stacks)

    def cloud(context: StepContext) -> NodeCloud:
        services = open_nodes(own(context))
        return NodeCloud(service=services.ironic, images=services.images, vault=open_node_vault(os.environ))

    def inspection(context: StepContext, service: str) -> tuple[NodeGuide, Results]:
        return inspection_of(open_nodes(own(context)), service)

    def provisioning(context: StepContext) -> ProvisioningGround:
        services = open_provisioning(own(context))
        return ProvisioningGround(metal=services.metal, images=services.images, results=services.results)

    return NodeWork(
        repository=repository,
        check_revision=check_revision,
        cloud=cloud,
        inspection=inspection,
        provisioning=provisioning,
    )
