"""The plans of a server for one caller, whose token is all that reaches the cloud."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.given_token import connect_with_token
from tripleo_gitops.openstack.temporary_url import TemporaryUrls
from tripleo_gitops.openstack.workflow_service import WorkflowService
from tripleo_gitops.openstack.zaqar import ZaqarQueues
from tripleo_gitops.operations.adoption import SecretKeeper
from tripleo_gitops.operations.caller import Caller
from tripleo_gitops.operations.plan_service import PlanService
from tripleo_gitops.wiring.cache import open_cache
from tripleo_gitops.wiring.cloud import cloud_of
from tripleo_gitops.wiring.signatures import check_deployable
from tripleo_gitops.wiring.vault import key_source, open_vault, system_randomness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config


def open_plan_service(
    config: Config, environment: Mapping[str, str], *, token: str, document: Mapping[str, Any], **connection: Any
) -> PlanService:
    """Return what does a caller's work: `document` is what Keystone says of their token.

    `environment` leads to the age keys; `connection` is what `connect_with_token` takes. Raises Refused for a token
    that is bound to no project.
    """
    caller = Caller.of_token(document)
    connected = connect_with_token(token, document, **connection)
    cloud = cloud_of(connected, config)
    return PlanService(
        caller=caller,
        plans_directory=config.plans_directory,
        cloud=cloud,
        urls=TemporaryUrls(connected),
        queues=ZaqarQueues(connected),
        executions=WorkflowService(connected),
        keeper=SecretKeeper(
            vault=open_vault(environment),
            recipients=key_source(environment).recipients(),
            randomness=system_randomness(time.time),
        ),
        clock=time,
        cache=open_cache(config),
        demand=partial(_demand, config, cloud),
    )


def _demand(config: Config, cloud: Cloud, repository: PlanRepository, revision: Revision, name: str) -> None:
    check_deployable(config, repository, revision, name=name, stacks=cloud.stacks)
