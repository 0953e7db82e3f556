"""What a step of a run is given, and how it says that it cannot go on: the border between runs and operations.

A step's body is a function from a `StepContext` to JSON values. It may be killed at any point and called again, so it
looks at what is there before it acts, and doing it again with nothing to do changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from tripleo_gitops.operations.clock import Clock

ASK_AGAIN_SECONDS = 10.0


class Level(StrEnum):
    """How loud a line of a run's log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class NotYet(GitopsError):
    """A step that cannot go on yet: an approval is missing, a window is closed, a stack is busy.

    The run waits and asks the step again after `retry_after` seconds, within the step's time limit.
    """

    reason = "NotYet"

    def __init__(self, what: str, *, retry_after: float = ASK_AGAIN_SECONDS) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class RunCancelled(GitopsError):
    """Somebody asked for the run to stop; the step leaves what is half done to whoever looks next."""

    reason = "RunCancelled"


class StepTimedOut(Unavailable):
    """A step that took longer than its time limit."""

    reason = "StepTimedOut"

    def __init__(self, step: str, *, limit: float) -> None:
        super().__init__(f"step {step} was not done within {limit:.0f} s; look at `tripleo-plan run why`")
        self.step, self.limit = step, limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run works: the plan's repository on this machine, and the cloud by its name in clouds.yaml."""

    repository: str
    cloud: str | None = None
    clouds_file: str | None = None

    def to_document(self) -> dict[str, str | None]:
        """Return the place as plain data."""
        return {"repository": self.repository, "cloud": self.cloud, "clouds_file": self.clouds_file}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One yes to a run: whose, when, to what (the digest of what was shown to them)."""

    actor: str
    time: datetime
    digest: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """One call of a step's body: for which run, with what, until when, and how to speak and to listen.

    `revision` is spelled in full (`main@sha1:…`), `trace_id` is 32 hexadecimal digits, `deadline` is on `clock`.
    `inputs` holds what the step names of the run's inputs and of earlier steps' outputs; what nobody gave is absent.
    `attempt` counts from 1; it stays the same when a step goes on after a kill, and grows when it failed and is tried
    again, by its retry rule or by a person. `approvals` are those given until now; `shown` is the digest of what the
    run's maker was shown. `resumed` says that this attempt was begun before: a process was killed in it, or it waited.
    """

    run_id: str
    step: str
    attempt: int
    plan: str
    revision: str
    actor: str
    trace_id: str
    place: Place
    inputs: Mapping[str, Any]
    clock: Clock
    time_limit: float
    deadline: float
    write: Callable[[str, Level], None]
    check_wanted: Callable[[], None]
    approvals: tuple[Approval, ...] = ()
    shown: str | None = None
    resumed: bool = False

    def log(self, text: str, *, level: Level = Level.INFO) -> None:
        """Write lines of the run's log: kept for ever, seen at once by whoever follows. Never a secret."""
        self.write(text, level)

    def check(self) -> None:
        """Raise RunCancelled or StepTimedOut where the step must end now; to be called in every loop that waits."""
        self.check_wanted()
        if self.remaining() <= 0:
            raise StepTimedOut(self.step, limit=self.time_limit)

    def remaining(self) -> float:
        """Return the seconds until the step's time limit; negative past it."""
        return self.deadline - self.clock.monotonic()

    def pause(self, seconds: float) -> None:
        """Sleep for so long, but never past the time limit, looking now and then whether to go on; as `check`."""
        ends = min(self.clock.monotonic() + seconds, self.deadline)
        while (left := ends - self.clock.monotonic()) > 0:
            self.check()
            self.clock.sleep(min(left, 1.0))
        self.check()


StepBody = Callable[[StepContext], Mapping[str, Any]]
"""Returns JSON values only, never a secret: they are kept with the run."""
