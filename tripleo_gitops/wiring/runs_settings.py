"""What this machine's operator says about runs: section [runs] of the server's settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tripleo_gitops.runs.executors import LEASE_SECONDS
from tripleo_gitops.runs.keeping import KEEP, KeepRule
from tripleo_gitops.runs.record import EngineName
from tripleo_gitops.wiring.server_settings import read_server_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.toml import Table
    from tripleo_gitops.wiring.config import Config

DATABASE_VARIABLE = "TRIPLEO_PLAN_RUNS"
DATABASE_FILE = "runs.sqlite"
WHOLE = "a whole number"
ALL_PLANS: tuple[str, ...] = ("*",)
PLAYS = {"all": ALL_PLANS, "none": ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsSettings:
    """Where runs are kept, how a server works at them, whether triggers hand their work to it, who does a command's.

    `database` is a URL; it may hold a password, and is never shown. `plays` are patterns of the plans whose playbooks
    and commands this machine runs.
    """

    database: str
    workers: int = 8
    lease: float = LEASE_SECONDS
    grace: float = 30.0
    keep: KeepRule = KEEP
    takes_triggers: bool = False
    plays: tuple[str, ...] = ALL_PLANS
    engine: EngineName = EngineName.EMBEDDED

    def __repr__(self) -> str:
        return f"RunsSettings(workers={self.workers}, takes_triggers={self.takes_triggers})"


def read_runs_settings(config: Config, environment: Mapping[str, str]) -> RunsSettings:
    """Return the settings of runs on this machine, the defaults where nobody set any.

    The database that the environment names wins. Raises InvalidDocument, and what reading the server's settings raises.
    """
    table = read_server_settings(config, environment).section("runs")
    settings = RunsSettings(database=f"sqlite:///{config.state_directory / DATABASE_FILE}")
    if table is not None:
        settings = parse_runs_settings(table, defaults=settings)
    url = environment.get(DATABASE_VARIABLE)
    return replace(settings, database=url) if url else settings


def parse_runs_settings(table: Table, *, defaults: RunsSettings) -> RunsSettings:
    """Return the settings of section [runs]; unknown keys are refused with those known."""
    table.check_known(
        "database", "workers", "lease_seconds", "grace_seconds", "keep_runs", "keep_days", "triggers", "engine", "plays"
    )
    for key in ("workers", "lease_seconds", "keep_runs", "keep_days"):
        if key in table.values and table.typed(key, int, WHOLE, 1) < 1:
            raise table.error(key, "1 at least")
    return RunsSettings(
        database=table.typed("database", str, "a URL", defaults.database),
        workers=table.typed("workers", int, WHOLE, defaults.workers),
        lease=float(table.typed("lease_seconds", int, WHOLE, int(defaults.lease))),
        grace=float(table.typed("grace_seconds", int, WHOLE, int(defaults.grace))),
        keep=KeepRule(
            runs=table.typed("keep_runs", int, WHOLE, defaults.keep.runs),
            days=table.typed("keep_days", int, WHOLE, defaults.keep.days or 0) or None,
        ),
        takes_triggers=table.boolean("triggers", default=defaults.takes_triggers),
        plays=_plays(table, defaults.plays),
        engine=_engine(table, defaults.engine),
    )


def _engine(table: Table, default: EngineName) -> EngineName:
    word = table.typed("engine", str, "the name of an engine", default.value)
    if word not in list(EngineName):
        raise table.error("engine", f"{word}: none of {', '.join(EngineName)}")
    return EngineName(word)


def _plays(table: Table, default: tuple[str, ...]) -> tuple[str, ...]:
    found = table.values.get("plays")
    if not isinstance(found, str):
        return table.words("plays", default=default)
    if found not in PLAYS:
        raise table.error("plays", f"one of {', '.join(PLAYS)}, or a list of plans")
    return PLAYS[found]
