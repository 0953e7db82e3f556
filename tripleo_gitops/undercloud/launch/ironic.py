"""Ironic's API and conductor in one process, which is what Ironic asks for on SQLite."""

from __future__ import annotations

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
from importlib import import_module

from ironic.api.app import VersionSelectorApplication
from ironic.common import service
from ironic.conf import CONF
from ironic.db.sqlalchemy import migration

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 16


def main() -> None:
    """Serve Ironic until killed."""
    orders = take_orders()
    prepare_sqlite()
    service.prepare_command(["ironic", "--config-file", str(orders.directory / "ironic.conf")])
    ensure_schemas({orders.directory / "ironic.db": migration.create_schema}, copies=orders.schemas)
    # The conductor's periodic tasks read their intervals when it is imported: after the configuration.
    rpc_service = import_module("ironic.conductor.rpc_service")
    rpc_service.RPCService(CONF.host, "ironic.conductor.manager", "ConductorManager").start()
    serve(VersionSelectorApplication(), orders.sockets["ironic"], threads=THREADS)


if __name__ == "__main__":
    main()
