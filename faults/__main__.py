"""Break one thing in every way, on services of its own: `python -m faults NAME`; exits 1 if a case failed."""

from __future__ import annotations

import logging
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
import openstack.config
import openstack.connection

from faults.cases import sampled_cases, shared_cases
from faults.mirror import run_cases
from faults.mirrors import Access
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Service, Undercloud

POSTGRESQLS = 6
"""How many of the crowds run on PostgreSQL, too."""


@click.command()
@click.argument("name", type=click.Choice(["mirror", "mistral", "runs"]))
@click.option("--sample", type=click.IntRange(1), help="Only so many cases, the same ones every time.")
@click.option("--part", nargs=2, type=click.IntRange(1), help="N OF: one of so many shares, for several at once.")
def main(name: str, sample: int | None, part: tuple[int, int] | None) -> None:
    """Run the fault cases of NAME and print how many there were and how many failed."""
    logging.getLogger("keystoneauth").setLevel(logging.CRITICAL)
    sys.exit({"mirror": break_mirrors, "mistral": break_mistral, "runs": break_runs}[name](sample, part or (1, 1)))


def break_mirrors(sample: int | None, part: tuple[int, int]) -> bool:
    """Break mirrors, on services of their own; return whether a case failed."""
    with tempfile.TemporaryDirectory(prefix="faults-mirror-") as folder:
        directory = Path(folder)
        config = Undercloud(
            state_dir=directory / "cloud", cache_dir=directory / "cache", services=(Service.KEYSTONE, Service.SWIFT)
        )
        running = supervisor.up(config, progress=lambda _line: None)
        try:
            access = access_of(running.clouds_file)
            cases = sampled_cases(sample) if sample else shared_cases(*part)
            report = run_cases(access, directory, cases, say=lambda line: click.echo(line, err=True))
        finally:
            supervisor.down(config)
    click.echo(f"of {report.interleaved} pairs of syncs at once, none won in {report.nobody_won}")
    click.echo(report.line)
    return bool(report.failures)


def break_runs(sample: int | None, part: tuple[int, int]) -> bool:
    """Break runs, those of many servers on PostgreSQL, too, where it is installed; return whether a case failed."""
    from faults import run_cases as cases  # noqa: PLC0415  # what the mirror's cases do not need
    from faults import runs  # noqa: PLC0415
    from faults.postgresql import find_programs, running_postgresql  # noqa: PLC0415

    programs = find_programs()
    chosen = cases.sampled_cases(sample) if sample else cases.all_cases()[part[0] - 1 :: part[1]]
    with tempfile.TemporaryDirectory(prefix="faults-runs-") as folder, ExitStack() as stack:
        count = min(POSTGRESQLS, sum(isinstance(case, cases.Crowd) for case in chosen)) if programs else 0
        databases = [stack.enter_context(running_postgresql(programs)) for _ in range(count) if programs]
        report = runs.run_cases(Path(folder), chosen, databases=databases, say=lambda line: click.echo(line, err=True))
    if programs is None:
        click.echo("PostgreSQL is not installed: no case of it was run", err=True)
    click.echo(report.line)
    return bool(report.failures)


def break_mistral(_sample: int | None, _part: tuple[int, int]) -> bool:
    """Kill one of two executors of the stock Mistral at work; return whether the run ended otherwise than right."""
    from faults.mistral import break_executors, missing_packages  # noqa: PLC0415  # what others do not need

    if missing := missing_packages():
        click.echo(f"not installed, and nothing is shown without: {', '.join(missing)}", err=True)
        return True
    with tempfile.TemporaryDirectory(prefix="faults-mistral-") as folder:
        outcome = break_executors(Path(folder), say=click.echo)
    click.echo(f"{outcome}: {'right' if outcome.is_right else 'WRONG'}")
    return not outcome.is_right


def access_of(clouds_file: Path) -> Access:
    """Return the project of an undercloud's clouds.yaml."""
    loader = openstack.config.OpenStackConfig(config_files=[str(clouds_file)], load_envvars=False)
    connection = openstack.connection.Connection(config=loader.get_one(cloud="undercloud"))
    return Access(connection.object_store.get_endpoint() or "", connection.auth_token)


if __name__ == "__main__":
    main()
