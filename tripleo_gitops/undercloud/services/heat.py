"""Heat: API and engine in one process, with limits that take TripleO's own templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.data_files import data_file
from tripleo_gitops.undercloud.services.site import REGION, Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site

PIPELINE = "cors request_id faultwrap http_proxy_to_wsgi versionnegotiation authtoken context apiv1app"
DOMAIN_ADMIN = "heat_domain_admin"
DOMAIN = "heat"


def _configure(site: Site) -> None:
    directory = site.directory(Service.HEAT)
    installed = data_file("openstack-heat", "etc/heat/environment.d/default.yaml").parents[1]
    site.write(
        Service.HEAT,
        "heat.conf",
        {
            "DEFAULT": {
                **_limits(),
                **logging_options("heat"),
                "transport_url": "fake://",
                "auth_encryption_key": site.passwords["heat-encryption"],
                "deferred_auth_method": "trusts",
                "stack_user_domain_name": DOMAIN,
                "stack_domain_admin": DOMAIN_ADMIN,
                "stack_domain_admin_password": site.passwords["heat-domain"],
                "region_name_for_services": REGION,
                "heat_metadata_server_url": site.url("heat"),
                "heat_waitcondition_server_url": f"{site.url('heat')}/v1/waitcondition",
                "environment_dir": installed / "environment.d",
                "template_dir": installed / "templates",
                "plugin_dirs": "",
            },
            "database": sqlite(directory / "heat.db"),
            "keystone_authtoken": site.authtoken(Service.HEAT),
            "trustee": site.credentials(Service.HEAT),
            "clients_keystone": {"auth_uri": site.keystone_url},
            "oslo_messaging_notifications": {"driver": "noop"},
            "paste_deploy": {"api_paste_config": directory / "api-paste.ini"},
            "yaql": {"memory_quota": 900000, "limit_iterators": 9000},
        },
    )
    site.write(Service.HEAT, "api-paste.ini", _paste())


def _limits() -> dict[str, object]:
    return {
        "max_json_body_size": 33554432,
        "max_template_size": 5000000,
        "max_nested_stack_depth": 10,
        "max_resources_per_stack": -1,
        "max_stacks_per_tenant": 10000,
        "executor_thread_pool_size": 64,
        "rpc_response_timeout": 600,
        "num_engine_workers": 1,
        "convergence_engine": "true",
    }


def _paste() -> dict[str, dict[str, object]]:
    from_heat = {
        "versionnegotiation": "heat.api.openstack:version_negotiation_filter",
        "faultwrap": "heat.api.openstack:faultwrap_filter",
    }
    factories = {
        "context": "heat.common.context:ContextMiddleware_filter_factory",
        "authtoken": "keystonemiddleware.auth_token:filter_factory",
        "http_proxy_to_wsgi": "oslo_middleware:HTTPProxyToWSGI.factory",
        "request_id": "oslo_middleware.request_id:RequestId.factory",
        "cors": "oslo_middleware.cors:filter_factory",
    }
    sections: dict[str, dict[str, object]] = {
        "pipeline:heat-api": {"pipeline": PIPELINE},
        "app:apiv1app": {
            "paste.app_factory": "heat.common.wsgi:app_factory",
            "heat.app_factory": "heat.api.openstack.v1:API",
        },
    }
    for name, target in from_heat.items():
        sections[f"filter:{name}"] = {
            "paste.filter_factory": "heat.common.wsgi:filter_factory",
            "heat.filter_factory": target,
        }
    for name, target in factories.items():
        sections[f"filter:{name}"] = {"paste.filter_factory": target}
    sections["filter:cors"]["oslo_config_project"] = "heat"
    return sections


HEAT = Description(
    service=Service.HEAT,
    packages=("openstack-heat", "keystonemiddleware", "waitress"),
    sockets=("heat",),
    configure=_configure,
    probe="/v1/{project}/stacks?limit=1",
    endpoints=(Endpoint("heat", "orchestration", "/v1/%(project_id)s"),),
    secrets=("heat-encryption", "heat-domain"),
)
