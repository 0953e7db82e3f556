"""Whether a plan's mirror has its secrets sealed or opened: what the operator says, outside of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.operations.mirror.history import PlanHistory
from tripleo_gitops.operations.mirror.manifest import SecretsForm

if TYPE_CHECKING:
    from tripleo_gitops.operations.mirror.memory import MirrorMemory
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.repository.objects import PlanRepository

SETTING = "mirror-secrets"
"""In the Git configuration of the repository (`tripleo-gitops.mirror-secrets`), which no push changes."""


class UnknownSecretsForm(InvalidInput):
    """A setting that is neither `sealed` nor `opened`."""

    reason = "UnknownSecretsForm"

    def __init__(self, value: str) -> None:
        super().__init__(
            f"tripleo-gitops.{SETTING} is {value[:40]!r}; nothing is mirrored until it is `sealed` or `opened`: "
            f"`git config tripleo-gitops.{SETTING} sealed`"
        )
        self.value = value


def plan_history(repository: PlanRepository, memory: MirrorMemory, vault: SecretOpener | None) -> PlanHistory:
    """Return the revisions of a repository as its mirror has them; opened only where the operator says just that.

    Raises UnknownSecretsForm, and Refused where nothing here could open them.
    """
    asked = repository.setting(SETTING)
    try:
        form = SecretsForm(asked) if asked is not None else SecretsForm.SEALED
    except ValueError:
        raise UnknownSecretsForm(str(asked)) from None
    if form is SecretsForm.SEALED:
        return PlanHistory(repository, memory)
    if vault is None:
        raise Refused(f"tripleo-gitops.{SETTING} is {form}, and nothing here can open secrets; nothing is mirrored")
    return PlanHistory(repository, memory, opener=vault)
