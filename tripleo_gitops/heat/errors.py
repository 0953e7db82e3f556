"""What Heat would refuse, refused by us: each error names the file and the key path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

Place = tuple[str | int, ...]


def dotted(path: Sequence[object]) -> str:
    """Return a key path as one word: `resources.web.properties.ports[0]`."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else str(key)
    return text


class InvalidEnvironment(InvalidInput):
    """An environment document that cannot be taken or merged; says which layer and where in it."""

    reason = "InvalidEnvironment"

    def __init__(self, problem: str, *, origin: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(": ".join(filter(None, (origin, dotted(path), problem))))
        self.problem, self.origin, self.path = problem, origin, tuple(path)


class InvalidTemplate(InvalidInput):
    """A template that Heat would refuse, with Heat's reason in our words and the place."""

    reason = "InvalidTemplate"

    def __init__(self, problem: str, *, source: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(": ".join(filter(None, (source, dotted(path), problem))))
        self.problem, self.source, self.path = problem, source, tuple(path)


class OutsidePlan(InvalidInput):
    """A reference that leads out of the plan: a URL, an absolute path, or too many `..`."""

    reason = "OutsidePlan"

    def __init__(self, reference: str, *, source: str, path: Sequence[str | int] = ()) -> None:
        place = ": ".join(filter(None, (source, dotted(path))))
        super().__init__(f"{place}: {reference!r} leads out of the plan; only files of the plan can be named")
        self.reference, self.source, self.path = reference, source, tuple(path)
