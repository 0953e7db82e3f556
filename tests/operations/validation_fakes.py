"""What a round of validations needs, without Ansible: a player that does as it is told, a place to stand."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.play import Outcome, PlayLine, PlayResult, Surroundings, TaskFailure
from tripleo_gitops.operations.playbooks.plays import Stage
from tripleo_gitops.operations.playbooks.validation_results import MemoryResults
from tripleo_gitops.operations.playbooks.validation_running import Surveillance, ValidationJob, ValidationRound
from tripleo_gitops.plan.ansible_settings import AnsibleSettings
from tripleo_gitops.validations.validation import Origin, Validation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tripleo_gitops.ansible.play import Play
    from tripleo_gitops.operations.steps import Level

REVISION = "main@sha1:" + "a" * 40


@dataclass
class ScriptedPlayer:
    """Plays by the name of the playbook: `fails…` fails, `hangs…` lasts until it is stopped, others pass."""

    seconds: float = 0.05
    at_once: int = 0
    most_at_once: int = 0
    ended: list[str] = field(default_factory=list)
    plays: list[Play] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, play: Play, *, tell: Callable[[PlayLine], None], check: Callable[[], None]) -> PlayResult:
        name = play.playbook.stem
        with self.lock:
            self.plays.append(play)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            tell(PlayLine(f"{name} speaks"))
            ends = time.monotonic() + (30 if name.startswith("hangs") else self.seconds)
            while time.monotonic() < ends:
                check()
                time.sleep(0.01)
        finally:
            with self.lock:
                self.at_once -= 1
                self.ended.append(name)
        if name.startswith("fails"):
            failure = TaskFailure(host="localhost", task="Look", message="no")
            return PlayResult(outcome=Outcome.FAILED, seconds=0.1, failures=(failure,), problem="localhost: Look: no")
        outcome = Outcome.NO_HOSTS if name.startswith("nobody") else Outcome.PASSED
        return PlayResult(outcome=outcome, seconds=0.1, hosts=("localhost",))


def stage(directory: Path, *names: str) -> Stage:
    """Return a stage with playbooks of these names."""
    project = directory / "project"
    (project / "validations").mkdir(parents=True)
    for name in names:
        (project / "validations" / f"{name}.yaml").write_text("- hosts: all\n")
    return Stage(
        project=project,
        inventory={},
        surroundings=Surroundings(),
        variables={"stack_outputs": {}},
        secrets=frozenset(),
        settings=AnsibleSettings(),
    )


def job(name: str, **options: Any) -> ValidationJob:
    path = f"validations/{name}.yaml"
    validation = Validation(id=name, path=path, origin=Origin.PLAN, name=name.title())
    return ValidationJob(validation=validation, playbook=path, **options)


def around(**changes: Any) -> ValidationRound:
    asked = {"run": "r1", "plan": "site1", "revision": REVISION, "actor": "op", "group": None, "parallel": 2}
    return ValidationRound(**{**asked, "time_limit": 60.0, **changes})


@dataclass
class Watched:
    """Listens to a round, and keeps its records."""

    check: Callable[[], None] = lambda: None
    results: Any = field(default_factory=MemoryResults)
    said: list[tuple[str, Level]] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def watch(self) -> Surveillance:
        return Surveillance(
            log=lambda text, level: self.said.append((text, level)),
            check=self.check,
            results=self.results,
            now=lambda: datetime.now(UTC),
            new_id=lambda: f"v{next(self.ids)}",
        )

    @property
    def text(self) -> str:
        return "\n".join(text for text, _level in self.said)
