"""The files of a plan that TripleO keeps in a Swift container."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.mirror.manifest import OWN_PATHS
from tripleo_gitops.operations.mirror.mirror import PARALLEL_REQUESTS
from tripleo_gitops.repository.file_set import LIMITS, FileSet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.container import StoredObject


class ReadableContainers(Protocol):
    """Containers whose objects can be read."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...
    def objects(self, container: str) -> tuple[StoredObject, ...]: ...
    def get(self, container: str, path: str) -> bytes | None: ...


def read_container(containers: ReadableContainers, name: str) -> FileSet:
    """Return the objects of a container as files; raises NotFound, SourceTooLarge, MissingFile."""
    if containers.metadata(name) is None:
        raise NotFound(f"no container {name} in this project; `tripleo-plan list` shows the plans there are")
    stored = [entry for entry in containers.objects(name) if entry.path not in OWN_PATHS]
    LIMITS.check(f"container {name}", files=len(stored), size=sum(entry.size for entry in stored))

    def fetched(path: str) -> bytes:
        content = containers.get(name, path)
        if content is None:
            raise MissingFile(path, named_by=f"container {name}")
        return content

    paths = [entry.path for entry in stored]
    with ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS) as pool:
        return FileSet(dict(zip(paths, pool.map(fetched, paths), strict=True)))
