"""The cloud as the steps of one run see it: opened once for a while, so that one token serves several steps."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.open_connections import note_opened
from tripleo_gitops.wiring.cloud import cloud_of
from tripleo_gitops.wiring.runs import config_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from openstack.connection import Connection

    from tripleo_gitops.operations.steps import StepContext
    from tripleo_gitops.wiring.cloud import Cloud
    from tripleo_gitops.wiring.config import Config

MOST = 32
LONGEST_SECONDS = 600.0
"""After which clouds.yaml is read again: whoever changed a password there is heard."""

Key = tuple[str | None, str | None, str]


def _connect(config: Config) -> Connection:
    return connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id)


@dataclass(slots=True)
class RunClouds:
    """The clouds of the runs that this process works at. Their sockets are closed with each step, their tokens kept."""

    config: Config
    open: Callable[[Config], Connection] = _connect
    seconds: Callable[[], float] = time.monotonic
    _known: dict[Key, tuple[float, Connection]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, context: StepContext) -> Cloud:
        """Return the cloud of a run; raises CloudNotConfigured."""
        config = config_at(self.config, context.place, trace_id=context.trace_id)
        key = (context.place.cloud, context.place.clouds_file, context.trace_id)
        return cloud_of(self._connection(config, key), config)

    def _connection(self, config: Config, key: Key) -> Connection:
        with self._lock:
            now = self.seconds()
            fresh = {known: found for known, found in self._known.items() if now - found[0] < LONGEST_SECONDS}
            self._known = dict(list(fresh.items())[-MOST:])
            if key not in self._known:
                self._known[key] = (now, self.open(config))
            connection = self._known[key][1]
        note_opened(connection)
        return connection
