"""Say yes to a run: as whom Keystone knows, and only where the server's rules count it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import connect, user_name
from tripleo_gitops.operations.stacks.approvals import Ballot, authors_between, check_approver
from tripleo_gitops.operations.stacks.tags import deployed_revision
from tripleo_gitops.plan.revision import parse_revision
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.runs import actor_at, config_at
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.runs.store import RunStore
    from tripleo_gitops.wiring.config import Config


def approve_run(
    config: Config, store: RunStore, run: str, *, environment: Mapping[str, str], comment: str
) -> RunRecord:
    """Record a yes to exactly what was shown when the run was asked for.

    Where rules ask for approvals, it is the login's of the configured cloud; raises ApprovalRefused for one that would
    not count.
    """
    found = store.get(run)
    rules = [
        one for one in read_server_settings(config, environment).approvals if one.concern(found.workflow, found.plan)
    ]
    digest = found.shown.digest if found.shown else None
    if not rules:
        return store.approve(found.id, actor=actor_at(config.directory), digest=digest, comment=comment)
    actor = user_name(connect(config.cloud, clouds_file=config.clouds_file))
    for one in rules:
        check_approver(one, _ballot(config, found), actor)
    return store.approve(found.id, actor=actor, digest=digest, comment=comment)


def _ballot(config: Config, run: RunRecord) -> Ballot:
    place = config_at(config, run.place, trace_id=run.trace_id)
    authors: frozenset[str] = frozenset()
    if run.workflow == "deploy" and Path(run.place.repository).is_dir():
        deployed = deployed_revision(open_cloud(place).stacks.look(run.plan))
        with open_repository(place) as repository:
            authors = authors_between(repository, deployed, parse_revision(run.revision))
    return Ballot(workflow=run.workflow, plan=run.plan, authors=authors)
