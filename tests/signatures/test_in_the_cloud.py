"""Nothing reaches a cloud, by whichever way, that holds a commit since the deployed one which nobody signed who may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.lifecycle.conftest import git
from tripleo_gitops.operations.signature_demand import read_demand
from tripleo_gitops.operations.signatures import NotSigned, check_signed
from tripleo_gitops.plan.revision import CommitId, Revision
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.local import open_repository
from tripleo_gitops.wiring.signatures import check_deployable, signature_demands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.signatures.conftest import KeyMaker, Server
    from tests.undercloud_fixture import TenantAccess


@pytest.mark.undercloud
def test_commits_since_the_deployed_one_have_to_be_signed(
    server: Server, person: KeyMaker, cloud: TenantAccess
) -> None:
    ann = person("ssh")
    ann.allow(server.keys)
    site = server.clone
    site("parameters", "set", "ComputeCount=0", "ControllerCount=1", "AllNodesValidationSeconds=0")
    site("commit", "--all", "-m", "Smaller, deployed before anything was demanded")
    site("deploy", "--yes")
    git(site.directory, "config", "tripleo-gitops.signatures", str(server.demand))
    assert "CREATE_COMPLETE" in site("status").out
    site("sync", "--force-full")
    site("parameters", "set", "TimeZone=Europe/Prague")
    site("commit", "--all", "-m", "Not signed")
    commit = git(site.directory, "rev-parse", "--short=12", "HEAD")
    for command in (("deploy", "--yes"), ("sync",)):
        refused = site(*command, code=2)
        assert f"1 of 1 commits are not signed as {server.demand} demands: {commit} of Test Operator" in refused.err
    git(site.directory, "switch", "--quiet", "--create", "mirrored-by-watch")
    settings = site.directory / "tripleo-plan.toml"
    settings.write_text(settings.read_text().replace("on_push = false", "on_push = true", 1))
    site("commit", "--all", "-m", "Mirror at each commit")
    assert "2 of 2 commits are not signed" in site("watch", "--once", code=2).err
    git(site.directory, "switch", "--quiet", "main")
    ann.configure(site.directory)
    git(site.directory, "commit", "--quiet", "--amend", "--no-edit")
    site("sync")
    site("deploy", "--yes")


class NoStack:
    """A project without stacks, which counts how often it is asked."""

    asked = 0

    def find(self, _name: str) -> None:
        self.asked += 1


def test_the_machines_own_demand_counts_beside_the_repositorys(
    server: Server, person: KeyMaker, tmp_path: Path
) -> None:
    ann, bob = person("ssh"), person("ssh")
    ann.allow(server.keys)
    site = tmp_path / "site"
    site.mkdir()
    bob.allow(site / "signers")
    (site / "signatures.toml").write_text('required = true\nkeys = "signers"\n')
    config = Config(
        directory=server.bare,
        cloud=None,
        plans_directory=tmp_path,
        cache_directory=tmp_path / "cache",
        state_directory=tmp_path / "state",
        site_directory=site,
    )
    with open_repository(config) as repository:
        demands = signature_demands(config, repository)
        assert [demand.keys for demand in demands] == [site / "signers", server.keys]
        with pytest.raises(NotSigned, match=r"2 of 2 commits .* as .*/site/signatures\.toml demands"):
            check_deployable(config, repository, repository.resolve(), name="site1", stacks=NoStack())
        nothing, stacks = replace(config, site_directory=tmp_path / "none"), NoStack()
        git(server.bare, "config", "--unset", "tripleo-gitops.signatures")
        check_deployable(nothing, repository, repository.resolve(), name="site1", stacks=stacks)
        assert stacks.asked == 0, "where nothing is demanded, Heat is not asked"


def test_a_deployed_revision_that_the_repository_does_not_have_vouches_for_nothing(
    server: Server, person: KeyMaker
) -> None:
    person("ssh").allow(server.keys)
    demand = read_demand(server.demand, outside=())
    gone = Revision(commit=CommitId("0" * 39 + "1"))
    with PlanRepository.open(server.bare) as repository, pytest.raises(NotSigned, match="2 of 2"):
        check_signed(repository, [demand], repository.resolve(), since=gone, now=0)
