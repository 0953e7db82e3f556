"""`tripleo-plan create`: make the bare repository of a plan that people clone and push to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.keeping import from_source, keeping_live_passwords, keeping_secrets, tell_adopted
from tripleo_gitops.cli.node_runs import as_run
from tripleo_gitops.cli.options import configured
from tripleo_gitops.cli.output import emit, output_option
from tripleo_gitops.cli.plan_runs import run_creation

if TYPE_CHECKING:
    from tripleo_gitops.cli.keeping import NamedSource
    from tripleo_gitops.cli.node_runs import AsRun
    from tripleo_gitops.operations.adoption import SecretKeeper
    from tripleo_gitops.wiring.config import Config


@click.command()
@click.argument("name")
@from_source()
@keeping_secrets
@click.option(
    "--adopt",
    is_flag=True,
    help="Let the plan take over a container, stack or Mistral environment of its name in the cloud.",
)
@as_run
@output_option
@configured
def create(
    config: Config, name: str, source: NamedSource, keeper: SecretKeeper, *, adopt: bool, as_run: AsRun, form: str
) -> None:
    """Make a plan's bare repository, to clone and push to.

    NAME.git has one clean first commit that says where it came from; secrets in it are sealed.
    It is made in the plans directory (--plans-dir) and checked first; when it fails, nothing is left behind.

    \b
    Examples:
      tripleo-plan create site1 --from ~/tripleo-heat-templates
      tripleo-plan create site2 --from https://git.example.org/plans.git@stable/x
      tripleo-plan create site3 --from exported.tar.gz --recipient age1…
      tripleo-plan create site4 --run                and its mirror, as a run that goes on after a kill
      git clone ~/.local/share/tripleo-gitops/plans/site1.git
    """
    from tripleo_gitops.operations.creation import create_plan
    from tripleo_gitops.plan.names import parse_plan_name
    from tripleo_gitops.repository.identity import committer
    from tripleo_gitops.wiring.sources import open_source

    plan_name = parse_plan_name(name)
    if as_run:
        run_creation(config, plan_name, as_run, source=source, keeper=keeper, adopt=adopt, form=form)
        return
    if config.cloud:
        if not adopt:
            _check_name(config, plan_name)
        keeper = keeping_live_passwords(config, plan_name, keeper)
    files, origin = open_source(config, source.text, ref=source.ref)
    path = config.plans_directory / f"{plan_name}.git"
    signature = committer(config.plans_directory, time=int(time.time()))
    made = create_plan(path, files, name=plan_name, origin=origin, signature=signature, keeper=keeper)
    tell_adopted(made.adopted, keeper)
    data = {
        "plan": name,
        "repository": str(path),
        "revision": str(made.revision),
        "source": origin.place,
        "source_ref": origin.ref,
        "source_commit": origin.commit,
        "sealed": list(made.adopted.sealed),
        "taken": list(made.adopted.taken),
        "lacking": list(made.adopted.lacking),
        "generated": list(made.adopted.generated),
    }
    emit(data, form=form, table=lambda: click.echo(f"plan {name} at {made.revision.short}: git clone {path}"))


def _check_name(config: Config, name: str) -> None:
    from tripleo_gitops.operations.creation import check_name_is_free
    from tripleo_gitops.wiring.cloud import open_cloud

    cloud = open_cloud(config)
    check_name_is_free(name, containers=cloud.containers, stacks=cloud.stacks, environments=cloud.environments)
