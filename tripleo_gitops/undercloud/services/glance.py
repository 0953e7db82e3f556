"""Glance: images in files of the state directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.data_files import data_file
from tripleo_gitops.undercloud.services.site import Description, Endpoint, logging_options, sqlite

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.services.site import Site


def _configure(site: Site) -> None:
    directory = site.directory(Service.GLANCE)
    site.write(
        Service.GLANCE,
        "glance-api.conf",
        {
            "DEFAULT": {
                **logging_options("glance"),
                "enabled_backends": "files:file",
                "worker_self_reference_url": site.url("glance"),
                "node_staging_uri": f"file://{site.state.directory('glance/staging')}",
                "image_cache_dir": site.state.directory("glance/cache"),
                "transport_url": "fake://",
            },
            "database": sqlite(directory / "glance.db"),
            "files": {"filesystem_store_datadir": site.state.directory("glance/images")},
            "glance_store": {"default_backend": "files"},
            "keystone_authtoken": site.authtoken(Service.GLANCE),
            "os_glance_staging_store": {
                "filesystem_store_datadir": site.state.directory("glance/os_glance_staging_store")
            },
            "os_glance_tasks_store": {"filesystem_store_datadir": site.state.directory("glance/os_glance_tasks_store")},
            "oslo_messaging_notifications": {"driver": "noop"},
            "paste_deploy": {
                "flavor": "keystone",
                "config_file": data_file("glance", "etc/glance/glance-api-paste.ini"),
            },
        },
    )


GLANCE = Description(
    service=Service.GLANCE,
    packages=("glance", "keystonemiddleware", "waitress"),
    sockets=("glance",),
    configure=_configure,
    probe="/v2/images?limit=1",
    endpoints=(Endpoint("glance", "image"),),
)
