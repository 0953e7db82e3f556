"""How clients find an undercloud: a clouds.yaml, and the environment that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.undercloud.services.site import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tripleo_gitops.undercloud.services.site import Site

CLOUD = "undercloud"
SYSTEM_CLOUD = f"{CLOUD}-system"
# cloud name: user (whose secret has the same name), project
USERS = {
    CLOUD: ("admin", "admin"),
    f"{CLOUD}-member": ("member", "demo"),
    f"{CLOUD}-reader": ("reader", "demo"),
    f"{CLOUD}-other": ("other", "other"),
}


def cloud_entry(auth_url: str, *, user: str, password: str, project: str) -> dict[str, Any]:
    """Return one entry of a clouds.yaml."""
    return {
        "auth_type": "password",
        "auth": {
            "auth_url": auth_url,
            "username": user,
            "password": password,
            "project_name": project,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        "region_name": REGION,
        "identity_api_version": "3",
        "interface": "public",
    }


def _system_entry(site: Site) -> dict[str, Any]:
    """Return the administrator with a token for the whole system, which some calls of Ironic ask for."""
    entry = cloud_entry(site.keystone_url, user="admin", password=site.passwords["admin"], project="")
    auth = entry["auth"]
    del auth["project_name"], auth["project_domain_name"]
    return {**entry, "auth": {**auth, "system_scope": "all"}}


def clouds_text(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a clouds.yaml."""
    return yaml.safe_dump({"clouds": {name: dict(entry) for name, entry in entries.items()}}, sort_keys=True)


def write_clouds(site: Site) -> None:
    """Write the clouds.yaml of an undercloud, readable by its owner only."""
    entries = {SYSTEM_CLOUD: _system_entry(site)} | {
        name: cloud_entry(site.keystone_url, user=user, password=site.passwords[user], project=project)
        for name, (user, project) in USERS.items()
    }
    site.state.write_text(site.state.clouds_file.name, clouds_text(entries))


def client_environment(clouds_file: Path, *, cloud: str = CLOUD) -> Mapping[str, str]:
    """Return the variables that make openstacksdk and `openstack` use a cloud of this file."""
    return {"OS_CLIENT_CONFIG_FILE": str(clouds_file), "OS_CLOUD": cloud}


def rclone_environment(clouds_file: Path, *, cloud: str = CLOUD) -> Mapping[str, str]:
    """Return the variables that make `rclone` know the Swift of a cloud as the remote of its name.

    Source: rclone's documentation of its swift backend, whose options are `RCLONE_CONFIG_<REMOTE>_<OPTION>`.
    """
    entry = yaml.safe_load(clouds_file.read_text())["clouds"][cloud]
    auth = entry["auth"]
    options = {
        "type": "swift",
        "env_auth": "false",
        "user": auth["username"],
        "key": auth["password"],
        "auth": auth["auth_url"],
        "domain": auth["user_domain_name"],
        "tenant": auth["project_name"],
        "tenant_domain": auth["project_domain_name"],
        "region": entry["region_name"],
        "auth_version": "3",
    }
    prefix = f"RCLONE_CONFIG_{cloud.replace('-', '_').upper()}_"
    return {f"{prefix}{name.upper()}": value for name, value in options.items()}
