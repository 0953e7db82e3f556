"""One of Mistral's executors is killed in the middle of a deploy: another one takes it up, and Heat is asked once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openstack.config
import openstack.connection

from faults.postgresql import find_programs, running_postgresql
from faults.rabbitmq import find_server, running_rabbitmq
from faults.stock_mistral import EXECUTORS, PROGRAMS, Backends, running_mistral
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Undercloud
from tripleo_gitops.undercloud.launch.mistral_keys import prepare_plans

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openstack.connection import Connection

    from faults.stock_mistral import StockMistral

PLAN = "faults"
EXAMPLE = Path(__file__).parents[1] / "examples" / "plan-repo"
VALIDATION_SECONDS = 25
"""How long the stack's creation takes at least: the time to kill in."""
PATIENCE_SECONDS = 300.0
STEP, VICTIM_AT = "deploy", re.compile(r"deploy: begun by \S+:(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the run whose executor was killed."""

    state: str
    stack_status: str
    requests: int
    workers: int

    @property
    def is_right(self) -> bool:
        """Whether the run succeeded, two executors worked at the step, and Heat was asked once."""
        return (self.state, self.stack_status, self.requests, self.workers) == ("succeeded", "CREATE_COMPLETE", 1, 2)


def missing_packages() -> tuple[str, ...]:
    """Return the packages of the system that are not installed and without which nothing can be shown."""
    needed = {"rabbitmq-server": find_server(), "postgresql": find_programs()}
    return tuple(name for name, found in needed.items() if found is None)


def break_executors(directory: Path, *, say: Callable[[str], None]) -> Outcome:
    """Deploy a plan by the stock Mistral on services of its own, kill the executor at work; tell what became of it."""
    server, programs = find_server(), find_programs()
    if server is None or programs is None:
        raise FileNotFoundError(", ".join(missing_packages()))
    cloud = Undercloud(
        state_dir=directory / "cloud", cache_dir=directory / "cache", services=DEFAULT_SERVICES, ephemeral=True
    )
    with ExitStack() as stack:
        stack.callback(supervisor.down, cloud)
        clouds_file = supervisor.up(cloud, progress=lambda _line: None).clouds_file
        loader = openstack.config.OpenStackConfig(config_files=[str(clouds_file)], load_envvars=False)
        admin = openstack.connection.Connection(config=loader.get_one(cloud="undercloud"))
        broker = stack.enter_context(running_rabbitmq(server))
        database = stack.enter_context(running_postgresql(programs))
        say(f"RabbitMQ and PostgreSQL answer; Mistral's programs: api, engine, notifier, {', '.join(EXECUTORS)}")
        environment = _environment(directory, clouds_file, database)
        backends = Backends(broker=broker, database=database.replace("postgresql:", "postgresql+psycopg:"), admin=admin)
        mistral = stack.enter_context(running_mistral(directory, backends, environment))
        _run(("mistral", "install"), environment, directory, say)
        plan = _make_plan(directory, admin, environment, say)
        run = json.loads(_run(("deploy", "--yes", "--detach", "-o", "json"), environment, plan, say))["run"]
        _kill_worker(mistral, run, environment, plan, say)
        return _outcome(run, environment, plan, say)


def _environment(directory: Path, clouds_file: Path, database: str) -> dict[str, str]:
    """Return what the executors and the command line share: where plans, keys and the notes of runs are."""
    prepare_plans(directory)
    settings = directory / "server.toml"
    settings.write_text('[runs]\nengine = "mistral"\n')
    settings.chmod(0o600)
    return {
        "TRIPLEO_PLANS_DIR": os.environ["TRIPLEO_PLANS_DIR"],
        "SOPS_AGE_KEY_FILE": os.environ["SOPS_AGE_KEY_FILE"],
        "TRIPLEO_PLAN_RUNS": database,
        "TRIPLEO_PLAN_SERVER_SETTINGS": str(settings),
        "XDG_STATE_HOME": str(directory / "state"),
        "OS_CLIENT_CONFIG_FILE": str(clouds_file),
        "OS_CLOUD": "undercloud",
    }


def _make_plan(directory: Path, admin: Connection, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Make a small plan of the example where executors keep plans, and return a clone of it."""
    bare, clone = Path(environment["TRIPLEO_PLANS_DIR"], f"{PLAN}.git"), directory / PLAN
    _run(("init", PLAN), environment, directory, say)
    settings = clone / "tripleo-plan.toml"
    text = settings.read_text().partition("[[post_deploy.steps]]")[0]
    settings.write_text(text.replace('gates = ["pre-deployment", "post-deployment"]', "gates = []"))
    values = (f"AllNodesValidationSeconds={VALIDATION_SECONDS}", "ComputeCount=0", "ControllerCount=1")
    _run(("parameters", "set", *values), environment, clone, say)
    _run(("commit", "--all", "-m", "Small and slow"), environment, clone, say)
    subprocess.run(("git", "clone", "--quiet", "--bare", clone, bare), check=True)
    _run(("mistral", "give", PLAN, "--project", str(admin.current_project_id)), environment, clone, say)
    return clone


def _kill_worker(
    mistral: StockMistral, run: str, environment: Mapping[str, str], plan: Path, say: Callable[[str], None]
) -> None:
    """Wait until Heat works for the step, then kill the executor that follows it."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        log = _run(("run", "logs", run), environment, plan)
        begun = VICTIM_AT.search(log)
        if begun is not None and "asking Heat" in log and "CREATE_IN_PROGRESS" in log:
            name = mistral.executor_of(int(begun[1]))
            mistral.kill(name)
            say(f"killed {name} (process {begun[1]}) with signal 9 while Heat creates the stack")
            return
        time.sleep(0.5)
    raise TimeoutError(f"run {run} did not reach step {STEP}:\n{log}")


def _outcome(run: str, environment: Mapping[str, str], plan: Path, say: Callable[[str], None]) -> Outcome:
    """Follow the run to its end and count who worked at the step, and how often Heat was asked."""
    log = _run(("run", "logs", run, "-f"), environment, plan)
    say(log)
    shown: dict[str, Any] = json.loads(_run(("run", "show", run, "-o", "json"), environment, plan))
    say(_run(("run", "show", run), environment, plan))
    return Outcome(
        state=shown["state"],
        stack_status=str(shown["result"].get("stack_status")),
        requests=log.count("asking Heat"),
        workers=len(set(re.findall(rf"{STEP}: (?:begun|taken up) by (\S+)", log))),
    )


def _run(
    words: tuple[str, ...], environment: Mapping[str, str], directory: Path, say: Callable[[str], None] | None = None
) -> str:
    """Run `tripleo-plan` in a directory and return what it printed; `say` hears of it."""
    done = subprocess.run(
        (PROGRAMS / "tripleo-plan", *words), cwd=directory, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if say is not None:
        say(f"$ tripleo-plan {' '.join(words)}\n{done.stdout}{done.stderr if done.returncode else ''}".rstrip())
    if done.returncode:
        raise RuntimeError(f"tripleo-plan {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
