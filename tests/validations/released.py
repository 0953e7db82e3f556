"""The released validations of TripleO, run on this machine alone, where there is no undercloud.

`RELEASED_TEMPLATES=… python -m tests.validations.released [ID]…` runs them and prints what each came to.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.ansible.runner import AnsibleRunner
from tripleo_gitops.ansible.workspace import Workspace
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.operations.playbooks.plays import Ground, Machine, lay_out
from tripleo_gitops.operations.playbooks.validation_jobs import find_validations, place_jobs, plan_jobs
from tripleo_gitops.operations.playbooks.validation_results import MemoryResults, ValidationRecord
from tripleo_gitops.operations.playbooks.validation_running import Surveillance, ValidationRound, run_validations
from tripleo_gitops.plan.ansible_settings import ValidationSettings
from tripleo_gitops.plan.settings import PlanSettings
from tripleo_gitops.wiring.ansible import shipped_validations

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.operations.playbooks.validation_jobs import Shipped
    from tripleo_gitops.validations.catalogue import Catalogue

PACKAGES = {
    "10.5.2": ("tripleo-validations-10.5.2",),
    "11.6.0": ("tripleo-validations-11.6.0",),
    "16.0.0": ("tripleo-validations-16.0.0", "validations-common-1.9.0/validations_common"),
}
"""What is installed together: the newest release has the general ones in a package of its own."""

TREE = MemoryTree({"plan-environment.yaml": b"version: 1.0\n"})


def packages(version: str) -> tuple[Shipped, ...]:
    """Return the packages of a release; none where they were not fetched."""
    root = Path(os.environ.get("RELEASED_TEMPLATES", ""))
    places = [root / name for name in PACKAGES[version]]
    return shipped_validations({"TRIPLEO_VALIDATIONS_PATH": ":".join(map(str, places))})


def catalogue_of(version: str) -> Catalogue:
    """Return the validations of a release."""
    return find_validations(TREE, ValidationSettings(), packages(version))


def run(
    version: str, ids: Collection[str], settings: ValidationSettings, *, parallel: int = 2, log: list[str] | None = None
) -> tuple[ValidationRecord, ...]:
    """Run validations of a release on this machine, for real; `log` gets their lines."""
    shipped, lines = packages(version), log if log is not None else []
    jobs = plan_jobs(find_validations(TREE, settings, shipped), settings, ids=ids)
    ground = Ground(plan="overcloud", revision="main@sha1:" + "0" * 40, tree=TREE, settings=PlanSettings())
    around = ValidationRound(
        run="r", plan="overcloud", revision=ground.revision, actor="op", group=None, parallel=parallel, time_limit=120
    )
    watch = Surveillance(
        log=lambda text, _level: lines.append(text),
        check=lambda: None,
        results=MemoryResults(),
        now=lambda: datetime.now(UTC),
        new_id=lambda: secrets.token_hex(4),
    )
    with Workspace.open() as workspace:
        stage = lay_out(ground, workspace, Machine(interpreter=sys.executable))
        player = AnsibleRunner(workspace)
        return run_validations(place_jobs(jobs, shipped, stage), stage=stage, player=player, around=around, watch=watch)


def main() -> None:
    """Run the newest release's, all or those named, and print the outcome of each."""
    found = run("16.0.0", sys.argv[1:], ValidationSettings())
    for one in sorted(found, key=lambda one: (one.state, one.validation)):
        sys.stdout.write(f"{one.state:8} {one.validation:40} {one.problem[:100]}\n")
    counts = Counter(str(one.state) for one in found)
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) + "\n")


if __name__ == "__main__":
    main()
