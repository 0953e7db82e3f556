"""The tables of the reference, made from the code: settings, codes of checks, exit codes."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tripleo_gitops.cli import main as cli
from tripleo_gitops.plan.checks import CODES
from tripleo_gitops.plan.settings import PlanSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MEANINGS = {
    "sync.on_push": "Whether a push mirrors the plan into Swift.",
    "sync.on_drift": (
        "What `tripleo-plan watch` does about a mirror that somebody else changed: `report` says so, "
        "`repair` puts it back by itself."
    ),
    "deploy.on_push": "Whether a push deploys the plan too; a plan without this setting never does.",
    "deploy.timeout_minutes": "How long Heat may take to create or update the stack, in minutes.",
    "deploy.method": (
        "`put` makes the stack what the plan says: what is gone from the plan is gone from the stack. "
        "`patch` merges the plan into what the stack already has."
    ),
    "nodes.register_on_push": "Whether a push registers the plan's machines in Ironic; without it, it is only said.",
    "nodes.introspect_on_push": "Whether a push introspects machines that never were.",
    "nodes.provide_on_push": "Whether a push makes the plan's manageable machines available.",
    "nodes.kernel": "The name in Glance of the kernel that machines boot to be inspected and deployed.",
    "nodes.ramdisk": "The name in Glance of the ramdisk that goes with it.",
    "nodes.boot_option": (
        "The capability `boot_option` of machines that name none: `local`, `netboot`, `ramdisk`, `kickstart`, or empty."
    ),
    "nodes.concurrency": "How many machines are worked on at once.",
    "nodes.tries": "How often each step is tried for a machine.",
    "nodes.node_timeout_minutes": "How long one try may take for one machine, in minutes.",
    "checks.ignore": "Codes of checks that this plan does without.",
    "checks.severity": (
        "A table from code to `error`, `warning` or `info`: how much the plan wants a finding to matter."
    ),
    "ansible.inventory": "A file of the plan that Ansible reads in place of the inventory made from the outputs.",
    "ansible.hosts": "A table from group to the output that holds its hosts, for stacks without TripleO's outputs.",
    "ansible.user": "Who Ansible logs in as on nodes.",
    "ansible.network": "The network whose addresses Ansible uses.",
    "ansible.known_hosts": "A file of the plan with the nodes' host keys.",
    "ansible.host_key_checking": "Whether a node whose host key is not known is refused.",
    "ansible.config": "A file of the plan that is Ansible's configuration; no other is ever read.",
    "ansible.roles": "Folders of the plan in which roles are looked for, besides those beside a playbook.",
    "ansible.forks": "How many hosts a playbook works on at once.",
    "ansible.cloud_access": "Whether playbooks may use the cloud as the run does (`OS_CLOUD`).",
    "validations.warning": "Ids of validations whose failure is a warning: it holds nothing up.",
    "validations.off": "Ids of validations that are never run.",
    "validations.gates": "Groups that hold up the step that they belong to.",
    "validations.shipped": "Whether validations that are installed on the machine count besides the plan's own.",
    "validations.parallel": "How many validations run at once.",
    "validations.timeout_minutes": "How long one validation may take.",
    "validations.parameters": "A table from a validation's id to values of its parameters.",
    "post_deploy.steps": "What is done once the stack is there, in this order; see [Post-deploy](../post-deploy.md).",
}
TABLES = {"checks.severity", "ansible.hosts", "validations.parameters"}
"""Settings that are a table in the file; in the code they are pairs."""

EXIT_CODES = {
    "DONE": "Done; of `diff`, `drift` and `verify`: nothing differs.",
    "DIFFERS": "Something differs, of `diff`, `drift` and `verify`; a validation did not pass, of `validation run`.",
    "FAILED": "Refused or failed; the last line on standard error says what, and the way out.",
    "BUG": "A bug of the tool; the trace is printed, please report it.",
    "INTERRUPTED": "Interrupted by Ctrl-C; what was begun in the cloud goes on there.",
}


class StaleReference(Exception):
    """Something in the code that has no words here, or words about what is no longer in the code."""


def write_tables(directory: Path) -> None:
    """Write `settings.md`, `checks.md` and `exit-codes.md` below `directory`."""
    directory.mkdir(exist_ok=True)
    for name, text in (("settings", settings_table()), ("checks", checks_table()), ("exit-codes", exit_code_table())):
        (directory / f"{name}.md").write_text(text)


def settings_table() -> str:
    """Return every setting of `tripleo-plan.toml` with type, default and meaning."""
    found = dict(settings())
    check_words("settings", found, MEANINGS)
    return table(
        ("setting", "type", "default", "meaning"),
        ((f"`{name}`", *kind_and_default(name, value), MEANINGS[name]) for name, value in found.items()),
    )


def settings() -> Iterator[tuple[str, Any]]:
    """Yield each setting as `section.key` with its default."""
    defaults = PlanSettings()
    for section in fields(PlanSettings):
        values = getattr(defaults, section.name)
        for key in fields(values):
            yield f"{section.name}.{key.name}", getattr(values, key.name)


def checks_table() -> str:
    """Return every check's code with its severity, what it says and the way out."""
    rows = ((f"`{code.code}`", str(code.severity), code.title, code.hint) for code in CODES)
    return table(("code", "severity", "finding", "way out"), rows)


def exit_code_table() -> str:
    """Return the exit codes of the command line with their meaning."""
    names = {name for name in vars(cli) if re.fullmatch(r"[A-Z]+", name) and isinstance(vars(cli)[name], int)}
    check_words("exit codes", names, EXIT_CODES)
    return table(("code", "meaning"), ((str(vars(cli)[name]), words) for name, words in EXIT_CODES.items()))


def check_words(what: str, found: Iterable[str], words: Iterable[str]) -> None:
    """Raise StaleReference unless each thing found has words, and nothing else has."""
    missing, stale = set(found) - set(words), set(words) - set(found)
    if missing or stale:
        raise StaleReference(f"{what}: without words {sorted(missing)}, no longer there {sorted(stale)}")


def kind_and_default(name: str, value: object) -> tuple[str, str]:
    """Return a setting's TOML type and its default as it would be written in the file."""
    if name in TABLES:
        return "table", "`{}`"
    if value is None:
        return "string", "none"
    if isinstance(value, bool):
        return "boolean", f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "list", f"`{list(value)}`"
    return ("integer", f"`{value}`") if type(value) is int else ("string", f'`"{value}"`')


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
