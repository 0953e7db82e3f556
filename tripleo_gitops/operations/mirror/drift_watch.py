"""Look after a mirror: what somebody else changed in it is told, or put back, as the plan's settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.operations.mirror.drift import find_drift
from tripleo_gitops.operations.mirror.repair import repair_mirror
from tripleo_gitops.plan.settings import OnDrift

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.operations.mirror.drift import Drift
    from tripleo_gitops.operations.mirror.mirror import Mirror
    from tripleo_gitops.operations.mirror.sync_plan import RevisionHistory

SHOWN = 10


def look_after(mirror: Mirror, history: RevisionHistory, *, on_drift: OnDrift, say: Callable[[str], None]) -> Drift:
    """Return what was changed in a mirror behind the tool's back, after saying so and, where asked to, putting it back.

    Raises what find_drift and repair_mirror do: UnsafeChange where more than the usual share would be removed.
    """
    found = find_drift(mirror.store, mirror.container, history)
    if found.verification.is_exact:
        return found
    say(f"container {mirror.container} is not as {found.verification.revision.short} has it: {_words(found)}")
    if on_drift is OnDrift.REPAIR:
        done = repair_mirror(mirror, history)
        say(f"container {mirror.container} is put back: {done.put} put, {done.deleted} deleted")
    else:
        say("`tripleo-plan drift` shows how, `tripleo-plan repair` puts it back")
    return found


def _words(found: Drift) -> str:
    changes = [drifted.change for drifted in found.objects]
    named = [f"{change.path} {change.kind}" for change in changes[:SHOWN]]
    named += [f"{len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
    named += [] if found.verification.is_manifest_right else ["its manifest"]
    return ", ".join(named)
