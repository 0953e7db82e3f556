"""What Swift says of a container and of the objects in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a container's listing shows it: size in bytes, MD5 of the bytes in hexadecimal."""

    path: str
    md5: str
    size: int
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class ContainerView:
    """A container's own metadata (keys in lower case, without their prefix) and some of its objects, in one answer."""

    metadata: Mapping[str, str]
    objects: tuple[StoredObject, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """One object that is to be stored: its bytes, their MD5 in hexadecimal, and its media type."""

    path: str
    content: bytes
    md5: str
    content_type: str
