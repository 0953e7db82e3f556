"""ironic-inspector: what Ironic's `inspector` interface and older TripleO tools ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.site import Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site


def _configure(site: Site) -> None:
    directory = site.directory(Service.INSPECTOR)
    credentials = site.credentials(Service.INSPECTOR)
    site.write(
        Service.INSPECTOR,
        "inspector.conf",
        {
            "DEFAULT": {
                "auth_strategy": "keystone",
                "host": "undercloud",
                "listen_address": "127.0.0.1",
                "transport_url": "fake://",
                "can_manage_boot": "false",
                **logging_options("ironic_inspector"),
            },
            "database": sqlite(directory / "inspector.db"),
            "ironic": {**credentials, "endpoint_override": site.url("ironic"), "max_retries": 3},
            "keystone_authtoken": site.authtoken(Service.INSPECTOR),
            "oslo_messaging_notifications": {"driver": "noop"},
            "processing": {"store_data": "database"},
            "pxe_filter": {"driver": "noop"},
            "service_catalog": {**credentials, "endpoint_override": site.url("ironic-inspector")},
        },
    )


INSPECTOR = Description(
    service=Service.INSPECTOR,
    packages=("ironic-inspector", "keystonemiddleware"),
    sockets=("ironic-inspector",),
    configure=_configure,
    probe="/v1/rules",
    endpoints=(Endpoint("ironic-inspector", "baremetal-introspection"),),
    needs=(Service.IRONIC,),
)
