"""A deploy is bound to what was shown: the revision, what it means to Heat, and the stack as it was then."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from tripleo_gitops.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.operations.stacks.deploy import DeployPlan

_WORDS = {
    "commit": "the revision",
    "method": "the way that Heat is asked",
    "content": "templates, values or files",
    "options": "its options",
    "stack_id": "the stack is another one",
    "stack_updated": "the stack was changed since",
    "stack_status": "the stack's status",
}

_PLANNED = ("commit", "content", "options")


class StalePlan(Refused):
    """A deploy of something else than what was shown; `changed` names the parts that differ."""

    reason = "StalePlan"

    def __init__(self, name: str, *, changed: tuple[str, ...], shown: Bound, now: Bound) -> None:
        parts = ", ".join(_WORDS[part] for part in changed)
        then = f"{shown.stack_status or 'no stack'} of {shown.stack_updated or 'never'}"
        current = f"{now.stack_status or 'no stack'} of {now.stack_updated or 'never'}"
        super().__init__(
            f"the deploy of {name} is not what was shown: {parts} (stack then {then}, now {current}); "
            "look at the new diff and deploy again"
        )
        self.changed, self.shown, self.now = changed, shown, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a person was shown, as far as it must not change: each part a text, None where there is no stack."""

    commit: str
    method: str
    content: str
    options: str
    stack_id: str | None
    stack_updated: str | None
    stack_status: str | None

    @property
    def digest(self) -> str:
        """One hash of it all, 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """Return the parts as plain data, to be kept with a run."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_document` wrote; raises InvalidInput."""
        try:
            return cls(**document)
        except TypeError as exc:
            raise InvalidInput("what a deploy is bound to is not readable; ask for the deploy again") from exc


def bind(planned: DeployPlan) -> Bound:
    """Return what a planned deploy is bound to."""
    stack = planned.seen.stack if planned.seen else None
    request = planned.request
    content = json.dumps(
        [request.template, request.environment, dict(request.files)], sort_keys=True, separators=(",", ":")
    )
    return Bound(
        commit=planned.revision.commit,
        method=planned.method.value,
        content=hashlib.sha256(content.encode()).hexdigest(),
        options=f"timeout {request.timeout} min, {'with' if request.rollback else 'without'} rollback",
        stack_id=stack.id if stack else None,
        stack_updated=stack.updated if stack else None,
        stack_status=stack.status if stack else None,
    )


def check_fresh(shown: Bound, planned: DeployPlan, *, is_again: bool = False) -> None:
    """Raise StalePlan where a deploy is not the one that was shown.

    `is_again` says that the same deploy changed the stack before: then the stack may be another one than was shown.
    """
    now = bind(planned)
    parts = _PLANNED if is_again else tuple(_WORDS)
    changed = tuple(part for part in parts if getattr(shown, part) != getattr(now, part))
    if changed:
        raise StalePlan(planned.name, changed=changed, shown=shown, now=now)
