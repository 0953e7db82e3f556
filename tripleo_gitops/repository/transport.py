"""Fetching from somebody else's repository with the real git, where nothing of theirs runs or redirects."""

from __future__ import annotations

import base64
import os
import re
import resource
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, InvalidInput, NotFound, Refused, Unavailable
from tripleo_gitops.repository.isolation import isolated_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.plan.source_address import GitAddress

TIME_LIMIT_SECONDS = 600.0
PACK_LIMIT_BYTES = 512 * 2**20
_COMMIT = re.compile(r"[0-9a-f]{4,40}")
_CONFIG = {
    "fetch.fsckObjects": "true",
    "transfer.fsckObjects": "true",
    "http.followRedirects": "false",
    "protocol.version": "2",
}


class FetchFailed(GitopsError):
    """The other repository could not be fetched from; git's own last words, without any credentials."""

    reason = "FetchFailed"


class UnknownRef(NotFound):
    """A name that no branch, tag or commit of the other repository answers to."""

    reason = "UnknownRef"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A commit that was fetched, into a bare repository of its own."""

    git_dir: Path
    commit: str
    ref: str


def fetch_commit(address: GitAddress, folder: Path, *, time_limit: float = TIME_LIMIT_SECONDS) -> Fetched:
    """Fetch what an address names into a new bare repository below `folder`.

    The ref may be a branch, a tag, `origin/BRANCH`, a full ref name, or a commit's id, whole or shortened; HEAD
    without one. Raises UnknownRef, FetchFailed, Unavailable when it takes too long, Refused when it is too large.
    """
    git = _Git(folder, address, time_limit=time_limit)
    git.run("init", "--quiet", "--bare")
    refs = git.remote_refs()
    name = _named(address.ref, refs)
    if name is not None:
        git.run("fetch", "--quiet", "--no-tags", "--depth=1", "--end-of-options", address.url, f"{name}:refs/fetched")
        return Fetched(git.git_dir, git.commit("refs/fetched"), name)
    if address.ref is None or not _COMMIT.fullmatch(address.ref):
        shown = ", ".join(sorted(ref.removeprefix("refs/heads/") for ref in refs if ref.startswith("refs/heads/"))[:8])
        raise UnknownRef(f"{address.url} has no {address.ref or 'HEAD'}; its branches are: {shown or 'none'}")
    return Fetched(git.git_dir, git.fetch_by_id(address.ref), address.ref)


def _named(ref: str | None, refs: Mapping[str, str]) -> str | None:
    """Return the full name of the ref that a person means; branches win over tags, as TripleO's users expect."""
    if ref is None:
        return "HEAD" if "HEAD" in refs else None
    spellings = (ref, f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/heads/{ref.removeprefix('origin/')}")
    return next((name for name in spellings if name in refs), None)


class _Git:
    """The real git on one bare repository and one address."""

    def __init__(self, folder: Path, address: GitAddress, *, time_limit: float) -> None:
        self.git_dir = folder / "source.git"
        self._address, self._time_limit = address, time_limit
        self._home = folder / "home"
        self._home.mkdir(parents=True)

    def remote_refs(self) -> dict[str, str]:
        """Return the refs that the other side shows, by name."""
        lines = self.run("ls-remote", "--quiet", "--end-of-options", self._address.url).split("\n")
        pairs = (line.split("\t", 1) for line in lines if "\t" in line)
        return {name: commit for commit, name in pairs if not name.endswith("^{}")}

    def commit(self, name: str) -> str:
        """Return the commit that a name stands for, tags peeled."""
        return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()

    def fetch_by_id(self, commit: str) -> str:
        """Fetch a commit by its id: alone where the other side gives single commits, with all branches if not."""
        url = self._address.url
        if len(commit) == 40:
            try:
                self.run(
                    "fetch", "--quiet", "--no-tags", "--depth=1", "--end-of-options", url, f"{commit}:refs/fetched"
                )
                return self.commit("refs/fetched")
            except FetchFailed:
                pass  # many servers give named refs only; the commit may be in their history
        self.run(
            "fetch", "--quiet", "--end-of-options", url, "+refs/heads/*:refs/remotes/*", "+refs/tags/*:refs/tags/*"
        )
        try:
            return self.commit(commit)
        except FetchFailed:
            raise UnknownRef(f"{url} has no commit {commit} in any branch or tag") from None

    def run(self, *arguments: str) -> str:
        """Run git and return its output; its whole process group ends with the time limit."""
        process = subprocess.Popen(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._home,
            env=self._environment(),
            start_new_session=True,
        )
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (PACK_LIMIT_BYTES, PACK_LIMIT_BYTES))
        try:
            output, words = process.communicate(timeout=self._time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Unavailable(
                f"git {arguments[0]} of {self._address.url} took longer than {self._time_limit:.0f} s"
            ) from None
        if process.returncode:
            raise self._failure(arguments[0], words.decode(errors="replace"))
        try:
            return output.decode()
        except UnicodeDecodeError:
            raise InvalidInput(f"{self._address.url} has a ref whose name is not UTF-8") from None

    def _failure(self, command: str, words: str) -> GitopsError:
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        said = next(
            (line for line in reversed(lines) if line.startswith(("fatal:", "error:"))), (lines or ["failed"])[-1]
        )
        if f"signal {signal.SIGXFSZ.value}" in words:
            return Refused(f"{self._address.url} is larger than {PACK_LIMIT_BYTES} bytes")
        secrets = [part for part in self._address.credentials or () if part]
        for secret in secrets:
            said = said.replace(secret, "******")
        return FetchFailed(f"git {command} of {self._address.url}: {said[:300]}")

    def _environment(self) -> dict[str, str]:
        config = dict(_CONFIG)
        if self._address.credentials:
            token = base64.b64encode(":".join(self._address.credentials).encode()).decode()
            config[f"http.{self._address.url}.extraHeader"] = f"Authorization: Basic {token}"
        return {
            **isolated_environment(self.git_dir, home=self._home, config=config),
            "GIT_ALLOW_PROTOCOL": self._address.scheme,
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        }
