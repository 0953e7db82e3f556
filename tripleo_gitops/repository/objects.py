"""A plan's repository as objects: revisions and trees, read without a work tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dulwich.errors import NotGitRepository
from dulwich.object_store import DiskObjectStore, OverlayObjectStore
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.objectspec import parse_commit, parse_object
from dulwich.repo import Repo
from dulwich.walk import ORDER_TOPO

from tripleo_gitops.documents.tree import BlobId, MissingFile
from tripleo_gitops.errors import NotFound
from tripleo_gitops.plan.revision import CommitId, Revision, parse_revision
from tripleo_gitops.repository.listing import Listings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from dulwich.object_store import BaseObjectStore

    from tripleo_gitops.repository.listing import Cache

BRANCHES = b"refs/heads/"


class NotARepository(NotFound):
    """A directory that is in no Git repository."""

    reason = "NotARepository"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: not in a Git repository; `tripleo-plan init {path}` makes one")
        self.path = path


class UnknownRevision(NotFound):
    """A name that no commit of the repository answers to."""

    reason = "UnknownRevision"

    def __init__(self, name: str, *, repository: Path) -> None:
        super().__init__(f"{repository}: no commit is named {name!r}; `git log --all` shows what there is")
        self.name, self.repository = name, repository


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What a commit says of itself: who, when (seconds since 1970, UTC), and its first line."""

    commit: CommitId
    author: str
    time: int
    subject: str


class GitTree:
    """The plan tree of one Git tree object; a directory is walked once, bytes are read when asked for."""

    def __init__(self, store: BaseObjectStore, tree: ObjectID, *, listings: Listings | None = None) -> None:
        self._store = store
        self._listing = (listings or Listings(store)).of(tree)

    def paths(self) -> Collection[str]:
        return self._listing

    def blob_id(self, path: str) -> BlobId:
        blob = self._listing.blob(path)
        if blob is None:
            raise MissingFile(path)
        return blob

    def read(self, path: str) -> bytes:
        kind, content = self._store.get_raw(ObjectID(self.blob_id(path).encode()))
        assert kind == Blob.type_num, "a tree's regular files are blobs"
        return content

    def parts(self) -> Mapping[str, str]:
        return self._listing.parts()

    def below(self, part: str) -> Mapping[str, BlobId]:
        return self._listing.below(part)

    def ending(self, suffix: str) -> Collection[str]:
        return self._listing.ending(suffix)


