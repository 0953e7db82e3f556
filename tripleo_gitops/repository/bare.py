"""Bare repositories: made whole in one step, with one clean first commit."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NewType

import git
from dulwich.index import commit_tree
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo

from tripleo_gitops.errors import Refused
from tripleo_gitops.repository.work_copy import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BRANCH = "main"
FileMode = NewType("FileMode", int)
REGULAR, EXECUTABLE = FileMode(0o100644), FileMode(0o100755)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file of a commit that is to be made."""

    content: bytes
    mode: FileMode = REGULAR


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes a commit (`Name <address>`), when, in seconds since 1970 UTC, and whether Git signs it as theirs."""

    who: str
    time: int
    is_signed: bool = False


class RepositoryExists(Refused):
    """Something is already where a repository would be made."""

    reason = "RepositoryExists"


def create_bare(path: Path, files: Mapping[str, NewFile], *, message: str, signature: Signature) -> str:
    """Make a bare repository whose branch `main` has one commit with these files; return the commit's id.

    It is built beside its place and then moved there: it appears whole or not at all.
    Raises RepositoryExists when something is at `path`.
    """
    if path.exists():
        raise RepositoryExists(f"{path} exists; delete that plan first, or take another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    try:
        with Repo.init_bare(str(scratch)) as repo:
            commit_id = _first_commit(repo, files, message=message, signature=signature)
        scratch.chmod(0o755)
        scratch.rename(path)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return commit_id


def make_commit(
    path: Path, files: Mapping[str, NewFile], *, parents: list[str], message: str, signature: Signature
) -> str:
    """Write a commit with these files into a repository, on no branch; return its id."""
    with Repo(str(path)) as repo:
        ids = [ObjectID(parent.encode()) for parent in parents]
        return _write_commit(repo, files, message=message, signature=signature, parents=ids).decode()


def _first_commit(repo: Repo, files: Mapping[str, NewFile], *, message: str, signature: Signature) -> str:
    commit = _write_commit(repo, files, message=message, signature=signature, parents=[])
    repo.refs.set_symbolic_ref(b"HEAD", b"refs/heads/" + BRANCH.encode())  # type: ignore[arg-type]  # NewType of bytes
    repo.refs[b"refs/heads/" + BRANCH.encode()] = commit  # type: ignore[index]  # NewType of bytes
    return commit.decode()


def _write_commit(
    repo: Repo, files: Mapping[str, NewFile], *, message: str, signature: Signature, parents: list[ObjectID]
) -> ObjectID:
    blobs = [(path.encode(), Blob.from_string(new.content), new.mode) for path, new in files.items()]
    repo.object_store.add_objects([(blob, None) for _, blob, _ in blobs])
    tree = commit_tree(repo.object_store, [(path, blob.id, mode) for path, blob, mode in blobs])
    return write_commit_object(repo, tree, message=message, signature=signature, parents=parents)


def commit_file(path: Path, name: str, content: bytes, *, message: str, signature: Signature) -> str:
    """Commit one changed file on the branch that HEAD names; return the commit's id.

    The branch moves only from the commit that was seen; raises Refused when somebody pushed meanwhile.
    """
    with Repo(str(path)) as repo:
        head, branch = repo.head(), repo.refs.follow(b"HEAD")[0][1]  # type: ignore[arg-type]  # NewType of bytes
        parent = repo[head]
        assert isinstance(parent, Commit), "a branch names a commit"
        blob = Blob.from_string(content)
        repo.object_store.add_object(blob)
        tree = commit_tree_changes(repo.object_store, parent.tree, [(name.encode(), REGULAR, blob.id)])
        commit = write_commit_object(repo, tree, message=message, signature=signature, parents=[head])
        if not repo.refs.set_if_equals(branch, head, commit):
            raise Refused(f"{path}: somebody pushed to {branch.decode()} meanwhile; try again")
    return commit.decode()


def write_commit_object(
    repo: Repo, tree: ObjectID, *, message: str, signature: Signature, parents: Sequence[ObjectID]
) -> ObjectID:
    """Write a commit of a tree into a repository, on no branch; signed where its maker signs."""
    if signature.is_signed:
        return _signed_commit(repo, tree, message=message, signature=signature, parents=parents)
    commit = Commit()
    commit.tree, commit.parents = tree, list(parents)
    commit.author = commit.committer = signature.who.encode()
    commit.author_time = commit.commit_time = signature.time
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message.encode()
    repo.object_store.add_object(commit)
    return commit.id


def _signed_commit(
    repo: Repo, tree: ObjectID, *, message: str, signature: Signature, parents: Sequence[ObjectID]
) -> ObjectID:
    """Let the real git make the commit: it knows the operator's key, format and agent. Raises GitFailed."""
    name, _, address = signature.who.rpartition(" <")
    identity = {"NAME": name, "EMAIL": address.rstrip(">"), "DATE": f"{signature.time} +0000"}
    environment = {f"GIT_{who}_{key}": text for who in ("AUTHOR", "COMMITTER") for key, text in identity.items()}
    command = git.cmd.Git(repo.path)
    options = [part for parent in parents for part in ("-p", parent.decode())]
    with told("commit-tree"), command.custom_environment(GIT_DIR=repo.path, **environment):
        return ObjectID(str(command.commit_tree("-S", *options, "-m", message.rstrip("\n"), tree.decode())).encode())
