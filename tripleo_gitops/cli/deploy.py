"""`tripleo-plan deploy`: show, ask, then a run that mirrors, creates or updates the stack, and is followed."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_fields
from tripleo_gitops.cli.runs_here import engine_option

if TYPE_CHECKING:
    from tripleo_gitops.operations.stacks.deploy_preparation import PreparedDeploy
    from tripleo_gitops.runs.record import RunRecord
    from tripleo_gitops.wiring.config import Config


OUTPUT_CHARACTERS = 160


@click.command()
@revision_argument()
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--timeout",
    type=click.IntRange(1),
    metavar="MINUTES",
    help="How long Heat may take [default: the plan's].",
)
@click.option(
    "--method",
    type=click.Choice(["put", "patch"]),
    help="PUT replaces, so what is gone from the plan leaves the stack; PATCH merges [default: the plan's].",
)
@click.option("--rollback", is_flag=True, help="Let Heat go back to what was there before where its action fails.")
@click.option("--skip-deploy-identifier", is_flag=True, help="Give an empty DeployIdentifier: nothing runs again.")
@click.option("--preview", is_flag=True, help="Ask Heat for its own preview of the update, too.")
@click.option("--without-provisioned", is_flag=True, help="Give Heat nothing of what `provision` found out.")
@click.option("--allow-replace", is_flag=True, help="Make nodes anew where the update does; --yes alone is not enough.")
@click.option("--allow-delete", is_flag=True, help="Delete more than 30 % of the stack's resources.")
@click.option("--detach", is_flag=True, help="Leave the work to a server, and return at once.")
@engine_option
@output_option
@configured
def deploy(config: Config, revision: str, yes: bool, detach: bool, engine: str | None, form: str, **asked: Any) -> None:
    """Create or update the plan's Heat stack.

    Shows what changes, asks, mirrors, then makes the stack what REVISION says: a run, bound to what was shown.
    Only what is committed is deployed. Ctrl-C stops the run, not Heat: `tripleo-plan cancel` does that.

    \b
    Examples:
      tripleo-plan deploy
      tripleo-plan deploy HEAD~1 --yes          back to the commit before
      tripleo-plan deploy --timeout 30 -o json
      tripleo-plan deploy --detach; tripleo-plan run logs -f 12
      tripleo-plan deploy --engine mistral      in OpenStack's workflow service
    """
    deploy_shown(config, revision, yes=yes, detach=detach, engine=engine, form=form, values={}, **asked)


def deploy_shown(
    config: Config,
    revision: str,
    *,
    yes: bool,
    detach: bool,
    form: str,
    values: dict[str, Any],
    engine: str | None = None,
    **asked: Any,
) -> None:
    """Show a deploy that gives `values` besides the plan's, ask, and let a run do it."""
    from tripleo_gitops.cli.runs_here import leave_run, run_here
    from tripleo_gitops.runs.record import Shown

    allowed = [word for word in ("replace", "delete") if asked.pop(f"allow_{word}", False)]
    prepared = _prepare(config, revision, values=values, **asked)
    allowed = _show_and_ask(prepared, yes=yes, allowed=allowed)
    planned, shown = prepared.planned, Shown(prepared.bound.digest, prepared.text)
    inputs = {
        "method": "patch" if asked.get("method") == "patch" or planned.method == "patch" else "put",
        "timeout": planned.request.timeout,
        "rollback": planned.request.rollback,
        "values": dict(planned.values),
        "bound": prepared.bound.to_document(),
        "allow": allowed,
    }
    begin = leave_run if detach else run_here
    ended = begin(config, "deploy", revision=str(planned.revision), inputs=inputs, shown=shown, engine=engine)
    emit(_data(ended), form=form, table=lambda: _print_outcome(ended))


