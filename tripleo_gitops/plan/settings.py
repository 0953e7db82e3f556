"""The plan's settings for this tool: `tripleo-plan.toml` at the root of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tripleo_gitops.documents.toml import Table, parse_toml
from tripleo_gitops.plan.ansible_settings import (
    AnsibleSettings,
    ValidationSettings,
    parse_ansible_settings,
    parse_validation_settings,
)
from tripleo_gitops.plan.findings import Severity
from tripleo_gitops.plan.node_settings import NodeSettings, parse_node_settings
from tripleo_gitops.plan.post_deploy import PostDeploySettings, parse_post_deploy

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree

SETTINGS_FILE = "tripleo-plan.toml"
LONGEST_TIMEOUT_MINUTES = 7 * 24 * 60


class UpdateMethod(StrEnum):
    """How an existing stack is updated: PUT replaces its environment, PATCH adds to it."""

    PUT = "put"
    PATCH = "patch"


class OnDrift(StrEnum):
    """What a watcher does about a mirror that somebody else changed: say so, or put it back by itself."""

    REPORT = "report"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """Whether a push is mirrored into Swift, and what becomes of a mirror that drifts."""

    on_push: bool = True
    on_drift: OnDrift = OnDrift.REPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploySettings:
    """Whether a push is deployed, and how; a missing setting never deploys."""

    on_push: bool = False
    timeout_minutes: int = 240
    method: UpdateMethod = UpdateMethod.PUT


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """Codes of checks that are left out, and severities that the plan sets itself."""

    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What a plan asks of this tool."""

    sync: SyncSettings = SyncSettings()
    deploy: DeploySettings = DeploySettings()
    checks: CheckSettings = CheckSettings()
    nodes: NodeSettings = field(default_factory=NodeSettings)
    ansible: AnsibleSettings = field(default_factory=AnsibleSettings)
    validations: ValidationSettings = field(default_factory=ValidationSettings)
    post_deploy: PostDeploySettings = field(default_factory=PostDeploySettings)


def read_settings(tree: PlanTree) -> PlanSettings:
    """Return the settings of a plan, the defaults if it has no file; raises InvalidDocument."""
    if SETTINGS_FILE not in tree.paths():
        return PlanSettings()
    return parse_settings(tree.read(SETTINGS_FILE))


def parse_settings(content: bytes, *, source: str = SETTINGS_FILE) -> PlanSettings:
    """Return the settings in a TOML document; unknown sections and keys are refused with those known."""
    table = parse_toml(content, source=source)
    table.check_known(*PlanSettings.__dataclass_fields__)
    return PlanSettings(
        sync=_sync_settings(table.section_of("sync")),
        deploy=_deploy_settings(table.section_of("deploy")),
        checks=_check_settings(table.section_of("checks")),
        nodes=parse_node_settings(table.section_of("nodes")),
        ansible=parse_ansible_settings(table.section_of("ansible")),
        validations=parse_validation_settings(table.section_of("validations")),
        post_deploy=parse_post_deploy(table.section_of("post_deploy")),
    )


def _sync_settings(table: Table) -> SyncSettings:
    table.check_known("on_push", "on_drift")
    defaults = SyncSettings()
    return SyncSettings(
        on_push=table.boolean("on_push", default=defaults.on_push),
        on_drift=table.choice("on_drift", OnDrift, defaults.on_drift),
    )


def _deploy_settings(table: Table) -> DeploySettings:
    table.check_known("on_push", "timeout_minutes", "method")
    defaults = DeploySettings()
    minutes = table.typed("timeout_minutes", int, "a whole number of minutes", defaults.timeout_minutes)
    if not 0 < minutes <= LONGEST_TIMEOUT_MINUTES:
        raise table.error("timeout_minutes", f"{minutes} is not between 1 and {LONGEST_TIMEOUT_MINUTES} minutes")
    return DeploySettings(
        on_push=table.boolean("on_push", default=defaults.on_push),
        timeout_minutes=minutes,
        method=table.choice("method", UpdateMethod, defaults.method),
    )


def _check_settings(table: Table) -> CheckSettings:
    table.check_known("ignore", "severity")
    ignore = table.typed("ignore", list, "a list of codes", [])
    if not all(isinstance(code, str) for code in ignore):
        raise table.error("ignore", 'a list of codes is needed, such as ["file-missing"]')
    severities = table.section_of("severity")
    chosen = tuple((code, severities.choice(code, Severity, Severity.ERROR)) for code in severities.values)
    return CheckSettings(ignore=tuple(ignore), severity=chosen)
