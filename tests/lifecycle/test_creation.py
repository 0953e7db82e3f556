"""`tripleo-plan create` and `init` from every source, with what they make and what they refuse."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git
from tripleo_gitops.repository.directory import DirectoryTree
from tripleo_gitops.secrets.keys import KeySource
from tripleo_gitops.secrets.sops import Sops

if TYPE_CHECKING:
    from typing import Any

CANARY = "canary-77aa"


@pytest.fixture
def server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Return the command line beside a plans directory of the test's own."""

    class Server(CommandLine):
        def __call__(self, *arguments: str, code: int = 0) -> Any:
            return super().__call__("--plans-dir", str(tmp_path / "plans"), *arguments, code=code)

    return Server(tmp_path, capsys)


def cloned(data: dict[str, Any], tmp_path: Path) -> Path:
    clone = tmp_path / f"clone-{data['plan']}"
    subprocess.run(["git", "clone", "--quiet", data["repository"], str(clone)], check=True)
    return clone


def opened(clone: Path) -> dict[str, Any]:
    return dict(Sops(KeySource.of({}, home=Path.home())).open((clone / "secrets.yaml").read_bytes()).passwords)


def trailers(clone: Path) -> dict[str, str]:
    lines = git(clone, "log", "-1", "--format=%(trailers:only,unfold)").splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def test_a_plan_from_git_remembers_url_ref_and_commit(server: CommandLine, plan: CommandLine, tmp_path: Path) -> None:
    git(plan.directory, "branch", "stable/x")
    commit = git(plan.directory, "rev-parse", "HEAD")
    url = f"file://{plan.directory}"
    data = server("create", "site2", "--from", f"{url}@stable/x", "-o", "json").data
    assert (data["source"], data["source_ref"], data["source_commit"]) == (url, "stable/x", commit)
    clone = cloned(data, tmp_path)
    assert trailers(clone) == {"Source": url, "Source-Ref": "stable/x", "Source-Commit": commit}
    assert git(clone, "rev-list", "--count", "HEAD") == "1"
    by_id = server("create", "site3", "--from", url, "--ref", commit[:10], "-o", "json").data
    assert by_id["source_commit"] == commit


def test_a_fork_has_the_files_of_the_other_plan_and_its_own_name(server: CommandLine, tmp_path: Path) -> None:
    first = server("create", "site1", "-o", "json").data
    data = server("create", "site2", "--from", "plan:site1@main", "-o", "json").data
    clone = cloned(data, tmp_path)
    assert yaml.safe_load((clone / "plan-environment.yaml").read_text())["name"] == "site2"
    assert f"main@sha1:{data['source_commit']}" == first["revision"]
    assert (cloned(first, tmp_path) / "README.md").read_bytes() == (clone / "README.md").read_bytes()


def test_passwords_are_made_and_sealed_before_the_first_commit(
    server: CommandLine, recipient: str, tmp_path: Path
) -> None:
    made = server("create", "site1", "-o", "json")
    assert made.data["generated"] == ["AdminPassword", "CephClientKey"]
    values = opened(cloned(made.data, tmp_path))
    assert len(values["AdminPassword"]) == 25
    assert not any(value in made.out + made.err for value in values.values())
    without = server("create", "site2", "--no-passwords", "-o", "json").data
    assert not (cloned(without, tmp_path) / "secrets.yaml").exists()


def test_without_a_key_a_plan_is_made_without_passwords_and_says_so(server: CommandLine, tmp_path: Path) -> None:
    made = server("create", "site1", "-o", "json")
    assert made.data["generated"] == []
    assert "secrets key" in made.err
    assert not (cloned(made.data, tmp_path) / "secrets.yaml").exists()


