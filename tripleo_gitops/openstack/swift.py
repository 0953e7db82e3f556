"""Plan containers in Swift: listed, filled, read and marked, one object at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openstack import exceptions as sdk

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.openstack.connection import CONNECT_RETRIES, RETRIED_STATUSES, told
from tripleo_gitops.openstack.container import StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests
    from openstack.connection import Connection

LISTING_LIMIT = 10_000
META = "x-container-meta-"


class CorruptUpload(GitopsError):
    """Swift holds other bytes than were sent."""

    reason = "CorruptUpload"


class SwiftContainers:
    """The containers of one project."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> tuple[str, ...]:
        """Return the names of all containers of the project, sorted."""
        return tuple(entry["name"] for entry in self._pages(""))

    def metadata(self, container: str) -> Mapping[str, str] | None:
        """Return a container's own metadata, keys in lower case without their prefix; None when it is absent."""
        with told("Swift"):
            response = self._ask("HEAD", _path(container), absent_is_fine=True)
        if response.status_code == 404:
            return None
        headers = {key.lower(): value for key, value in response.headers.items()}
        return {key.removeprefix(META): value for key, value in headers.items() if key.startswith(META)}

    def create(self, container: str, metadata: Mapping[str, str]) -> None:
        """Make a container with metadata; one that exists keeps its objects."""
        with told("Swift"):
            self._ask("PUT", _path(container), headers=_headers(metadata))

    def mark(self, container: str, metadata: Mapping[str, str]) -> None:
        """Set metadata of a container; an empty value removes a key, keys not named stay."""
        with told("Swift"):
            self._ask("POST", _path(container), headers=_headers(metadata))

    def objects(self, container: str) -> tuple[StoredObject, ...]:
        """Return every object of a container, sorted by path; one request for each 10,000."""
        return tuple(
            StoredObject(path=entry["name"], md5=entry["hash"], size=entry["bytes"])
            for entry in self._pages(_path(container))
        )

    def put(self, container: str, path: str, content: bytes, *, md5: str, content_type: str) -> None:
        """Store one object; Swift checks the MD5 of what arrives, and its answer is checked again here."""
        headers = {"ETag": md5, "Content-Type": content_type}
        with told("Swift"):
            response = self._ask("PUT", _path(container, path), headers=headers, data=content)
        if response.headers.get("ETag", "").strip('"') != md5:
            raise CorruptUpload(f"Swift: {container}/{path} arrived with other bytes than were sent; sync again")

    def get(self, container: str, path: str) -> bytes | None:
        """Return an object's bytes; None when it is absent."""
        with told("Swift"):
            response = self._ask("GET", _path(container, path), absent_is_fine=True)
        return None if response.status_code == 404 else response.content

    def delete(self, container: str, path: str) -> None:
        """Remove one object; one that is gone already is fine."""
        with told("Swift"):
            self._ask("DELETE", _path(container, path), absent_is_fine=True)

    def drop(self, container: str) -> None:
        """Remove an empty container; one that is gone already is fine."""
        with told("Swift"):
            self._ask("DELETE", _path(container), absent_is_fine=True)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        marker = ""
        while True:
            with told("Swift"):
                url = f"{path}?format=json&limit={LISTING_LIMIT}&marker={quote(marker, safe='')}"
                page = self._ask("GET", url, headers={"Accept": "application/json"}).json()
            yield from page
            if len(page) < LISTING_LIMIT:
                return
            marker = page[-1]["name"]

    def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        absent_is_fine: bool = False,
    ) -> requests.Response:
        response = self._connection.object_store.request(
            url,
            method,
            headers=dict(headers or {}),
            data=data,
            connect_retries=CONNECT_RETRIES,
            status_code_retries=3,
            retriable_status_codes=list(RETRIED_STATUSES),
        )
        if not (absent_is_fine and response.status_code == 404):
            sdk.raise_from_response(response)
        return response


def _path(container: str, path: str = "") -> str:
    return f"/{quote(container, safe='')}" + (f"/{quote(path)}" if path else "")


def _headers(metadata: Mapping[str, str]) -> dict[str, str]:
    return {f"{META}{key}": value for key, value in metadata.items()}
