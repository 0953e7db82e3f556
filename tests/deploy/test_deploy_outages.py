"""What a deploy does when Heat's answers are lost, or Heat is away for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tripleo_gitops.openstack.connection import CloudUnavailable
from tripleo_gitops.operations.steps import RunCancelled
from tripleo_gitops.wiring.cloud import open_cloud

if TYPE_CHECKING:
    from tests.deploy.conftest import Bench
    from tripleo_gitops.openstack.heat import HeatStacks
    from tripleo_gitops.operations.mirror.mirror import Mirror

pytestmark = pytest.mark.undercloud


@dataclass
class UnsteadyStacks:
    """The real stacks, of which some answers are lost: by method, how many are, and whether Heat got the request."""

    stacks: HeatStacks
    lost: dict[str, int] = field(default_factory=dict)
    is_reached: bool = True
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.stacks, name)

        def ask(*arguments: Any, **options: Any) -> Any:
            self.asked.append(name)
            is_lost = self.lost.get(name, 0) > 0
            answer = real(*arguments, **options) if self.is_reached or not is_lost else None
            if is_lost:
                self.lost[name] -= 1
                raise CloudUnavailable(f"Heat: cannot be reached ({name})")
            return answer

        return ask


@dataclass
class UnsteadyCloud:
    """A project with unsteady stacks."""

    stacks: UnsteadyStacks
    bench: Bench

    def mirror(self, name: str) -> Mirror:
        return open_cloud(self.bench.config).mirror(name)


def unsteady(bench: Bench, *, is_reached: bool = True, **lost: int) -> UnsteadyStacks:
    stacks = UnsteadyStacks(bench.stacks, lost, is_reached=is_reached)
    bench.with_services(cloud=lambda _context: UnsteadyCloud(stacks, bench), outage_pause=0.2, in_flight=2.0)
    return stacks


def test_a_request_whose_answer_was_lost_is_not_made_again(bench: Bench) -> None:
    stacks = unsteady(bench, create=1)
    assert bench.run()["stack_status"] == "CREATE_COMPLETE"
    assert stacks.asked.count("create") == 1
    assert "looking whether Heat took the request" in bench.told.text


def test_a_request_that_never_reached_heat_is_made_again(bench: Bench) -> None:
    stacks = unsteady(bench, is_reached=False, create=1)
    assert bench.run()["stack_status"] == "CREATE_COMPLETE"
    assert stacks.asked.count("create") == 2


def test_an_outage_while_a_stack_is_followed_is_said_once_and_waited_for(bench: Bench) -> None:
    unsteady(bench, is_reached=False, look=3, events=2)
    assert bench.do("heat.deploy")["stack_status"] == "CREATE_COMPLETE"
    assert bench.told.text.count("waiting for it") == 2
    assert bench.told.text.count("the cloud answers again") == 2


def test_a_run_that_is_cancelled_leaves_heat_alone_and_says_so(bench: Bench) -> None:
    bench.set(Seconds="20")
    bench.cancelled = lambda: "asking Heat" in bench.told.text
    with pytest.raises(RunCancelled):
        bench.do("heat.deploy")
    assert "Heat goes on with it; `tripleo-plan cancel` stops that, too" in bench.told.text
    assert bench.stack.status == "CREATE_IN_PROGRESS"
    bench.stacks.cancel(bench.stack, rollback=False)
    assert bench.wait().status == "CREATE_FAILED"


def test_what_a_deployment_printed_on_a_node_is_read_from_heat(bench: Bench) -> None:
    heat: Any = bench.cloud.connect().orchestration
    config = heat.post("/software_configs", json={"name": "x", "group": "script", "config": "exit 3"}).json()
    asked = {
        "config_id": config["software_config"]["id"],
        "server_id": "11111111-1111-1111-1111-111111111111",
        "action": "CREATE",
        "status": "IN_PROGRESS",
    }
    made = heat.post("/software_deployments", json=asked).json()["software_deployment"]["id"]
    values = {"deploy_stdout": "began", "deploy_stderr": "cannot bind", "deploy_status_code": 3}
    heat.put(f"/software_deployments/{made}", json={"status": "FAILED", "output_values": values})
    found = bench.stacks.deployment_output(made)
    assert found is not None
    assert (found.exit_code, found.stdout, found.stderr) == (3, "began", "cannot bind")
    assert bench.stacks.deployment_output("22222222-2222-2222-2222-222222222222") is None
