"""The parameter diff of two revisions: with nothing cached, and with one file changed since the last time.

The plan is tripleo-heat-templates: 10.6.2 to 11.6.0 cold, one changed template of 11.6.0 warm, and that in plans of
4 and of 16 times the files. Peers: Heat, asked for the nested validation of both revisions, in two ways (`heat_peer`),
and for the cold case only parsing the YAML files concerned. Ours runs in a process of its own each time,
from opening the repository to the finished diff; the process has opened it once and done a diff of the small example
plan before, so that what Python takes to load modules (and yaql its grammar) is not in the figures; Heat's process is
warm, too. The peak is that process's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.heat_peer import heat
from benchmarks.measure import CommandFailed, Row, Sample, compare, time_call
from tripleo_gitops.errors import GitopsError, NotFound
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.heat_peer import AskHeat
    from benchmarks.measure import Work

PROJECT = Path(__file__).parents[1]
RELEASES = "RELEASED_TEMPLATES"
"""The directory of unpacked releases (`tox run -e releases` fills one); the bench environment names it."""
OLDER, NEWER = "tripleo-heat-templates-10.6.2", "tripleo-heat-templates-11.6.0"
CHANGED_FILE = "deployment/keystone/keystone-container-puppet.yaml"
TIMES = (1, 4, 16)
RUNS, SAMPLE_RUNS = 5, 1
GIT = ("git", "-c", "user.name=Bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")
READY_MADE, EXPORTED = "Heat, asked with ready-made requests", "Heat, asked from the two revisions"


class ParsedTooMuch(GitopsError):
    """A warm diff that parsed more files than had changed: its figure would be luck."""

    reason = "ParsedTooMuch"


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield `diff-cold`, `diff-warm`, `diff-warm-4x` and `diff-warm-16x`, a row for each peer."""
    runs = SAMPLE_RUNS if sample else RUNS
    with ExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-parameters-")))
        ask = None if sample else opened.enter_context(heat(directory / "cloud"))
        cold = Repository.of_two(release(OLDER), release(NEWER), directory / "cold")
        ours, peers = Ours(cold, directory), peers_of(cold, "HEAD~1", "HEAD", ask)
        texts = yaml_files(cold)
        peers["parsing the YAML alone"] = lambda: time_call(lambda: parse_all(texts))
        yield from compare("diff-cold", ours.cold, peers, runs=runs, warm_up=0)
        for times in TIMES[:1] if sample else TIMES:
            grown = Repository.of_changes(release(NEWER), directory / f"{times}x", times=times, changes=runs + 1)
            suffix = "" if times == 1 else f"-{times}x"
            works = peers_of(grown, "HEAD~1", "HEAD", ask, is_exported=times == 1)
            yield from compare(f"diff-warm{suffix}", Ours(grown, directory).warm, works, runs=runs, warm_up=0)


@dataclass
class Repository:
    """A plan's repository."""

    path: Path
    commits: int

    @classmethod
    def of_two(cls, old: Path, new: Path, path: Path) -> Repository:
        """Make a plan of one release that then becomes another, packed as a clone is."""
        run_git(path, "init", "-q", "-b", "main")
        for source in (old, new):
            for child in path.iterdir():
                if child.name != ".git":
                    shutil.rmtree(child) if child.is_dir() else child.unlink()
            copy(source, path)
            commit(path, source.name)
        run_git(path, "gc", "-q")
        return cls(path, 2)

    @classmethod
    def of_changes(cls, source: Path, path: Path, *, times: int, changes: int) -> Repository:
        """Make a plan of a release's files, a number of times over, and change one template again and again."""
        run_git(path, "init", "-q", "-b", "main")
        copy(source, path)
        for number in range(1, times):
            copy(source, path / f"copy-{number}", is_rendered=False)
        commit(path, "One")
        file = path / CHANGED_FILE
        text = file.read_text()
        for number in range(changes):
            file.write_text(text.replace("default: 'basic'", f"default: 'basic{number}'") + f"# {number}\n")
            commit(path, f"Change {number}")
        run_git(path, "gc", "-q")
        return cls(path, changes + 1)


