"""What the validations of a run found, from whoever keeps it: this machine's records, or Mistral's executors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.playbooks.validation_results import ResultQuery
from tripleo_gitops.runs.record import EngineName
from tripleo_gitops.wiring.ansible import open_results
from tripleo_gitops.wiring.mistral_runs import open_mistral_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.wiring.config import Config

MOST = 1000


def validations_of(
    config: Config, environment: Mapping[str, str], run: RunRecord, *, say: Callable[[str], None]
) -> tuple[ValidationRecord, ...]:
    """Return a record of each validation that a run played, sorted by their ids."""
    if run.engine is EngineName.MISTRAL:
        found = open_mistral_runs(config, environment, say=say).validations(run.id, most=MOST)
    else:
        with open_results(config, environment) as results:
            found = results.find(ResultQuery(run=run.id, limit=MOST))
    return tuple(sorted(found, key=lambda one: one.validation))
