"""How long Keystone, Swift and Heat take until they answer: ours, and the products' own commands one by one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Row, Sample, interleave
from tripleo_gitops.errors import Unavailable
from tripleo_gitops.undercloud import supervisor
from tripleo_gitops.undercloud.client import ask
from tripleo_gitops.undercloud.config import DEFAULT_SERVICES, Undercloud
from tripleo_gitops.undercloud.identity import administrator
from tripleo_gitops.undercloud.preparation import describe, open_site, prepare
from tripleo_gitops.undercloud.services.site import Site, ini
from tripleo_gitops.undercloud.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.measure import Work

RUNS, SAMPLE_RUNS = 3, 1
LIMIT_SECONDS = 120.0
BIN = Path(sys.executable).parent
BACKENDS = ("account", "container", "object")
STOCK = "stock commands; Heat without its engine"
"""The peer's Heat: its API and engine are two programs, which need a broker to speak; only its API is waited for."""


def rows(*, sample: bool) -> Iterator[Row]:
    """Yield `up-cold` (nothing there), `up-copies` (schema copies are), `up-warm` (its data is)."""
    runs = SAMPLE_RUNS if sample else RUNS
    with tempfile.TemporaryDirectory(prefix="bench-undercloud-") as directory:
        place = Path(directory)
        works: dict[str, Work] = {
            "up-cold": lambda: ours_cold(place / "ours"),
            "up-copies": lambda: ours_with_copies(place / "ours"),
            "up-warm": lambda: ours_warm(place / "ours"),
        }
        if not sample:
            works |= {
                "stock-cold": lambda: stock_cold(place / "stock"),
                "stock-warm": lambda: stock_warm(place / "stock"),
            }
        medians = interleave(works, runs=runs, warm_up=0)
    peers = {"up-cold": "stock-cold", "up-copies": "stock-cold", "up-warm": "stock-warm"}
    for case, peer in peers.items():
        peer_s = medians.seconds.get(peer)
        yield Row(
            case=case,
            ours_s=medians.seconds[case],
            peer="" if peer_s is None else STOCK,
            peer_s=peer_s,
            peak_rss_mb=medians.peak_rss_mb[case],
        )


def ours_cold(place: Path) -> Sample:
    """Measure `up` where there is neither state nor schema copy."""
    shutil.rmtree(place, ignore_errors=True)
    return _ours(place)


def ours_with_copies(place: Path) -> Sample:
    """Measure `up` without state, with the schema copies that `ours_cold` left."""
    shutil.rmtree(place / "state")
    return _ours(place)


def ours_warm(place: Path) -> Sample:
    """Measure `up` of the undercloud that was taken down before."""
    return _ours(place)


def _ours(place: Path) -> Sample:
    config = Undercloud(state_dir=place / "state", cache_dir=place / "cache")
    try:
        running = supervisor.up(config, progress=lambda _line: None)
        return Sample(running.seconds, sum(one.rss_mb or 0.0 for one in running.services))
    finally:
        supervisor.down(config)


def stock_cold(place: Path) -> Sample:
    """Measure the products' own commands from nothing to the same answers, as far as they go without a broker."""
    shutil.rmtree(place, ignore_errors=True)
    site = _write_configuration(place)
    started = time.monotonic()
    for command in _first_commands(site):
        _run(command, site)
    _serve_until_they_answer(site)
    return Sample(time.monotonic() - started)


def stock_warm(place: Path) -> Sample:
    """Measure the products' own servers on the data that `stock_cold` left."""
    started = time.monotonic()
    _serve_until_they_answer(open_site(State(place)))
    return Sample(time.monotonic() - started)


