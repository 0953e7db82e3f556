"""The Nova API, on its two databases and one cell."""

from __future__ import annotations

from nova import monkey_patch

# Which kind of threads Nova uses is fixed before anything else of it is imported.
monkey_patch.patch(backend="threading")

# ruff: noqa: E402
import os
from contextlib import suppress
from functools import partial

from nova import conf, context, objects
from nova.api.openstack import wsgi_app
from nova.db import migration
from oslo_db import exception

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import take_orders
from tripleo_gitops.undercloud.launch.serving import serve

NAME, PROGRAM = "osapi_compute", "nova-api-os-compute"
THREADS = 8


def _map_cell() -> None:
    """Make the main database the cell of what was never scheduled, which here is all there can be.

    `nova-manage cell_v2 map_cell0` does the same, but insists on eventlet.
    """
    cell = objects.CellMapping(
        context.RequestContext(),
        uuid=objects.CellMapping.CELL0_UUID,
        name="cell0",
        transport_url="none:///",
        database_connection=conf.CONF.database.connection,
    )
    with suppress(exception.DBDuplicateEntry):
        cell.create()


def main() -> None:
    """Serve the Nova API until killed."""
    orders = take_orders()
    # Where the application looks for its configuration: it takes no argument that says so.
    os.environ["OS_NOVA_CONFIG_DIR"] = str(orders.directory)
    prepare_sqlite()
    wsgi_app.init_global_data(wsgi_app._get_config_files(), NAME, PROGRAM)  # noqa: SLF001
    ensure_schemas(
        {
            orders.directory / "nova_api.db": partial(migration.db_sync, database="api"),
            orders.directory / "nova.db": migration.db_sync,
        },
        copies=orders.schemas,
    )
    _map_cell()
    serve(wsgi_app.init_application(NAME, PROGRAM), orders.sockets["nova"], threads=THREADS)


if __name__ == "__main__":
    main()
