"""Fresh projects with a user each, so that many can use one undercloud without seeing each other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.undercloud.clouds import CLOUD, cloud_entry, clouds_text
from tripleo_gitops.undercloud.identity import DEFAULT_DOMAIN, Identity, administrator
from tripleo_gitops.undercloud.preparation import open_site
from tripleo_gitops.undercloud.state import State

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.config import Undercloud


@dataclass(frozen=True, slots=True)
class Tenant:
    """A project and its user: what a clouds.yaml needs to be this tenant."""

    project: str
    project_id: str
    user: str
    auth_url: str
    password: str = field(repr=False)

    def clouds_yaml(self, *, cloud: str = CLOUD) -> str:
        """Return the text of a clouds.yaml whose one cloud is this tenant."""
        entry: dict[str, Any] = cloud_entry(self.auth_url, user=self.user, password=self.password, project=self.project)
        return clouds_text({cloud: entry})


def add_tenant(config: Undercloud, *, roles: tuple[str, ...] = ("member",), beside: str = "") -> Tenant:
    """Make a user with these roles in a new project, or in the project named by `beside`.

    Raises Unavailable when Keystone does not answer.
    """
    site = open_site(State(config.state_dir))
    identity = Identity(site.ports["keystone"], administrator(site))
    name, password = f"tenant-{secrets.token_hex(5)}", secrets.token_hex(16)
    if beside:
        project = identity.call("GET", f"projects?name={beside}")["projects"][0]
    else:
        body = {"project": {"name": name, "domain_id": DEFAULT_DOMAIN}}
        project = identity.call("POST", "projects", body)["project"]
    user = {"name": name, "password": password, "domain_id": DEFAULT_DOMAIN}
    made = identity.call("POST", "users", {"user": user})["user"]
    for role in roles:
        identity.grant(role, user=made["id"], where=f"projects/{project['id']}")
    return Tenant(
        project=project["name"],
        project_id=project["id"],
        user=name,
        auth_url=site.keystone_url,
        password=password,
    )
