"""The workflows that this tool knows, as data: `tripleo-plan run workflows` lists them, other engines read them."""

from __future__ import annotations

from tripleo_gitops.runs.limits import DAY, HOUR, MINUTE, PATIENT
from tripleo_gitops.runs.node_workflows import NODE_WORKFLOWS
from tripleo_gitops.runs.plan_workflows import CHECK, MIRROR, PLAN_WORKFLOWS
from tripleo_gitops.runs.workflow import ONCE, Step, Workflow

_ASKED = ("method", "timeout", "rollback", "values", "bound", "allow")

RENDER = Step(
    name="render",
    action="plan.render",
    inputs=("method", "timeout", "rollback", "skip_identifier", "values"),
    outputs=("method", "timeout", "values", "files"),
    time_limit=10 * MINUTE,
    retry=PATIENT,
)
APPROVE = Step(
    name="approve",
    action="deploy.approve",
    inputs=_ASKED,
    outputs=("approved_by",),
    time_limit=14 * DAY,
    retry=PATIENT,
)
PRE_DEPLOYMENT = Step(
    name="pre-deployment",
    action="validations.pre-deployment",
    outputs=("validations",),
    time_limit=2 * HOUR,
    retry=ONCE,
    gate="pre-deployment",
)
DEPLOY = Step(
    name="deploy",
    action="heat.deploy",
    inputs=_ASKED,
    outputs=("stack_id", "stack_status", "seconds", "resources"),
    time_limit=7 * DAY + HOUR,
    retry=ONCE,
    undo="deploy the revision before, or let Heat roll back: tripleo-plan deploy REVISION, tripleo-plan rollback",
    gate="pre-deployment",
)
OUTPUTS = Step(
    name="outputs",
    action="heat.outputs",
    inputs=("stack_id",),
    outputs=("outputs",),
    time_limit=10 * MINUTE,
    retry=PATIENT,
)
POST_DEPLOY = Step(
    name="post-deploy",
    action="post-deploy.run",
    outputs=("post_deploy",),
    time_limit=DAY,
    retry=ONCE,
    undo="nothing undoes it: playbooks are played again",
)
POST_DEPLOYMENT = Step(
    name="post-deployment",
    action="validations.post-deployment",
    outputs=("validations",),
    time_limit=2 * HOUR,
    retry=ONCE,
    gate="post-deployment",
)

WORKFLOWS: tuple[Workflow, ...] = (
    Workflow(
        name="deploy",
        version=1,
        newest_only=True,
        summary="Make the plan's stack what a revision says",
        inputs=(*_ASKED, "skip_identifier"),
        steps=(
            RENDER,
            CHECK,
            APPROVE,
            MIRROR,
            PRE_DEPLOYMENT,
            DEPLOY,
            OUTPUTS,
            POST_DEPLOY,
            POST_DEPLOYMENT,
        ),
    ),
    Workflow(
        name="mirror",
        version=1,
        newest_only=True,
        summary="Make the plan's container what a revision says",
        steps=(CHECK, MIRROR),
    ),
    Workflow(
        name="undeploy",
        version=1,
        newest_only=True,
        summary="Delete the plan's stack",
        inputs=("stack_id", "timeout"),
        steps=(
            Step(
                name="approve",
                action="undeploy.approve",
                inputs=("stack_id",),
                outputs=("approved_by",),
                time_limit=14 * DAY,
                retry=PATIENT,
            ),
            Step(
                name="delete",
                action="heat.delete",
                inputs=("stack_id", "timeout"),
                outputs=("deleted",),
                time_limit=DAY,
                retry=ONCE,
                undo="deploy again: what the stack's machines held is gone",
            ),
        ),
    ),
    Workflow(
        name="post-deploy",
        version=1,
        summary="Do again what follows a deployment, with the stack as it is",
        steps=(POST_DEPLOY, POST_DEPLOYMENT),
    ),
    Workflow(
        name="validation",
        version=1,
        summary="Run validations against a plan",
        inputs=("group", "validations", "limit"),
        steps=(
            Step(
                name="validations",
                action="validations.run",
                inputs=("group", "validations", "limit"),
                outputs=("validations",),
                time_limit=2 * HOUR,
                retry=ONCE,
            ),
        ),
    ),
    *PLAN_WORKFLOWS,
    *NODE_WORKFLOWS,
)
