"""The secrets of an undercloud: random, made once, kept in one private file."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.errors import BadState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.undercloud.state import State

FILE = "passwords.json"


class Passwords:
    """Secrets by name; a name that was never asked for gets one. Shows none of them."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __repr__(self) -> str:
        return f"<{len(self._values)} passwords>"


def ensure_passwords(state: State, names: Iterable[str]) -> Passwords:
    """Return the secrets of these names (32 hexadecimal digits), made and kept where they are missing."""
    values = state.read(FILE)
    if not all(isinstance(value, str) for value in values.values()):
        raise BadState(path=state.path / FILE, why="holds something that is not a password")
    missing = [name for name in names if name not in values]
    if missing:
        values |= {name: secrets.token_hex(16) for name in missing}
        state.write(FILE, values)
    return Passwords(values)
