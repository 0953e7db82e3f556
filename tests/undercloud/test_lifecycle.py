"""Up, down, and what happens in between: on small underclouds of the tests' own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.undercloud_fixture import CloudAccess
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.undercloud import errors, packages, processes, supervisor
from tripleo_gitops.undercloud.config import Condition, Service, Undercloud
from tripleo_gitops.undercloud.ports import remembered_ports
from tripleo_gitops.undercloud.services.keystone import KEYSTONE
from tripleo_gitops.undercloud.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.undercloud_fixture import RunningUndercloud

pytestmark = pytest.mark.undercloud

PROJECT = Path(__file__).parents[2]
SMALL = (Service.KEYSTONE, Service.SWIFT)


@pytest.fixture
def config(undercloud: RunningUndercloud, tmp_path: Path) -> Iterator[Undercloud]:
    """Return a small undercloud that is not started, with the schema copies that the session has made."""
    config = Undercloud(state_dir=tmp_path / "cloud", cache_dir=undercloud.config.cache_dir, services=SMALL, timeout=60)
    yield config
    stop_all(config)


def up(config: Undercloud) -> dict[str, int]:
    """Return the process of each service, after `up`."""
    running = supervisor.up(config, progress=lambda _line: None, owner=processes.identify(os.getpid()))
    return {one.service.value: one.pid or 0 for one in running.services}


def stop_all(config: Undercloud) -> None:
    state = State(config.state_dir)
    found = (record_of(state, service) for service in Service)
    processes.stop([one for one in found if one is not None])


def record_of(state: State, service: Service) -> processes.Process | None:
    try:
        return processes.recorded(state, service)
    except errors.BadState:
        return None


def left_behind(config: Undercloud) -> list[int]:
    """Return the processes whose command line names the state directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"undercloud.launch" in words and str(config.state_dir).encode() in words:
                found.append(int(entry.name))
    return found


def until(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)


def test_up_twice_is_up_once_and_data_survives_down(config: Undercloud) -> None:
    first = up(config)
    assert up(config) == first
    access = CloudAccess(cloud="undercloud-member", clouds_file=config.state_dir / "clouds.yaml")
    access.connect().object_store.create_container("kept")
    ports = remembered_ports(State(config.state_dir))
    assert supervisor.down(config) == SMALL
    assert left_behind(config) == []
    assert supervisor.down(config) == ()
    second = up(config)
    assert set(second.values()).isdisjoint(first.values())
    assert remembered_ports(State(config.state_dir)) == ports
    assert [one.name for one in access.connect().object_store.containers()] == ["kept"]


