"""Machines as runs, on the real Ironic: killed anywhere, the next process goes on and no node is made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tripleo_gitops.operations.nodes.outcomes import NodesFailed
from tripleo_gitops.operations.nodes.reconcile import NodeCloud
from tripleo_gitops.operations.run_steps.node_steps import node_bodies
from tripleo_gitops.operations.steps import Level, Place, RunCancelled, StepContext
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.node_steps import node_work
from tripleo_gitops.wiring.nodes import open_node_vault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.baremetal.conftest import Site
    from tripleo_gitops.nodes.registered import RegisteredNode
    from tripleo_gitops.operations.run_steps.node_step_work import NodeWork

pytestmark = pytest.mark.undercloud
WRITES = ("create", "create_port", "set_traits", "patch", "provision")


class Killed(BaseException):
    """The process is gone at this point."""


@dataclass
class Deadly:
    """Ironic's nodes; the process is killed right after request number `left` that changes something was sent."""

    service: Any
    left: int

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.service, name)
        return self._counted(found) if name in WRITES else found

    def _counted(self, request: Callable[..., Any]) -> Callable[..., Any]:
        def send(*args: Any, **options: Any) -> Any:
            if self.left == 0:
                raise Killed
            answer = request(*args, **options)
            self.left -= 1
            if self.left == 0:
                raise Killed
            return answer

        return send


