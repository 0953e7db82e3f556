"""What a plan wants done once its stack is there: playbooks, checks of an address, commands, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.plan.ansible_settings import LONGEST_MINUTES, file_of_plan, path_in_plan, plain_values, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.documents.toml import Table

MOST_STEPS = 100
_KINDS = ("playbook", "url", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStep:
    """A playbook of the plan, played on the stack's nodes; failed hosts alone are tried again `retries` times."""

    name: str
    playbook: str
    limit: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    extra_vars: tuple[tuple[str, Any], ...] = ()
    forks: int | None = None
    retries: int = 0
    timeout_minutes: int = 60
    only_warn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpStep:
    """An address that has to answer; `{KeystoneURL}` and `{EndpointMap.KeystonePublic.uri}` in it are outputs."""

    name: str
    url: str
    status: tuple[int, ...] = (200,)
    contains: str = ""
    attempts: int = 1
    wait_seconds: int = 5
    verify_tls: bool = True
    ca_file: str | None = None
    timeout_minutes: int = 10
    only_warn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStep:
    """A program and its arguments, run in the plan's files on the machine that runs the run; no shell reads them."""

    name: str
    command: tuple[str, ...]
    timeout_minutes: int = 10
    only_warn: bool = False


PostDeployStep = PlaybookStep | HttpStep | CommandStep


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeploySettings:
    """The steps that follow a deployment, in their order."""

    steps: tuple[PostDeployStep, ...] = ()


def parse_post_deploy(table: Table) -> PostDeploySettings:
    """Return the steps in `[[post_deploy.steps]]`; raises InvalidDocument with the line."""
    table.check_known("steps")
    tables = table.tables_of("steps")
    if len(tables) > MOST_STEPS:
        raise table.error("steps", f"{len(tables)} steps are more than {MOST_STEPS}")
    steps = tuple(_step(one) for one in tables)
    names = [step.name for step in steps]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise table.error("steps", f"two steps are named {name!r}")
    return PostDeploySettings(steps=steps)


def _step(table: Table) -> PostDeployStep:
    kinds = [kind for kind in _KINDS if kind in table.values]
    if len(kinds) != 1:
        raise table.error(kinds[-1] if kinds else "name", f"a step has one of {', '.join(_KINDS)}")
    readers: dict[str, Callable[[Table], PostDeployStep]] = {"playbook": _playbook, "url": _http, "command": _command}
    return readers[kinds[0]](table)


def _playbook(table: Table) -> PlaybookStep:
    table.check_known(*PlaybookStep.__dataclass_fields__)
    path = path_in_plan(table, "playbook", table.values["playbook"])
    for key in ("limit", "tags", "skip_tags"):
        for word in table.words(key):
            if word.startswith(("-", "@")) or "\n" in word:
                raise table.error(key, f"{word!r} is no host pattern or tag")
    return PlaybookStep(
        **_common(table, default_name=path, minutes=60),
        playbook=path,
        limit=table.words("limit"),
        tags=table.words("tags"),
        skip_tags=table.words("skip_tags"),
        extra_vars=plain_values(table, "extra_vars"),
        forks=whole_number(table, "forks", 5, most=500) if "forks" in table.values else None,
        retries=whole_number(table, "retries", 0, most=10, least=0),
    )


def _http(table: Table) -> HttpStep:
    table.check_known(*HttpStep.__dataclass_fields__)
    url = table.typed("url", str, "an address", "")
    if not url.startswith(("http://", "https://", "{")):
        raise table.error("url", f"{url!r} is no address: http://…, https://… or {{Output}}/…")
    status = table.values.get("status", [200])
    if not isinstance(status, list) or not status or not all(type(one) is int and 100 <= one < 600 for one in status):
        raise table.error("status", "a list of HTTP status codes is needed, such as [200, 300]")
    return HttpStep(
        **_common(table, default_name=url, minutes=10),
        url=url,
        status=tuple(status),
        contains=table.typed("contains", str, "text", ""),
        attempts=whole_number(table, "attempts", 1, most=1000),
        wait_seconds=whole_number(table, "wait_seconds", 5, most=3600, least=0),
        verify_tls=table.boolean("verify_tls", default=True),
        ca_file=file_of_plan(table, "ca_file"),
    )


def _command(table: Table) -> CommandStep:
    table.check_known(*CommandStep.__dataclass_fields__)
    argv = table.words("command")
    if not argv or any("\0" in word for word in argv):
        raise table.error("command", 'a program and its arguments are needed, such as ["scripts/smoke.sh", "--quick"]')
    return CommandStep(**_common(table, default_name=argv[0], minutes=10), command=argv)


def _common(table: Table, *, default_name: str, minutes: int) -> dict[str, Any]:
    name = table.typed("name", str, "text", default_name)
    if not name.strip() or "\n" in name or len(name) > 200:
        raise table.error("name", "a step has a name of one line")
    return {
        "name": name,
        "timeout_minutes": whole_number(table, "timeout_minutes", minutes, most=LONGEST_MINUTES),
        "only_warn": table.boolean("only_warn", default=False),
    }
