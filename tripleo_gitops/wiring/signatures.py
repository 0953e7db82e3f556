"""What is demanded of signatures on this machine, and the check that everything passes before it reaches a cloud."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.operations.signature_demand import DEMAND_FILE, SignatureDemand, read_demand
from tripleo_gitops.operations.signatures import check_signed
from tripleo_gitops.operations.stacks.tags import deployed_revision

if TYPE_CHECKING:
    from tripleo_gitops.operations.listing import StackFinder
    from tripleo_gitops.plan.revision import Revision
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config

SETTING = "signatures"


def signature_demands(config: Config, repository: PlanRepository) -> tuple[SignatureDemand, ...]:
    """Return what this machine's operator demands, and what the repository's own Git configuration adds to it.

    The second is the file that `hook install --signatures` kept; one that is named and missing is NoDemand. Neither
    can take back what the other demands. Raises UnprotectedKeys, InvalidDocument.
    """
    site = config.site_directory / DEMAND_FILE
    named = repository.setting(SETTING)
    files = [*([site] if site.exists() else []), *([Path(named)] if named is not None else [])]
    outside = (Path(repository.git_dir), *(() if repository.is_bare else (Path(repository.git_dir).parent,)))
    return tuple(read_demand(file, outside=outside) for file in dict.fromkeys(files))


def check_deployable(
    config: Config, repository: PlanRepository, revision: Revision, *, name: str, stacks: StackFinder
) -> None:
    """Raise NotSigned where signatures are demanded and a commit since the last deployed one has none that counts.

    Heat is asked for the deployed revision only where something is demanded.
    """
    demands = [demand for demand in signature_demands(config, repository) if demand.is_required]
    if demands:
        deployed = deployed_revision(stacks.find(name))
        check_signed(repository, demands, revision, since=deployed, now=time.time())
