"""Plans that runs make and delete: gone on with after a kill anywhere, and never a person's clone put away."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lifecycle.test_creation import server
from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.operations.run_steps.plan_steps import plan_bodies
from tripleo_gitops.operations.steps import Place, StepContext
from tripleo_gitops.repository.bare import RepositoryExists
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.runs.plan_workflows import PLAN_WORKFLOWS
from tripleo_gitops.runs.short_workflows import SHORT_WORKFLOWS
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.plan_steps import NotThePlansRepository, plan_work

if TYPE_CHECKING:
    from tests.command_line import CommandLine
    from tests.undercloud_fixture import TenantAccess

__all__ = ["server"]


@dataclass
class Nothing:
    """A project of a cloud in which there is nothing."""

    deleted: list[str] = field(default_factory=list)

    @property
    def containers(self) -> Nothing:
        return self

    environments = stacks = containers

    def find(self, _name: str) -> None:
        return None

    metadata = find

    def has(self, _name: str) -> bool:
        return False

    def delete(self, _container: str, path: str = "") -> bool:
        self.deleted.append(path)
        return False


@dataclass
class Steps:
    """Calls the steps about one plan, without a cloud."""

    path: Path

    def __call__(self, action: str, *, resumed: bool = False, **inputs: Any) -> Any:
        config = Config(
            directory=Path(), cloud=None, plans_directory=self.path.parent, cache_directory=self.path / "cache",
            state_directory=self.path / "state",
        )  # fmt: skip
        context = StepContext(
            run_id="r1", step="s", attempt=1, plan="site1", revision="main", actor="op", trace_id="0" * 32,
            place=Place(repository=str(self.path)), inputs=inputs, clock=time, time_limit=60,
            deadline=time.monotonic() + 60, write=lambda _text, _level: None, check_wanted=lambda: None,
            resumed=resumed,
        )  # fmt: skip
        work = replace(
            plan_work(config), cloud=lambda _context: Nothing(), now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
        )
        return plan_bodies(work)[action](context)


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    (tmp_path / "plans").mkdir()
    return Steps(tmp_path / "plans" / "site1.git")


def test_a_plan_is_made_once_however_often_its_step_is_killed(steps: Steps) -> None:
    made = steps("plan.create", passwords=False)
    assert made["created"] == str(steps.path)
    with PlanRepository.open(steps.path) as repository:
        first = str(repository.resolve("main"))
    steps("plan.create", resumed=True, passwords=False)
    with PlanRepository.open(steps.path) as repository:
        assert str(repository.resolve("main")) == first


def test_a_plan_that_was_there_before_its_run_is_not_taken_for_the_runs(steps: Steps) -> None:
    steps("plan.create", passwords=False)
    with pytest.raises(RepositoryExists):
        steps("plan.create", passwords=False)


def test_a_killed_deletion_goes_on_where_it_was(steps: Steps) -> None:
    steps("plan.create", passwords=False)
    assert steps("plan.remove") == steps("plan.remove", resumed=True) == {"removed": 0, "containers": []}
    archived = steps("plan.put-away")["archived"]
    assert Path(archived).is_dir()
    assert not steps.path.exists()
    assert steps("plan.put-away", resumed=True) == {"archived": None}
    assert steps("plan.remove", resumed=True)["removed"] == 0


def test_a_plan_that_is_nowhere_cannot_be_deleted(steps: Steps) -> None:
    with pytest.raises(NotFound, match="site1"):
        steps("plan.remove")


@pytest.mark.parametrize(("how", "is_there"), [("keep", True), ("purge", False)])
def test_a_repository_is_kept_or_purged_as_asked(steps: Steps, how: str, is_there: bool) -> None:
    steps("plan.create", passwords=False)
    assert steps("plan.put-away", repository=how) == {"archived": None}
    assert (steps.path.exists(), (steps.path.parent / ".archive").exists()) == (is_there, False)


def test_a_word_that_says_nothing_about_a_repository_leaves_it_alone(steps: Steps) -> None:
    steps("plan.create", passwords=False)
    with pytest.raises(InvalidInput, match="purge"):
        steps("plan.put-away", repository="shred")
    assert steps.path.is_dir()


@pytest.mark.parametrize("action", ["plan.create", "plan.remove", "plan.put-away"])
def test_a_place_that_is_not_the_plans_own_repository_is_refused(steps: Steps, action: str) -> None:
    clone = Steps(steps.path.with_name("site1"))
    clone.path.mkdir()
    with pytest.raises(NotThePlansRepository):
        clone(action, repository="purge")
    assert clone.path.is_dir()


def test_what_runs_do_with_plans_mistral_has_a_workflow_for() -> None:
    served = {workflow.full_name for workflow in SHORT_WORKFLOWS}
    assert {workflow.name for workflow in PLAN_WORKFLOWS} == {"plan-creation", "plan-deletion"}
    assert {f"tripleo.plan_management.v1.{verb}_deployment_plan" for verb in ("create", "delete")} <= served


def test_a_password_in_a_sources_address_is_not_kept_with_a_run(server: CommandLine) -> None:
    refused = server("create", "site1", "--from", "https://op:canary@git.example.org/x", "--detach", code=2)
    assert "holds a password" in refused.err
    assert "canary" not in refused.err + server("run", "list", "-o", "json").out


@pytest.mark.undercloud
def test_a_plan_is_made_mirrored_and_deleted_by_runs(server: CommandLine, cloud: TenantAccess, recipient: str) -> None:
    made = server("create", "site1", "--run", "-o", "json").data
    assert (made["workflow"], made["state"]) == ("plan-creation", "succeeded")
    store = cloud.connect().object_store
    assert store.download_object("plan-environment.yaml", "site1")
    assert recipient in made["inputs"]["recipients"]
    (repository,) = [Path(made["place"]["repository"])]
    server("delete", "site1", "--run", "--yes")
    (deleted,) = server("run", "list", "-n", "1", "-o", "json").data
    assert (deleted["workflow"], deleted["state"]) == ("plan-deletion", "succeeded")
    assert not repository.exists()
    assert "site1" not in {container.name for container in store.containers()}
