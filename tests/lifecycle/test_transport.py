"""Fetching from somebody else's repository: every form of a ref, and every row of Git's hazards."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from tests.lifecycle.conftest import git
from tripleo_gitops.errors import GitopsError, Unavailable
from tripleo_gitops.plan.source_address import GitAddress, InvalidSource, parse_source
from tripleo_gitops.repository.file_set import read_commit
from tripleo_gitops.repository.listing import UnsupportedEntry
from tripleo_gitops.repository.transport import FetchFailed, UnknownRef, fetch_commit


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """Return a repository with two commits, a branch with a slash, and an annotated tag."""
    path = tmp_path / "upstream"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch", "main")
    for number in (1, 2):
        (path / "plan-environment.yaml").write_text(f"version: 1.0\ntemplate: t{number}.yaml\n")
        (path / "run.sh").write_text("#!/bin/sh\n")
        (path / "run.sh").chmod(0o755)
        git(path, "add", "--all")
        git(path, "commit", "--quiet", "-m", f"commit {number}")
    git(path, "tag", "-a", "v1", "-m", "one", "HEAD~1")
    git(path, "branch", "stable/x", "HEAD~1")
    git(path, "branch", "feature@2", "HEAD~1")
    return path


def fetched(upstream: Path, ref: str | None, tmp_path: Path) -> str:
    address = GitAddress(f"file://{upstream}", ref)
    return fetch_commit(address, tmp_path / f"fetch-{len(list(tmp_path.iterdir()))}").commit


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        (None, "HEAD"),
        ("main", "main"),
        ("stable/x", "HEAD~1"),
        ("feature@2", "HEAD~1"),
        ("v1", "HEAD~1"),
        ("origin/stable/x", "HEAD~1"),
        ("refs/heads/stable/x", "HEAD~1"),
        ("refs/tags/v1", "HEAD~1"),
    ],
)
def test_every_form_of_a_ref_finds_its_commit(upstream: Path, ref: str | None, meant: str, tmp_path: Path) -> None:
    assert fetched(upstream, ref, tmp_path) == git(upstream, "rev-parse", meant)


@pytest.mark.parametrize("length", [40, 12, 7])
def test_a_commit_is_found_by_its_id_whole_or_shortened(upstream: Path, length: int, tmp_path: Path) -> None:
    commit = git(upstream, "rev-parse", "HEAD~1")
    assert fetched(upstream, commit[:length], tmp_path) == commit


def test_a_server_that_gives_named_refs_only_is_asked_for_all_of_them(upstream: Path, tmp_path: Path) -> None:
    git(upstream, "config", "uploadpack.allowReachableSHA1InWant", "false")
    (upstream / "third").write_text("3")
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "-m", "third")
    middle = git(upstream, "rev-parse", "HEAD~1")
    assert fetched(upstream, middle, tmp_path) == middle


def test_what_is_not_there_is_told_with_what_is(upstream: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownRef, match="stable/x"):
        fetched(upstream, "stable/y", tmp_path)
    with pytest.raises(UnknownRef):
        fetched(upstream, "0" * 40, tmp_path)
    with pytest.raises(FetchFailed):
        fetched(tmp_path / "nowhere", "main", tmp_path)


def test_files_are_read_from_objects_with_their_executable_bit_and_no_attributes(
    upstream: Path, tmp_path: Path
) -> None:
    (upstream / ".gitattributes").write_text("hidden.yaml export-ignore\nident.yaml ident export-subst\n")
    (upstream / "hidden.yaml").write_text("a: 1\n")
    (upstream / "ident.yaml").write_text("a: $Id$ $Format:%H$\n")
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "-m", "attributes")
    found = fetch_commit(GitAddress(f"file://{upstream}"), tmp_path / "fetch")
    files = read_commit(found.git_dir, found.commit)
    assert files.read("hidden.yaml") == b"a: 1\n"
    assert files.read("ident.yaml") == b"a: $Id$ $Format:%H$\n"
    assert files.is_executable("run.sh")
    assert not files.is_executable("hidden.yaml")


def commit_of_tree(upstream: Path, *entries: str | bytes) -> None:
    """Make the branch `bad` of hand-made tree entries (`MODE TYPE ID<TAB>NAME`), which Git's own commands avoid."""
    raw = b"".join((entry.encode() if isinstance(entry, str) else entry) + b"\0" for entry in entries)
    mktree = ["git", "-C", str(upstream), "mktree", "-z", "--missing"]
    made = subprocess.run(mktree, input=raw, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    tree = made.stdout.decode().strip()
    commit = git(upstream, "commit-tree", tree, "-m", "bad")
    git(upstream, "update-ref", "refs/heads/bad", commit)


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".."])
def test_a_tree_with_a_name_that_git_forbids_is_refused(upstream: Path, name: str, tmp_path: Path) -> None:
    blob = git(upstream, "rev-parse", "HEAD:run.sh")
    commit_of_tree(upstream, f"100644 blob {blob}\t{name}")
    with pytest.raises(FetchFailed):
        fetched(upstream, "bad", tmp_path)


