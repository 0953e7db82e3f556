"""TripleO's workflows that tell of a deployment: what went wrong, how it stands, where its people log in."""

from __future__ import annotations

from tripleo_gitops.runs.short_workflows import DEPLOYMENT, OVERCLOUD, RESULT, ShortWorkflow

STATUS = "<% $.get(result, {}).get(deployment_status) %>"

DEPLOYMENT_WORKFLOWS: tuple[ShortWorkflow, ...] = (
    ShortWorkflow(
        workbook=DEPLOYMENT,
        name="get_deployment_failures",
        action="tripleo.deployment.get_deployment_failures",
        inputs={"plan": OVERCLOUD},
        passed=("plan",),
        payload={"deployment_failures": "<% $.get(result, {}).get(failures) %>"},
    ),
    ShortWorkflow(
        workbook=DEPLOYMENT,
        name="get_horizon_url",
        action="tripleo.git.horizon_url",
        inputs={"stack": OVERCLOUD},
        passed=("stack",),
        payload={"horizon_url": RESULT},
    ),
    ShortWorkflow(
        workbook=DEPLOYMENT,
        name="recover_deployment_status",
        action="tripleo.deployment.get_deployment_status",
        inputs={"container": OVERCLOUD},
        given={"plan": "<% $.container %>"},
        plan="container",
        payload={"deployment_status": STATUS},
        deployment_status=STATUS,
    ),
)