def _write_configuration(place: Path) -> Site:
    """Write the same configuration that ours has, and what only Swift's own commands read."""
    config = Undercloud(state_dir=place, cache_dir=place / "cache")
    state = State(place)
    with state.locked(timeout=1):
        site = prepare(config, state, describe(DEFAULT_SERVICES))
    directory = place / "swift"
    devices = directory / "devices"
    (devices / "sda1" / "tmp").mkdir(parents=True)
    for kind in BACKENDS:
        options = {
            "bind_ip": "127.0.0.1",
            "bind_port": site.ports[f"swift-{kind}"],
            "swift_dir": directory,
            "devices": devices,
            "mount_check": "false",
            "workers": 0,
        }
        app = {"use": f"egg:swift#{kind}"}
        pipeline = {"pipeline": f"{kind}-server"}
        text = ini({"DEFAULT": options, "pipeline:main": pipeline, f"app:{kind}-server": app})
        (directory / f"{kind}-server.conf").write_text(text)
    # Where Heat looks by itself.
    (place / ".heat").mkdir()
    shutil.copyfile(place / "heat" / "heat.conf", place / ".heat" / "heat.conf")
    proxy = directory / "proxy-server.conf"
    own = f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {site.ports['swift']}\nworkers = 0\n"
    proxy.write_text(proxy.read_text().replace("[DEFAULT]\n", own, 1))
    return site


def _first_commands(site: Site) -> Iterator[Sequence[str]]:
    keystone = ("keystone-manage", "--config-file", str(site.state.path / "keystone" / "keystone.conf"))
    owner = ("--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
    yield (*keystone, "db_sync")
    yield (*keystone, "fernet_setup", *owner)
    yield (*keystone, "credential_setup", *owner)
    yield (
        *(*keystone, "bootstrap", "--bootstrap-password", site.passwords["admin"]),
        *("--bootstrap-public-url", site.keystone_url, "--bootstrap-region-id", "RegionOne"),
    )
    for kind in BACKENDS:
        builder = str(site.state.path / "swift" / f"{kind}.builder")
        yield ("swift-ring-builder", builder, "create", "0", "1", "0")
        yield ("swift-ring-builder", builder, "add", f"r1z1-127.0.0.1:{site.ports[f'swift-{kind}']}/sda1", "1")
        yield ("swift-ring-builder", builder, "rebalance")
    yield ("heat-manage", "--config-file", str(site.state.path / "heat" / "heat.conf"), "db_sync")


def _serve_until_they_answer(site: Site) -> None:
    directory = site.state.path
    swift = [
        (f"swift-{kind}-server", str(directory / "swift" / f"{kind}-server.conf")) for kind in (*BACKENDS, "proxy")
    ]
    with ExitStack() as running:
        running.enter_context(_served(_wsgi("keystone.wsgi.api", site.ports["keystone"]), site))
        running.enter_context(_served(_wsgi("heat.wsgi.api", site.ports["heat"]), site))
        for command in swift:
            running.enter_context(_served(command, site))
        deadline = time.monotonic() + LIMIT_SECONDS
        while not _all_answer(site):
            if time.monotonic() > deadline:
                raise Unavailable(f"the stock services do not answer after {LIMIT_SECONDS:.0f} s")
            time.sleep(0.1)


def _all_answer(site: Site) -> bool:
    try:
        token = administrator(site)
        account = f"/v1/AUTH_{token.project}"
        swift = ask(site.ports["swift"], "GET", account, token=token.value, timeout=10)
        heat = ask(site.ports["heat"], "GET", "/", timeout=10)
    except Unavailable:
        return False
    # Swift asks Keystone by a user that only the seed of ours makes: stock, its refusal is an answer.
    return swift.status in {200, 204, 401, 503} and heat.status == 300


def _wsgi(module: str, port: int) -> tuple[str, ...]:
    # Not by `waitress-serve`: both products would read its arguments as theirs.
    program = (
        f"import sys; from waitress import serve; from {module} import application; "
        f"serve(application, listen='127.0.0.1:{port}', threads=8)"
    )
    return ("python", "-c", program)


@contextmanager
def _served(command: Sequence[str], site: Site) -> Iterator[None]:
    with (site.state.path / "stock.log").open("ab") as log:
        server = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            env=_environment(site),
            cwd=site.state.path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        server.kill()
        server.wait()


def _run(command: Sequence[str], site: Site) -> None:
    subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        env=_environment(site),
        cwd=site.state.path,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        check=False,
    ).check_returncode()


def _environment(site: Site) -> Mapping[str, str]:
    return {
        "PATH": f"{BIN}:{os.defpath}",
        "HOME": str(site.state.path),
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "OS_KEYSTONE_CONFIG_DIR": str(site.state.path / "keystone"),
    }
