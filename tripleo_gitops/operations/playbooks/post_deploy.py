"""What follows a deployment: the plan's steps one after the other, each told as it goes, the first failure the last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.command import Command, run_command
from tripleo_gitops.ansible.play import Outcome
from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.errors import GitopsError, InvalidInput
from tripleo_gitops.openstack.endpoint import NoAnswer
from tripleo_gitops.operations.playbooks.plays import write_outputs
from tripleo_gitops.operations.steps import Level
from tripleo_gitops.plan.post_deploy import CommandStep, HttpStep, PlaybookStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Protocol

    from tripleo_gitops.ansible.play import PlayLine, PlayResult
    from tripleo_gitops.ansible.workspace import Workspace
    from tripleo_gitops.openstack.endpoint import Answer
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.playbooks.plays import Player, Stage
    from tripleo_gitops.plan.post_deploy import PostDeployStep

    class Fetcher(Protocol):
        """Asks an address."""

        def __call__(self, url: str, *, timeout: float, verify: bool = True, ca_file: Path | None = None) -> Answer: ...


OUTPUTS_VARIABLE = "TRIPLEO_PLAN_OUTPUTS"
ONE_REQUEST_SECONDS = 30.0
_NAMED = re.compile(r"\{([^{}\s]+)\}")


class PostDeployFailed(GitopsError):
    """A step after the deployment failed; the steps behind it were not begun."""

    reason = "PostDeployFailed"

    def __init__(self, step: str, problem: str, *, left: int) -> None:
        rest = f"; {left} steps behind it were not begun" if left else ""
        super().__init__(f"post-deploy step {step!r}: {problem}{rest}")
        self.step, self.left = step, left


class UnknownOutput(InvalidInput):
    """An address names an output that the stack has not."""

    reason = "UnknownOutput"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"the stack has no output {name!r}; it has {', '.join(known) or 'none'}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """How one step ended: `passed`, `warned` (it failed and only warns), `skipped` (no host), `failed`."""

    name: str
    kind: str
    outcome: str
    seconds: float
    problem: str = ""
    hosts: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "problem": self.problem,
            "hosts": list(self.hosts),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeploy:
    """What steps are done with: the stage, who plays and who asks addresses, how to speak and when to end."""

    stage: Stage
    workspace: Workspace
    player: Player
    fetch: Fetcher
    clock: Clock
    log: Callable[[str, Level], None]
    check: Callable[[], None]

    def run(self, steps: tuple[PostDeployStep, ...]) -> tuple[StepOutcome, ...]:
        """Do the steps in their order and return how each ended; raise PostDeployFailed at the first that fails.

        What `check` raises ends the step under way and is raised again.
        """
        done: list[StepOutcome] = []
        for number, step in enumerate(steps, start=1):
            self.check()
            self.log(f"step {number} of {len(steps)}: {step.name}", Level.INFO)
            ended = self._do(step)
            self._say(ended)
            done.append(ended)
            if ended.outcome == "failed":
                raise PostDeployFailed(step.name, ended.problem, left=len(steps) - number)
        return tuple(done)

    def _do(self, step: PostDeployStep) -> StepOutcome:
        began = self.clock.monotonic()
        kind, act = self._kind(step)
        try:
            outcome, problem, hosts = act()
        except (NoAnswer, InvalidInput, MissingFile) as exc:
            outcome, problem, hosts = Outcome.FAILED, str(exc), ()
        words = {Outcome.PASSED: "passed", Outcome.NO_HOSTS: "skipped"}.get(outcome, "failed")
        if words == "failed" and step.only_warn:
            words = "warned"
        seconds = self.clock.monotonic() - began
        return StepOutcome(name=step.name, kind=kind, outcome=words, seconds=seconds, problem=problem, hosts=hosts)

    def _kind(self, step: PostDeployStep) -> tuple[str, Callable[[], tuple[Outcome, str, tuple[str, ...]]]]:
        match step:
            case PlaybookStep():
                return "playbook", lambda: self._play(step)
            case HttpStep():
                return "http", lambda: self._ask(step)
            case CommandStep():
                return "command", lambda: self._command(step)

    def _say(self, ended: StepOutcome) -> None:
        level = {"failed": Level.ERROR, "warned": Level.WARNING}.get(ended.outcome, Level.INFO)
        problem = f": {ended.problem}" if ended.problem else ""
        self.log(f"step {ended.name}: {ended.outcome} after {ended.seconds:.1f} s{problem}", level)

    def _tell(self, line: PlayLine) -> None:
        self.log(line.text, Level.WARNING if line.failed else Level.INFO)

    def _play(self, step: PlaybookStep) -> tuple[Outcome, str, tuple[str, ...]]:
        """Play a playbook; hosts on which it failed are tried again, and they alone."""
        until = self.clock.monotonic() + step.timeout_minutes * 60
        limit, result = step.limit, self._once(step, step.limit, until)
        for again in range(step.retries):
            if result.outcome not in (Outcome.FAILED, Outcome.UNREACHABLE) or not result.again:
                break
            limit = result.again
            self.log(f"once more, {again + 1} of {step.retries}, for {', '.join(limit)}", Level.WARNING)
            result = self._once(step, limit, until)
        return result.outcome, result.problem, result.hosts

    def _once(self, step: PlaybookStep, limit: tuple[str, ...], until: float) -> PlayResult:
        play = self.stage.play(
            step.playbook,
            time_limit=max(1.0, until - self.clock.monotonic()),
            extra_vars=dict(step.extra_vars),
            limit=limit,
            tags=step.tags,
            skip_tags=step.skip_tags,
            forks=step.forks,
        )
        return self.player.play(play, tell=self._tell, check=self.check)

    def _ask(self, step: HttpStep) -> tuple[Outcome, str, tuple[str, ...]]:
        """Ask an address until it answers as it should, so often at most."""
        url = fill_in(step.url, self.stage.variables["stack_outputs"])
        until = self.clock.monotonic() + step.timeout_minutes * 60
        problem = ""
        for attempt in range(1, step.attempts + 1):
            left = until - self.clock.monotonic()
            if left <= 0:
                return Outcome.TIMED_OUT, f"not done within {step.timeout_minutes} minutes; {problem}", ()
            problem = self._answer_problem(step, url, timeout=min(left, ONE_REQUEST_SECONDS))
            if not problem:
                return Outcome.PASSED, "", ()
            self.log(f"attempt {attempt} of {step.attempts}: {problem}", Level.WARNING)
            if attempt < step.attempts:
                self._pause(min(step.wait_seconds, max(0.0, until - self.clock.monotonic())))
        return Outcome.FAILED, problem, ()

    def _answer_problem(self, step: HttpStep, url: str, *, timeout: float) -> str:
        ca_file = self.stage.project / step.ca_file if step.ca_file else None
        if ca_file is not None and not ca_file.is_file():
            raise MissingFile(str(step.ca_file), named_by=f"post-deploy step {step.name!r}")
        try:
            answer = self.fetch(url, timeout=timeout, verify=step.verify_tls, ca_file=ca_file)
        except NoAnswer as exc:
            return str(exc)
        if answer.status not in step.status:
            return f"HTTP {answer.status}, not {' or '.join(map(str, step.status))}"
        return "" if step.contains in answer.body else f"HTTP {answer.status} without {step.contains!r} in the body"

    def _pause(self, seconds: float) -> None:
        ends = self.clock.monotonic() + seconds
        while (left := ends - self.clock.monotonic()) > 0:
            self.check()
            self.clock.sleep(min(left, 1.0))

    def _command(self, step: CommandStep) -> tuple[Outcome, str, tuple[str, ...]]:
        """Run a command in the plan's files; the outputs are in a file that a variable of its environment names."""
        program = self.stage.project / step.command[0]
        if "/" in step.command[0] and program.is_file():
            program.chmod(0o700)
        command = Command(
            argv=step.command,
            directory=self.stage.project,
            time_limit=step.timeout_minutes * 60.0,
            variables={
                **self.stage.surroundings.variables,
                OUTPUTS_VARIABLE: str(write_outputs(self.stage, self.workspace)),
                "TRIPLEO_PLAN_NAME": str(self.stage.variables["tripleo_plan_name"]),
                "TRIPLEO_PLAN_REVISION": str(self.stage.variables["tripleo_plan_revision"]),
            },
            secrets=self.stage.secrets,
        )
        result = run_command(self.workspace, command, tell=self._tell, check=self.check)
        if result.outcome is Outcome.PASSED:
            return result.outcome, "", ()
        ended = f"exit code {result.code}" if result.code is not None else f"not done in {step.timeout_minutes} minutes"
        return result.outcome, f"{ended}: {result.last}" if result.last else ended, ()


def fill_in(url: str, outputs: Mapping[str, Any]) -> str:
    """Return an address with the outputs that it names; raise UnknownOutput for what is no output of one word.

    `{EndpointMap.KeystonePublic.uri}` goes into a mapping, key by key.
    """

    def value(match: re.Match[str]) -> str:
        found: Any = outputs
        for key in match[1].split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str | int) or isinstance(found, bool) or re.search(r"\s", str(found)):
            raise UnknownOutput(match[1], sorted(outputs))
        return str(found)

    filled = _NAMED.sub(value, url)
    if not filled.startswith(("http://", "https://")):
        raise InvalidInput(f"{url!r} with the stack's outputs is no address that begins with http:// or https://")
    return filled
