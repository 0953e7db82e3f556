"""Zaqar: queues over HTTP and over a WebSocket, its queues in SQLite, their messages in Swift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.site import REGION, Description, Endpoint, logging_options

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site

WEBSOCKET, NOTICES = "zaqar-websocket", "zaqar-notices"


def _configure(site: Site) -> None:
    directory = site.directory(Service.ZAQAR)
    name = Service.ZAQAR.value
    site.write(
        Service.ZAQAR,
        "zaqar.conf",
        {
            "DEFAULT": {
                "auth_strategy": "keystone",
                # Swift promises no order of messages, which Zaqar otherwise asks of a store.
                "unreliable": "true",
                **logging_options("zaqar"),
            },
            "drivers": {"message_store": "swift", "management_store": "sqlalchemy"},
            "drivers:management_store:sqlalchemy": {"uri": f"sqlite:///{directory / 'zaqar.db'}"},
            "drivers:message_store:swift": {
                "auth_url": site.keystone_url,
                "uri": f"swift://{name}:{site.passwords[name]}@/service",
                "region_name": REGION,
            },
            "keystone_authtoken": site.authtoken(Service.ZAQAR),
            "signed_url": {"secret_key": site.passwords["zaqar-urls"]},
            "storage": {"message_pipeline": "zaqar.notification.notifier"},
        },
    )


ZAQAR = Description(
    service=Service.ZAQAR,
    packages=("zaqar", "keystonemiddleware", "waitress"),
    sockets=("zaqar", WEBSOCKET, NOTICES),
    configure=_configure,
    probe="/v2/ping",
    endpoints=(
        Endpoint("zaqar", "messaging"),
        Endpoint("zaqar-websocket", "messaging-websocket", scheme="ws", socket=WEBSOCKET),
    ),
    secrets=("zaqar-urls",),
    needs=(Service.SWIFT,),
)
