"""The plan's settings for this tool: `tripleo-plan.toml` at the root of the plan."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.documents.tree import PlanTree

SETTINGS_FILE = "tripleo-plan.toml"
SIZE_LIMIT = 256 * 1024
LONGEST_TIMEOUT_MINUTES = 7 * 24 * 60

E = TypeVar("E", bound=StrEnum)


class UpdateMethod(StrEnum):
    """How an existing stack is updated: PUT replaces its environment, PATCH adds to it."""

    PUT = "put"
    PATCH = "patch"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """Whether a push is mirrored into Swift."""

    on_push: bool = True


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


def read_settings(tree: PlanTree) -> PlanSettings:
    """Return the settings of a plan, the defaults if it has no file; raises InvalidDocument."""
    if SETTINGS_FILE not in tree.paths():
        return PlanSettings()
    return parse_settings(tree.read(SETTINGS_FILE))


def parse_settings(content: bytes, *, source: str = SETTINGS_FILE) -> PlanSettings:
    """Return the settings in a TOML document; unknown sections and keys are refused with those known."""
    table = _Table(_parse_toml(content, source), content=content, source=source, section="")
    table.check_known("sync", "deploy", "checks")
    return PlanSettings(
        sync=_sync_settings(table.section_of("sync")),
        deploy=_deploy_settings(table.section_of("deploy")),
        checks=_check_settings(table.section_of("checks")),
    )


def _sync_settings(table: _Table) -> SyncSettings:
    table.check_known("on_push")
    return SyncSettings(on_push=table.boolean("on_push", default=SyncSettings().on_push))


def _deploy_settings(table: _Table) -> DeploySettings:
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


def _check_settings(table: _Table) -> CheckSettings:
    table.check_known("ignore", "severity")
    ignore = table.typed("ignore", list, "a list of codes", [])
    if not all(isinstance(code, str) for code in ignore):
        raise table.error("ignore", 'a list of codes is needed, such as ["file-missing"]')
    severities = table.section_of("severity")
    chosen = tuple((code, severities.choice(code, Severity, Severity.ERROR)) for code in severities.values)
    return CheckSettings(ignore=tuple(ignore), severity=chosen)


def _parse_toml(content: bytes, source: str) -> dict[str, Any]:
    if len(content) > SIZE_LIMIT:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {SIZE_LIMIT}", source=source)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InvalidDocument("not UTF-8; save the file as UTF-8", source=source, line=line) from exc
    except tomllib.TOMLDecodeError as exc:
        raise InvalidDocument(f"no TOML: {exc}", source=source) from exc
    except RecursionError as exc:
        raise InvalidDocument("no settings are nested this deep", source=source) from exc


class _Table:
    """One table of the file, whose values are taken with their type checked and their line in errors."""

    def __init__(self, values: Mapping[str, Any], *, content: bytes, source: str, section: str) -> None:
        self.values = values
        self._content, self._source, self._section = content, source, section

    def error(self, key: str, problem: str) -> InvalidDocument:
        where = f"[{self._section}] {key}" if self._section else f"[{key}]"
        return InvalidDocument(f"{where}: {problem}", source=self._source, line=self._line_of(key))

    def check_known(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise self.error(key, f"unknown; known here: {', '.join(sorted(known))}")

    def section_of(self, name: str) -> _Table:
        values = self.values.get(name, {})
        if not isinstance(values, dict):
            raise self.error(name, "a table is needed")
        section = f"{self._section}.{name}" if self._section else name
        return _Table(values, content=self._content, source=self._source, section=section)

    def typed(self, key: str, kind: type[Any], words: str, default: Any) -> Any:
        value = self.values.get(key, default)
        if type(value) is not kind:
            raise self.error(key, f"{words} is needed, not {value!r}")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        return bool(self.typed(key, bool, "true or false", default))

    def choice(self, key: str, kind: type[E], default: E) -> E:
        value = self.values.get(key, default)
        if value not in list(kind):
            raise self.error(key, f"{value!r} is none of {', '.join(kind)}")
        return kind(value)

    def _line_of(self, key: str) -> int | None:
        """Return the first line that sets `key` in this section, or opens its table: good for a message."""
        section = ""
        for number, line in enumerate(self._content.decode().splitlines(), start=1):
            text = line.strip()
            if text.startswith("["):
                section = text.strip("[]").replace(" ", "")
                if section == (f"{self._section}.{key}" if self._section else key):
                    return number
            elif section == self._section and text.split("=")[0].strip().strip("\"'") == key:
                return number
        return None
