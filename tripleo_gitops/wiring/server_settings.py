"""What this machine's operator demands of runs, in files outside every plan: approvals, windows, who is told.

Other sections are read by those whose they are, from the same tables.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.documents.toml import parse_toml
from tripleo_gitops.errors import Refused
from tripleo_gitops.operations.notifying import ASKED_FOR, RunEvent
from tripleo_gitops.operations.stacks.approvals import ApprovalRules
from tripleo_gitops.operations.stacks.windows import LONGEST_MINUTES, InvalidWindow, Window, WindowKind, read_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.documents.toml import Table
    from tripleo_gitops.wiring.config import Config

SERVER_FILE = "server.toml"
VARIABLE = "TRIPLEO_PLAN_SERVER_SETTINGS"
SECTIONS = ("approvals", "windows", "notifications", "integrity", "runs", "mirror", "urls")


class UnprotectedSettings(Refused):
    """A file of the operator's that others can change, or that holds secrets and that others can read."""

    reason = "UnprotectedSettings"


class HeldByRules(Refused):
    """Something that the operator's rules leave to runs, asked for without one."""

    reason = "HeldByRules"

    def __init__(self, workflow: str, plan: str, *, instead: str) -> None:
        super().__init__(f"the server's rules for approvals and windows hold each {workflow} of {plan}; {instead}")
        self.workflow, self.plan = workflow, plan


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """One who is to be told of runs: an address, and for a webhook of ours the secret that signs."""

    name: str
    url: str = field(repr=False)
    secret: str | None = field(repr=False)
    events: tuple[RunEvent, ...]
    plans: tuple[str, ...]
    workflows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What all files together demand: the rules of each hold; none takes back what another demands."""

    approvals: tuple[ApprovalRules, ...] = ()
    windows: tuple[Window, ...] = ()
    targets: tuple[TargetSettings, ...] = ()
    tables: tuple[Table, ...] = field(default=(), repr=False)

    def check_unheld(self, workflow: str, plan: str, *, instead: str) -> None:
        """Raise HeldByRules where a plan's workflow waits for approvals or windows: then only a run may do it."""
        needs_yes = any(rules.concern(workflow, plan) for rules in self.approvals)
        if needs_yes or any(window.concerns(plan) for window in self.windows):
            raise HeldByRules(workflow, plan, instead=instead)

    def section(self, name: str) -> Table | None:
        """Return a section as the last file that has it says it; its keys are the caller's to check."""
        found = [table for table in self.tables if name in table.values]
        return found[-1].section_of(name) if found else None


def read_server_settings(config: Config, environment: Mapping[str, str]) -> ServerSettings:
    """Return what the operator demands: in the site's directory, and in the file that the environment adds to it.

    Raises UnprotectedSettings, InvalidDocument, InvalidWindow, InvalidApprovals; a file that is named and missing is
    refused, too.
    """
    site = config.site_directory / SERVER_FILE
    named = environment.get(VARIABLE)
    files = [*([site] if site.exists() else []), *([Path(named)] if named else [])]
    tables = tuple(_read(file) for file in dict.fromkeys(files))
    return ServerSettings(
        approvals=tuple(_approvals(table.section_of("approvals")) for table in tables if "approvals" in table.values),
        windows=tuple(window for table in tables for window in _windows(table.section_of("windows"))),
        targets=tuple(target for table in tables for target in _targets(table.section_of("notifications"))),
        tables=tables,
    )


def _read(path: Path) -> Table:
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except OSError as exc:
        raise UnprotectedSettings(f"{path}: the server's settings cannot be read ({exc.strerror})") from exc
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnprotectedSettings(f"{path} can be changed by others than its owner; `chmod go-w {path}`")
    table = parse_toml(content, source=str(path))
    table.check_known(*SECTIONS)
    if "notifications" in table.values and mode & (stat.S_IRGRP | stat.S_IROTH):
        raise UnprotectedSettings(f"{path} holds addresses with secrets, and others can read it; `chmod go-r {path}`")
    return table


def _approvals(table: Table) -> ApprovalRules:
    table.check_known("required", "plans", "workflows", "approvers")
    people = table.section_of("approvers")
    defaults = ApprovalRules()
    return ApprovalRules(
        required=table.typed("required", int, "how many approvals are required", None),
        approvers={name: people.words(name) for name in people.values},
        plans=table.words("plans", default=defaults.plans),
        workflows=table.words("workflows", default=defaults.workflows),
    )


def _windows(table: Table) -> Iterator[Window]:
    table.check_known("timezone", *WindowKind)
    zone = read_zone(table.typed("timezone", str, "the name of a time zone", "UTC"))
    for kind in WindowKind:
        for one in table.tables_of(kind):
            one.check_known("cron", "minutes", "plans")
            try:
                yield Window(
                    kind=kind,
                    cron=one.typed("cron", str, "a cron expression", None),
                    minutes=one.typed("minutes", int, f"1 to {LONGEST_MINUTES}", None),
                    zone=zone,
                    plans=one.words("plans", default=("*",)),
                )
            except InvalidWindow as exc:
                raise one.error("cron", str(exc)) from exc


def _targets(table: Table) -> Iterator[TargetSettings]:
    table.check_known("target")
    for one in table.tables_of("target"):
        one.check_known("name", "url", "secret", "events", "plans", "workflows")
        url, secret = one.typed("url", str, "an address", None), one.values.get("secret")
        if url.startswith(("http:", "https:")) and not (isinstance(secret, str) and secret):
            raise one.error("secret", "a webhook is signed: give it a secret")
        events = one.words("events", default=tuple(ASKED_FOR))
        unknown = [event for event in events if event not in list(RunEvent)]
        if unknown:
            raise one.error("events", f"{', '.join(unknown)}: none of {', '.join(RunEvent)}")
        yield TargetSettings(
            name=one.typed("name", str, "a name to show", None),
            url=url,
            secret=secret,
            events=tuple(RunEvent(event) for event in events),
            plans=one.words("plans", default=("*",)),
            workflows=one.words("workflows", default=("*",)),
        )
