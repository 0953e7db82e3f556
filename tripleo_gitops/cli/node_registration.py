"""`tripleo-plan node diff | register | seal`: the plan's machines, and Ironic's nodes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_options import finish, options_of, show_each
from tripleo_gitops.cli.node_runs import AsRun, as_run
from tripleo_gitops.cli.options import configured, local, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option

if TYPE_CHECKING:
    from tripleo_gitops.nodes.changes import NodeChange
    from tripleo_gitops.operations.nodes.registration import RegistrationPlan
    from tripleo_gitops.operations.nodes.workflow import After
    from tripleo_gitops.plan.node_settings import NodeSettings
    from tripleo_gitops.wiring.config import Config
    from tripleo_gitops.wiring.nodes import NodeServices

file_option = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An instackenv file (JSON, YAML, CSV) instead of the plan's `baremetal/`; nothing is removed by it.",
)
renew_option = click.option("--renew-passwords", is_flag=True, help="Send every password, also those known as sent.")


@click.command()
@revision_argument()
@file_option
@renew_option
@output_option
@configured
def diff(config: Config, revision: str, file: Path | None, renew_passwords: bool, form: str) -> int:
    """Show what registering the plan's machines would change in Ironic.

    Nodes to create, to change field by field, and nodes of this plan that it does not have any more.
    Exits 0 when nothing differs, 1 when something does.

    \b
    Examples:
      tripleo-plan node diff
      tripleo-plan node diff --file instackenv.json -o json
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    planned, _ = _planned(config, open_nodes(config), revision, file, renews=renew_passwords)
    emit(_document(planned), form=form, table=lambda: _print(planned))
    return 0 if planned.diff.is_empty else 1


@click.command()
@revision_argument()
@file_option
@renew_option
@click.option("--remove", "removes", is_flag=True, help="Remove nodes of this plan that it does not have any more.")
@click.option("--manage/--no-manage", "manages", default=True, show_default=True, help="Make new nodes manageable.")
@click.option("--introspect", "introspects", is_flag=True, help="Then introspect those that never were.")
@click.option("--provide", "provides", is_flag=True, help="Then make them available.")
@click.option("--concurrency", type=click.IntRange(1, 500), help="How many nodes at once [default: the plan's].")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before nodes are removed.")
@as_run
@output_option
@configured
def register(
    config: Config,
    *,
    revision: str,
    file: Path | None,
    renew_passwords: bool,
    removes: bool,
    manages: bool,
    introspects: bool,
    provides: bool,
    concurrency: int | None,
    yes: bool,
    as_run: AsRun,
    form: str,
) -> None:
    """Make Ironic's nodes those of the plan's `baremetal/`, and lead new ones on.

    Doing it again changes nothing; a run that broke off, or nodes that failed, are taken up by the next one.
    What is not committed is not registered.

    \b
    Examples:
      tripleo-plan node register
      tripleo-plan node register --introspect --provide
      tripleo-plan node register --file instackenv.csv
      tripleo-plan node register --remove
      tripleo-plan node register --introspect --run
    """
    from tripleo_gitops.operations.nodes.workflow import After, register_nodes
    from tripleo_gitops.wiring.nodes import open_nodes

    services = open_nodes(config)
    planned, settings = _planned(config, services, revision, file, renews=renew_passwords, removes=removes)
    _show_and_ask(planned, yes=yes)
    after = After(manages=manages, introspects_new=introspects, provides=provides)
    if as_run:
        if file is not None:
            raise click.UsageError("--file is not for runs: what is in no commit cannot be read again")
        inputs = {**_run_inputs(planned, after), "renew_passwords": renew_passwords, "concurrency": concurrency}
        as_run.do(config, "node-registration", revision=revision, inputs=inputs, form=form)
        return
    outcome = register_nodes(
        services.ironic,
        planned,
        after,
        options=options_of(settings, concurrency=concurrency),
        clock=time,
        show=show_each,
    )
    finish(outcome, form=form, data={"unchanged": planned.diff.unchanged, "foreign": list(planned.diff.foreign)})


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@click.option("--recipient", "recipients", multiple=True, metavar="KEY", help="As in `secrets init`; repeatable.")
@local
def seal(config: Config, paths: tuple[str, ...], recipients: tuple[str, ...]) -> None:
    """Seal the passwords in the plan's files of nodes; names and addresses stay to be read and edited.

    Without FILE, every file of `baremetal/` in which a password is in clear. A CSV becomes YAML. They change in the
    work tree; what was committed in clear stays in the history.

    \b
    Examples:
      tripleo-plan node seal
      tripleo-plan node seal baremetal/instackenv.csv
    """
    from tripleo_gitops.cli.secrets import chosen_recipients
    from tripleo_gitops.operations.nodes.sealing import clear_node_files, seal_nodes
    from tripleo_gitops.plan.secrets_file import read_sealed
    from tripleo_gitops.wiring.local import open_work_copy, work_tree
    from tripleo_gitops.wiring.nodes import open_node_vault

    tree, work_copy = work_tree(config), open_work_copy(config)
    kept = read_sealed(tree) if not recipients else None
    chosen = kept.recipients if kept else chosen_recipients(recipients)
    for path in paths or clear_node_files(tree):
        sealed = seal_nodes(tree.read(path), path, open_node_vault(os.environ), recipients=chosen)
        work_copy.write(sealed.path, sealed.content)
        if sealed.replaces:
            (work_copy.path / sealed.replaces).unlink()
        click.echo(f"{sealed.path}: {sealed.passwords} passwords sealed; not committed yet")