def _prepare(
    config: Config,
    name: str,
    *,
    values: dict[str, Any],
    timeout: int | None = None,
    method: str | None = None,
    rollback: bool = False,
    skip_deploy_identifier: bool = False,
    preview: bool = False,
    without_provisioned: bool = False,
) -> PreparedDeploy:
    """Decide the deploy of a revision, for the stack as it is now."""
    from tripleo_gitops.operations.resolution import Reader, resolve_opened
    from tripleo_gitops.operations.revisions import open_plan
    from tripleo_gitops.operations.stacks.deploy import DeployOptions
    from tripleo_gitops.operations.stacks.deploy_preparation import choose_values, prepare_deploy, with_preview
    from tripleo_gitops.operations.stacks.provisioned import read_provisioned
    from tripleo_gitops.operations.stacks.quiet_stacks import QuietStacks
    from tripleo_gitops.wiring.cloud import open_cloud
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.signatures import check_deployable
    from tripleo_gitops.wiring.vault import open_vault

    stacks, vault = QuietStacks(open_cloud(config).stacks), open_vault(os.environ)
    with open_repository(config) as repository:
        if not repository.is_bare:
            _warn_of_uncommitted(config)
        found = open_plan(repository, name)
        check_deployable(config, repository, found.revision, name=found.name, stacks=stacks)
        resolved = resolve_opened(found.tree, vault, reader=Reader(repository.cache))
        settings = found.plan.settings.deploy
        options = DeployOptions(
            timeout=timeout or settings.timeout_minutes,
            merge=(method or settings.method.value) == "patch",
            rollback=rollback,
            values=values,
        )
        servers = None if without_provisioned else read_provisioned(config.provisioned_directory, found.name)
        if servers is not None:
            options = servers.given(options, resolved)
            note("; ".join(servers.words(options, resolved)))
        options = choose_values(
            stacks, found, resolved, options, seconds=int(time.time()), skip_identifier=skip_deploy_identifier
        )
        prepared = prepare_deploy(repository, stacks, found, resolved, options, vault=vault)
        return with_preview(stacks, prepared, resolved) if preview else prepared


def _warn_of_uncommitted(config: Config) -> None:
    from tripleo_gitops.wiring.local import open_work_copy

    changed = open_work_copy(config).changed_paths()
    if changed:
        note(
            f"{len(changed)} changed files are not committed and so not deployed: {', '.join(changed[:5])}"
            + (", …" if len(changed) > 5 else "")
        )


def _show_and_ask(prepared: PreparedDeploy, *, yes: bool, allowed: list[str]) -> list[str]:
    """Print what changes, on standard error where standard output is for data; ask unless told not to.

    Returns what is allowed then: what needs a second yes is asked for by its figures, and `--yes` is none.
    """
    from tripleo_gitops.cli.diff import print_diff
    from tripleo_gitops.operations.stacks.drastic import check_destruction

    planned, destruction = prepared.planned, prepared.destruction
    print_diff(prepared.diff, err=True)
    if planned.judgement.words:
        click.secho(planned.judgement.words, fg="yellow", err=True)
    if not yes:
        click.confirm(f"{planned.method} stack {planned.name} to {planned.revision.short}?", abort=True, err=True)
        lacking = [one.value for one in destruction.needs if one.value not in allowed]
        if lacking:
            click.confirm(f"{destruction.words}: really?", abort=True, err=True)
            allowed = [*allowed, *lacking]
    check_destruction(destruction, allowed=allowed)
    return allowed


def _data(run: RunRecord) -> dict[str, Any]:
    result = run.result
    return {
        "plan": run.plan,
        "revision": run.revision,
        "run": run.number or run.id,
        "state": run.state.value,
        "stack_status": result.get("stack_status"),
        "stack_id": result.get("stack_id"),
        "values": result.get("values") or run.inputs.get("values", {}),
        "outputs": result.get("outputs", {}),
    }


def _print_outcome(run: RunRecord) -> None:
    data = _data(run)
    if not run.state.is_end:
        click.echo(f"run {run.label} is {run.state}; `tripleo-plan run logs -f {run.label}` follows it")
        return
    click.echo(f"stack {run.plan} is {click.style(data['stack_status'], fg='green')} at {run.revision}")
    outputs: dict[str, Any] = data["outputs"]
    print_fields({f"  {name}": _words(value) for name, value in sorted(outputs.items())})
    if "******" in outputs.values():
        note(f"outputs that say a secret are masked; `openstack stack output show {run.plan} NAME` shows one")


def _words(value: Any) -> str:
    """Return an output as one line of a table; TripleO's are thousands of characters long, so their ends are cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) <= OUTPUT_CHARACTERS:
        return text
    return f"{text[:OUTPUT_CHARACTERS]}… ({len(text):,} characters; -o json has all)"
