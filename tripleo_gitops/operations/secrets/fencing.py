"""A plan's fencing: what switches its machines off, with their passwords, in secrets.yaml and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.edit import set_value, unset_value
from tripleo_gitops.errors import Refused
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.plan.secrets_file import SECRETS_FILE, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.operations.secrets.secrets_file import SecretVault

DEFAULTS, ENABLED, CONFIGURED = "parameter_defaults", "EnableFencing", "FencingConfig"


def set_fencing(
    tree: PlanTree, devices: Sequence[dict[str, Any]], *, vault: SecretVault, recipients: Sequence[str]
) -> dict[str, bytes]:
    """Return a plan's files with fencing enabled and the devices sealed, though no template hides them.

    Raises Refused for a plan without secrets.yaml where nobody is known to seal it for.
    """
    value = {"devices": list(devices)}
    content = set_value(tree.read(PLAN_ENVIRONMENT_FILE), (DEFAULTS, ENABLED), True, source=PLAN_ENVIRONMENT_FILE)  # noqa: FBT003
    content = unset_value(content, (DEFAULTS, CONFIGURED), source=PLAN_ENVIRONMENT_FILE)
    if SECRETS_FILE in tree.paths():
        sealed = vault.put(tree.read(SECRETS_FILE), (Section.PARAMETERS.value, CONFIGURED), value)
    elif recipients:
        sections = {Section.PASSWORDS.value: {}, Section.PARAMETERS.value: {CONFIGURED: value}}
        sealed = vault.seal(sections, recipients=recipients)
    else:
        raise Refused(
            f"the plan has no {SECRETS_FILE} and this server no age key; `tripleo-plan secrets init` makes the file"
        )
    return {PLAN_ENVIRONMENT_FILE: content, SECRETS_FILE: sealed}
