"""What is played and what comes of it: a playbook with all that it is given, its lines as they come, its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import GitopsError, InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORKS = 5
OUTPUT_LIMIT = 8 * 1024 * 1024
"""Characters of output that one play may show; what is more is counted, not kept."""


class NoAnsible(GitopsError):
    """There is something to play, and nothing to play it with."""

    reason = "NoAnsible"

    def __init__(self, missing: str) -> None:
        super().__init__(f"playbooks need {missing}, which is not installed here; install it and try again")
        self.missing = missing


class InvalidPlay(InvalidInput):
    """A playbook cannot be played as it was asked for."""

    reason = "InvalidPlay"


class PlayerNotStarted(Unavailable):
    """The process that plays playbooks could not be started."""

    reason = "PlayerNotStarted"


class Outcome(StrEnum):
    """How a play ended. Only `passed` is good; `no-hosts` means that nothing was looked at."""

    PASSED = "passed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    NO_HOSTS = "no-hosts"
    BROKEN = "broken"
    TIMED_OUT = "timed-out"
    TOO_LOUD = "too-loud"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a play finds around it besides its own project: where roles and plugins are, and how nodes are reached.

    `config` is the only ansible.cfg that is read. `variables` are added to the environment, which has nothing of ours.
    """

    roles: tuple[Path, ...] = ()
    modules: tuple[Path, ...] = ()
    lookups: tuple[Path, ...] = ()
    filters: tuple[Path, ...] = ()
    collections: tuple[Path, ...] = ()
    config: Path | None = None
    known_hosts: tuple[Path, ...] = ()
    check_host_keys: bool = True
    private_key: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One playbook, where, with what, for how long. `inventory` is a document, or the path of one that Ansible reads.

    `secrets` are the texts that no line and no result may show. `time_limit` is in seconds.
    """

    playbook: Path
    project: Path
    inventory: Mapping[str, Any] | Path
    time_limit: float
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    limit: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    forks: int = FORKS
    surroundings: Surroundings = field(default_factory=Surroundings)
    secrets: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for word in (*self.limit, *self.tags, *self.skip_tags):
            if not word or word.startswith(("-", "@")) or "\n" in word:
                raise InvalidPlay(f"{word!r} is no host pattern or tag; name groups, hosts or tags")
        if self.time_limit <= 0 or not 0 < self.forks <= 500:
            raise InvalidPlay(f"a time limit of {self.time_limit:g} s and {self.forks} forks play nothing")

    def __repr__(self) -> str:
        return f"Play(playbook={self.playbook.name!r}, limit={self.limit!r})"


@dataclass(frozen=True, slots=True)
class PlayLine:
    """A line that a play wrote; `failed` where it says that a task failed or a host could not be reached."""

    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailure:
    """A task that failed on a host, and what it said of that."""

    host: str
    task: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayResult:
    """How a play ended: `hosts` were looked at, `failed` and `unreachable` are among them; `problem` is one line."""

    outcome: Outcome
    seconds: float
    hosts: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    failures: tuple[TaskFailure, ...] = ()
    changed: int = 0
    problem: str = ""

    @property
    def again(self) -> tuple[str, ...]:
        """The hosts that another try is for."""
        return tuple(sorted({*self.failed, *self.unreachable}))
