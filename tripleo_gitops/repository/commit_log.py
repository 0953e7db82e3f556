"""The commits behind a revision, and the blobs that they have at some paths, without walking whole trees."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dulwich.objects import Commit, ObjectID, Tree
from dulwich.repo import Repo
from dulwich.walk import ORDER_TOPO

from tripleo_gitops.documents.tree import BlobId
from tripleo_gitops.plan.revision import CommitId, Revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.repository.objects import PlanRepository


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """One commit: who made it when (seconds since 1970, UTC), its tree, and its parents, the first one first."""

    commit: CommitId
    tree: str
    parents: tuple[CommitId, ...]
    author: str
    time: int
    subject: str

    @property
    def revision(self) -> Revision:
        """The commit as a revision, of no branch."""
        return Revision(commit=self.commit)


class CommitLog:
    """One repository's commits."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._trees: dict[ObjectID, dict[bytes, tuple[int, ObjectID]]] = {}

    @classmethod
    def of(cls, repository: PlanRepository) -> Self:
        """Return the log of a repository."""
        return cls(Repo.discover(repository.git_dir))

    def close(self) -> None:
        """Let go of the repository's open pack files."""
        self._repo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def commit(self, commit: CommitId) -> LoggedCommit:
        """Return one commit by its id."""
        found = self._repo[commit.encode()]
        assert isinstance(found, Commit), "a CommitId names a commit"
        return _logged(found)

    def commits(self, start: CommitId) -> Iterator[LoggedCommit]:
        """Yield a commit and all before it, none before those that come after it."""
        for entry in self._repo.get_walker(include=[ObjectID(start.encode())], order=ORDER_TOPO):
            yield _logged(entry.commit)

    def blobs(self, tree: str, paths: Sequence[str]) -> tuple[BlobId | None, ...]:
        """Return the blob at each path of a tree object, None where there is no file."""
        return tuple(self._blob(ObjectID(tree.encode()), path.encode().split(b"/")) for path in paths)

    def _blob(self, tree: ObjectID, names: list[bytes]) -> BlobId | None:
        for name in names[:-1]:
            mode, below = self._entries(tree).get(name, (0, tree))
            if not stat.S_ISDIR(mode):
                return None
            tree = below
        mode, blob = self._entries(tree).get(names[-1], (0, tree))
        return BlobId(blob.decode()) if stat.S_ISREG(mode) else None

    def _entries(self, tree: ObjectID) -> dict[bytes, tuple[int, ObjectID]]:
        if tree not in self._trees:
            node = self._repo.object_store[tree]
            assert isinstance(node, Tree), "a commit's tree, or an entry of mode 040000"
            self._trees[tree] = {entry.path: (entry.mode, entry.sha) for entry in node.iteritems()}
        return self._trees[tree]


def _logged(commit: Commit) -> LoggedCommit:
    lines = commit.message.decode(errors="replace").splitlines()
    return LoggedCommit(
        commit=CommitId(commit.id.decode()),
        tree=commit.tree.decode(),
        parents=tuple(CommitId(one.decode()) for one in commit.parents),
        author=commit.author.decode(errors="replace"),
        time=commit.commit_time,
        subject=lines[0] if lines else "",
    )
