"""Why a sync does not go on: another one is under way, or the mirror is not what was decided upon."""

from __future__ import annotations

from tripleo_gitops.errors import Refused, Unavailable


class SyncUnderWay(Refused):
    """Another sync writes to the mirror, or broke off so lately that it might."""

    reason = "SyncUnderWay"

    def __init__(self, location: str, *, who: str, seconds_left: int = 0) -> None:
        container = location.rstrip("/").rpartition("/")[2]
        after = f"; it counts as over in {seconds_left} s, or now with --take-over" if seconds_left else ""
        super().__init__(f"container {container}: {who} syncs it right now; nothing was changed, try again{after}")
        self.container, self.seconds_left = container, seconds_left


class MirrorMoved(Unavailable):
    """The mirror changed after it was decided what to do."""

    reason = "MirrorMoved"

    def __init__(self, container: str) -> None:
        super().__init__(f"container {container} changed while this sync began; nothing was changed, sync again")
        self.container = container


class LeaseLost(Unavailable):
    """A sync that stood still for so long that another one may have taken over."""

    reason = "LeaseLost"

    def __init__(self, container: str, *, seconds: float) -> None:
        super().__init__(
            f"container {container}: this sync stood still for {seconds:.0f} s and gives way; the next one completes it"
        )
        self.container, self.seconds = container, seconds
