"""One at a time: a lock on a repository that dies with whoever holds it."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def repository_lock(git_dir: str) -> Iterator[None]:
    """Hold the repository's lock, after waiting for whoever has it; the kernel frees it when we die."""
    with Path(git_dir, "tripleo-gitops.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
