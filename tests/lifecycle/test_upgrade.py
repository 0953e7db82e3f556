"""`tripleo-plan upgrade`: a newer release of the source, merged with what the plan changed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git
from tests.lifecycle.test_creation import cloned, opened, server
from tripleo_gitops.operations.creation import SOURCE_TRAILER
from tripleo_gitops.operations.upgrade import find_base
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["server"]


@pytest.fixture
def releases(tmp_path: Path, example: Path) -> Path:
    """Return a repository of templates with the tags 1.0 and 2.0; 2.0 has a new parameter, role service and file."""
    path = tmp_path / "templates"
    shutil.copytree(example, path)
    git(path, "init", "--quiet", "--initial-branch", "main")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "one")
    git(path, "tag", "1.0")
    ntp = path / "deployment" / "ntp.yaml"
    ntp.write_text(ntp.read_text().replace("NtpServer:", "NtpServer:", 1) + "# newer\n")
    (path / "environments" / "new.yaml").write_text("parameter_defaults: {}\n")
    overcloud = path / "overcloud.j2.yaml"
    overcloud.write_text(
        overcloud.read_text().replace(
            "  AdminPassword:\n",
            "  RedisPassword:\n    type: string\n    default: ''\n    hidden: true\n  AdminPassword:\n",
            1,
        )
    )
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "two")
    git(path, "tag", "2.0")
    return path


@pytest.fixture
def site(server: CommandLine, releases: Path, recipient: str, tmp_path: Path) -> CommandLine:
    """Return the command line in a clone of a plan made of 1.0, with changes of its own."""
    clone = cloned(server("create", "site1", "--from", f"file://{releases}@1.0", "-o", "json").data, tmp_path)
    command_line = CommandLine(clone, server._capture)
    command_line("parameters", "set", "TimeZone=Europe/Prague")
    (clone / "README.md").write_text("ours\n")
    command_line("commit", "--all", "-m", "Ours")
    return command_line


def test_an_upgrade_keeps_what_is_ours_and_brings_what_is_new(site: CommandLine, releases: Path) -> None:
    ours = git(site.directory, "rev-parse", "HEAD")
    before = opened(site.directory)
    said = site("upgrade", "--from", f"file://{releases}@2.0", "--yes")
    assert "RedisPassword: a password that the plan lacks" in said.err
    assert (site.directory / "README.md").read_text() == "ours\n"
    assert (site.directory / "environments" / "new.yaml").exists()
    environment = yaml.safe_load((site.directory / "plan-environment.yaml").read_text())
    assert (environment["name"], environment["parameter_defaults"]["TimeZone"]) == ("site1", "Europe/Prague")
    assert opened(site.directory) == before
    assert git(site.directory, "rev-parse", "HEAD^1") == ours
    assert git(site.directory, "log", "-1", "--format=%(trailers:key=Source-Ref,valueonly)", "HEAD^2") == "2.0"
    site("passwords", "generate")
    assert opened(site.directory).keys() - before.keys() == {"RedisPassword"}


def test_the_next_upgrade_starts_from_the_last_one(site: CommandLine, releases: Path) -> None:
    site("upgrade", "--from", f"file://{releases}@2.0", "--yes")
    again = site("upgrade", "--from", f"file://{releases}@2.0", "--yes", code=2)
    assert "nothing new" in again.err
    readme = releases / "README.md"
    readme.write_text("theirs, which conflicts if 1.0 were the base of README.md's neighbour\n")
    (releases / "environments" / "new.yaml").write_text("parameter_defaults: {TimeZone: UTC}\n")
    git(releases, "checkout", "--quiet", "HEAD", "--", "README.md")
    git(releases, "commit", "--quiet", "--all", "-m", "three")
    site("upgrade", "--from", f"file://{releases}", "--yes")
    assert "TimeZone" in (site.directory / "environments" / "new.yaml").read_text()


def test_the_base_is_the_last_source_also_where_the_first_ones_clock_was_ahead(
    plan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = plan.directory
    steps = (("First", "2035"), ("Newer", "2020"), ("Ours", "2034"))
    for message, year in steps:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{year}-01-01T00:00:00Z")
        trailer = () if message == "Ours" else ("--trailer", f"{SOURCE_TRAILER}: {message}")
        if message == "Ours":
            git(clone, "checkout", "--quiet", "-b", "ours", "HEAD~1")
        git(clone, "commit", "--quiet", "--allow-empty", "-m", message, *trailer)
    git(clone, "merge", "--quiet", "-m", "Upgrade", "main")
    with PlanRepository.open(clone) as repository:
        found = find_base(repository, repository.resolve("HEAD"))
    assert found.commit == git(clone, "rev-parse", "main")


def test_a_conflict_is_resolved_as_in_git(site: CommandLine, releases: Path) -> None:
    (releases / "README.md").write_text("theirs\n")
    git(releases, "commit", "--quiet", "--all", "-m", "conflicting")
    refused = site("upgrade", "--from", f"file://{releases}", "--yes", code=2)
    assert "1 files are in conflict: README.md" in refused.err
    assert "<<<<<<<" in (site.directory / "README.md").read_text()
    (site.directory / "README.md").write_text("both\n")
    git(site.directory, "add", "README.md")
    site("commit", "-m", "Upgrade, joined by hand")
    assert len(git(site.directory, "log", "-1", "--format=%P").split()) == 2
    assert "nothing new" in site("upgrade", "--from", f"file://{releases}", "--yes", code=2).err


def test_an_upgrade_that_breaks_the_plan_leaves_the_clone_as_it_was(site: CommandLine, releases: Path) -> None:
    before = git(site.directory, "rev-parse", "HEAD")
    (releases / "overcloud.j2.yaml").write_text("{% for %}")
    git(releases, "commit", "--quiet", "--all", "-m", "broken")
    site("upgrade", "--from", f"file://{releases}", "--yes", code=2)
    assert git(site.directory, "rev-parse", "HEAD") == before
    assert git(site.directory, "status", "--porcelain") == ""


def test_a_plan_that_does_not_know_its_source_is_told_the_base(plan: CommandLine, releases: Path) -> None:
    refused = plan("upgrade", "--from", f"file://{releases}@2.0", "--yes", code=2)
    assert "--base" in refused.err
    plan("upgrade", "--from", f"file://{releases}@2.0", "--base", "HEAD", "--yes")
    assert (plan.directory / "environments" / "new.yaml").exists()


def test_a_bare_repository_is_upgraded_and_rolled_back_without_a_work_tree(
    site: CommandLine, releases: Path, tmp_path: Path
) -> None:
    git(site.directory, "push", "--quiet", "origin", "main")
    bare = CommandLine(tmp_path / "plans" / "site1.git", site._capture)
    ours = git(bare.directory, "rev-parse", "main")
    said = bare("upgrade", "--from", f"file://{releases}@2.0", "--yes")
    assert "RedisPassword: a password that the plan lacks" in said.err
    assert git(bare.directory, "rev-parse", "main^1") == ours
    assert git(bare.directory, "show", "main:README.md") == "ours"
    assert git(bare.directory, "show", "main:environments/new.yaml") == "parameter_defaults: {}"
    site_after = git(bare.directory, "rev-parse", "main^{tree}")
    git(site.directory, "pull", "--quiet", "--ff-only")
    bare("rollback", "--undo", ours, "--yes")
    assert "Europe/Prague" not in git(bare.directory, "show", "main:plan-environment.yaml")
    assert git(bare.directory, "show", "main:environments/new.yaml") == "parameter_defaults: {}"
    bare("rollback", "HEAD~1", "--yes")
    assert git(bare.directory, "rev-parse", "main^{tree}") == site_after
    bare("rollback", ours, "--yes")
    assert git(bare.directory, "rev-parse", "main^{tree}") == git(bare.directory, "rev-parse", f"{ours}^{{tree}}")
    assert git(bare.directory, "fsck", "--strict", "--no-dangling") == ""


def test_a_conflict_in_a_bare_repository_changes_nothing(site: CommandLine, releases: Path, tmp_path: Path) -> None:
    git(site.directory, "push", "--quiet", "origin", "main")
    bare = CommandLine(tmp_path / "plans" / "site1.git", site._capture)
    before = git(bare.directory, "rev-parse", "main")
    (releases / "README.md").write_text("theirs\n")
    git(releases, "commit", "--quiet", "--all", "-m", "conflicting")
    refused = bare("upgrade", "--from", f"file://{releases}", "--yes", code=2)
    assert "1 files are in conflict: README.md; nothing was changed: upgrade in a clone" in refused.err
    bare("upgrade", "--from", f"file://{releases}@2.0", "--yes")
    (site.directory / "README.md").write_text("ours, again\n")
    git(site.directory, "commit", "--quiet", "--all", "-m", "Again")
    git(site.directory, "pull", "--quiet", "--no-rebase", "--no-edit")
    git(site.directory, "push", "--quiet", "origin", "main")
    undone = bare("rollback", "--undo", before, "--yes", code=2)
    assert "cannot be undone by itself, later commits changed the same lines of README.md" in undone.err


def test_an_upgrade_names_what_nested_templates_require(site: CommandLine, releases: Path) -> None:
    ntp = releases / "deployment" / "ntp.yaml"
    ntp.write_text(ntp.read_text().replace("parameters:\n", "parameters:\n  NtpKeyFile:\n    type: string\n", 1))
    git(releases, "commit", "--quiet", "--all", "-m", "A parameter without a default, below the root")
    said = site("upgrade", "--from", f"file://{releases}", "--yes")
    assert "NtpKeyFile: required, and nothing gives it a value" in said.err


def test_rocky_with_edits_in_ten_files_becomes_stein(
    server: CommandLine, released: Callable[[str], Path], recipient: str, tmp_path: Path
) -> None:
    clone = cloned(server("create", "site1", "--from", str(released("10.6.2")), "-o", "json").data, tmp_path)
    later = {path.relative_to(released("11.6.0")).as_posix() for path in released("11.6.0").rglob("*.yaml")}
    edited = [
        path for path in sorted((clone / "environments").rglob("*.yaml")) if path.relative_to(clone).as_posix() in later
    ][:10]
    for path in edited:
        path.write_text(path.read_text() + "# ours\n")
    site = CommandLine(clone, server._capture)
    site("commit", "--all", "-m", "Ours")
    before = opened(clone)
    ended = site("upgrade", "--from", str(released("11.6.0")), "--yes")
    assert len(edited) == 10
    assert all("# ours" in path.read_text() for path in edited)
    assert "PlacementPassword: a password that the plan lacks" in ended.err
    assert "role Controller: " in ended.err
    assert opened(clone) == before
    site("passwords", "generate")
    assert opened(clone)["PlacementPassword"] == before["NovaPassword"]
    done = subprocess.run(["git", "-C", str(clone), "diff", "--quiet", "HEAD", "--", "overcloud.j2.yaml"], check=False)
    assert done.returncode == 0
