"""What a sync refuses to do unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import Refused

if TYPE_CHECKING:
    from tripleo_gitops.plan.revision import Revision

DELETE_SHARE_LIMIT = 0.3
SHOWN_PATHS = 3


class EmptyPlan(Refused):
    """A tree without a file; it would empty the container."""

    reason = "EmptyPlan"

    def __init__(self, container: str, *, revision: Revision) -> None:
        super().__init__(f"{revision.short} of plan {container} has no files; an empty tree never empties a container")
        self.container, self.revision = container, revision


class ForeignContainer(Refused):
    """A container of the plan's name that is not a plan's."""

    reason = "ForeignContainer"


class ReservedPath(Refused):
    """A plan with a file where its mirror keeps the manifest."""

    reason = "ReservedPath"


class ForeignObjects(Refused):
    """A container that holds objects which no revision of the plan put there."""

    reason = "ForeignObjects"

    def __init__(self, container: str, *, paths: tuple[str, ...]) -> None:
        some = ", ".join(paths[:SHOWN_PATHS]) + (", …" if len(paths) > SHOWN_PATHS else "")
        super().__init__(
            f"container {container} holds {len(paths)} objects that no known revision of the plan has ({some}); "
            "look at `tripleo-plan drift`, keep them with `tripleo-plan adopt`, or remove them with --force"
        )
        self.container, self.paths = container, paths


class UnsafeChange(Refused):
    """A sync that deletes too much to do it unasked."""

    reason = "UnsafeChange"

    def __init__(self, *, deletes: int, existing: int, limit: float) -> None:
        super().__init__(
            f"refusing to delete {deletes} of {existing} mirrored objects ({deletes / existing:.0%}, limit "
            f"{limit:.0%}); look at `tripleo-plan diff`, then pass --force"
        )
        self.deletes, self.existing, self.limit = deletes, existing, limit


class GoesBackwards(Refused):
    """A sync to a revision that the mirrored one has left behind, or does not know."""

    reason = "GoesBackwards"

    def __init__(self, revision: Revision, *, mirrored: Revision, is_known: bool) -> None:
        why = "is newer" if is_known else "is not in this repository (fetch it)"
        super().__init__(
            f"refusing to go back to {revision.short}: the mirrored revision {mirrored.short} {why}; "
            "pass --allow-older to do it all the same"
        )
        self.revision, self.mirrored, self.is_known = revision, mirrored, is_known
