"""Keystone: SQLite, fernet tokens, a cache in memory (a token is checked in 5 ms instead of 600)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.site import REGION, Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site


def _configure(site: Site) -> None:
    directory = site.directory(Service.KEYSTONE)
    site.write(
        Service.KEYSTONE,
        "keystone.conf",
        {
            "DEFAULT": logging_options("keystone"),
            "database": sqlite(directory / "keystone.db"),
            "cache": {"enabled": "true", "backend": "dogpile.cache.memory"},
            "fernet_tokens": {"key_repository": directory / "fernet-keys"},
            "fernet_receipts": {"key_repository": directory / "receipt-keys"},
            "credential": {"key_repository": directory / "credential-keys"},
            "identity": {"password_hash_rounds": 4},
            "oslo_messaging_notifications": {"driver": "noop"},
            "token": {"provider": "fernet", "expiration": 86400},
        },
    )
    site.state.write(
        "keystone/bootstrap.json",
        {"password": site.passwords["admin"], "url": site.keystone_url, "region": REGION},
    )


KEYSTONE = Description(
    service=Service.KEYSTONE,
    packages=("keystone", "waitress"),
    sockets=("keystone",),
    configure=_configure,
    probe="/v3/projects/{project}",
    endpoints=(Endpoint("keystone", "identity", "/v3"),),
    user_roles=(),
    secrets=("admin", "member", "reader", "other"),
)