@dataclass
class Steps:
    """The steps of runs, called as an engine calls them."""

    site: Site
    work: NodeWork
    texts: list[str]
    cancelled: Callable[[], bool] = lambda: False

    def do(self, action: str, inputs: Mapping[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
        return dict(node_bodies(replace(self.work, **changed))[action](self.context(action, inputs or {})))

    def deadly(self, left: int) -> dict[str, Any]:
        """Return what lets a step die at its request number `left`."""
        services = self.site.services

        def cloud(_context: StepContext) -> NodeCloud:
            service: Any = Deadly(services.ironic, left)
            return NodeCloud(service=service, images=services.images, vault=open_node_vault(os.environ))

        return {"cloud": cloud}

    def context(self, step: str, inputs: Mapping[str, Any]) -> StepContext:
        def check() -> None:
            if self.cancelled():
                raise RunCancelled("stopped, as somebody asked")

        def write(text: str, _level: Level) -> None:
            self.texts.append(text)

        return StepContext(
            run_id="run-1",
            step=step,
            attempt=1,
            plan=self.site.name,
            revision="main",
            actor="Test Operator <operator@example.org>",
            trace_id="0" * 32,
            place=Place(repository=str(self.site.directory)),
            inputs=inputs,
            clock=time,
            time_limit=300,
            deadline=time.monotonic() + 300,
            write=write,
            check_wanted=check,
        )


@pytest.fixture
def steps(site: Site, tmp_path: Path) -> Steps:
    config = Config(
        directory=site.directory,
        cloud=site.undercloud.cloud,
        plans_directory=tmp_path / "plans",
        cache_directory=tmp_path / "cache",
        state_directory=tmp_path / "state",
        site_directory=tmp_path / "site",
        clouds_file=site.undercloud.clouds_file,
    )
    return Steps(site, node_work(config), [])


def own(site: Site) -> list[RegisteredNode]:
    return [node for node in site.services.ironic.nodes() if node.mark is not None and node.mark.plan == site.name]


def test_a_registration_that_is_killed_after_any_request_makes_no_node_twice(site: Site, steps: Steps) -> None:
    nameless = {"pm_type": "fake-hardware", "ports": [{"address": site.mac(7)}, {"address": site.mac(8)}]}
    site.commit(site.fake(0, traits=["CUSTOM_A"]), nameless)
    deaths = 0
    for left in range(1, 9):
        with suppress(Killed):
            steps.do("nodes.register", {"concurrency": 1, "provides": True}, **steps.deadly(left % 2 + 1))
            break
        deaths += 1
    given = steps.do("nodes.register", {"provides": True})
    assert deaths >= 4
    assert given["nodes_done"] + given["nodes_unchanged"] <= 4
    found = own(site)
    assert sorted(len(node.ports) for node in found) == [1, 2]
    assert {node.state.provision_state for node in found} == {"available"}
    assert steps.do("nodes.register", {"provides": True}) == {"nodes_done": 0, "nodes_unchanged": 0}


def test_a_killed_process_run_is_resumed_and_every_node_is_there_once(site: Site) -> None:
    site.commit(*(site.fake(number) for number in range(12)), **{"tripleo-plan_DOT_toml": "[nodes]\nconcurrency = 2\n"})
    command = [
        str(Path(sys.executable).parent / "tripleo-plan"),
        "node",
        "register",
        "--introspect",
        "--provide",
        "--run",
    ]
    process = subprocess.Popen(command, cwd=site.directory, stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 120
    while len(own(site)) < 3 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (run,) = site.run("run", "list", "-o", "json").data
    assert (run["workflow"], run["state"]) == ("node-registration", "running")
    site.run("run", "resume", str(run["number"]))
    assert site.run("run", "show", str(run["number"]), "-o", "json").data["state"] == "succeeded"
    found = own(site)
    assert sorted(node.state.name or "" for node in found) == sorted(f"{site.name}-{number}" for number in range(12))
    assert {(node.state.provision_state, len(node.ports)) for node in found} == {("available", 1)}


def test_a_node_that_fails_ends_the_step_after_all_others_and_doing_it_again_finishes(site: Site, steps: Steps) -> None:
    site.commit(site.fake(0, pm_type="wol"), site.fake(1))
    with pytest.raises(NodesFailed, match=r"1 of 3 nodes failed .*-0"):
        steps.do("nodes.register")
    assert site.node(f"{site.name}-1").state.provision_state == "manageable"
    (said,) = [text for text in steps.texts if text.startswith(f"node {site.name}-0: create failed")]
    assert "staging-wol" in said
    site.commit(site.fake(0), site.fake(1))
    steps.do("nodes.register")
    assert site.node(f"{site.name}-0").state.provision_state == "manageable"


def test_a_node_in_maintenance_is_provided_by_the_same_step_once_it_is_out_of_it(site: Site, steps: Steps) -> None:
    site.commit(site.fake(0), site.fake(1))
    steps.do("nodes.register")
    chosen = steps.do("nodes.choose.provide", {"nodes": [f"{site.name}-0", f"{site.name}-1"]})["chosen"]
    site.services.switches.set_maintenance(chosen[0]["uuid"], "disk is changed")
    with pytest.raises(NodesFailed, match="1 of 2"):
        steps.do("nodes.provide", {"chosen": chosen})
    site.services.switches.set_maintenance(chosen[0]["uuid"], None)
    assert steps.do("nodes.provide", {"chosen": chosen}) == {"nodes_done": 1, "nodes_unchanged": 1}


def test_what_a_run_introspected_before_it_was_killed_is_not_introspected_again(site: Site, steps: Steps) -> None:
    site.commit(site.fake(0), site.fake(1))
    steps.do("nodes.register")
    names = [f"{site.name}-0", f"{site.name}-1"]
    chosen = steps.do("nodes.choose.introspect", {"nodes": names})["chosen"]
    steps.do("nodes.introspect", {"chosen": chosen[:1]})
    before = site.node(names[0]).state.inspection_finished_at
    assert before
    assert steps.do("nodes.introspect", {"chosen": chosen, "provides": True})["nodes_done"] == 3
    assert site.node(names[0]).state.inspection_finished_at == before
    assert site.node(names[1]).state.inspection_finished_at
    assert {site.node(name).state.provision_state for name in names} == {"available"}


def test_a_node_that_was_deleted_meanwhile_fails_and_the_others_are_provided(site: Site, steps: Steps) -> None:
    site.commit(site.fake(0), site.fake(1))
    steps.do("nodes.register")
    chosen = steps.do("nodes.choose.provide", {"nodes": [f"{site.name}-0", f"{site.name}-1"]})["chosen"]
    site.services.ironic.delete(chosen[0]["uuid"])
    with pytest.raises(NodesFailed, match="1 of 2 nodes failed"):
        steps.do("nodes.provide", {"chosen": chosen})
    assert site.node(f"{site.name}-1").state.provision_state == "available"
    assert f"node {site.name}-0: find failed: it is not registered any more" in steps.texts


def test_a_run_that_is_cancelled_stops_between_two_nodes(site: Site, steps: Steps) -> None:
    site.commit(*(site.fake(number) for number in range(6)))
    steps.cancelled = lambda: len(steps.texts) >= 2
    with pytest.raises(RunCancelled):
        steps.do("nodes.register", {"concurrency": 1})
    assert 2 <= len(own(site)) < 6


def test_a_run_removes_what_was_agreed_to_and_nothing_else(site: Site, steps: Steps) -> None:
    site.commit(site.fake(0), site.fake(1), site.fake(2))
    steps.do("nodes.register", {"manages": False})
    site.commit(site.fake(0))
    gone = site.node(f"{site.name}-1").uuid
    steps.do("nodes.register", {"removes": [gone]})
    assert sorted(node.state.name or "" for node in own(site)) == [f"{site.name}-0", f"{site.name}-2"]


def test_a_commit_is_handed_to_a_server_that_registers_and_introspects_what_is_new(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "server.toml"
    settings.write_text("[runs]\ntriggers = true\n")
    settings.chmod(0o600)
    monkeypatch.setenv("TRIPLEO_PLAN_SERVER_SETTINGS", str(settings))
    rules = "[sync]\non_push = false\n[nodes]\nregister_on_push = true\nintrospect_on_push = true\n"
    site.commit(site.fake(0), **{"tripleo-plan_DOT_toml": rules})
    site.run("hook", "install")
    site.commit(site.fake(0), site.fake(1))
    (run,) = site.run("run", "list", "-o", "json").data
    assert (run["workflow"], run["trigger"], run["state"]) == ("node-registration", "hook", "queued")
    assert own(site) == []
    serve = [str(Path(sys.executable).parent / "tripleo-plan"), "run", "serve"]
    with subprocess.Popen(serve, cwd=tmp_path, stderr=subprocess.DEVNULL) as server:
        until = time.monotonic() + 120
        while site.run("run", "list", "-o", "json").data[0]["ended"] in ("", None) and time.monotonic() < until:
            time.sleep(0.5)
        server.send_signal(signal.SIGTERM)
    assert site.run("run", "list", "-o", "json").data[0]["state"] == "succeeded"
    found = own(site)
    assert {node.state.provision_state for node in found} == {"manageable"}
    assert all(node.state.inspection_finished_at for node in found)
    assert len(found) == 2
