"""Names of plans, which are names of repositories, Swift containers, Mistral environments and Heat stacks."""

from __future__ import annotations

import re
from typing import NewType

from tripleo_gitops.errors import InvalidInput

PlanName = NewType("PlanName", str)
"""A plan's name that every service takes; made by `parse_plan_name` only."""

_ALPHABET = re.compile(r"[A-Za-z0-9-]+")
_FIRST_LETTER = re.compile(r"[A-Za-z]")
STACK_NAME_LENGTH = 255
CONTAINER_NAME_LENGTH = 256
LONGEST_DERIVED_CONTAINER = "-swift-rings"


class InvalidPlanName(InvalidInput):
    """A name that TripleO or one of the services would refuse; `service` says which."""

    reason = "InvalidPlanName"

    def __init__(self, name: str, *, service: str, rule: str) -> None:
        super().__init__(f"{name[:80]!r} cannot name a plan: {service} {rule}")
        self.name, self.service, self.rule = name, service, rule


def parse_plan_name(text: str) -> PlanName:
    """Return `text` as a plan's name.

    The whole string counts: TripleO's own check lets a final line feed pass. Heat wants a letter first and
    255 characters at most (heat.engine.stack); Swift takes container names of 256 bytes, of which TripleO's
    `<plan>-swift-rings` needs twelve. Raises InvalidPlanName.
    """
    if not _ALPHABET.fullmatch(text):
        raise InvalidPlanName(text, service="TripleO", rule="takes the letters A-Z and a-z, digits and '-' only")
    if not _FIRST_LETTER.match(text):
        raise InvalidPlanName(text, service="Heat", rule="wants a letter as the first character of a stack's name")
    if len(text) > STACK_NAME_LENGTH:
        rule = f"takes stack names of {STACK_NAME_LENGTH} characters at most, this one has {len(text)}"
        raise InvalidPlanName(text, service="Heat", rule=rule)
    longest = len(text) + len(LONGEST_DERIVED_CONTAINER)
    if longest > CONTAINER_NAME_LENGTH:
        rule = (
            f"takes container names of {CONTAINER_NAME_LENGTH} characters at most, "
            f"'<plan>{LONGEST_DERIVED_CONTAINER}' would have {longest}"
        )
        raise InvalidPlanName(text, service="Swift", rule=rule)
    return PlanName(text)
