"""A plan's mirror in Swift: first, unchanged, five changed files, and those in a plan of 16 times the files.

The plan is tripleo-heat-templates 11.6.0, rendered; peers get the rendered files in a directory. Ours runs as in
the watcher and the hooks: in a process that has its token. Peers get a token and Swift's address, so that nobody's
time is spent in Keystone. Requests are those that a proxy before Swift counted in a run of ours of its own.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING

import openstack

from benchmarks.measure import Row, compare, time_call, time_command
from faults.mirrors import Access, mirror_of
from faults.proxy import FaultProxy
from tripleo_gitops.errors import NotFound
from tripleo_gitops.openstack.container import Upload
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.manifest import MANIFEST_PATH, md5_of
from tripleo_gitops.operations.mirror.memory import DiskMemory
from tripleo_gitops.operations.mirror.sync import sync_mirror
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.operations.rendering import write_tree
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.config import Service, Undercloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measure import Sample, Work
    from tripleo_gitops.plan.revision import Revision

PROJECT = Path(__file__).parents[1]
RELEASE = "tripleo-heat-templates-11.6.0"
RELEASES = "RELEASED_TEMPLATES"
"""The directory of unpacked releases (`tox run -e releases` fills one); the bench environment names it."""
TIMES, CHANGED = 16, 5
RUNS, FIRST_RUNS, GROWN_RUNS = 9, 3, 3
PARALLEL = 8
EPOCH = 1_000_000_000
RCLONE = ("rclone", "sync", "--fast-list", "--checksum", "--transfers", "16", "--checkers", "16")
RCLONE_FAST = (*RCLONE, "--swift-no-large-objects")


@dataclass
class Plan:
    """A repository with two commits that differ in five files, and each of them rendered in a directory."""

    repository: Path
    rendered: tuple[Path, Path]
    revisions: tuple[Revision, Revision]


@dataclass
class Bench:
    """One Swift with its token, and a directory for what tools leave."""

    access: Access
    directory: Path
    names: Iterator[int] = field(default_factory=count)

    def new_container(self) -> str:
        """Return a name that no container has."""
        return f"bench-{next(self.names)}"


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield the four cases, a row for each peer."""
    logging.getLogger("keystoneauth").setLevel(logging.CRITICAL)
    with ExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-mirror-")))
        bench = Bench(opened.enter_context(swift(directory / "cloud")), directory)
        source = PROJECT / "examples" / "plan-repo" if sample else released_templates()
        plan = two_commits(source, directory / "plan", times=1)
        yield from first(bench, plan, runs=1 if sample else FIRST_RUNS)
        yield from later(bench, plan, suffix="", runs=1 if sample else RUNS)
        if not sample:
            grown = two_commits(source, directory / "grown", times=TIMES)
            yield from later(bench, grown, suffix=f"-{TIMES}x", runs=GROWN_RUNS)


def first(bench: Bench, plan: Plan, *, runs: int) -> Iterator[Row]:
    """Yield what it takes to fill a container that is not there."""
    ours = Ours(bench, plan)
    peers: dict[str, Work] = {
        name: peer.first for name, peer in peers_of(bench, plan).items() if shutil.which(peer.program)
    }
    requests = ours.requests(lambda: ours.sync(0, container=bench.new_container()))
    for row in compare("first", ours.first, peers, runs=runs, warm_up=0):
        yield with_requests(row, requests)


def later(bench: Bench, plan: Plan, *, suffix: str, runs: int) -> Iterator[Row]:
    """Yield what it takes when nothing changed, and when five files did.

    Each peer takes turns with ours alone: a tenth of a second says little beside peers that keep Swift busy for ten.
    Peers share a container and take turns with its five files. In the plan that has grown, nothing is measured
    that asks for each object by itself: it would take minutes a run.
    """
    ours, peers = Ours(bench, plan), peers_of(bench, plan)
    if suffix:
        peers = {name: peer for name, peer in peers.items() if not peer.asks_for_each}
    ours.begin()
    shared, turn = ours.fill(bench.new_container()), cycle((1, 0))
    for peer in peers.values():
        peer.begin(shared, turn)
    if not suffix:
        requests = ours.requests(lambda: ours.sync(0))
        for name, peer in peers.items():
            for row in compare("unchanged", ours.unchanged, {name: peer.unchanged}, runs=runs):
                yield with_requests(row, requests)
    ours.sync(1)
    requests = ours.requests(lambda: ours.sync(0))
    for name, peer in peers.items():
        for row in compare(f"five-changed{suffix}", ours.changed, {name: peer.changed}, runs=runs):
            yield with_requests(row, requests)


