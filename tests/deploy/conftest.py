"""The steps of a deploy on a real Heat, one call at a time, for a small plan in a project of the test's own."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tripleo_gitops.openstack.stack import Stack, StackRequest
from tripleo_gitops.operations.run_steps.deploy_steps import deploy_bodies
from tripleo_gitops.operations.steps import Approval, Level, Place, RunCancelled, StepContext
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.deploying import deploy_services
from tripleo_gitops.wiring.server_settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess
    from tripleo_gitops.openstack.heat import HeatStacks
    from tripleo_gitops.operations.stacks.deploy_work import DeployServices

OURS = frozenset(
    {
        "plan.render",
        "plan.check",
        "deploy.approve",
        "plan.sync",
        "heat.deploy",
        "heat.outputs",
        "undeploy.approve",
        "heat.delete",
    }
)
SECRET = "canary-of-the-small-plan"
PLAN = {
    "plan-environment.yaml": """\
version: 1.0
name: small
template: overcloud.yaml
environments: []
parameter_defaults:
  Value: one
""",
    "overcloud.yaml": """\
heat_template_version: wallaby
parameters:
  Value: {type: string, default: none}
  Other: {type: string, default: none}
  Seconds: {type: number, default: 0}
  Fails: {type: boolean, default: false}
  DeployIdentifier: {type: string, default: ''}
  StackAction: {type: string, default: ''}
  Secret: {type: string, hidden: true, default: canary-of-the-small-plan}
  ControllerCount: {type: number, default: 2}
  ControllerRemovalPolicies: {type: json, default: []}
resources:
  Thing:
    type: OS::Heat::TestResource
    properties:
      value: {list_join: [' ', [{get_param: Value}, {get_param: Other}, {get_param: DeployIdentifier}]]}
      action_wait_secs: {create: {get_param: Seconds}, update: {get_param: Seconds}}
  Controller:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: ControllerCount}
      removal_policies: {get_param: ControllerRemovalPolicies}
      resource_def:
        type: node.yaml
        properties: {Value: {get_param: Value}, Fails: {get_param: Fails}, Index: '%index%'}
outputs:
  said: {value: {list_join: [' ', ['it is', {get_param: Value}]]}}
  secret: {value: {get_param: Secret}}
  RoleNetHostnameMap: {value: {Controller: {canonical: {get_attr: [Controller, hostname]}}}}
""",
    "node.yaml": """\
heat_template_version: wallaby
parameters:
  Value: {type: string}
  Fails: {type: boolean}
  Index: {type: string}
resources:
  Server:
    type: OS::Heat::TestResource
    properties: {value: {get_param: Value}, fail: {get_param: Fails}}
outputs:
  hostname: {value: {list_join: ['-', [small, controller, {get_param: Index}]]}}
""",
    "roles_data.yaml": "- {name: Controller, CountDefault: 2, tags: [primary]}\n",
}


@dataclass
class Told:
    """What a run's log got."""

    lines: list[tuple[Level, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)


class Killed(BaseException):
    """The process is gone at this point."""


@dataclass
class Bench:
    """The small plan, its repository, its project, and the steps of its workflows."""

    directory: Path
    cloud: TenantAccess
    config: Config
    services: DeployServices
    told: Told = field(default_factory=Told)
    approvals: tuple[Approval, ...] = ()
    cancelled: Callable[[], bool] = lambda: False
    made: int = 0

    @property
    def stacks(self) -> HeatStacks:
        return open_cloud(self.config).stacks

    @property
    def stack(self) -> Stack:
        found = self.stacks.look("small")
        assert found is not None
        return found

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.directory, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def set(self, message: str = "Change", **values: Any) -> str:
        """Set parameters in the plan, commit, and return the revision."""
        file = self.directory / "plan-environment.yaml"
        lines = [line for line in file.read_text().splitlines() if line.strip().partition(":")[0] not in values]
        given = [f"  {name}: {value}" for name, value in values.items() if value is not None]
        file.write_text("\n".join([*lines, *given]) + "\n")
        self.git("commit", "--quiet", "--all", "--allow-empty", "-m", message)
        return self.revision

    @property
    def revision(self) -> str:
        return f"main@sha1:{self.git('rev-parse', 'HEAD')}"

    def context(
        self, step: str, inputs: Mapping[str, Any], *, run: str = "run-1", attempt: int = 1, resumed: bool = False
    ) -> StepContext:
        def check() -> None:
            if self.cancelled():
                raise RunCancelled("stopped, as somebody asked")

        return StepContext(
            run_id=run,
            step=step,
            attempt=attempt,
            plan="small",
            revision=self.revision,
            actor="Test Operator <operator@example.org>",
            trace_id="0" * 32,
            place=Place(repository=str(self.directory)),
            inputs=inputs,
            clock=time,
            time_limit=900,
            deadline=time.monotonic() + 900,
            write=lambda text, level: self.told.lines.append((level, text)),
            check_wanted=check,
            approvals=self.approvals,
            resumed=resumed,
        )

    def do(self, action: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Do one step."""
        return dict(deploy_bodies(self.services)[action](self.context(action, inputs or {}, **options)))

    def run(self, workflow: str = "deploy", *, until: str = "", **inputs: Any) -> dict[str, Any]:
        """Do the steps of a workflow that are ours, in its order, as a new run; return what they gave."""
        self.made += 1
        steps = next(known.steps for known in WORKFLOWS if known.name == workflow)
        known: dict[str, Any] = dict(inputs)
        for step in steps:
            if step.action in OURS:
                asked = {name: known[name] for name in step.inputs if name in known}
                given = self.do(step.action, asked, run=f"run-{self.made}")
                assert set(given) == set(step.outputs)
                known |= given
            if step.action == until:
                break
        return known

    def with_services(self, **changed: Any) -> None:
        """Change what the steps work with."""
        self.services = replace(self.services, **changed)

    def by_hand(self, method: str = "patch", *, wait: bool = True, tags: tuple[str, ...] = (), **values: Any) -> None:
        """Update the stack as somebody does who knows nothing of us: with other values."""
        content = self.stacks.content(self.stack)
        parameters = {**content.environment.get("parameter_defaults", {}), **values}
        environment = {"parameter_defaults": parameters}
        request = StackRequest(
            template=content.template, environment=environment, files=content.files, timeout=5, tags=tags
        )
        body = request.body()
        if method == "patch":
            del body["tags"]
            body["environment"] = {"parameter_defaults": values}
        connection = self.cloud.connect()
        answer = connection.orchestration.request(f"/stacks/small/{self.stack.id}", method.upper(), json=body)
        assert answer.status_code == 202, answer.text
        if wait:
            self.wait()

    def wait(self) -> Stack:
        """Wait until Heat is at rest."""
        for _ in range(600):
            found = self.stack
            if found.phase != "IN_PROGRESS":
                return found
            time.sleep(0.1)
        raise AssertionError("Heat does not come to rest")


@pytest.fixture
def bench(cloud: TenantAccess, tmp_path: Path) -> Bench:
    """Return the small plan with one commit, in a project where nothing is deployed."""
    directory = tmp_path / "small"
    for path, text in PLAN.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    config = Config(
        directory=directory,
        cloud=None,
        plans_directory=tmp_path / "plans",
        cache_directory=tmp_path / "cache",
        state_directory=tmp_path / "state",
        site_directory=tmp_path / "site",
    )
    services = deploy_services(config, ServerSettings(), earlier=lambda _plan: ())
    made = Bench(directory, cloud, config, replace(services, now=lambda: datetime.now(UTC)))
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Begin")
    return made
