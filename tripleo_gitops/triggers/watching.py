"""Which repositories' refs moved, told by the file system."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import TYPE_CHECKING, Self

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tripleo_gitops.wiring.local import open_repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.wiring.config import Config

REF_FILES = ("HEAD", "packed-refs")


class RefChanges:
    """A watch on the refs of some repositories; changes are gathered until they settle."""

    def __init__(self, configs: Sequence[Config]) -> None:
        self._configs = tuple(configs)
        self._moved: queue.Queue[Config] = queue.Queue()
        self._observer = Observer()
        for config in self._configs:
            with open_repository(config) as repository:
                git_dir = Path(repository.git_dir)
            listener = _RefListener(config, self._moved, git_dir)
            self._observer.schedule(listener, str(git_dir), recursive=False)
            self._observer.schedule(listener, str(git_dir / "refs"), recursive=True)

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._observer.stop()
        self._observer.join()

    def next_settled(self, *, poll: float, settle: float) -> tuple[Config, ...]:
        """Return the repositories whose refs moved, once nothing has moved for `settle` seconds.

        Returns all of them when nothing was seen for `poll` seconds: the file system may lose events.
        """
        try:
            moved = [self._moved.get(timeout=poll)]
        except queue.Empty:
            return self._configs
        while True:
            try:
                moved.append(self._moved.get(timeout=settle))
            except queue.Empty:
                return tuple(config for config in self._configs if config in moved)


class _RefListener(FileSystemEventHandler):
    """Tell of a repository when a file that names its refs changes; lock files are not refs."""

    def __init__(self, config: Config, moved: queue.Queue[Config], git_dir: Path) -> None:
        self._config, self._moved, self._git_dir = config, moved, git_dir

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in {"opened", "closed_no_write"}:
            return
        for path in (Path(str(event.src_path)), Path(str(event.dest_path or event.src_path))):
            if path.suffix != ".lock" and (path.name in REF_FILES or self._git_dir / "refs" in path.parents):
                self._moved.put(self._config)
                return