@dataclass
class Ours:
    """The tool's own diff, each time in a process of its own."""

    repository: Repository
    directory: Path
    names: Iterator[int] = field(default_factory=count)

    def cold(self) -> Sample:
        """Measure with an empty cache."""
        return self._run(self.directory / f"cold-cache-{next(self.names)}", "HEAD~1", "HEAD").sample

    def warm(self) -> Sample:
        """Measure a commit that the cache has not seen yet, which changed one file of a commit that it has."""
        cache, number = self.directory / f"cache-{self.repository.path.name}", next(self.names)
        last = self.repository.commits - 1
        before, after = f"HEAD~{last - number}", f"HEAD~{last - number - 1}"
        self._run(cache, before, before)
        found = self._run(cache, before, after)
        if found.parsed > 1:
            raise ParsedTooMuch(f"{found.parsed} files were parsed for one that changed")
        return found.sample

    def _run(self, cache: Path, old: str, new: str) -> Measured:
        command = (sys.executable, "-m", "benchmarks.one_diff", str(self.repository.path), old, new, str(cache))
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandFailed(command, status=done.returncode, output=done.stderr)
        told = json.loads(done.stdout)
        return Measured(Sample(told["seconds"], told["peak_rss_mb"]), told["parsed"])


@dataclass
class Measured:
    """What one process told of its diff."""

    sample: Sample
    parsed: int


def peers_of(
    repository: Repository, old: str, new: str, ask: AskHeat | None, *, is_exported: bool = True
) -> dict[str, Work]:
    """Return Heat as a peer, where there is one; `is_exported` says whether it is asked from revisions, too."""
    if ask is None:
        return {}
    with PlanRepository.open(repository.path) as opened:
        bundles = [resolve_plan(opened.tree(opened.resolve(name))).bundle for name in (old, new)]
        for bundle in bundles:
            bundle.to_request()
    found: dict[str, Work] = {READY_MADE: lambda: time_call(lambda: ask.differs(bundles[0], bundles[1]))}
    if is_exported:
        found[EXPORTED] = lambda: time_call(lambda: ask.differs_from_revisions(repository.path, old, new))
    return found


def yaml_files(repository: Repository) -> tuple[bytes, ...]:
    """Return each distinct YAML file that the two last revisions send to Heat."""
    found: dict[bytes, None] = {}
    with PlanRepository.open(repository.path) as opened:
        for name in ("HEAD~1", "HEAD"):
            resolved = resolve_plan(opened.tree(opened.resolve(name)))
            paths = [path for path in resolved.bundle.files if path.endswith(".yaml")]
            found |= dict.fromkeys(resolved.rendered.read(path) for path in paths)
    return tuple(found)


def parse_all(texts: tuple[bytes, ...]) -> None:
    """Parse texts with PyYAML, and do no more; its C loader refuses a few that YAML 1.1 allows."""
    for text in texts:
        try:
            yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            yaml.load(text, Loader=yaml.SafeLoader)


def release(name: str) -> Path:
    """Return an unpacked release; raise NotFound with the way to get it."""
    found = Path(os.environ.get(RELEASES, "")) / name
    if not found.is_dir():
        raise NotFound(f"no {name} below ${RELEASES}; `tox run -e releases` fetches it")
    return found


def copy(source: Path, target: Path, *, is_rendered: bool = True) -> None:
    """Copy the regular files of a directory into another, under names that are not rendered where that is said."""
    for file in source.rglob("*"):
        if file.is_file() and not file.is_symlink():
            name = file.relative_to(source).as_posix()
            place = target / (name if is_rendered else name.replace(".j2.", "."))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def commit(path: Path, message: str) -> None:
    """Commit everything below a directory."""
    run_git(path, "add", "-A", "-f")
    run_git(path, "commit", "-q", "-m", message)


def run_git(path: Path, *words: str) -> None:
    """Run git in a directory, which is made if it is not there."""
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run([*GIT, *words], cwd=path, check=True, capture_output=True)
