"""oslo.messaging's in-memory transport without its polling: a listener sleeps until something was sent."""

from __future__ import annotations

import threading
import time as real_time
from typing import Any

from oslo_messaging._drivers import impl_fake


class _Doorbell:
    """Stands in for the `time` module of the transport: `sleep` ends early when a message was delivered.

    Each thread remembers the last ring it has heard, so that none is lost between a poll and the sleep.
    """

    time = staticmethod(real_time.time)

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0
        self._heard = threading.local()

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        with self._changed:
            if getattr(self._heard, "rings", -1) == self._rings:
                self._changed.wait(max(seconds, 1.0))
            self._heard.rings = self._rings


def deliver_without_polling() -> None:
    """Replace the 50 ms poll of every listener of this process by waiting for a delivery."""
    doorbell = _Doorbell()
    deliver = impl_fake.FakeExchange.deliver_message

    def deliver_and_ring(*args: Any, **kwargs: Any) -> None:
        deliver(*args, **kwargs)
        doorbell.ring()

    impl_fake.FakeExchange.deliver_message = deliver_and_ring
    impl_fake.time = doorbell
