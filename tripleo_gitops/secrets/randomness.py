"""Randomness from the operating system, and SSH keys from `cryptography`."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = string.ascii_letters + string.digits
RSA_BITS, RSA_EXPONENT = 2048, 65537


@dataclass(frozen=True, slots=True)
class SystemRandomness:
    """Randomness of the operating system; `clock` gives the seconds since 1970 UTC."""

    clock: Callable[[], float]

    def word(self, length: int) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(length))

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def ssh_key_pair(self, comment: str) -> tuple[str, str]:
        """Return an RSA key of 2048 bits, as tripleo-common makes them: PEM of OpenSSL's traditional form."""
        key = rsa.generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return private.decode(), f"{public.decode()} {comment}"

    def seconds(self) -> int:
        return int(self.clock())
