"""Swift's proxy, account, container and object servers in one process, on one device of one node."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

import eventlet
import eventlet.wsgi
from swift.account.server import AccountController
from swift.common import utils
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder
from swift.common.storage_policy import reload_storage_policies
from swift.common.utils import NullLogger
from swift.common.wsgi import loadapp
from swift.container.server import ContainerController
from swift.obj.server import ObjectController

from tripleo_gitops.undercloud.launch.process import Orders, take_orders

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = {"account": AccountController, "container": ContainerController, "object": ObjectController}
DEVICE = "sda1"
MAX_CLIENTS = 1024


def _write_rings(orders: Orders) -> None:
    for kind in BACKENDS:
        builder = RingBuilder(0, 1, 0)
        builder.add_dev(
            {
                "id": 0,
                "region": 1,
                "zone": 1,
                "weight": 1.0,
                "ip": "127.0.0.1",
                "port": orders.sockets[f"swift-{kind}"].getsockname()[1],
                "device": DEVICE,
            }
        )
        builder.rebalance()
        builder.get_ring().save(str(orders.directory / f"{kind}.ring.gz"))


def _backend_config(directory: Path) -> dict[str, str]:
    devices = directory / "devices"
    (devices / DEVICE / "tmp").mkdir(parents=True, exist_ok=True)
    return {
        "swift_dir": str(directory),
        "devices": str(devices),
        "mount_check": "false",
        "disable_fallocate": "true",
        # Longer than any row takes on a busy machine: a listing shows what was put once the put is answered.
        "container_update_timeout": "60",
        "log_level": "WARNING",
        "log_custom_handlers": "tripleo_gitops.undercloud.launch.swift_log.log_to_stderr",
    }


def _serve(listener: Any, application: Any) -> Any:
    return eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        application,
        NullLogger(),
        custom_pool=utils.eventlet.GreenPool(MAX_CLIENTS),
        protocol=SwiftHttpProtocol,
        socket_timeout=60,
        capitalize_response_headers=False,
        url_length_limit=16384,
    )


def main() -> None:
    """Serve Swift until killed."""
    orders = take_orders()
    # It warns of each of Swift's options, which it finds beside its own.
    logging.getLogger("keystonemiddleware").setLevel(logging.ERROR)
    os.environ["TZ"] = "UTC+0"
    time.tzset()
    utils.monkey_patch()
    eventlet.hubs.use_hub("epolls")
    utils.set_swift_dir(str(orders.directory))
    reload_storage_policies()
    _write_rings(orders)
    config = _backend_config(orders.directory)
    listeners = {name: eventlet.greenio.GreenSocket(open_socket) for name, open_socket in orders.sockets.items()}
    for kind, controller in BACKENDS.items():
        _serve(listeners[f"swift-{kind}"], controller(config))
    proxy = loadapp(str(orders.directory / "proxy-server.conf"), global_conf={"log_name": "swift"})
    _serve(listeners["swift"], proxy).wait()


if __name__ == "__main__":
    main()
