"""Texts that must not be seen: passwords of management controllers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

MASK = "******"
SEALED_PREFIX = "ENC[AES256_GCM,"
SECRET_ENDINGS = ("password", "_secret", "_kg_key", "_token")
SECRET_PATTERN = f"({'|'.join(SECRET_ENDINGS)})$"
"""A regular expression of the names of secret fields, as SOPS takes it for `--encrypted-regex`."""


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a secret."""
    return name.endswith(SECRET_ENDINGS)


def is_sealed(value: object) -> bool:
    """Return whether a value is one that SOPS sealed."""
    return isinstance(value, str) and value.startswith(SEALED_PREFIX) and value.endswith("]")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret text: `value` is None while nobody opened it, `token` is what stands for it in the sealed file."""

    value: str | None = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def is_in_clear(self) -> bool:
        """Whether the file that it is from holds it for everyone to read."""
        return self.token is None and bool(self.value)

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return MASK


def fingerprint(secrets: dict[str, Secret]) -> str | None:
    """Return what changes when one of these secrets is sealed anew; None where one was never sealed.

    It is made of sealed texts, which everyone may see, and so tells nothing about what they hold.
    """
    if any(secret.token is None for secret in secrets.values()):
        return None
    text = "\n".join(f"{name}={secrets[name].token}" for name in sorted(secrets))
    return hashlib.sha256(text.encode()).hexdigest()[:32] if secrets else ""
