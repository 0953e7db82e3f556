"""Renders made ahead: while what is read of a plan is looked at here, its engine makes what will be read next.

A plan's templates are rendered in a process of their own, which would wait for this one as long as this one for it.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from tripleo_gitops.errors import GitopsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tripleo_gitops.documents.tree import BlobId
    from tripleo_gitops.heat.documents import Documents
    from tripleo_gitops.plan.rendering import RenderedTree

    Then = Callable[[], None]


class TreeAhead:
    """A rendered tree of which somebody may say what will be read; it is read by one thread.

    `announce` is called with each render's path when it is first asked for.
    """

    def __init__(self, tree: RenderedTree, *, announce: Callable[[str], None]) -> None:
        self._tree, self._announce = tree, announce
        self._waiting: deque[tuple[str, Then]] = deque()
        self._begun: set[str] = set()
        self._under_way: str | None = None
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_over = False

    def paths(self) -> Collection[str]:
        return self._tree.paths()

    def blob_id(self, path: str) -> BlobId:
        self._begin(path)
        return self._tree.blob_id(path)

    def read(self, path: str) -> bytes:
        self._begin(path)
        return self._tree.read(path)

    def is_rendered(self, path: str) -> bool:
        """Whether a path is a render, and no file of the plan itself."""
        return self._tree.template_of(path) is not None

    def read_ahead(self, path: str, then: Then) -> None:
        """Say that a file will be read, and call `then` when it can be: at once, or from a thread, or never.

        A file that cannot be rendered is left to who reads it.
        """
        if not self.is_rendered(path):
            then()
            return
        with self._turn:
            if path in self._begun or self._is_over:
                return
            self._begun.add(path)
            self._waiting.append((path, then))
            self._turn.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="rendering ahead", daemon=True)
                self._thread.start()
        self._announce(path)

    def end(self) -> None:
        """Render no more ahead, and wait for what is under way."""
        with self._turn:
            self._is_over = True
            self._waiting.clear()
            self._turn.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _begin(self, path: str) -> None:
        """Take a render that is waiting out of the thread's hands, or wait for it where the thread has begun."""
        if not self.is_rendered(path) or threading.current_thread() is self._thread:
            return
        with self._turn:
            is_new = path not in self._begun
            self._begun.add(path)
            self._waiting = deque(one for one in self._waiting if one[0] != path)
            while self._under_way == path:
                self._turn.wait()
        if is_new:
            self._announce(path)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            path, then = job
            try:
                with suppress(GitopsError):
                    self._tree.read(path)
                    then()
            finally:
                with self._turn:
                    self._under_way = None
                    self._turn.notify_all()

    def _next(self) -> tuple[str, Then] | None:
        with self._turn:
            while not self._waiting and not self._is_over:
                self._turn.wait()
            if self._is_over:
                return None
            job = self._waiting.popleft()
            self._under_way = job[0]
            return job


class RenderingAhead:
    """The trees of one comparison: what is rendered of one of them will be read of the others, too."""

    def __init__(self) -> None:
        self._trees: list[TreeAhead] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for tree in self._trees:
            tree.end()

    def of(self, tree: RenderedTree, documents: Documents) -> TreeAhead:
        """Return a tree whose renders are made ahead, and of which `documents` expects what is read of the others."""

        def announce(path: str) -> None:
            for other in self._trees:
                if other is not found and other.is_rendered(path):
                    documents.expect(other, path)

        found = TreeAhead(tree, announce=announce)
        self._trees.append(found)
        return found