def test_two_ups_at_the_same_time_start_one_undercloud(config: Undercloud) -> None:
    found: list[dict[str, int]] = []
    threads = [threading.Thread(target=lambda: found.append(up(config))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert sorted(left_behind(config)) == sorted(found[0].values())


def test_up_restarts_just_the_service_that_was_killed(config: Undercloud) -> None:
    before = up(config)
    os.kill(before["swift"], signal.SIGKILL)
    until(lambda: conditions(config)["swift"] is Condition.DEAD, seconds=5)
    assert conditions(config)["keystone"] is Condition.UP
    after = up(config)
    assert after["keystone"] == before["keystone"]
    assert after["swift"] != before["swift"]
    assert set(conditions(config).values()) == {Condition.UP}


def conditions(config: Undercloud) -> dict[str, Condition]:
    return {one.service.value: one.condition for one in supervisor.status(config)}


def test_a_taken_port_is_named_with_its_service_and_nothing_is_left_running(config: Undercloud) -> None:
    up(config)
    supervisor.down(config)
    port = remembered_ports(State(config.state_dir))["swift-container"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(errors.PortTaken) as caught:
        up(config)
    assert (caught.value.port, caught.value.service) == (port, "swift-container")
    assert str(port) in str(caught.value)
    assert left_behind(config) == []
    up(config)


def test_a_taken_udp_port_is_named(config: Undercloud) -> None:
    ipmi = replace(config, services=(Service.IPMI,))
    up(ipmi)
    supervisor.down(ipmi)
    port = remembered_ports(State(config.state_dir))["ipmi-1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        with pytest.raises(errors.PortTaken, match=f"port {port} of 127.0.0.1, which is ipmi-1's"):
            up(ipmi)


def test_a_process_that_got_an_old_pid_is_neither_believed_nor_killed(config: Undercloud) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        real = processes.identify(stranger.pid)
        old = replace(real, started=real.started - 1)
        State(config.state_dir).write("run/keystone.json", asdict(old))
        assert up(config)["keystone"] != stranger.pid
        State(config.state_dir).write("run/swift.json", asdict(old))
        supervisor.down(config)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_service_that_does_not_come_up_is_named_with_the_end_of_its_log(config: Undercloud) -> None:
    up(config)
    supervisor.down(config)
    database = config.state_dir / "keystone" / "keystone.db"
    for beside in database.parent.glob("keystone.db-*"):
        beside.unlink()
    database.write_bytes(b"this is no database" * 100)
    with pytest.raises(errors.ServiceFailed) as caught:
        up(config)
    assert caught.value.service == "keystone"
    assert "file is not a database" in "\n".join(caught.value.log)
    assert left_behind(config) == []


def test_a_silent_service_ends_the_wait_at_the_time_limit(config: Undercloud) -> None:
    pids = up(config)
    os.kill(pids["swift"], signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(errors.ServiceFailed, match="swift did not come up: no answer in time"):
        up(replace(config, timeout=3))
    assert time.monotonic() - begun < 10
    assert conditions(config)["keystone"] is Condition.UP
    os.kill(pids["swift"], signal.SIGCONT)


def test_passwords_that_keystone_does_not_know_are_told_at_once(config: Undercloud) -> None:
    keystone = replace(config, services=(Service.KEYSTONE,))
    up(keystone)
    (config.state_dir / "passwords.json").unlink()
    with pytest.raises(errors.ServiceFailed, match="answered by 401"):
        up(keystone)


def test_a_full_disk_is_named_with_the_file(config: Undercloud) -> None:
    config.state_dir.mkdir()
    (config.state_dir / ".ports.json.partial").symlink_to("/dev/full")
    with pytest.raises(errors.BadState, match=r"ports\.json: no space left on device"):
        up(config)


def test_a_disk_that_fills_while_a_service_starts_ends_up_with_its_log(config: Undercloud) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
    done = run_cli(config, "up", "--services", "keystone", "--timeout", "30", before=limit)
    assert done.returncode == 2
    assert "keystone did not come up" in done.stderr
    assert "File too large" in done.stderr
    assert left_behind(config) == []


@pytest.mark.parametrize("name", ["ports.json", "passwords.json", "undercloud.json", "run/keystone.json"])
def test_a_corrupt_state_file_is_named(config: Undercloud, name: str) -> None:
    State(config.state_dir).write_text("undercloud.json", '{"services": ["keystone"]}')
    State(config.state_dir).write_text(name, "\0 not json")
    with pytest.raises(errors.BadState, match=name):
        up(config)
    with pytest.raises(GitopsError):
        supervisor.status(config)


def test_a_state_directory_that_is_a_file_is_refused(config: Undercloud) -> None:
    config.state_dir.write_text("")
    with pytest.raises(errors.BadState, match=r"cloud: "):
        up(config)


def test_secrets_are_for_their_owner_only_and_in_no_argument(config: Undercloud) -> None:
    pids = up(config)
    passwords = json.loads((config.state_dir / "passwords.json").read_text())
    for directory, _, names in os.walk(config.state_dir):
        for name in names:
            file = Path(directory) / name
            if any(secret in file.read_text(errors="replace") for secret in passwords.values()):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(config.state_dir.stat().st_mode) == 0o700
    for pid in pids.values():
        words = Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/environ").read_text()
        assert not any(secret in words for secret in passwords.values())


def test_an_ephemeral_undercloud_forgets_at_down(config: Undercloud) -> None:
    up(replace(config, ephemeral=True, services=(Service.KEYSTONE,)))
    supervisor.down(config)
    assert [entry.name for entry in config.state_dir.iterdir()] == ["lock"]
    with pytest.raises(errors.NotRunning):
        supervisor.status(config)


def test_ports_count_from_the_base_and_do_not_move_under_running_services(config: Undercloud) -> None:
    base = free_range()
    keystone = replace(config, services=(Service.KEYSTONE,), port_base=base)
    up(keystone)
    assert remembered_ports(State(config.state_dir))["keystone"] == base
    with pytest.raises(errors.PortsInUse, match="down"):
        up(replace(keystone, port_base=base + 100))
    up(keystone)


def free_range() -> int:
    """Return a port that is free now, with its neighbours unlikely to be taken."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1]) // 3 + 2000


def test_services_end_with_the_process_that_owns_them(config: Undercloud) -> None:
    with owning_process(config) as owner:
        assert len(left_behind(config)) == 1
        owner.kill()
    until(lambda: left_behind(config) == [], seconds=10)


@contextmanager
def owning_process(config: Undercloud) -> Iterator[subprocess.Popen[str]]:
    program = (
        "import os, sys, time; from pathlib import Path\n"
        "from tripleo_gitops.undercloud import processes, supervisor\n"
        "from tripleo_gitops.undercloud.config import Service, Undercloud\n"
        "config = Undercloud(Path(sys.argv[1]), Path(sys.argv[2]), services=(Service.KEYSTONE,))\n"
        "supervisor.up(config, progress=lambda line: None, owner=processes.identify(os.getpid()))\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(config.state_dir), str(config.cache_dir)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        yield owner
        owner.kill()


def test_services_end_when_their_state_directory_is_removed(config: Undercloud) -> None:
    up(config)
    shutil.rmtree(config.state_dir)
    until(lambda: left_behind(config) == [], seconds=10)


def test_up_completes_what_a_killed_up_had_begun(config: Undercloud) -> None:
    with subprocess.Popen(**cli(config, "up"), stderr=subprocess.DEVNULL) as command:
        until(lambda: len(left_behind(config)) == len(SMALL), seconds=20)
        command.kill()
    begun = sorted(left_behind(config))
    assert sorted(up(config).values()) == begun
    assert set(conditions(config).values()) == {Condition.UP}


def test_down_stops_the_rest_before_it_names_a_corrupt_record(config: Undercloud) -> None:
    pids = up(config)
    swift = processes.recorded(State(config.state_dir), "swift")
    (config.state_dir / "run" / "swift.json").write_text("{")
    with pytest.raises(errors.BadState, match=r"swift\.json"):
        supervisor.down(config)
    assert left_behind(config) == [pids["swift"]]
    assert swift is not None
    processes.stop([swift])


def test_a_broken_schema_copy_is_made_again(config: Undercloud, tmp_path: Path) -> None:
    keystone = replace(config, services=(Service.KEYSTONE,), cache_dir=tmp_path / "cache")
    copy = packages.schemas_directory(keystone.cache_dir, KEYSTONE) / "keystone.db"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"this is no database" * 100)
    up(keystone)
    assert copy.read_bytes().startswith(b"SQLite format 3")


def test_a_cache_that_cannot_be_written_costs_only_the_copy(config: Undercloud, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the directory should be")
    up(replace(config, services=(Service.KEYSTONE,), cache_dir=tmp_path / "cache"))
    assert "no schema copy is kept" in "\n".join(supervisor.log_tail(config, Service.KEYSTONE, lines=1000))


@pytest.fixture
def _heard_interrupts() -> Iterator[None]:
    """Let what a test starts hear SIGINT: a shell lets its background jobs ignore it, and all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heard_interrupts")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_leaves_nothing_running(config: Undercloud, number: signal.Signals) -> None:
    with subprocess.Popen(**cli(config, "up"), stderr=subprocess.PIPE, text=True) as command:
        until(lambda: bool(left_behind(config)), seconds=20)
        command.send_signal(number)
        command.communicate(timeout=20)
    assert command.returncode in {130, 128 + signal.SIGTERM}
    # One that was born in that very moment ends by itself, when it finds that nobody has recorded it.
    until(lambda: left_behind(config) == [], seconds=15)


def test_missing_packages_are_named_with_the_command_that_installs_them() -> None:
    description = replace(KEYSTONE, packages=("keystone", "no-such-package"))
    with pytest.raises(errors.PackagesMissing) as caught:
        packages.check_packages([description])
    assert caught.value.missing == ("no-such-package",)
    assert "pip install 'tripleo-gitops[undercloud]'" in str(caught.value)


def test_the_command_line_tells_the_whole_story(config: Undercloud) -> None:
    begun = run_cli(config, "up", "--services", "keystone")
    assert begun.returncode == 0, begun.stderr
    assert "keystone" in begun.stderr
    assert "1 services answer after" in begun.stdout
    (status,) = json.loads(run_cli(config, "status", "-o", "json").stdout)
    assert (status["service"], status["condition"]) == ("keystone", "up")
    exports = run_cli(config, "env").stdout
    assert f"export OS_CLIENT_CONFIG_FILE={config.state_dir / 'clouds.yaml'}" in exports
    rclone = run_cli(config, "env", "--format", "rclone").stdout
    assert "export RCLONE_CONFIG_UNDERCLOUD_TYPE=swift" in rclone
    assert "Serving on" in run_cli(config, "logs", "keystone").stdout
    assert run_cli(config, "down").stdout == "stopped: keystone\n"
    refused = run_cli(config, "logs", "swift")
    assert (refused.returncode, "swift was never started" in refused.stderr) == (2, True)


def cli(config: Undercloud, *words: str, before: str = "") -> dict[str, Any]:
    program = f"{before}from tripleo_gitops.cli.main import main; main()"
    state = () if words[0] == "--help" else ("--state-dir", str(config.state_dir))
    services = ("--services", "keystone,swift") if words == ("up",) else ()
    return {
        "args": [sys.executable, "-c", program, "undercloud", *words, *state, *services],
        "cwd": PROJECT,
        "env": os.environ | {"XDG_CACHE_HOME": str(config.cache_dir.parent)},
    }


def run_cli(config: Undercloud, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        **cli(config, *words, before=before), capture_output=True, text=True, timeout=100, check=False
    )
