"""Heat's API and engine in one process, which talk through oslo.messaging's in-memory transport."""

from __future__ import annotations

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
import oslo_i18n
from heat.common import config, messaging
from heat.db import migration
from heat.engine import service
from heat.rpc import api
from oslo_config import cfg
from oslo_log import log

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.messaging import deliver_without_polling
from tripleo_gitops.undercloud.launch.process import Orders, take_orders
from tripleo_gitops.undercloud.launch.serving import serve

THREADS = 16


def _configure(orders: Orders) -> None:
    oslo_i18n.enable_lazy()
    log.register_options(cfg.CONF)
    cfg.CONF(
        [],
        project="heat",
        prog="heat-api",
        default_config_files=[str(orders.directory / "heat.conf")],
        default_config_dirs=[],
    )
    log.setup(cfg.CONF, "heat")
    config.set_config_defaults()
    config.startup_sanity_check()


def main() -> None:
    """Serve Heat until killed."""
    orders = take_orders()
    prepare_sqlite()
    deliver_without_polling()
    _configure(orders)
    ensure_schemas({orders.directory / "heat.db": migration.db_sync}, copies=orders.schemas)
    messaging.setup()
    engine = service.EngineService(cfg.CONF.host, api.ENGINE_TOPIC)
    engine.start()
    serve(config.load_paste_app(), orders.sockets["heat"], threads=THREADS)


if __name__ == "__main__":
    main()