@pytest.mark.parametrize(
    ("entry", "what"),
    [("120000 blob {blob}\tlink", "symbolic link"), ("160000 commit {commit}\tsub", "submodule")],
)
def test_links_and_submodules_are_refused_and_never_followed(
    upstream: Path, entry: str, what: str, tmp_path: Path
) -> None:
    blob, commit = git(upstream, "rev-parse", "HEAD:run.sh"), git(upstream, "rev-parse", "HEAD")
    commit_of_tree(upstream, entry.format(blob=blob, commit=commit))
    found = fetch_commit(GitAddress(f"file://{upstream}", "bad"), tmp_path / "fetch")
    with pytest.raises(UnsupportedEntry, match=what):
        read_commit(found.git_dir, found.commit)


def test_a_name_that_is_not_utf_8_is_refused_and_named(upstream: Path, tmp_path: Path) -> None:
    blob = git(upstream, "rev-parse", "HEAD:run.sh")
    commit_of_tree(upstream, f"100644 blob {blob}\t".encode() + b"caf\xe9.yaml")
    found = fetch_commit(GitAddress(f"file://{upstream}", "bad"), tmp_path / "fetch")
    with pytest.raises(UnsupportedEntry, match=r"caf\\xe9"):
        read_commit(found.git_dir, found.commit)


def test_an_option_in_the_place_of_a_ref_or_a_url_runs_nothing(upstream: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for address in (
        GitAddress(f"--upload-pack=touch {mark}", "main"),
        GitAddress(f"file://{upstream}", f"--upload-pack=touch {mark}"),
        GitAddress(f"ext::touch {mark}", "main"),
    ):
        with pytest.raises(GitopsError):
            fetch_commit(address, tmp_path / f"fetch-{len(list(tmp_path.iterdir()))}")
    for text in (f"--upload-pack=touch {mark}", f"ext::touch {mark}"):
        with pytest.raises(InvalidSource):
            parse_source(text)
    assert not mark.exists()


def test_the_configuration_of_whoever_runs_us_changes_nothing(upstream: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    other = tmp_path / "other"
    subprocess.run(["git", "init", "--quiet", str(other)], check=True)
    Path.home().joinpath(".gitconfig").write_text(
        f'[url "file://{other}"]\n\tinsteadOf = file://{upstream}\n[core]\n\tfsmonitor = "touch {mark}"\n'
        f"\thooksPath = {tmp_path}\n"
    )
    assert fetched(upstream, "main", tmp_path) == git(upstream, "rev-parse", "main")
    assert not mark.exists()


def test_an_embedded_bare_repository_runs_nothing(upstream: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    bare = upstream / "bare"
    for name in ("objects", "refs"):
        (bare / name).mkdir(parents=True)
        (bare / name / "keep").write_text("")
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    (bare / "config").write_text(f'[core]\n\tbare = false\n\tworktree = ".."\n\tfsmonitor = "touch {mark}"\n')
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "-m", "embedded")
    found = fetch_commit(GitAddress(f"file://{upstream}"), tmp_path / "fetch")
    assert "bare/config" in read_commit(found.git_dir, found.commit).paths()
    assert not mark.exists()


def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_credentials_are_in_no_argument_and_in_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy(tmp_path, monkeypatch, f'echo "$@" >> {tmp_path}/args; env >> {tmp_path}/env; echo "fatal: s3cret" >&2; exit 1')
    address = parse_source("https://user:s3cret@127.0.0.1:9/t.git@main")
    assert isinstance(address, GitAddress)
    with pytest.raises(FetchFailed) as caught:
        fetch_commit(address, tmp_path / "fetch")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in (tmp_path / "args").read_text()
    token = base64.b64encode(b"user:s3cret").decode()
    environment = (tmp_path / "env").read_text()
    assert f"Authorization: Basic {token}" in environment
    assert "http.https://127.0.0.1:9/t.git.extraHeader" in environment


def test_a_server_that_never_answers_ends_with_the_time_limit_and_its_whole_process_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy(
        tmp_path,
        monkeypatch,
        f'[ "$1" = init ] && exit 0; (sleep 60; touch {tmp_path}/late) & echo $! > {tmp_path}/pid; wait',
    )
    with pytest.raises(Unavailable, match="took longer than 1 s"):
        fetch_commit(GitAddress("https://127.0.0.1:9/t.git", "main"), tmp_path / "fetch", time_limit=1.0)
    child = int((tmp_path / "pid").read_text())
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"
