"""Where the operator's Git is told to sign, every commit that the tool makes for them is signed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git

if TYPE_CHECKING:
    from tests.signatures.conftest import KeyMaker


def unsigned(repository: Path) -> list[str]:
    """Return the subjects of the commits of all branches without a signature in them."""
    commits = git(repository, "rev-list", "--all").split()
    texts = [git(repository, "cat-file", "commit", commit) for commit in commits]
    assert texts
    return [text.partition("\n\n")[2].splitlines()[0] for text in texts if "\ngpgsig -----BEGIN " not in text]


def test_all_of_a_plans_life_is_signed(
    example: Path, person: KeyMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person("ssh").configure(tmp_path, scope="--global")
    newer = tmp_path / "newer"
    shutil.copytree(example, newer)
    (newer / "environments" / "new.yaml").write_text("parameter_defaults: {}\n")
    plans = CommandLine(tmp_path, capsys)
    plans("--plans-dir", str(tmp_path / "plans"), "create", "site1")
    plans("--plans-dir", str(tmp_path / "plans"), "rename", "site1", "berlin")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "plans" / "berlin.git"), "clone")
    clone = CommandLine(tmp_path / "clone", capsys)
    clone("parameters", "set", "TimeZone=Europe/Berlin")
    clone("commit", "--all", "-m", "Ours")
    clone("upgrade", "--from", str(newer), "--yes")
    clone("rollback", "HEAD~1", "--yes")
    assert unsigned(clone.directory) == []
    assert len(git(clone.directory, "rev-list", "--all").split()) == 6


@pytest.mark.parametrize("kind", ["openpgp", "x509"])
def test_the_first_commit_is_signed_in_the_operators_format(
    person: KeyMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    ann = person(kind)
    ann.configure(tmp_path, scope="--global")
    CommandLine(tmp_path, capsys)("--plans-dir", str(tmp_path / "plans"), "create", "site1")
    assert unsigned(tmp_path / "plans" / "site1.git") == []
    ann.allow(tmp_path / "signers")
    (tmp_path / "signatures.toml").write_text('required = true\nkeys = "signers"\n')
    bare = CommandLine(tmp_path / "plans" / "site1.git", capsys)
    assert "1 good" in bare("verify-signatures", "--demand", str(tmp_path / "signatures.toml")).out


def test_a_key_that_cannot_sign_leaves_nothing_behind(
    person: KeyMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = person("ssh")
    ann.configure(tmp_path, scope="--global")
    Path(ann.key).with_suffix("").unlink()
    Path(ann.key).unlink()
    refused = CommandLine(tmp_path, capsys)("--plans-dir", str(tmp_path / "plans"), "create", "site1", code=2)
    assert "git commit-tree: " in refused.err
    assert list((tmp_path / "plans").iterdir()) == []


def test_nothing_is_signed_that_the_operator_does_not_sign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    CommandLine(tmp_path, capsys)("--plans-dir", str(tmp_path / "plans"), "create", "site1")
    assert unsigned(tmp_path / "plans" / "site1.git") == ["Create plan site1"]
