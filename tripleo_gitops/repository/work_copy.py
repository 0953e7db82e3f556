"""An operator's own clone, through the real git: their hooks, identity, signing and credentials work."""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import git

from tripleo_gitops.errors import GitopsError, InvalidInput, Refused
from tripleo_gitops.repository.objects import NotARepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


logging.getLogger("git").addHandler(logging.NullHandler())  # what it would log to standard error, GitFailed says


class GitFailed(GitopsError):
    """The real git refused or failed; its own words are in the message."""

    reason = "GitFailed"

    def __init__(self, what: str, output: str) -> None:
        said = " | ".join(line.strip() for line in output.splitlines() if line.strip())
        super().__init__(f"git {what}: {said or 'failed without a word'}")
        self.what, self.output = what, output


@dataclass(frozen=True, slots=True)
class PushedRef:
    """One ref that a push moved, or found where it should be."""

    ref: str
    summary: str


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn GitPython's errors into ours, with what git printed."""
    try:
        yield
    except git.GitCommandError as exc:
        words = "\n".join(
            str(part).removeprefix("\n  stderr: ").removeprefix("\n  stdout: ").strip("' \n")
            for part in (exc.stderr, exc.stdout)
            if part
        )
        raise GitFailed(what, words) from exc


class WorkCopy:
    """A clone with a work tree: what is changed in it, and commits and pushes made as its owner."""

    def __init__(self, repo: git.Repo) -> None:
        self._repo = repo

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the clone that `path` is in; raise NotARepository, or Refused for a bare repository."""
        try:
            repo = git.Repo(path, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError):
            raise NotARepository(path) from None
        if repo.bare:
            raise Refused(f"{path}: a bare repository has no work tree; clone it and work there")
        return cls(repo)

    @classmethod
    def create(cls, path: Path, *, branch: str = "main") -> Self:
        """Make an empty repository with a work tree at `path`."""
        with told("init"):
            return cls(git.Repo.init(path, initial_branch=branch))

    @property
    def path(self) -> Path:
        """The top of the work tree."""
        return Path(self._repo.working_tree_dir or "")

    def remember(self, key: str, value: str) -> None:
        """Keep one of the tool's own settings in the clone's Git configuration (`tripleo-gitops.KEY`)."""
        with self._repo.config_writer("repository") as config:
            config.set_value("tripleo-gitops", key, value)

    def changed_paths(self) -> tuple[str, ...]:
        """Return what differs from HEAD, staged or not, and files that Git does not know, sorted."""
        listing = self._repo.git.status("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
        return tuple(sorted(entry[3:] for entry in listing.split("\0") if entry))

    def index_tree(self) -> str:
        """Return the tree object of what is staged."""
        with told("write-tree"):
            return str(self._repo.git.write_tree())

    def snapshot_tree(self) -> str:
        """Return the tree object of the work tree as `git add --all` would stage it; the index stays as it is."""
        index = Path(self._repo.index.path)
        with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as scratch:
            copy = Path(scratch, "index")
            if index.exists():
                shutil.copy2(index, copy)  # with its time: git tells by it which files it must look into
            with told("add"), self._repo.git.custom_environment(GIT_INDEX_FILE=str(copy)):
                self._repo.git.add("--all", "--", str(self.path))
                return str(self._repo.git.write_tree())

    def write(self, path: str, content: bytes) -> None:
        """Replace one file of the work tree, whole or not at all; its mode stays."""
        target = self.path / path
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as scratch:
            scratch.write(content)
        if target.exists():
            shutil.copymode(target, scratch.name)
        Path(scratch.name).replace(target)

    def stage_all(self, *, ignored: bool = False) -> None:
        """Stage every change and every new file that is not ignored, or (`ignored`) those as well."""
        with told("add"):
            self._repo.git.add("--all", *(["--force"] if ignored else []), "--", str(self.path))

    def commit(self, message: str) -> str:
        """Commit what is staged and return the commit's id; hooks and signing are the owner's."""
        with told("commit"):
            self._repo.git.commit("--quiet", "-m", message)
            return str(self._repo.git.rev_parse("HEAD"))

    def current_branch(self) -> str | None:
        """Return the branch that is checked out; None for a detached HEAD."""
        return None if self._repo.head.is_detached else self._repo.active_branch.name

    def upstream(self) -> str | None:
        """Return what the branch tracks, as `origin/main`; None where it tracks nothing."""
        if self._repo.head.is_detached or not self._repo.head.is_valid():
            return None
        tracking = self._repo.active_branch.tracking_branch()
        return tracking.name if tracking is not None and tracking.is_valid() else None

    def ahead_behind(self, upstream: str) -> tuple[int, int]:
        """Return how many commits HEAD has that `upstream` has not, and the other way round."""
        counts = self._repo.git.rev_list("--left-right", "--count", f"HEAD...{upstream}").split()
        return int(counts[0]), int(counts[1])

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the clone's remotes."""
        return tuple(remote.name for remote in self._repo.remotes)

    def push(self, remote: str, branch: str, *, say: Callable[[str], None]) -> tuple[PushedRef, ...]:
        """Push a branch and track it; what the server prints goes to `say`, line by line, as it comes."""
        if remote not in self.remotes():
            raise InvalidInput(
                f"no remote is named {remote!r}; `git remote add {remote} URL` adds it "
                f"(there is: {', '.join(self.remotes()) or 'none'})"
            )
        progress = _Words(say)
        with told("push"):
            pushed = self._repo.remote(remote).push(
                f"refs/heads/{branch}:refs/heads/{branch}", progress=progress, set_upstream=True
            )
        refused = [info for info in pushed if info.flags & info.ERROR]
        if refused:
            raise GitFailed(f"push {remote} {branch}", "\n".join(info.summary for info in refused))
        if pushed.error is not None or not pushed:
            raise GitFailed(f"push {remote} {branch}", "\n".join(progress.error_lines) or str(pushed.error))
        return tuple(PushedRef(ref=info.remote_ref_string, summary=info.summary.strip()) for info in pushed)


class _Words(git.RemoteProgress):
    """Hand the server's own lines (`remote: …`) on as they come."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def line_dropped(self, line: str) -> None:
        if line.startswith("remote:"):
            self._say(line.removeprefix("remote:").strip())
