"""The end of a service's log, now and as it grows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.errors import BadState, NotRunning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.undercloud.state import State

READ_AT_MOST = 1 << 20
POLL = 0.2


def tail(state: State, service: str, *, lines: int) -> tuple[str, ...]:
    """Return the last lines of a service's log (at most one MiB); raise NotRunning if it never had one."""
    file = state.log_file(service)
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - READ_AT_MOST))
            text = stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        raise NotRunning(what=service, path=state.path) from None
    except OSError as error:
        raise BadState(path=file, why=(error.strerror or str(error)).lower()) from error
    return tuple(text.splitlines()[-lines:]) if lines else ()


def follow(state: State, service: str) -> Iterator[str]:
    """Yield each piece of text that is added to a service's log from now on, without end."""
    with state.log_file(service).open(encoding="utf-8", errors="replace") as stream:
        stream.seek(0, 2)
        while True:
            text = stream.read()
            if text:
                yield text
            else:
                time.sleep(POLL)
