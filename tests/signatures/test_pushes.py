"""A server that demands signatures: what it takes, and what it refuses, with commit, author, reason and way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_line import CommandLine
from tests.lifecycle.conftest import git

if TYPE_CHECKING:
    from tests.signatures.conftest import KeyMaker, Server

FORMATS = ("ssh", "openpgp", "x509")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_push_signed_by_somebody_who_may_is_taken(server: Server, person: KeyMaker, kind: str) -> None:
    ann = person(kind)
    ann.configure(server.clone.directory)
    ann.allow(server.keys)
    server.commit("Signed")
    pushed = server.push()
    assert pushed.returncode == 0, pushed.stderr
    assert server.judged(code=0) == ["good"]
    assert list(server.keys.iterdir()) == [next(server.keys.iterdir())], "nothing is written beside the keys"


def test_each_commit_of_a_push_has_to_be_signed(server: Server, person: KeyMaker) -> None:
    ann = person("ssh")
    ann.allow(server.keys)
    unsigned = server.commit("Not signed")
    ann.configure(server.clone.directory)
    server.commit("Signed, on top of it")
    pushed = server.push()
    assert pushed.returncode != 0
    assert (
        f"1 of 2 commits are not signed as {server.demand} demands: {unsigned[:12]} of Test Operator" in pushed.stderr
    )
    assert "(unsigned)" in pushed.stderr
    assert "git rebase --exec" in pushed.stderr
    assert git(server.bare, "log", "-1", "--format=%s") == "Mirror nothing"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_key_that_only_the_plan_names_does_not_count(server: Server, person: KeyMaker, kind: str) -> None:
    ann, stranger = person(kind), person(kind)
    ann.allow(server.keys)
    stranger.configure(server.clone.directory)
    stranger.allow(server.clone.directory / "signers")
    for repository in (server.clone.directory, server.bare):
        git(repository, "config", "gpg.ssh.allowedSignersFile", str(server.clone.directory / "signers/allowed_signers"))
        git(repository, "config", "gpg.program", "true")
    git(server.clone.directory, "config", "--unset", "gpg.program")
    git(server.clone.directory, "add", "--all")
    server.commit("By a stranger, whose key is in the plan")
    assert server.judged() == ["unknown key"]
    if kind == "ssh":
        pushed = server.push()
        assert pushed.returncode != 0
        assert "(unknown key SHA256:" in pushed.stderr
        assert f"add the key to {server.keys}" in pushed.stderr


@pytest.mark.parametrize("kind", FORMATS)
def test_a_commit_that_was_changed_after_it_was_signed_is_refused(server: Server, person: KeyMaker, kind: str) -> None:
    ann = person(kind)
    ann.configure(server.clone.directory)
    ann.allow(server.keys)
    server.commit("Signed")
    text = git(server.clone.directory, "cat-file", "commit", "HEAD")
    forged = server.clone.directory.parent / "forged"
    forged.write_text(text.replace("\n\nSigned", "\n\nSigned, or was it") + "\n")
    commit = git(server.clone.directory, "hash-object", "-t", "commit", "-w", str(forged))
    git(server.clone.directory, "reset", "--quiet", "--hard", commit)
    assert server.judged() == ["bad signature"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_key_whose_time_is_over_is_refused_whatever_time_the_commit_claims(
    server: Server, person: KeyMaker, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    person("ssh").allow(server.keys)
    ann = person(kind, expired=True)
    ann.configure(server.clone.directory)
    ann.allow(server.keys)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-06-01T00:00:00Z")
    server.commit("Dated back")
    assert server.judged() == ["expired key"]


def test_an_openpgp_key_that_was_revoked_is_refused(server: Server, person: KeyMaker) -> None:
    ann = person("openpgp")
    ann.allow(server.keys)
    ann.configure(server.clone.directory)
    server.commit("By somebody whose key will be revoked")
    assert server.judged(code=0) == ["good"]
    (server.keys / "revoked.rev").write_bytes(ann.revocation)
    assert server.judged() == ["revoked key"]


def test_an_ssh_key_that_was_revoked_is_refused(server: Server, person: KeyMaker) -> None:
    ann, bob = person("ssh"), person("ssh")
    for one in (ann, bob):
        one.allow(server.keys)
    ann.configure(server.clone.directory)
    server.commit("Signed")
    (server.keys / "revoked_keys").write_bytes(ann.public + b"\n")
    assert "(revoked key SHA256:" in server.push().stderr


def test_a_tag_has_to_be_signed_for_its_own_name(server: Server, person: KeyMaker) -> None:
    ann = person("ssh")
    ann.allow(server.keys)
    git(server.clone.directory, "tag", "-a", "v1", "-m", "not signed")
    assert "tag v1 of Test Operator <operator@example.org> (unsigned)" in server.push("v1").stderr
    ann.configure(server.clone.directory)
    git(server.clone.directory, "tag", "-s", "v2", "-m", "signed")
    taken = server.push("v2")
    assert taken.returncode == 0, taken.stderr
    assert "tag v3 of Test Operator <operator@example.org> (bad signature)" in server.push("v2:refs/tags/v3").stderr


def test_a_branch_that_is_new_is_asked_for_what_the_plan_does_not_have(server: Server, person: KeyMaker) -> None:
    person("ssh").allow(server.keys)
    git(server.clone.directory, "switch", "--quiet", "--create", "topic")
    assert server.push("topic").returncode == 0, "every commit of it is in the plan's branch"
    server.commit("Not signed")
    assert "1 of 1 commits are not signed" in server.push("topic").stderr
    assert server.push("--delete", "topic").returncode == 0


def test_without_keys_nothing_is_taken(server: Server) -> None:
    server.commit("Not signed")
    assert f"{server.keys} holds no key that is valid" in server.push().stderr
    server.keys.rmdir()
    assert f"{server.keys}: no such directory" in server.push().stderr
    server.demand.unlink()
    assert f"{server.demand}: no such file" in server.push().stderr
    server.demand.write_text('required = "yes"\nkeys = "signers"\n')
    assert "[required]: true or false is needed" in server.push().stderr.replace("\nremote: ", " ")


def test_keys_that_others_may_change_do_not_count(server: Server, person: KeyMaker) -> None:
    person("ssh").allow(server.keys)
    (server.keys / "allowed_signers").chmod(0o666)
    server.commit("Not signed")
    assert "chmod go-w" in server.push().stderr
    (server.keys / "allowed_signers").chmod(0o644)
    server.keys.parent.chmod(0o777)
    assert "chmod go-w" in server.push().stderr


def test_keys_in_the_repository_itself_do_not_count(server: Server, person: KeyMaker) -> None:
    person("ssh").allow(server.bare / "signers")
    server.demand.write_text(f'required = true\nkeys = "{server.bare / "signers"}"\n')
    assert "is inside the plan's own repository" in server.push("main:again").stderr.replace("\nremote: ", " ")


def test_history_that_the_operator_trusts_is_not_asked(server: Server, person: KeyMaker) -> None:
    person("ssh").allow(server.keys)
    commit = server.commit("Not signed, but looked at")
    server.demand.write_text(f'required = true\nkeys = "signers"\ntrusted = ["{commit}"]\n')
    assert server.push().returncode == 0


def test_a_server_that_does_not_require_them_still_tells(server: Server, person: KeyMaker) -> None:
    person("ssh").allow(server.keys)
    server.demand.write_text('required = false\nkeys = "signers"\n')
    server.commit("Not signed")
    assert server.push().returncode == 0
    assert server.judged() == ["unsigned"]


def test_who_asks_where_nothing_is_demanded_is_told_what_is_missing(server: Server) -> None:
    refused = server.clone("verify-signatures", code=2)
    assert "/etc/tripleo-gitops/signatures.toml is not there, and --demand names no file" in refused.err


def test_people_read_who_signed_what(server: Server, person: KeyMaker) -> None:
    ann = person("ssh")
    ann.allow(server.keys)
    ann.configure(server.clone.directory)
    server.commit("Signed")
    said = server.clone("verify-signatures", "--since", "HEAD~2", "--demand", str(server.demand), code=1).out
    assert "good           ann@example.org  Signed" in said
    assert "unsigned       -  Mirror nothing" in said
    assert said.endswith("2 commits, 1 of them not signed by anybody who may\n")
    bare = CommandLine(Path(server.bare), server.clone._capture)
    assert "0 good" in bare("verify-signatures", "--since", "main").out
