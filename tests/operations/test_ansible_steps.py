"""The steps of runs that play playbooks: what holds a run up, and what a run keeps."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.operations.validation_fakes import REVISION, ScriptedPlayer
from tripleo_gitops.ansible.workspace import Workspace
from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.openstack.endpoint import fetch_endpoint
from tripleo_gitops.operations.playbooks.plays import Ground, Machine
from tripleo_gitops.operations.playbooks.post_deploy import PostDeployFailed
from tripleo_gitops.operations.playbooks.validation_jobs import BrokenValidations, Shipped, ValidationsFailed
from tripleo_gitops.operations.playbooks.validation_results import MemoryResults, ResultQuery
from tripleo_gitops.operations.run_steps.ansible_steps import GATES, PlaysForbidden, ansible_bodies
from tripleo_gitops.operations.steps import Place, RunCancelled, StepContext
from tripleo_gitops.plan.settings import parse_settings
from tripleo_gitops.runs.workflows import WORKFLOWS
from tripleo_gitops.validations.catalogue import UnknownValidation, read_catalogue
from tripleo_gitops.validations.validation import Origin
from tripleo_gitops.wiring.ansible import LocalAnsible
from tripleo_gitops.wiring.config import Config

if TYPE_CHECKING:
    from typing import Any

    from tripleo_gitops.operations.steps import Level


CONFIG = Config(directory=Path(), cloud=None, plans_directory=Path(), cache_directory=Path(), state_directory=Path())


def playbook(*groups: str) -> bytes:
    return f"- hosts: all\n  vars: {{metadata: {{groups: [{', '.join(groups)}]}}}}\n".encode()


@dataclass
class Services:
    """What steps need, without Ansible and without a cloud."""

    directory: Path
    files: dict[str, bytes] = field(default_factory=dict)
    settings: str = ""
    results: MemoryResults = field(default_factory=MemoryResults)
    playing: ScriptedPlayer = field(default_factory=ScriptedPlayer)
    packages: tuple[Shipped, ...] = ()
    fetch: Any = fetch_endpoint
    ids: int = 0
    plays: tuple[str, ...] = ("*",)

    def check_may_play(self, plan: str) -> None:
        LocalAnsible(config=CONFIG, environment={}, plays=self.plays).check_may_play(plan)

    def ground(self, context: StepContext) -> Ground:
        settings = parse_settings(self.settings.encode())
        tree = MemoryTree(self.files)
        return Ground(plan=context.plan, revision=context.revision, tree=tree, settings=settings)

    def shipped(self) -> tuple[Shipped, ...]:
        return self.packages

    def workspace(self) -> Workspace:
        return Workspace.open(parent=self.directory)

    def player(self, workspace: Workspace) -> ScriptedPlayer:
        assert workspace.path.parent == self.directory
        return self.playing

    def machine(self, context: StepContext) -> Machine:
        assert context.plan == "site1"
        return Machine()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        self.ids += 1
        return f"v{self.ids}"


@dataclass
class Ran:
    """A run's step, called as the engine calls it."""

    services: Services
    said: list[tuple[str, Level]] = field(default_factory=list)
    cancelled: bool = False

    def __call__(self, action: str, **inputs: object) -> Any:
        def wanted() -> None:
            if self.cancelled:
                raise RunCancelled("eve asked for it")

        context = StepContext(
            run_id="r1",
            step="s",
            attempt=1,
            plan="site1",
            revision=REVISION,
            actor="op",
            trace_id="0" * 32,
            place=Place(repository="."),
            inputs=inputs,
            clock=time,
            time_limit=60,
            deadline=time.monotonic() + 60,
            write=lambda text, level: self.said.append((text, level)),
            check_wanted=wanted,
        )
        return ansible_bodies(self.services)[action](context)


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """Return what calls steps, for a plan with a few validations."""
    files = {
        "validations/passes.yaml": playbook("pre-deployment"),
        "validations/fails.yaml": playbook("post-deployment"),
        "validations/nobody.yaml": playbook("pre-deployment"),
        "book.yaml": b"- hosts: all\n",
    }
    return Ran(Services(tmp_path, files))


def test_every_action_of_a_workflow_that_plays_playbooks_has_a_body(ran: Ran) -> None:
    bodies = ansible_bodies(ran.services)
    asked = {
        step.action
        for workflow in WORKFLOWS
        for step in workflow.steps
        if step.action.startswith(("validations.", "post-deploy."))
    }

    assert asked <= bodies.keys()
    assert {f"validations.{group}" for group in GATES} <= bodies.keys()


def test_a_gate_lets_through_when_its_group_passes_and_keeps_what_was_found(ran: Ran) -> None:
    assert ran("validations.pre-deployment") == {
        "validations": {
            "group": "pre-deployment",
            "passed": 1,
            "skipped": ["nobody"],
            "failed": [],
            "warnings": [],
        }
    }
    kept = ran.services.results.find(ResultQuery(run="r1"))
    assert {(one.validation, one.group, one.revision) for one in kept} == {
        ("passes", "pre-deployment", REVISION),
        ("nobody", "pre-deployment", REVISION),
    }


def test_a_gate_holds_up_when_one_of_its_group_fails(ran: Ran) -> None:
    with pytest.raises(ValidationsFailed, match=r"of group post-deployment.*fails failed: localhost: Look: no"):
        ran("validations.post-deployment")


