"""`tripleo-plan verify-signatures`: who signed the commits of a revision."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tripleo_gitops.cli.options import local, revision_argument
from tripleo_gitops.cli.output import emit, output_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.operations.signature_demand import SignatureDemand
    from tripleo_gitops.operations.signatures import Judged
    from tripleo_gitops.repository.objects import PlanRepository
    from tripleo_gitops.wiring.config import Config


@click.command()
@revision_argument()
@click.option("--since", metavar="REVISION", help="Only commits that this one has not [default: the whole history].")
@click.option(
    "--demand",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    metavar="FILE",
    help="A signatures.toml that says by which keys [default: the machine's and the repository's].",
)
@output_option
@local
def verify_signatures(config: Config, revision: str, since: str | None, file: Path | None, form: str) -> int:
    """Tell how each commit of REVISION is signed.

    Held against the keys that the machine's operator keeps outside the plan. Exits 1 when one is not good.

    \b
    Examples:
      tripleo-plan verify-signatures --since HEAD~3
      tripleo-plan -C /srv/plans/site1.git verify-signatures main -o json
    """
    from tripleo_gitops.operations.signatures import judge_commits
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        asked, older = repository.resolve(revision), [repository.resolve(since).commit] if since else []
        judged = [
            one
            for demand in _demands(config, repository, file)
            for one in judge_commits(repository, demand, asked, since=older, now=time.time())
        ]
    emit([_document(one) for one in judged], form=form, table=lambda: _print(judged))
    return 0 if all(one.verdict.is_good for one in judged) else 1


def _demands(config: Config, repository: PlanRepository, file: Path | None) -> tuple[SignatureDemand, ...]:
    from tripleo_gitops.operations.signature_demand import NoDemand, read_demand
    from tripleo_gitops.wiring.signatures import signature_demands

    found = (read_demand(file, outside=()),) if file else signature_demands(config, repository)
    if not found:
        raise NoDemand(
            f"nothing says whose signatures count: {config.site_directory / 'signatures.toml'} is not there, "
            "and --demand names no file"
        )
    return found


def _document(one: Judged) -> dict[str, object]:
    return {
        "commit": one.id,
        "author": one.author,
        "subject": one.subject,
        "standing": one.verdict.standing.value,
        "key": one.verdict.key or None,
        "signer": one.verdict.signer or None,
    }


def _print(judged: Sequence[Judged]) -> None:
    for one in judged:
        standing = click.style(f"{one.verdict.standing.value:13}", fg="green" if one.verdict.is_good else "red")
        click.echo(f"{one.id[:12]}  {standing}  {one.verdict.signer or one.verdict.key or '-'}  {one.subject}")
    bad = sum(not one.verdict.is_good for one in judged)
    click.echo(f"{len(judged)} commits, {bad} of them not signed by anybody who may" if bad else f"{len(judged)} good")