class PlanRepository:
    """One plan's Git repository, bare or with a work tree, for reading."""

    def __init__(self, repo: Repo, path: Path, *, cache: Cache | None = None) -> None:
        self._repo, self.path, self.cache = repo, path, cache
        self._listings = Listings(repo.object_store, cache=cache)

    @classmethod
    def open(cls, path: Path, *, cache: Cache | None = None, incoming: Path | None = None) -> Self:
        """Return the repository that `path` is in; raise NotARepository when there is none.

        `cache` keeps over time what is told of its trees, here and by who reads them. `incoming` is where git keeps
        the objects of a push that is not accepted yet (the quarantine of git-receive-pack); they are read, too.
        """
        try:
            repo = Repo.discover(str(path))
        except NotGitRepository:
            raise NotARepository(path) from None
        if incoming is not None:
            stores: list[BaseObjectStore] = [DiskObjectStore(str(incoming)), repo.object_store]
            repo.object_store = OverlayObjectStore(stores)  # type: ignore[assignment]  # any store serves dulwich's Repo
        return cls(repo, path, cache=cache)

    def close(self) -> None:
        """Let go of the repository's open pack files."""
        self._repo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def object_store(self) -> BaseObjectStore:
        """The repository's objects, for who compares trees without walking them."""
        return self._repo.object_store

    @property
    def is_bare(self) -> bool:
        """Whether the repository has no work tree."""
        return bool(self._repo.bare)

    def current_branch(self) -> str | None:
        """Return the branch that HEAD names, born or not; None where HEAD is detached."""
        target = self._repo.refs.read_ref(b"HEAD") or b""  # type: ignore[arg-type]  # dulwich's NewType of bytes
        symbolic = b"ref: " + BRANCHES
        return target.removeprefix(symbolic).decode() if target.startswith(symbolic) else None

    def resolve(self, name: str = "HEAD") -> Revision:
        """Return the revision that a branch, tag, (short) commit id or expression such as `HEAD~2` names."""
        if name.startswith("-"):
            raise UnknownRevision(name, repository=self.path)
        spelled = parse_revision(name) if "sha1:" in name else None
        try:
            commit = self._find_commit(spelled.commit if spelled else name)
        except (KeyError, ValueError):
            raise UnknownRevision(name, repository=self.path) from None
        branch = spelled.branch if spelled else self._branch_of(name)
        return Revision(commit=CommitId(commit.id.decode()), branch=branch)

    def _find_commit(self, name: str) -> Commit:
        """Find as dulwich does; it takes plain names and expressions apart, and knows no `@` for HEAD."""
        full = re.sub(r"^@(?=$|[~^])", "HEAD", name)
        if re.search(r"[~^]", full) and ":" not in full:
            found = parse_object(self._repo, full)
            return parse_commit(self._repo, found.id if not isinstance(found, Commit) else found)
        return parse_commit(self._repo, full)

    def _branch_of(self, name: str) -> str | None:
        base = re.split(r"[~^]", name, maxsplit=1)[0].removeprefix("refs/heads/")
        if base in {"HEAD", "@"}:
            return self.current_branch()
        return base if BRANCHES + base.encode() in self._repo.get_refs() else None

    def has_commits(self) -> bool:
        """Return whether HEAD names a commit yet."""
        try:
            self._repo.head()
        except KeyError:
            return False
        return True

    def has_commit(self, commit: str) -> bool:
        """Return whether a commit's object is here."""
        return ObjectID(commit.encode()) in self._repo.object_store

    def tree(self, revision: Revision) -> GitTree:
        """Return the plan tree of a revision."""
        return GitTree(self._repo.object_store, self._commit(revision.commit).tree, listings=self._listings)

    def tree_of(self, tree_id: str) -> GitTree:
        """Return the plan tree of a tree object (40 hexadecimal digits)."""
        return GitTree(self._repo.object_store, ObjectID(tree_id.encode()), listings=self._listings)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether the commit `older` is in the history of `newer`."""
        walker = self._repo.get_walker(include=[ObjectID(newer.encode())])
        return any(entry.commit.id == older.encode() for entry in walker)

    def describe(self, revision: Revision) -> CommitInfo:
        """Return author, time and subject of a revision."""
        commit = self._commit(revision.commit)
        lines = commit.message.decode(errors="replace").splitlines()
        return CommitInfo(
            commit=revision.commit,
            author=commit.author.decode(errors="replace"),
            time=commit.commit_time,
            subject=lines[0] if lines else "",
        )

    def history(self, start: Revision | None = None, *, limit: int | None = None) -> Iterator[CommitInfo]:
        """Yield the commits of a revision's history, of every branch's without one, the newest first.

        None comes before its children, whatever clocks say; which ones a `limit` takes, clocks say.
        """
        heads = self._repo.refs.as_dict(BRANCHES).values()  # type: ignore[arg-type]  # dulwich's NewType of bytes
        include = [ObjectID(start.commit.encode())] if start else list(heads)
        if include:
            yield from self._walk(include, limit=limit)

    def range(self, older: Revision, newer: Revision) -> tuple[CommitInfo, ...]:
        """Return the commits that `newer` has and `older` has not, the newest first, none before its children."""
        return tuple(self._walk([ObjectID(newer.commit.encode())], [ObjectID(older.commit.encode())]))

    def message(self, revision: Revision) -> str:
        """Return the whole message of a revision."""
        return str(self._commit(revision.commit).message.decode(errors="replace"))

    def parents(self, revision: Revision) -> tuple[Revision, ...]:
        """Return the parents of a revision, the first one first."""
        return tuple(Revision(commit=CommitId(one.decode())) for one in self._commit(revision.commit).parents)

    def setting(self, key: str) -> str | None:
        """Return one of the tool's own settings in the repository's Git configuration (`tripleo-gitops.KEY`)."""
        try:
            return self._repo.get_config().get((b"tripleo-gitops",), key.encode()).decode()
        except KeyError:
            return None

    @property
    def git_dir(self) -> str:
        """The directory that holds refs and objects."""
        return str(self._repo.controldir())

    def _walk(
        self, include: list[ObjectID], exclude: list[ObjectID] | None = None, *, limit: int | None = None
    ) -> Iterator[CommitInfo]:
        for entry in self._repo.get_walker(include=include, exclude=exclude, max_entries=limit, order=ORDER_TOPO):
            yield self.describe(Revision(commit=CommitId(entry.commit.id.decode())))

    def _commit(self, commit_id: str) -> Commit:
        commit = self._repo[commit_id.encode()]
        assert isinstance(commit, Commit), "a Revision names a commit"
        return commit
