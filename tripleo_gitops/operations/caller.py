"""Who asks a server for something: their project, their name, their roles, as Keystone says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, NotFound, Refused
from tripleo_gitops.repository.bare import Signature
from tripleo_gitops.repository.branch_edit import remember_setting
from tripleo_gitops.repository.objects import PlanRepository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

READERS = frozenset({"reader", "member", "admin", "_member_"})
WRITERS = READERS - {"reader"}
PROJECT_SETTING = "project"
"""The key of a repository's Git configuration, below `tripleo-gitops`, that names the project it belongs to."""

_PROJECT = re.compile(r"[A-Za-z0-9-]{1,64}")
_UNFIT = re.compile(r"[<>\x00-\x1f\x7f]")


class RoleMissing(Refused):
    """A caller without the role that an action needs."""

    reason = "RoleMissing"

    def __init__(self, caller: Caller, *, needed: frozenset[str]) -> None:
        has = ", ".join(sorted(caller.roles)) or "none"
        names = ", ".join(sorted(needed))
        super().__init__(f"user {caller.user} has the roles {has} in this project; one of {names} is needed")


class NoSuchPlan(NotFound):
    """A plan that this project does not have; whether another one has it is nobody's business."""

    reason = "NoSuchPlan"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no plan {name} of this project has a repository here; create it, or let its server's operator run "
            f"`tripleo-plan mistral give {name}`"
        )
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One user in one project."""

    user: str
    user_id: str
    project_id: str
    roles: frozenset[str]

    @classmethod
    def of_token(cls, document: Mapping[str, Any]) -> Caller:
        """Return whom a token speaks for; raises Refused for one that is bound to no project."""
        user, project = document.get("user") or {}, document.get("project") or {}
        if not project.get("id") or not user.get("id"):
            raise Refused("the caller's token is bound to no project; log in to the project that has the plan")
        return cls(
            user=_UNFIT.sub("", str(user.get("name") or user["id"])) or str(user["id"]),
            user_id=str(user["id"]),
            project_id=str(project["id"]),
            roles=frozenset(str(role.get("name", "")).lower() for role in document.get("roles") or ()),
        )

    def check_may(self, *, write: bool) -> None:
        """Raise RoleMissing where no role allows to read, or to write."""
        needed = WRITERS if write else READERS
        if not self.roles & needed:
            raise RoleMissing(self, needed=needed)

    def signature(self, *, time: int) -> Signature:
        """Return the caller as the author of a commit; the address says which user of which service."""
        return Signature(f"{self.user} <{self.user_id}@keystone.invalid>", time)

    def check_owns(self, repository: PlanRepository, name: str) -> None:
        """Raise NoSuchPlan for a repository that is not said to be this caller's project's."""
        if repository.setting(PROJECT_SETTING) != self.project_id:
            raise NoSuchPlan(name)


def give_plan(path: Path, project_id: str) -> None:
    """Say that a repository is a project's; raises NotARepository, InvalidInput."""
    if not _PROJECT.fullmatch(project_id):
        raise InvalidInput(f"{project_id[:80]!r} is no id of a project; `openstack project list` shows them")
    with PlanRepository.open(path):
        remember_setting(path, PROJECT_SETTING, project_id)