def with_requests(row: Row, requests: int) -> Row:
    """Return a row with the count of ours' requests."""
    return Row(case=row.case, ours_s=row.ours_s, peer=row.peer, peer_s=row.peer_s, requests=requests)


class Ours:
    """The tool's own sync, in this process."""

    def __init__(self, bench: Bench, plan: Plan) -> None:
        self._bench, self._plan, self._container = bench, plan, bench.new_container()
        self._machine = bench.directory / f"machine-{self._container}"
        self._store, self._turn, self._seeds = bench.access.store(), cycle((1, 0)), count()

    def begin(self) -> None:
        self.sync(0)
        self.sync(1)
        self.sync(0)
        self._turn = cycle((1, 0))

    def fill(self, container: str) -> str:
        """Make a container whole for a peer that did not fill it itself."""
        self.sync(0, container=container)
        return container

    def first(self) -> Sample:
        container = self._bench.new_container()
        return time_call(lambda: self.sync(0, container=container))

    def unchanged(self) -> Sample:
        return time_call(lambda: self.sync(0))

    def changed(self) -> Sample:
        number = next(self._turn)
        return time_call(lambda: self.sync(number))

    def sync(self, number: int, *, container: str = "") -> None:
        """Sync one of the two commits, from opening the repository on."""
        name = container or self._container
        mirror = mirror_of(self._store, name, self._machine, clock=time, seed=next(self._seeds), parallel=PARALLEL)
        with PlanRepository.open(self._plan.repository) as repository:
            history = PlanHistory(repository, mirror.memory)
            sync_mirror(mirror, history, self._plan.revisions[number], options=SyncOptions(allow_older=True))

    def requests(self, work: Callable[[], object]) -> int:
        """Return how many requests reach Swift while ours does some work."""
        with FaultProxy(self._bench.access.endpoint.partition("/v1/")[0]) as proxy:
            direct, self._store = self._store, self._bench.access.through(proxy.url).store()
            work()
            self._store = direct
            return len(proxy.seen)


class Peer:
    """A tool that is run on a directory of rendered files; `asks_for_each` of one that asks for each object."""

    program, asks_for_each = "python3", False

    def __init__(self, bench: Bench, plan: Plan) -> None:
        self._bench, self._plan, self._container, self._turn = bench, plan, "", iter(())

    def begin(self, container: str, turn: Iterator[int]) -> None:
        """Take a container that is whole, and do once what the tool does to it."""
        self._container, self._turn = container, turn
        self.run(container, self._plan.rendered[0])

    def first(self) -> Sample:
        container = self._bench.new_container()
        return self.run(container, self._plan.rendered[0])

    def unchanged(self) -> Sample:
        return self.run(self._container, self._plan.rendered[0])

    def changed(self) -> Sample:
        return self.run(self._container, self._plan.rendered[next(self._turn)])

    def run(self, container: str, directory: Path) -> Sample:
        raise NotImplementedError


class Rclone(Peer):
    """rclone with its fast listing and checksums."""

    program, asks_for_each = "rclone", True
    command = RCLONE

    def run(self, container: str, directory: Path) -> Sample:
        access = self._bench.access
        settings = {"TYPE": "swift", "STORAGE_URL": access.endpoint, "AUTH_TOKEN": access.token, "AUTH": "http://x/"}
        environment = os.environ | {f"RCLONE_CONFIG_BENCH_{key}": value for key, value in settings.items()}
        excluded = ("--exclude", MANIFEST_PATH)
        return time_command((*self.command, *excluded, f"{directory}/", f"bench:{container}"), environment=environment)


class RcloneFast(Rclone):
    """rclone, told besides that there are no large objects, which saves it a request for each object."""

    command, asks_for_each = RCLONE_FAST, False


class SwiftUpload(Peer):
    """python-swiftclient's `swift upload --changed`."""

    asks_for_each = True

    def run(self, container: str, directory: Path) -> Sample:
        access = self._bench.access
        address = ("--os-storage-url", access.endpoint, "--os-auth-token", access.token)
        command = (sys.executable, "-m", "swiftclient.shell", *address, "upload", "--changed", container, ".")
        return time_command(command, cwd=directory)


