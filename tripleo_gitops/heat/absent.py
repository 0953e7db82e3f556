"""The absence of a value, where null is a value."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Absent(Enum):
    """Stands for no value where null is one."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
