"""Call the one operation behind every trigger, for the repository that a trigger speaks of."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.open_connections import closing_connections
from tripleo_gitops.operations.nodes.reconcile import NodeCloud, reconcile_nodes, say_what_nodes_ask
from tripleo_gitops.operations.reconcile import Means, Reconciled, attend, reconcile
from tripleo_gitops.plan.plan import load_plan
from tripleo_gitops.repository.lock import repository_lock
from tripleo_gitops.triggers.handing import hand_to_servers
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.nodes import open_node_vault, open_nodes
from tripleo_gitops.wiring.runs_settings import read_runs_settings
from tripleo_gitops.wiring.server_settings import read_server_settings
from tripleo_gitops.wiring.signatures import check_deployable
from tripleo_gitops.wiring.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import FleetOutcome
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config


HANDED = "have servers take triggers (`triggers = true` in [runs] of their settings), or call `tripleo-plan deploy`"


def reconcile_repository(
    config: Config, *, say: Callable[[str], None], clock: Clock, looks_after: bool = False
) -> Reconciled | None:
    """Make the cloud follow the repository of `config`; None, with a word, where HEAD is on no branch.

    `looks_after`: where nothing new was mirrored, also look for what somebody else changed in the mirror.
    Where the operator wants triggers to be handed to servers, a run is queued instead, and None is returned.
    One at a time for each repository: a second call waits for the first, then finds little to do.
    """
    with open_repository(config) as repository:
        branch = repository.current_branch()
        if branch is None:
            say("HEAD is detached; only a branch is followed")
            return None
        if read_runs_settings(config, os.environ).takes_triggers:
            own = _with_settings(config, repository)
            hand_to_servers(own, repository, repository.resolve(branch), directory=config.directory, say=say)
            return None
        with repository_lock(repository.git_dir), closing_connections():
            cloud, revision = open_cloud(_with_settings(config, repository)), repository.resolve(branch)
            plan, vault = load_plan(repository.tree(revision)), open_vault(os.environ)
            settings = plan.settings
            if settings.sync.on_push or settings.deploy.on_push or settings.nodes.register_on_push:
                check_deployable(config, repository, revision, name=plan.name, stacks=cloud.stacks)
            checked = str(revision)  # also where the branch has moved on since
            nodes = _reconcile_nodes(config, repository, revision, clock=clock, say=say)
            rules = read_server_settings(config, os.environ)
            check_deploy = partial(rules.check_unheld, "deploy", instead=HANDED)
            means = Means(clock=clock, say=say, check_deploy=check_deploy, vault=vault)
            done = reconcile(repository, cloud, means, branch=checked)
            if looks_after and done.sync is None:
                attend(repository, cloud, branch=checked, say=say, vault=vault)
            if done.sync is not None or not settings.sync.on_push:
                say_what_nodes_ask(repository, revision, say=say)  # once, where the mirror tells what is new
            if nodes is not None:
                nodes.check()  # a machine that failed does not keep the mirror back
            return done


def _reconcile_nodes(
    config: Config, repository: PlanRepository, revision: Revision, *, clock: Clock, say: Callable[[str], None]
) -> FleetOutcome | None:
    def connect() -> NodeCloud:
        services = open_nodes(_with_settings(config, repository))
        return NodeCloud(service=services.ironic, images=services.images, vault=open_node_vault(os.environ))

    return reconcile_nodes(repository, revision, connect=connect, clock=clock, say=say)


def _with_settings(config: Config, repository: PlanRepository) -> Config:
    """Return the configuration with the cloud that `hook install` kept in the repository.

    It comes before the environment: that is of whoever commits or pushes, who may work on another cloud.
    """
    clouds_file = repository.setting("clouds-file")
    return replace(
        config,
        cloud=repository.setting("cloud") or config.cloud,
        clouds_file=Path(clouds_file) if clouds_file else config.clouds_file,
    )
