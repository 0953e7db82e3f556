"""Glance's API with its file store."""

from __future__ import annotations

import os

from glance.cmd.manage import DbCommands
from glance.common import config, wsgi_app
from oslo_config import cfg

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 8


def main() -> None:
    """Serve Glance until killed."""
    orders = take_orders()
    # Where the application looks for its configuration: it takes no argument that says so.
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(orders.directory)
    prepare_sqlite()
    config.set_config_defaults()
    cfg.CONF(
        [],
        project="glance",
        prog="glance-api",
        default_config_files=[str(orders.directory / "glance-api.conf")],
    )
    ensure_schemas({orders.directory / "glance.db": DbCommands().sync}, copies=orders.schemas)
    serve(wsgi_app.init_app(), orders.sockets["glance"], threads=THREADS)


if __name__ == "__main__":
    main()
