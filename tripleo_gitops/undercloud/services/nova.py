"""The Nova API without compute: flavors, extra specs, keypairs, empty lists of servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.data_files import data_file
from tripleo_gitops.undercloud.services.site import Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site


def _configure(site: Site) -> None:
    directory = site.directory(Service.NOVA)
    credentials = site.credentials(Service.NOVA)
    installed = data_file("nova", "etc/nova/api-paste.ini")
    site.state.write_text("nova/api-paste.ini", installed.read_text())
    site.write(
        Service.NOVA,
        "nova.conf",
        {
            "DEFAULT": {
                "host": "undercloud",
                "my_ip": "127.0.0.1",
                "state_path": directory,
                **logging_options("nova"),
                "transport_url": "fake://",
            },
            "api_database": sqlite(directory / "nova_api.db"),
            "database": sqlite(directory / "nova.db"),
            "keystone_authtoken": site.authtoken(Service.NOVA),
            "service_user": {**credentials, "send_service_user_token": "true"},
            "keystone": credentials,
            "placement": credentials,
            "neutron": credentials,
            "glance": {},
            "oslo_concurrency": {"lock_path": site.state.directory("nova/locks")},
            "oslo_messaging_notifications": {"driver": "noop"},
        },
    )


NOVA = Description(
    service=Service.NOVA,
    packages=("nova", "keystonemiddleware", "waitress"),
    sockets=("nova",),
    configure=_configure,
    probe="/v2.1/flavors?limit=1",
    endpoints=(Endpoint("nova", "compute", "/v2.1"),),
)
