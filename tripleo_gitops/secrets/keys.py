"""age keys at hand: which recipients they are, and new ones."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyrage

from tripleo_gitops.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_VARIABLES = ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_FILE")
_SSH_KEYS = ("ssh-ed25519 ", "ssh-rsa ")


class InvalidRecipient(InvalidInput):
    """A text that is nobody's public key."""

    reason = "InvalidRecipient"

    def __init__(self, text: str) -> None:
        shown = "a secret key" if text.upper().startswith("AGE-SECRET-KEY") else repr(text[:100])
        super().__init__(f"{shown} is no recipient; it is a public age key (age1…) or an SSH public key")


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where keys come from: what the environment names, else SOPS' own default files below `home`."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], *, home: Path) -> KeySource:
        """Return the source that an environment describes; only the variables that SOPS reads are kept."""
        kept = (*KEY_VARIABLES, "XDG_CONFIG_HOME", "PATH")
        return cls(home, {name: environment[name] for name in kept if environment.get(name)})

    @property
    def default_file(self) -> Path:
        """The file that SOPS looks for when nothing is named."""
        config = self.variables.get("XDG_CONFIG_HOME")
        return (Path(config) if config else self.home / ".config") / "sops" / "age" / "keys.txt"

    def recipients(self) -> tuple[str, ...]:
        """Return the public keys of the age keys in the environment and in files, without running any command."""
        named = self.variables.get("SOPS_AGE_KEY_FILE")
        files = (Path(named) if named else None, self.default_file)
        written = [path.read_text(errors="replace") for path in files if path is not None and path.is_file()]
        texts = [self.variables.get("SOPS_AGE_KEY", ""), *written]
        lines = (line.strip() for text in texts for line in text.splitlines())
        found = (_public(line) for line in lines if line.startswith("AGE-SECRET-KEY-1"))
        return tuple(dict.fromkeys(key for key in found if key))


def _public(secret: str) -> str | None:
    try:
        return str(pyrage.x25519.Identity.from_str(secret).to_public())
    except pyrage.IdentityError:
        return None


def parse_recipient(text: str) -> str:
    """Return a recipient as SOPS takes it; raise InvalidRecipient for anything but a public key."""
    spelled = text.strip()
    parse = pyrage.ssh.Recipient.from_str if spelled.startswith(_SSH_KEYS) else pyrage.x25519.Recipient.from_str
    try:
        parse(spelled)
    except pyrage.RecipientError:
        raise InvalidRecipient(spelled) from None
    return spelled


def create_key(path: Path) -> str:
    """Write a new age key, readable by its owner only, and return its recipient; raise Refused over a file."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} exists; a key is never written over") from None
    with os.fdopen(handle, "w") as out:
        out.write(f"# public key: {recipient}\n{identity}\n")
    return recipient
