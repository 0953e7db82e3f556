"""Mistral as it is installed on servers: its own programs, a broker between them, a database on PostgreSQL."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faults.rabbitmq import HOST, free_port, wait_for_port
from tripleo_gitops.undercloud.services.site import REGION, ini

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openstack.connection import Connection

PROGRAMS = Path(sys.executable).parent
EXECUTORS = ("executor-1", "executor-2")
ROLES = ("service", "admin")
HEARTBEAT_SECONDS, MISSED = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """What the programs work with: a broker, a database, an undercloud's Keystone as its administrator."""

    broker: str
    database: str
    admin: Connection


@dataclass(frozen=True, slots=True)
class StockMistral:
    """The running programs by name, each a process group of its own."""

    programs: Mapping[str, subprocess.Popen[bytes]]

    def executor_of(self, pid: int) -> str:
        """Return the executor that a process belongs to; raises KeyError."""
        groups = {program.pid: name for name, program in self.programs.items()}
        return groups[os.getpgid(pid)]

    def kill(self, name: str) -> None:
        """End a program and its children at once."""
        os.killpg(self.programs[name].pid, signal.SIGKILL)
        self.programs[name].wait()


@contextmanager
def running_mistral(directory: Path, backends: Backends, environment: Mapping[str, str]) -> Iterator[StockMistral]:
    """Give Mistral's API, engine, notifier and two executors, found by the catalog; executors get an environment."""
    port = free_port()
    configuration = directory / "mistral.conf"
    configuration.write_text(ini(_sections(backends, port)))
    programs: dict[str, subprocess.Popen[bytes]] = {}
    for words in (("upgrade", "head"), ("populate",)):
        subprocess.run(
            (PROGRAMS / "mistral-db-manage", "--config-file", configuration, *words), check=True, capture_output=True
        )
    try:
        for name in ("api", "engine", "notifier", *EXECUTORS):
            programs[name] = _start(directory, configuration, name, environment)
        wait_for_port(port, programs["api"], log=directory / "api.log")
        yield StockMistral(programs)
    finally:
        for program in programs.values():
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()


def _start(directory: Path, configuration: Path, name: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    server = name.partition("-")[0]
    with (directory / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            (PROGRAMS / "mistral-server", "--config-file", configuration, "--server", server),
            env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def _sections(backends: Backends, port: int) -> dict[str, dict[str, object]]:
    """Return the configuration; the user and the endpoints that it names are made."""
    admin, password = backends.admin, secrets.token_hex(16)
    url = str(admin.session.auth.auth_url)
    user = _register(admin, password, f"http://{HOST}:{port}/v2")
    credentials = {
        "auth_type": "password", "auth_url": url, "username": user, "password": password, "region_name": REGION,
        "user_domain_name": "Default", "project_name": "service", "project_domain_name": "Default",
    }  # fmt: skip
    return {
        "DEFAULT": {"auth_type": "keystone", "transport_url": backends.broker, "rpc_response_timeout": 60},
        "api": {"host": HOST, "port": port, "api_workers": 1, "enable_ssl_api": "false"},
        "database": {"connection": backends.database},
        "keystone": {"auth_url": url},
        "keystone_authtoken": {**credentials, "auth_uri": url, "www_authenticate_uri": url},
        "legacy_action_provider": {"load_action_generators": "false"},
        "oslo_messaging_notifications": {"driver": "noop"},
        "action_heartbeat": {
            "check_interval": HEARTBEAT_SECONDS, "max_missed_heartbeats": MISSED, "first_heartbeat_timeout": 30,
        },
    }  # fmt: skip


def _register(admin: Connection, password: str, url: str) -> str:
    identity = admin.identity
    project = identity.find_project("service", ignore_missing=True) or identity.create_project(name="service")
    user = identity.create_user(name="stock-mistral", password=password, default_project_id=project.id)
    for name in ROLES:
        role = identity.find_role(name, ignore_missing=True) or identity.create_role(name=name)
        identity.assign_project_role_to_user(project, user, role)
    for kind in ("workflow", "workflowv2"):
        service = identity.create_service(name=f"mistral-{kind}", type=kind)
        identity.create_endpoint(service_id=service.id, interface="public", region_id=REGION, url=url)
    return str(user.name)
