"""What each action of a step does, all in one: the bodies of deploys, of playbooks, of machines and plans."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tripleo_gitops.openstack.open_connections import closing_connections
from tripleo_gitops.operations.run_steps.ansible_steps import ansible_bodies
from tripleo_gitops.operations.run_steps.deploy_steps import deploy_bodies
from tripleo_gitops.operations.run_steps.node_steps import node_bodies
from tripleo_gitops.operations.run_steps.plan_steps import plan_bodies
from tripleo_gitops.wiring.ansible import LocalAnsible, results_in
from tripleo_gitops.wiring.deploying import deploy_services
from tripleo_gitops.wiring.node_steps import node_work
from tripleo_gitops.wiring.plan_steps import plan_work
from tripleo_gitops.wiring.runs_settings import read_runs_settings
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.operations.steps import StepBody, StepContext
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config


def step_bodies(config: Config, store: RunStore) -> Mapping[str, StepBody]:
    """Return the bodies of all actions, by their names; nothing is opened until one is called."""
    settings = read_server_settings(config, os.environ)
    services = deploy_services(config, settings, earlier=lambda plan: store.step_seconds(plan, "deploy", "deploy"))
    plays = read_runs_settings(config, os.environ).plays
    playing = LocalAnsible(config=config, environment=dict(os.environ), plays=plays, results=results_in(store))
    bodies = {
        **deploy_bodies(services),
        **ansible_bodies(playing),
        **node_bodies(node_work(config)),
        **plan_bodies(plan_work(config)),
    }
    return {action: _letting_go(body) for action, body in bodies.items()}


def _letting_go(body: StepBody) -> StepBody:
    """Return a body that keeps no socket to the cloud when it is done."""

    def act(context: StepContext) -> Mapping[str, Any]:
        with closing_connections():
            return body(context)

    return act
