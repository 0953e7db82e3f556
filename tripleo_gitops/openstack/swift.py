"""Plan containers in Swift: listed, filled, read and marked."""

from __future__ import annotations

import tempfile
import threading
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from openstack import exceptions as sdk

from tripleo_gitops.errors import GitopsError
from tripleo_gitops.openstack.archive import write_archive
from tripleo_gitops.openstack.connection import told
from tripleo_gitops.openstack.container import ContainerView, StoredObject
from tripleo_gitops.openstack.retrying import Patience, ask_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import requests
    from openstack.connection import Connection

    from tripleo_gitops.openstack.container import Upload

LISTING_LIMIT = 10_000
META, REMOVE_META = "x-container-meta-", "x-remove-container-meta-"
ARCHIVE_IN_MEMORY = 8 * 1024 * 1024
JSON = {"Accept": "application/json"}


class CorruptUpload(GitopsError):
    """Swift holds other bytes than were sent."""

    reason = "CorruptUpload"


class SwiftContainers:
    """The containers of one project."""

    def __init__(self, connection: Connection, *, patience: Patience | None = None) -> None:
        self._connection, self._patience = connection, patience or Patience()
        self._requests, self._counting = 0, threading.Lock()

    @property
    def request_count(self) -> int:
        """How many requests were sent to Swift until now, each try counted."""
        return self._requests

    def location(self, container: str) -> str:
        """Return a container's URL: what it is called by everyone who can reach it."""
        with told("Swift"):
            endpoint = self._connection.object_store.get_endpoint() or ""
        return f"{endpoint.rstrip('/')}{_path(container)}"

    def names(self) -> tuple[str, ...]:
        """Return the names of all containers of the project, sorted."""
        return tuple(entry["name"] for entry in self._pages(""))

    def metadata(self, container: str) -> Mapping[str, str] | None:
        """Return a container's own metadata, keys in lower case without their prefix; None when it is absent."""
        response = self._ask("HEAD", _path(container), absent_is_fine=True)
        return None if response.status_code == 404 else _metadata(response)

    def view(self, container: str, prefix: str) -> ContainerView | None:
        """Return a container's metadata and its first objects below a prefix, by one request; None when absent.

        Metadata is what the last write left; the listing may lag behind the objects.
        """
        url = f"{_path(container)}?format=json&limit=10&prefix={quote(prefix, safe='')}"
        response = self._ask("GET", url, headers=JSON, absent_is_fine=True)
        if response.status_code == 404:
            return None
        rows = response.json() if response.status_code == 200 else []
        return ContainerView(_metadata(response), tuple(_stored(row) for row in rows))

    def create(self, container: str, metadata: Mapping[str, str]) -> None:
        """Make a container with metadata; one that exists keeps its objects and its other metadata."""
        self._ask("PUT", _path(container), headers=_headers(metadata))

    def mark(self, container: str, metadata: Mapping[str, str], *, remove: Iterable[str] = ()) -> None:
        """Set and remove keys of a container's metadata, all at once; keys that are not named stay."""
        removals = {f"{REMOVE_META}{key}": "x" for key in remove}
        self._ask("POST", _path(container), headers=_headers(metadata) | removals)

    def objects(self, container: str) -> tuple[StoredObject, ...]:
        """Return every object of a container, sorted by path; one request for each 10,000."""
        return tuple(_stored(entry) for entry in self._pages(_path(container)))

    def look(self, container: str, path: str) -> StoredObject | None:
        """Return one object as it is now, whatever the listing says; None when it is absent."""
        response = self._ask("HEAD", _path(container, path), headers={"X-Newest": "true"}, absent_is_fine=True)
        if response.status_code == 404:
            return None
        headers = response.headers
        return StoredObject(path, _etag(response), int(headers["Content-Length"]), headers.get("Content-Type", ""))

    def put(
        self,
        container: str,
        path: str,
        content: bytes,
        *,
        md5: str,
        content_type: str,
        delete_after: int | None = None,
    ) -> None:
        """Store one object, for some seconds or for good; Swift checks the MD5, and its answer is checked here."""
        headers = {"ETag": md5, "Content-Type": content_type}
        if delete_after is not None:
            headers["X-Delete-After"] = str(delete_after)
        response = self._ask("PUT", _path(container, path), headers=headers, data=content)
        if _etag(response) != md5:
            raise CorruptUpload(f"Swift: {container}/{path} arrived with other bytes than were sent; sync again")

    def extract(self, container: str, uploads: Iterable[Upload]) -> bool:
        """Store many objects by one request; return whether Swift says that it stored them all.

        Swift computes no checksum on the way: who calls has to compare the objects afterwards.
        """
        with tempfile.SpooledTemporaryFile(max_size=ARCHIVE_IN_MEMORY) as file:
            write_archive(file, uploads)
            response = self._ask("PUT", f"{_path(container)}?extract-archive=tar", headers=JSON, file=file)
        try:
            answer = response.json()
        except ValueError:
            return False
        return isinstance(answer, dict) and str(answer.get("Response Status", "")).startswith("201")

    def get(self, container: str, path: str) -> bytes | None:
        """Return an object's bytes; None when it is absent."""
        response = self._ask("GET", _path(container, path), headers={"X-Newest": "true"}, absent_is_fine=True)
        return None if response.status_code == 404 else response.content

    def delete(self, container: str, path: str) -> bool:
        """Remove one object; return whether Swift says that it was there."""
        return self._ask("DELETE", _path(container, path), absent_is_fine=True).status_code != 404

    def drop(self, container: str) -> None:
        """Remove an empty container; one that is gone already is fine."""
        self._ask("DELETE", _path(container), absent_is_fine=True)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        marker = ""
        while True:
            url = f"{path}?format=json&limit={LISTING_LIMIT}&marker={quote(marker, safe='')}"
            response = self._ask("GET", url, headers=JSON)
            page = response.json() if response.status_code == 200 else []
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
        file: IO[bytes] | None = None,
        absent_is_fine: bool = False,
    ) -> requests.Response:
        def once() -> requests.Response:
            with self._counting:
                self._requests += 1
            if file is not None:
                file.seek(0)
            return self._connection.object_store.request(
                url,
                method,
                headers=dict(headers or {}),
                data=data if file is None else file,
                connect_retries=0,
                status_code_retries=0,
                allow_reauth=file is None,  # it would send the rest of a file that was read already
            )

        with told("Swift"):
            response = ask_again(once, self._patience)
            if response.status_code == 401 and file is not None and self._connection.session.invalidate():
                response = ask_again(once, self._patience)
            if not (absent_is_fine and response.status_code == 404):
                sdk.raise_from_response(response)
        return response


def _path(container: str, path: str = "") -> str:
    return f"/{quote(container, safe='')}" + (f"/{quote(path)}" if path else "")


def _headers(metadata: Mapping[str, str]) -> dict[str, str]:
    return {f"{META}{key}": value for key, value in metadata.items()}


def _metadata(response: requests.Response) -> dict[str, str]:
    headers = {key.lower(): value for key, value in response.headers.items()}
    return {key.removeprefix(META): value for key, value in headers.items() if key.startswith(META)}


def _stored(row: Mapping[str, Any]) -> StoredObject:
    return StoredObject(row["name"], row["hash"], row["bytes"], row.get("content_type", ""))


def _etag(response: requests.Response) -> str:
    return response.headers.get("ETag", "").strip('"')