class Archive(Peer):
    """One tar archive that Swift unpacks, of what one listing shows to differ."""

    def run(self, container: str, directory: Path) -> Sample:
        return time_call(lambda: self._upload(container, directory))

    def _upload(self, container: str, directory: Path) -> None:
        store = self._bench.access.store()
        store.create(container, {})
        stored = {found.path: found.md5 for found in store.objects(container)}
        uploads = []
        for file in files_of(directory):
            content, path = file.read_bytes(), file.relative_to(directory).as_posix()
            if stored.get(path) != md5_of(content):
                uploads.append(Upload(path, content, md5_of(content), "application/octet-stream"))
        if uploads:
            store.extract(container, uploads)


def peers_of(bench: Bench, plan: Plan) -> dict[str, Peer]:
    """Return the peers that are installed."""
    known = {
        "rclone sync --fast-list": Rclone(bench, plan),
        "rclone, fastest flags": RcloneFast(bench, plan),
        "swift upload --changed": SwiftUpload(bench, plan),
        "tar extraction, one listing": Archive(bench, plan),
    }
    return {name: peer for name, peer in known.items() if shutil.which(peer.program)}


def two_commits(source: Path, directory: Path, *, times: int) -> Plan:
    """Make a plan of a directory's files, a number of times over, and change five of them."""
    repository, git = directory / "repository", ("git", "-c", "user.name=Bench", "-c", "user.email=bench@localhost")
    shutil.copytree(source, repository, ignore=shutil.ignore_patterns(".git"))
    files = [(path.relative_to(repository).as_posix(), path.read_bytes()) for path in files_of(repository)]
    for number in range(1, times):
        for path, content in files:
            target = repository / f"copy-{number}" / path.replace(".j2.", ".")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def commit(message: str) -> None:
        for words in (("add", "-A", "-f"), ("commit", "-q", "-m", message), ("gc", "-q")):
            subprocess.run([*git, *words], cwd=repository, check=True, capture_output=True)

    subprocess.run([*git, "init", "-q", "-b", "main"], cwd=repository, check=True)
    commit("One")
    plain = sorted(path for path in (repository / "environments").rglob("*.yaml") if ".j2." not in path.name)
    for path in plain[:CHANGED] if len(plain) >= CHANGED else sorted(repository.rglob("*.yaml"))[:CHANGED]:
        path.write_text(path.read_text() + "# changed\n")
    commit("Two")
    with PlanRepository.open(repository) as opened:
        revisions = opened.resolve("HEAD~1"), opened.resolve("HEAD")
        rendered = directory / "one", directory / "two"
        memory = DiskMemory(directory / "scratch" / "memory.sqlite")
        for revision, target in zip(revisions, rendered, strict=True):
            write_tree(PlanHistory(opened, memory).rendered(revision), target)
    set_times(rendered)
    return Plan(repository, rendered, revisions)


def set_times(rendered: tuple[Path, Path]) -> None:
    """Give files that are equal in both directories the same time, and others another one: some peers look at it."""
    for number, directory in enumerate(rendered):
        for file in files_of(directory):
            twin = rendered[1 - number] / file.relative_to(directory)
            is_same = twin.is_file() and twin.read_bytes() == file.read_bytes()
            os.utime(file, (EPOCH, EPOCH + (0 if is_same else number + 1)))


def files_of(directory: Path) -> list[Path]:
    """Return the files below a directory, sorted."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


def released_templates() -> Path:
    """Return the unpacked release; raise NotFound with the way to get it."""
    found = Path(os.environ.get(RELEASES, "")) / RELEASE
    if not found.is_dir():
        raise NotFound(f"no {RELEASE} below ${RELEASES}; `tox run -e releases` fetches it")
    return found


@contextmanager
def swift(state_dir: Path) -> Iterator[Access]:
    """Give a Swift of the benchmark's own, and take it away again."""
    config = Undercloud(state_dir=state_dir, cache_dir=state_dir / "cache", services=(Service.KEYSTONE, Service.SWIFT))
    running = supervisor.up(config, progress=lambda _line: None)
    try:
        loader = openstack.config.OpenStackConfig(config_files=[str(running.clouds_file)], load_envvars=False)
        connection = openstack.connection.Connection(config=loader.get_one(cloud="undercloud"))
        yield Access(connection.object_store.get_endpoint() or "", connection.auth_token)
    finally:
        supervisor.down(config)