def test_a_warning_passes_the_gate_and_is_said(ran: Ran) -> None:
    ran.services.settings = "[validations]\nwarning = ['fails']\n"

    assert ran("validations.post-deployment")["validations"]["warnings"] == ["fails"]


def test_what_is_off_and_what_is_no_gate_is_not_run(ran: Ran) -> None:
    ran.services.settings = "[validations]\noff = ['fails']\ngates = ['post-deployment']\n"

    assert ran("validations.post-deployment")["validations"]["passed"] == 0
    assert ran("validations.pre-deployment")["validations"]["passed"] == 0
    assert ran.services.playing.plays == []
    with pytest.raises(UnknownValidation, match="does not turn off"):
        ran("validations.run", validations=["fails"])


def test_a_broken_validation_of_the_plan_holds_every_gate_up(ran: Ran) -> None:
    ran.services.files["validations/broken.yaml"] = b"- hosts: all\n  vars: 3\n"

    with pytest.raises(BrokenValidations, match=r"validations/broken\.yaml:2"):
        ran("validations.pre-deployment")


def test_shipped_validations_count_too_unless_the_plan_leaves_them_out(ran: Ran, tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    (shipped / "playbooks").mkdir(parents=True)
    (shipped / "playbooks" / "fails-shipped.yaml").write_bytes(playbook("pre-deployment"))
    tree = MemoryTree({"playbooks/fails-shipped.yaml": playbook("pre-deployment"), "playbooks/bad.yaml": b"3"})
    catalogue = read_catalogue(tree, origin=Origin.SHIPPED, source=str(shipped))
    ran.services.packages = (Shipped(directory=shipped, catalogue=catalogue),)

    with pytest.raises(ValidationsFailed, match="fails-shipped"):
        ran("validations.pre-deployment")
    played = {play.playbook.stem: play.surroundings.modules for play in ran.services.playing.plays}
    assert (played["fails-shipped"], played["passes"]) == ((shipped / "library",), ())

    ran.services.settings = "[validations]\nshipped = false\n"
    assert ran("validations.pre-deployment")["validations"]["passed"] == 1


def test_validations_are_run_by_id_and_by_group(ran: Ran) -> None:
    assert ran("validations.run", validations=["passes"])["validations"]["passed"] == 1
    assert ran("validations.run", group="pre-deployment")["validations"]["skipped"] == ["nobody"]
    with pytest.raises(UnknownValidation, match="no group of validations nope"):
        ran("validations.run", group="nope")


def test_a_cancelled_run_leaves_no_workspace(ran: Ran) -> None:
    ran.services.files["validations/hangs.yaml"] = playbook("pre-deployment")
    ran.cancelled = True

    with pytest.raises(RunCancelled):
        ran("validations.pre-deployment")
    assert [path.name for path in ran.services.directory.iterdir()] == []


def test_a_plan_without_steps_does_nothing_after_a_deployment(ran: Ran) -> None:
    assert ran("post-deploy.run") == {"post_deploy": {"steps": []}}


def test_what_follows_a_deployment_is_kept_with_the_run(ran: Ran) -> None:
    ran.services.settings = '[[post_deploy.steps]]\nplaybook = "book.yaml"\n[[post_deploy.steps]]\ncommand = ["true"]\n'
    steps = ran("post-deploy.run")["post_deploy"]["steps"]

    assert [(one["kind"], one["outcome"]) for one in steps] == [("playbook", "passed"), ("command", "passed")]


def test_a_step_that_fails_ends_the_run(ran: Ran) -> None:
    ran.services.settings = '[[post_deploy.steps]]\ncommand = ["false"]\n'

    with pytest.raises(PostDeployFailed, match="'false': exit code 1"):
        ran("post-deploy.run")


def test_what_settings_name_and_the_plan_has_not_is_said_before_anything_is_played(ran: Ran) -> None:
    ran.services.settings = "[ansible]\ninventory = 'hosts'\n"

    with pytest.raises(MissingFile, match="hosts: no such file in the plan"):
        ran("validations.pre-deployment")
    assert ran.services.playing.plays == []


@pytest.mark.parametrize("action", ["validations.run", "validations.pre-deployment", "post-deploy.run"])
def test_nothing_is_played_for_a_plan_that_the_operator_does_not_name(ran: Ran, action: str) -> None:
    ran.services.plays = ("lab-*",)
    ran.services.settings = '[[post_deploy.steps]]\ncommand = ["true"]\n'
    with pytest.raises(PlaysForbidden, match="site1"):
        ran(action)
    assert ran.services.results.find(ResultQuery(run="r1")) == ()


def test_a_plan_that_plays_nothing_is_deployed_where_plays_are_forbidden(ran: Ran) -> None:
    ran.services.plays = ()
    ran.services.settings = "[validations]\ngates = []\n"
    assert ran("validations.pre-deployment")["validations"]["passed"] == 0
    assert ran("post-deploy.run") == {"post_deploy": {"steps": []}}


def test_a_plan_that_the_operator_names_is_played(ran: Ran) -> None:
    ran.services.plays = ("lab", "site*")
    assert ran("validations.pre-deployment")["validations"]["passed"] == 1
