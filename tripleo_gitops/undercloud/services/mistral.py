"""Mistral: API, engine, executor and notifier in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.site import Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site


def _configure(site: Site) -> None:
    directory = site.directory(Service.MISTRAL)
    site.write(
        Service.MISTRAL,
        "mistral.conf",
        {
            "DEFAULT": {
                "auth_type": "keystone",
                "transport_url": "fake://",
                **logging_options("mistral"),
                "rpc_response_timeout": 600,
            },
            "api": {"host": "127.0.0.1", "enable_ssl_api": "false"},
            "database": sqlite(directory / "mistral.db"),
            "keystone": {"auth_url": site.keystone_url},
            "keystone_authtoken": {**site.authtoken(Service.MISTRAL), "auth_uri": site.keystone_url},
            "legacy_action_provider": {"load_action_generators": "false"},
            "oslo_messaging_notifications": {"driver": "noop"},
        },
    )


MISTRAL = Description(
    service=Service.MISTRAL,
    packages=("mistral", "mistral-lib", "keystonemiddleware", "waitress"),
    sockets=("mistral",),
    configure=_configure,
    probe="/v2/workflows?limit=1",
    endpoints=(Endpoint("mistral", "workflowv2", "/v2"), Endpoint("mistral-v2", "workflow", "/v2")),
)
