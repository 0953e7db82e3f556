"""Glance's images: listed, made, sent, linked to what boots them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from openstack import exceptions as sdk

from tripleo_gitops.nodes.images import FoundImage
from tripleo_gitops.openstack.connection import CONNECT_RETRIES, RETRIED_STATUSES, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests
    from openstack.connection import Connection

SERVICE = "Glance"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
CONTENT = {"Content-Type": "application/octet-stream"}
LONGEST = 4 * 3600.0
"""Seconds that Glance may take to answer when it has everything: stores may be slow."""


class Stream(Protocol):
    """Bytes that are read piece by piece, and how many there are."""

    def __len__(self) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...


class GlanceImages:
    """The images that one project sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, names: Sequence[str]) -> tuple[FoundImage, ...]:
        """Return the images of these names in whatever status: one listing a name."""
        return tuple(_image(entry) for name in names for entry in self._entries(name))

    def image(self, ident: str) -> FoundImage:
        """Return one image by its id."""
        return _image(self._send("GET", f"/images/{ident}").json())

    def create(self, body: Mapping[str, Any]) -> str:
        """Make an image without content and return its id."""
        return str(self._send("POST", "/images", json=dict(body)).json()["id"])

    def send(self, ident: str, content: Stream) -> None:
        """Give an image its content, read piece by piece; returns when Glance has all of it."""
        self._send("PUT", f"/images/{ident}/file", data=content, headers=CONTENT, timeout=LONGEST)

    def change(self, ident: str, operations: Sequence[Mapping[str, Any]]) -> None:
        """Change an image by JSON patch."""
        self._send("PATCH", f"/images/{ident}", json=list(operations), headers=PATCH)

    def delete(self, ident: str) -> None:
        """Delete an image, whatever its status; one that is gone already is fine."""
        self._send("DELETE", f"/images/{ident}", fine=(404, 410))

    def _entries(self, name: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._send("GET", "/images", params={"name": name, "limit": 100}).json()[
            "images"
        ]
        return found

    def _send(self, method: str, path: str, *, fine: tuple[int, ...] = (), **options: Any) -> requests.Response:
        with told(SERVICE):
            response: requests.Response = self._connection.image.request(
                path,
                method,
                connect_retries=0 if "data" in options else CONNECT_RETRIES,
                status_code_retries=3 if method == "GET" else 0,
                retriable_status_codes=list(RETRIED_STATUSES),
                raise_exc=False,
                **options,
            )
            if response.status_code >= 400 and response.status_code not in fine:
                sdk.raise_from_response(response)
        return response


def _image(entry: Mapping[str, Any]) -> FoundImage:
    value, algorithm = entry.get("os_hash_value"), entry.get("os_hash_algo")
    found = (algorithm, value) if algorithm and value else None
    if found is None and entry.get("checksum"):
        found = ("md5", entry["checksum"])
    return FoundImage(
        id=entry["id"],
        name=entry.get("name") or "",
        status=entry["status"],
        size=entry.get("size"),
        hash=found,
        created_at=entry.get("created_at") or "",
        updated_at=entry.get("updated_at") or "",
        properties={name: value for name, value in entry.items() if isinstance(value, str)},
    )
