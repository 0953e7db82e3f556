"""Whether a file's bytes say a secret in clear, so that they are not to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml
from tripleo_gitops.plan.check_secrets import clear_values, hidden_among
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, parse_sealed

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree

READ_AS_ENVIRONMENT = (".yaml", ".yml")


def has_secret(rendered: PlanTree, path: str, content: bytes) -> bool:
    """Return whether a file of a plan, with these bytes, sets a password or hidden parameter in clear.

    The rendered plan tells which parameters are hidden. What of secrets.yaml or plan-environment.yaml cannot be read
    counts as secret.
    """
    if path == SECRETS_FILE:
        return not _is_sealed(content)
    if not path.endswith(READ_AS_ENVIRONMENT):
        return False
    if not _is_readable(content):
        return path == PLAN_ENVIRONMENT_FILE
    alone = MemoryTree({path: content})
    values = tuple(clear_values(alone, () if path == PLAN_ENVIRONMENT_FILE else (path,)))
    names = {value.name for value in values}
    return any(value.is_password for value in values) or bool(names & KINDS.keys() or hidden_among(rendered, names))


def _is_readable(content: bytes) -> bool:
    try:
        parse_yaml(content, source=PLAN_ENVIRONMENT_FILE)
    except InvalidDocument:
        return False
    return True


def _is_sealed(content: bytes) -> bool:
    try:
        sealed = parse_sealed(content)
    except InvalidDocument:
        return False
    return not sealed.in_clear
