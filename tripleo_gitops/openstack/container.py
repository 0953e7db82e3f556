"""What a Swift container's listing says of an object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a container's listing shows it: size in bytes, MD5 of the bytes in hexadecimal."""

    path: str
    md5: str
    size: int
