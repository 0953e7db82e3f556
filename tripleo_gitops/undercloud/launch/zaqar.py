"""Zaqar's HTTP and WebSocket transports in one process, so that who listens on one hears what the other is sent."""

from __future__ import annotations

from oslo_service import backend

# Which kind of threads oslo.service uses is fixed by the first import of its services.
backend.init_backend(backend.BackendType.THREADING)

# ruff: noqa: E402
import asyncio
from typing import TYPE_CHECKING, Any

from oslo_config import cfg
from oslo_log import log
from zaqar.bootstrap import Bootstrap
from zaqar.storage.sqlalchemy import tables
from zaqar.transport.websocket.driver import Driver as WebSocket
from zaqar.transport.wsgi.driver import Driver as Wsgi

from tripleo_gitops.undercloud.launch.database import ensure_schemas, prepare_sqlite
from tripleo_gitops.undercloud.launch.process import Orders, take_orders
from tripleo_gitops.undercloud.launch.serving import serve

if TYPE_CHECKING:
    import socket

THREADS = 8


def _bootstrap(orders: Orders) -> Bootstrap:
    log.register_options(cfg.CONF)
    config = orders.directory / "zaqar.conf"
    cfg.CONF([], project="zaqar", prog="zaqar-server", default_config_files=[str(config)], default_config_dirs=[])
    log.setup(cfg.CONF, "zaqar")
    return Bootstrap(cfg.CONF)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}/"


async def _serve(boot: Bootstrap, sockets: dict[str, socket.socket]) -> None:
    """Answer on all sockets: Zaqar's own servers take one transport a process, and open their ports themselves."""
    http = Wsgi(boot.conf, boot.storage, boot.cache, boot.control)
    websocket = WebSocket(boot.conf, boot.api, boot.cache)
    notices = websocket.notification_factory
    notices.set_subscription_url(_address(sockets["zaqar-notices"]))
    boot.api.set_subscription_factory(notices)
    loop = asyncio.get_running_loop()
    factories: dict[str, Any] = {"zaqar-websocket": websocket.factory, "zaqar-notices": notices}
    servers = [await loop.create_server(factory, sock=sockets[name]) for name, factory in factories.items()]
    await asyncio.gather(
        asyncio.to_thread(serve, http.app, sockets["zaqar"], threads=THREADS),
        *(server.serve_forever() for server in servers),
    )


def main() -> None:
    """Serve Zaqar until killed."""
    orders = take_orders()
    prepare_sqlite()
    boot = _bootstrap(orders)

    def create_schema() -> None:
        # Its migrations alter columns, which SQLite cannot.
        tables.metadata.create_all(boot.control.engine)

    ensure_schemas({orders.directory / "zaqar.db": create_schema}, copies=orders.schemas)
    asyncio.run(_serve(boot, orders.sockets))


if __name__ == "__main__":
    main()
