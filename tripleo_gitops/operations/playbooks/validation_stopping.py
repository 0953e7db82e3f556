"""Stop validations that run somewhere: a wish on record, which whoever runs them sees within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.playbooks.validation_results import ResultQuery, ValidationState

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.operations.playbooks.validation_results import ValidationRecord, ValidationResults

MOST = 1000


class NothingRuns(NotFound):
    """Nothing that could be stopped is running."""

    reason = "NothingRuns"


def stop_validations(
    results: ValidationResults, *, plan: str, ids: Collection[str] = (), run: str | None = None, actor: str
) -> tuple[ValidationRecord, ...]:
    """Ask that running validations of a plan be stopped and return them; `ids` are theirs or those of records.

    Without `ids` it is all of them, or all of a run. Raises NothingRuns.
    """
    running = results.find(ResultQuery(plan=plan, run=run, states=(ValidationState.RUNNING,), limit=MOST))
    found = tuple(one for one in running if not ids or one.id in ids or one.validation in ids)
    if not found:
        words = ", ".join(ids) or (f"run {run}" if run else f"plan {plan}")
        raise NothingRuns(f"no validation of {words} is running; see `tripleo-plan validation results`")
    results.ask_stop([one.id for one in found], actor=actor)
    return found
