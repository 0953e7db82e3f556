"""Who and what Keystone must know: domains, projects, users, roles, and the catalog of services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.undercloud.client import TIMEOUT, demand
from tripleo_gitops.undercloud.config import Service
from tripleo_gitops.undercloud.services.heat import DOMAIN, DOMAIN_ADMIN
from tripleo_gitops.undercloud.services.site import REGION

if TYPE_CHECKING:
    from collections.abc import Collection

    from tripleo_gitops.undercloud.services.site import Description, Endpoint, Site

DEFAULT_DOMAIN = "default"
SEEDED = "keystone/seeded.json"
PROJECTS = ("service", "demo", "other")
ROLES = ("heat_stack_owner", "heat_stack_user", "ResellerAdmin")
# Who is given which role in which project; each user's secret has the user's name.
TENANTS = (("member", "member", "demo"), ("reader", "reader", "demo"), ("other", "member", "other"))


@dataclass(frozen=True, slots=True)
class Token:
    """An administrator's token, and the project that it is for."""

    value: str
    project: str

    def __repr__(self) -> str:
        return f"<token of project {self.project}>"


def administrator(site: Site, *, timeout: float = TIMEOUT) -> Token:
    """Return a token of the `admin` project from Keystone; raise Unavailable or Refusal without one."""
    user = {"name": "admin", "domain": {"id": DEFAULT_DOMAIN}, "password": site.passwords["admin"]}
    scope = {"project": {"name": "admin", "domain": {"id": DEFAULT_DOMAIN}}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    answer = demand(site.ports["keystone"], "POST", "/v3/auth/tokens", body=body, timeout=timeout)
    return Token(answer.headers["x-subject-token"], answer.json()["token"]["project"]["id"])


class Identity:
    """Keystone's records by name; each `ensure_` leaves one as it must be and returns its id."""

    def __init__(self, port: int, token: Token) -> None:
        self._port, self._token = port, token
        self._known: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = demand(self._port, method, f"/v3/{path}", token=self._token.value, body=body)
        return answer.json() if answer.body else None

    def _all(self, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
        if kind not in self._known:
            found = self.call("GET", kind)[kind]
            self._known[kind] = {(one.get("domain_id") or "", one["name"]): one for one in found}
        return self._known[kind]

    def _ensure(self, kind: str, name: str, *, domain: str = "", **values: Any) -> str:
        known = self._all(kind)
        if (domain, name) not in known:
            body = {"name": name, **({"domain_id": domain} if domain else {}), **values}
            singular = kind.removesuffix("s")
            known[domain, name] = self.call("POST", kind, {singular: body})[singular]
        return str(known[domain, name]["id"])

    def ensure_domain(self, name: str) -> str:
        return self._ensure("domains", name)

    def ensure_project(self, name: str, *, domain: str = DEFAULT_DOMAIN) -> str:
        return self._ensure("projects", name, domain=domain)

    def ensure_role(self, name: str) -> str:
        return self._ensure("roles", name)

    def ensure_user(self, name: str, password: str, *, domain: str = DEFAULT_DOMAIN) -> str:
        return self._ensure("users", name, domain=domain, password=password)

    def grant(self, role: str, *, user: str, where: str) -> None:
        """Give a user a role; `where` is `projects/ID` or `domains/ID`."""
        self.call("PUT", f"{where}/users/{user}/roles/{self.ensure_role(role)}")

    def ensure_endpoint(self, endpoint: Endpoint, url: str) -> None:
        """Leave one service of a type in the catalog, with these public and internal addresses."""
        service = self._ensure("services", endpoint.name, type=endpoint.type)
        existing = self.call("GET", f"endpoints?service_id={service}")["endpoints"]
        known = {one["interface"]: one for one in existing}
        for interface in ("public", "internal"):
            if interface not in known:
                body = {"interface": interface, "service_id": service, "region_id": REGION, "url": url}
                self.call("POST", "endpoints", {"endpoint": body})
            elif known[interface]["url"] != url:
                self.call("PATCH", f"endpoints/{known[interface]['id']}", {"endpoint": {"url": url}})


def seed(site: Site, token: Token, descriptions: Collection[Description]) -> None:
    """Leave Keystone with the tenants and with a user and catalog entries for each service.

    What was done is written beside Keystone's database, so that it is done once. Raises Unavailable, Refusal.
    """
    done = site.state.read(SEEDED)
    wanted = {one.service.value: site.address(one) for one in descriptions}
    if wanted.items() <= done.items():
        return
    identity = Identity(site.ports["keystone"], token)
    projects = {name: identity.ensure_project(name) for name in PROJECTS}
    for role in ROLES:
        identity.ensure_role(role)
    for user, role, project in TENANTS:
        found = identity.ensure_user(user, site.passwords[user])
        identity.grant(role, user=found, where=f"projects/{projects[project]}")
    for description in descriptions:
        _seed_service(identity, site, description, project=projects["service"])
    site.state.write(SEEDED, done | wanted)


def _seed_service(identity: Identity, site: Site, description: Description, *, project: str) -> None:
    service = description.service
    if description.user_roles:
        user = identity.ensure_user(service.value, site.passwords[service.value])
        for role in description.user_roles:
            identity.grant(role, user=user, where=f"projects/{project}")
    for endpoint in description.endpoints:
        identity.ensure_endpoint(endpoint, site.endpoint_url(description, endpoint))
    if service is Service.HEAT:
        domain = identity.ensure_domain(DOMAIN)
        user = identity.ensure_user(DOMAIN_ADMIN, site.passwords["heat-domain"], domain=domain)
        identity.grant("admin", user=user, where=f"domains/{domain}")
