"""Swift: one replica on one device, checked against Keystone, with the middleware of a public cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.site import Description, Endpoint

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site

PIPELINE = (
    "catch_errors gatekeeper healthcheck cache listing_formats container_sync bulk tempurl authtoken "
    "keystoneauth staticweb copy container_quotas account_quotas slo dlo versioned_writes symlink "
    "proxy-logging proxy-server"
)
OWN_OPTIONS: dict[str, dict[str, object]] = {
    "bulk": {"max_containers_per_extraction": 10000, "max_failed_extractions": 1000},
    "keystoneauth": {
        "operator_roles": "admin, member",
        "project_reader_roles": "reader",
        "reseller_admin_role": "ResellerAdmin",
    },
    "versioned_writes": {"allow_versioned_writes": "true", "allow_object_versioning": "true"},
    "tempurl": {"methods": "GET HEAD PUT POST DELETE"},
    "proxy-logging": {"access_log_level": "ERROR"},
}
LOG_HOOK = "tripleo_gitops.undercloud.launch.swift_log.log_to_stderr"
EGG_NAMES = {"proxy-logging": "proxy_logging"}


def _filters(site: Site) -> dict[str, dict[str, object]]:
    sections: dict[str, dict[str, object]] = {
        f"filter:{name}": {"use": f"egg:swift#{EGG_NAMES.get(name, name)}", **OWN_OPTIONS.get(name, {})}
        for name in PIPELINE.split()[:-1]
    }
    sections["filter:authtoken"] = {
        "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
        **site.authtoken(Service.SWIFT),
        "delay_auth_decision": "true",
        "cache": "swift.cache",
        "include_service_catalog": "false",
    }
    sections["filter:cache"] = {"paste.filter_factory": "tripleo_gitops.undercloud.launch.swift_cache:filter_factory"}
    return sections


def _configure(site: Site) -> None:
    directory = site.directory(Service.SWIFT)
    site.write(
        Service.SWIFT,
        "swift.conf",
        {"swift-hash": {"swift_hash_path_suffix": site.passwords["swift-hash"]}},
    )
    site.write(
        Service.SWIFT,
        "proxy-server.conf",
        {
            "DEFAULT": {"swift_dir": directory, "log_level": "WARNING", "log_custom_handlers": LOG_HOOK},
            "pipeline:main": {"pipeline": PIPELINE},
            "app:proxy-server": {
                "use": "egg:swift#proxy",
                "account_autocreate": "true",
                "allow_account_management": "true",
                # With one node, shunning it after a failed request would fail every later one.
                "error_suppression_interval": 0,
                "error_suppression_limit": 1000000,
                "node_timeout": 60,
                "conn_timeout": 10,
            },
            **_filters(site),
        },
    )


SWIFT = Description(
    service=Service.SWIFT,
    packages=("swift", "keystonemiddleware"),
    sockets=("swift", "swift-account", "swift-container", "swift-object"),
    configure=_configure,
    probe="/v1/AUTH_{project}?limit=1",
    endpoints=(Endpoint("swift", "object-store", "/v1/AUTH_%(project_id)s"),),
    secrets=("swift-hash",),
)
