"""The workflows about plans themselves, as data: made from files that are somewhere, and taken away again."""

from __future__ import annotations

from tripleo_gitops.runs.limits import HOUR, MINUTE, PATIENT
from tripleo_gitops.runs.workflow import ONCE, Step, Workflow

CHECK = Step(name="check", action="plan.check", outputs=("findings",), time_limit=10 * MINUTE, retry=PATIENT)
MIRROR = Step(
    name="mirror",
    action="plan.sync",
    outputs=("mirrored", "put", "deleted"),
    time_limit=HOUR,
    retry=PATIENT,
    undo="mirror the revision that was there before: tripleo-plan sync REVISION",
)
_FILES = ("source", "ref", "recipients", "passwords", "adopt")

PLAN_WORKFLOWS: tuple[Workflow, ...] = (
    Workflow(
        name="plan-creation",
        version=1,
        summary="Make a plan's repository from a source, and its mirror",
        inputs=_FILES,
        steps=(
            Step(
                name="create",
                action="plan.create",
                inputs=_FILES,
                outputs=("created", "origin", "sealed", "taken", "lacking", "generated"),
                time_limit=HOUR,
                retry=PATIENT,
                undo="tripleo-plan delete NAME",
            ),
            CHECK,
            MIRROR,
        ),
    ),
    Workflow(
        name="plan-deletion",
        version=1,
        summary="Take a plan out of the cloud, and put its repository away",
        inputs=("repository",),
        steps=(
            Step(
                name="remove",
                action="plan.remove",
                outputs=("removed", "containers"),
                time_limit=HOUR,
                retry=PATIENT,
                undo="tripleo-plan sync, as long as its repository is there",
            ),
            Step(
                name="put-away",
                action="plan.put-away",
                inputs=("repository",),
                outputs=("archived",),
                time_limit=10 * MINUTE,
                retry=ONCE,
                undo="move it back from .archive; a purged one is gone",
            ),
        ),
    ),
)
PLAN_WORKFLOW_NAMES = frozenset(workflow.name for workflow in PLAN_WORKFLOWS)