def _planned(
    config: Config,
    services: NodeServices,
    revision: str,
    file: Path | None,
    *,
    renews: bool,
    removes: bool = False,
) -> tuple[RegistrationPlan, NodeSettings]:
    from tripleo_gitops.operations.nodes.files import desired_nodes, nodes_of_file
    from tripleo_gitops.operations.nodes.registration import plan_registration
    from tripleo_gitops.operations.nodes.workflow import node_defaults
    from tripleo_gitops.wiring.nodes import open_node_vault

    name, settings, tree = _plan(config, revision, needed=file is None)
    defaults, vault = node_defaults(name, settings, services.images), open_node_vault(os.environ)
    if file is None:
        desired = desired_nodes(tree, vault, defaults)
    else:
        desired = nodes_of_file(_content(config.directory / file), file.name, vault, defaults)
    planned = plan_registration(
        services.ironic, desired, plan=name, removes=removes, is_whole=file is None, renew_secrets=renews
    )
    return planned, settings


def _plan(config: Config, revision: str, *, needed: bool) -> tuple[str, NodeSettings, Any]:
    """Return the plan's name, settings and tree; for a file outside of any plan, the defaults."""
    from tripleo_gitops.plan.node_settings import NodeSettings
    from tripleo_gitops.plan.plan import load_plan
    from tripleo_gitops.repository.objects import NotARepository
    from tripleo_gitops.wiring.local import open_repository

    try:
        repository = open_repository(config)
    except NotARepository:
        if needed:
            raise
        return "", NodeSettings(), None
    tree = repository.tree(repository.resolve(revision))
    plan = load_plan(tree)
    return plan.name, plan.settings.nodes, tree


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise click.UsageError(f"{path}: {exc.strerror}") from exc


def _show_and_ask(planned: RegistrationPlan, *, yes: bool) -> None:
    from tripleo_gitops.nodes.changes import ChangeKind

    _print(planned, err=True)
    gone = planned.diff.of_kind(ChangeKind.REMOVE)
    if planned.removes and gone and not yes:
        click.confirm(f"remove {len(gone)} nodes?", abort=True, err=True)


def _run_inputs(planned: RegistrationPlan, after: After) -> dict[str, Any]:
    """Return what a run is asked for: what was shown to be removed is removed, and nothing else."""
    from tripleo_gitops.nodes.changes import ChangeKind

    gone = planned.diff.of_kind(ChangeKind.REMOVE) if planned.removes else ()
    return {
        "manages": after.manages,
        "introspects": after.introspects_new,
        "provides": after.provides,
        "removes": [one.registered.uuid for one in gone if one.registered],
    }


def _print(planned: RegistrationPlan, *, err: bool = False) -> None:
    from tripleo_gitops.nodes.changes import ChangeKind

    colours = {ChangeKind.CREATE: "green", ChangeKind.CHANGE: "yellow", ChangeKind.REMOVE: "red"}
    for change in planned.diff.changes:
        kept = "" if planned.removes or change.kind is not ChangeKind.REMOVE else " (stays, without --remove)"
        click.secho(f"{change.kind.value} {change.label}{kept}", fg=colours[change.kind], err=err)
        for line in _lines(change):
            click.echo(f"    {line}", err=err)
    for conflict in planned.diff.conflicts:
        click.secho(f"conflict {conflict.label}: {conflict.reason}", fg="red", err=err)
    if planned.diff.foreign:
        note(f"{len(planned.diff.foreign)} nodes are not of this plan and are left alone")
    note(f"{planned.diff.unchanged} nodes are as the plan says")


def _lines(change: NodeChange) -> list[str]:
    fields = [(one.path.lstrip("/").replace("/", "."), *one.shown) for one in change.fields]
    lines = [f"{name}: {_text(old)} → {_text(new)}" for name, old, new in fields]
    lines += [f"port {port.address}: {port.kind.value}" for port in change.ports]
    return lines + ([f"traits: {', '.join(change.traits) or 'none'}"] if change.traits is not None else [])


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _document(planned: RegistrationPlan) -> dict[str, Any]:
    diff = planned.diff
    return {
        "plan": planned.name,
        "changes": [
            {
                "node": change.label,
                "kind": change.kind.value,
                "uuid": change.registered.uuid if change.registered else None,
                "fields": [
                    {"field": one.path.lstrip("/").replace("/", "."), "old": one.shown[0], "new": one.shown[1]}
                    for one in change.fields
                ],
                "ports": [{"address": port.address, "kind": port.kind.value} for port in change.ports],
                "traits": list(change.traits) if change.traits is not None else None,
            }
            for change in diff.changes
        ],
        "conflicts": [{"node": one.label, "reason": one.reason} for one in diff.conflicts],
        "unchanged": diff.unchanged,
        "foreign": list(diff.foreign),
    }
