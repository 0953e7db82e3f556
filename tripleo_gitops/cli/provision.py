"""`tripleo-plan provision | unprovision`: instances of the plan's roles on Ironic's nodes, without Nova."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_options import finish, options_of, show_each
from tripleo_gitops.cli.node_runs import AsRun, as_run
from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.placement import Allocation
    from tripleo_gitops.operations.nodes.provisioning import ProvisionPlan
    from tripleo_gitops.wiring.config import Config

concurrency_option = click.option(
    "--concurrency", type=click.IntRange(1, 500), help="How many nodes at once [default: the plan's]."
)


@click.command()
@revision_argument()
@click.option("--dry-run", "only_shows", is_flag=True, help="Show which instance would go where; exit 1 if any would.")
@click.option(
    "--environment-file",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the environment for Heat here, too.",
)
@concurrency_option
@as_run
@output_option
@configured
def provision(
    config: Config,
    *,
    revision: str,
    only_shows: bool,
    target: Path | None,
    concurrency: int | None,
    as_run: AsRun,
    form: str,
) -> int:
    """Put the plan's instances on nodes: reserve, deploy, wait; the result is an environment for deployed servers.

    The instances are those of `baremetal/deployment.yaml`, as `overcloud node provision` takes it, or follow from the
    roles' counts, flavors and images. Where one has no node, nothing is reserved. Doing it again takes up what broke
    off, and changes nothing when all is there. The environment is kept on this machine, not in the plan.

    \b
    Examples:
      tripleo-plan provision --dry-run
      tripleo-plan provision --environment-file servers.yaml
      tripleo-plan provision --run
    """
    from tripleo_gitops.operations.nodes.deployment_demand import (
        environment_of,
        environment_text,
        instances_of_plan,
        keep_environment,
    )
    from tripleo_gitops.operations.nodes.provisioning import (
        apply_provisioning,
        find_images,
        images_needed,
        plan_provisioning,
    )
    from tripleo_gitops.wiring.provisioning import open_provisioning

    tree, name, settings = _plan(config, revision)
    expansion, services = instances_of_plan(tree), open_provisioning(config)
    environment = environment_of(tree, expansion)
    planned = plan_provisioning(services.ironic, services.reservations, expansion, plan=name)
    if only_shows:
        emit(_document(planned), form=form, table=lambda: _print(planned))
        return 1 if planned.pending else 0
    _print(planned, err=True)
    if as_run:
        if target:
            raise click.UsageError("--environment-file is not for runs: `tripleo-plan run show` has the environment")
        as_run.do(config, "node-provisioning", revision=revision, inputs={"concurrency": concurrency}, form=form)
        return 0
    images = find_images(images_needed(expansion), services.images.find) if planned.pending else {}
    outcome = apply_provisioning(
        services.metal,
        replace(planned, images=images),
        options=options_of(settings, concurrency=concurrency),
        clock=time,
        show=show_each,
    )
    if not outcome.failed:
        kept = keep_environment(services.results, name, environment)
        note(f"the environment for Heat is {kept}")
        if target:
            (config.directory / target).write_text(environment_text(environment))
    finish(outcome, form=form, data={**_document(planned), "environment": environment})
    return 0


@click.command()
@click.argument("names", nargs=-1, metavar="[HOSTNAME]...")
@click.option("--revision", default="HEAD", show_default=True, help="The revision that says what is to stay.")
@click.option("--all", "everything", is_flag=True, help="Every instance of the plan.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask: what is on the disks of instances is lost.")
@concurrency_option
@as_run
@output_option
@configured
def unprovision(
    config: Config,
    *,
    names: tuple[str, ...],
    revision: str,
    everything: bool,
    yes: bool,
    concurrency: int | None,
    as_run: AsRun,
    form: str,
) -> None:
    """Take instances off their nodes: those that the plan does not have any more, those named, or all.

    Only instances that `provision` of this plan made. Instances with `provisioned: false` count as gone.

    \b
    Examples:
      tripleo-plan unprovision
      tripleo-plan unprovision mycloud-novacompute-3
      tripleo-plan unprovision --all --yes
    """
    from tripleo_gitops.operations.nodes.deployment_demand import forget_environment, instances_of_plan
    from tripleo_gitops.operations.nodes.unprovisioning import apply_unprovisioning, plan_unprovisioning
    from tripleo_gitops.wiring.provisioning import open_provisioning

    if names and everything:
        raise click.UsageError("name host names, or give --all")
    tree, name, settings = _plan(config, revision)
    kept = set() if names or everything else {one.hostname for one in instances_of_plan(tree).instances}
    services = open_provisioning(config)
    ending = plan_unprovisioning(services.reservations, plan=name, kept=kept, named=names, everything=everything)
    _ask(ending, yes=yes)
    if as_run:
        inputs = {"hostnames": [one.hostname for one in ending], "concurrency": concurrency}
        as_run.do(config, "node-unprovisioning", revision=revision, inputs=inputs, form=form)
        return
    outcome = apply_unprovisioning(
        services.ironic,
        services.reservations,
        ending,
        options=options_of(settings, concurrency=concurrency),
        clock=time,
        show=show_each,
    )
    if not outcome.failed and not any(one.plan == name for one in services.reservations.allocations()):
        forget_environment(services.results, name)
    finish(outcome, form=form)


def _plan(config: Config, revision: str) -> tuple[PlanTree, str, Any]:
    from tripleo_gitops.operations.revisions import plan_name_of
    from tripleo_gitops.plan.settings import read_settings
    from tripleo_gitops.wiring.local import open_repository

    repository = open_repository(config)
    tree = repository.tree(repository.resolve(revision))
    return tree, plan_name_of(tree), read_settings(tree).nodes


def _ask(ending: tuple[Allocation, ...], *, yes: bool) -> None:
    for one in ending:
        note(f"unprovision {one.hostname} on {one.node or 'no node'}")
    if ending and not yes:
        click.confirm(f"unprovision {len(ending)} instances, what is on their disks is lost?", abort=True, err=True)


def _document(planned: ProvisionPlan) -> dict[str, Any]:
    return {
        "instances": [
            {
                "hostname": one.instance.hostname,
                "role": one.instance.role,
                "image": one.instance.image,
                "node": one.node.label,
                "uuid": one.node.uuid,
                "state": one.node.state.provision_state,
                "is_reserved": one.is_reserved,
            }
            for one in planned.placement.placed
        ],
        "gone": list(planned.expansion.gone),
    }


def _print(planned: ProvisionPlan, *, err: bool = False) -> None:
    rows = [
        (one.instance.hostname, one.instance.role, one.node.label, one.node.state.provision_state, one.instance.image)
        for one in planned.placement.placed
    ]
    if err:
        for hostname, _, node, state, image in rows:
            if state != "active":
                note(f"{hostname} on {node} ({state}) from {image}")
    else:
        print_rows(rows, headings=("HOSTNAME", "ROLE", "NODE", "STATE", "IMAGE"))