def exported(plan: CommandLine, tmp_path: Path) -> Path:
    """Return a tarball as `openstack overcloud plan export` makes it: rendered, passwords in clear, runtime state."""
    plan("render", "--output", str(tmp_path / "rendered"))
    environment = tmp_path / "rendered" / "plan-environment.yaml"
    document = yaml.safe_load(environment.read_text())
    document["passwords"] = {"AdminPassword": CANARY, "CephClientKey": f"{CANARY}-ceph"}
    document["parameter_defaults"]["DeployIdentifier"] = 1700000000
    document["parameter_defaults"]["KeystoneDbPassword"] = f"{CANARY}-hidden"
    environment.write_text(yaml.safe_dump(document))
    archive = tmp_path / "exported.tar.gz"
    with tarfile.open(archive, "w:gz") as out:
        for path in sorted((tmp_path / "rendered").rglob("*")):
            if path.is_file():
                out.add(path, path.relative_to(tmp_path / "rendered").as_posix())
    return archive


def test_an_exported_plan_comes_in_with_its_passwords_sealed_and_without_its_renders(
    server: CommandLine, plan: CommandLine, recipient: str, tmp_path: Path
) -> None:
    archive = exported(plan, tmp_path)
    made = server("create", "site2", "--from", str(archive), "-o", "json")
    assert sorted(made.data["sealed"]) == ["AdminPassword", "CephClientKey", "KeystoneDbPassword"]
    assert made.data["generated"] == []
    assert CANARY not in made.out + made.err
    clone = cloned(made.data, tmp_path)
    assert CANARY not in git(clone, "log", "-p", "--all")
    assert opened(clone) == {"AdminPassword": CANARY, "CephClientKey": f"{CANARY}-ceph"}
    document = yaml.safe_load((clone / "plan-environment.yaml").read_text())
    assert "passwords" not in document
    assert "DeployIdentifier" not in document["parameter_defaults"]
    assert {path for path in DirectoryTree(clone).paths() if path != "secrets.yaml"} == set(
        DirectoryTree(plan.directory).paths()
    )


def test_secrets_in_clear_and_nobody_to_seal_them_for_make_no_plan(
    server: CommandLine, plan: CommandLine, tmp_path: Path
) -> None:
    refused = server("create", "site2", "--from", str(exported(plan, tmp_path)), code=2)
    assert "--recipient" in refused.err
    assert CANARY not in refused.err
    assert not list((tmp_path / "plans").glob("*")) if (tmp_path / "plans").exists() else True


def test_templates_without_a_plan_environment_get_one(server: CommandLine, plan: CommandLine, tmp_path: Path) -> None:
    (plan.directory / "plan-environment.yaml").unlink()
    data = server("create", "site2", "--from", str(plan.directory), "-o", "json").data
    document = yaml.safe_load((cloned(data, tmp_path) / "plan-environment.yaml").read_text())
    assert document == {
        "version": 1.0,
        "name": "site2",
        "template": "overcloud.yaml",
        "environments": [{"path": "overcloud-resource-registry-puppet.yaml"}],
    }


def test_what_is_no_plan_makes_none_and_leaves_nothing_behind(
    server: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "README").write_text("x")
    (tmp_path / "broken.tar.gz").write_bytes(b"\x1f\x8bx")
    (tmp_path / "repository").mkdir()
    git(tmp_path / "repository", "init", "--quiet")
    for source in (
        str(empty),
        "broken.tar.gz",
        f"file://{tmp_path}/repository",
        "plan:nope",
        "nowhere",
        "ext::sh -c x",
    ):
        refused = server("create", "site2", "--from", source, code=2)
        assert "Traceback" not in refused.err
    assert list(scratch.iterdir()) == []
    assert not list((tmp_path / "plans").glob("*")) if (tmp_path / "plans").exists() else True


def test_paths_that_are_twins_where_case_folds_make_no_plan(
    server: CommandLine, plan: CommandLine, tmp_path: Path
) -> None:
    (plan.directory / "readme.MD").write_text("twin")
    assert "path-case-twins" in server("create", "site2", "--from", str(plan.directory), code=2).err


def test_init_takes_the_same_sources(server: CommandLine, plan: CommandLine, recipient: str, tmp_path: Path) -> None:
    server("init", "mine", "--from", f"file://{plan.directory}@main")
    clone = tmp_path / "mine"
    assert opened(clone).keys() == {"AdminPassword", "CephClientKey"}
    assert git(clone, "config", "tripleo-gitops.source") == f"file://{plan.directory}"
    CommandLine(clone, plan._capture)("commit", "--all", "-m", "Begin")
