"""ironic-inspector's API and conductor in one process, as its standalone mode."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

# ruff: noqa: E402
import eventlet.wsgi
from alembic import command
from ironic_inspector import main as api
from ironic_inspector.cmd import dbsync
from ironic_inspector.common import service_utils
from ironic_inspector.common.rpc_service import RPCService
from oslo_config import cfg

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import take_orders


def _create_schema() -> None:
    config = dbsync._get_alembic_config()  # noqa: SLF001  # where it keeps its migrations
    config.set_main_option("script_location", "ironic_inspector.db:migrations")
    config.ironic_inspector_config = cfg.CONF
    command.upgrade(config, "head")


def main() -> None:
    """Serve ironic-inspector until killed."""
    orders = take_orders()
    prepare_sqlite()
    service_utils.prepare_service(["--config-file", str(orders.directory / "inspector.conf")])
    ensure_schemas({orders.directory / "inspector.db": _create_schema}, copies=orders.schemas)
    RPCService(cfg.CONF.host).start()
    listener = eventlet.greenio.GreenSocket(orders.sockets["ironic-inspector"])
    eventlet.wsgi.server(listener, api.get_app(), log_output=False)


if __name__ == "__main__":
    main()
