"""A RabbitMQ of one's own: made from the system's package in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEBIAN = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
HOST = "127.0.0.1"
PATIENCE_SECONDS = 90.0


class NoAnswer(RuntimeError):
    """A program that did not come up in time; says where its log is."""


def find_server() -> Path | None:
    """Return RabbitMQ's own start script, which asks for no user of the system; None where it is not installed."""
    return DEBIAN if DEBIAN.exists() else None


@contextmanager
def running_rabbitmq(server: Path) -> Iterator[str]:
    """Give the URL of a broker that listens on loopback only."""
    directory = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))
    port, distribution, mapper = free_port(), free_port(), free_port()
    environment = dict(os.environ) | {
        "HOME": str(directory),
        "RABBITMQ_NODENAME": f"faults{port}@{HOST}",
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(directory / "db"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "none"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(mapper),
    }
    (directory / "rabbitmq.conf").touch()
    (directory / "plugins").write_text("[].\n")
    (directory / "advanced.config").write_text("[{kernel,[{inet_dist_use_interface,{127,0,0,1}}]}].\n")
    with (directory / "out").open("wb") as out:
        process = subprocess.Popen(
            (server,), env=environment, cwd=directory, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_for_port(port, process, log=directory / "out")
        yield f"rabbit://guest:guest@{HOST}:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=60)
        subprocess.run(("epmd", "-port", str(mapper), "-kill"), env=environment, capture_output=True, check=False)
        shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    """Return a port of loopback that nobody uses right now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, log: Path) -> None:
    """Wait until somebody listens; raise NoAnswer where the process ends before, or takes too long."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise NoAnswer(f"nothing listens on port {port}:\n{log.read_text(errors='replace')[-2000:]}")
