"""The limits that a Heat is configured with and that decide what it refuses."""

from __future__ import annotations

from dataclasses import dataclass

MAX_STACKS = 20_000
"""Stacks of one bundle: not Heat's limit but ours, for templates that hold many, each of which holds many."""
MAX_VALUE = 16 * 1024 * 1024
"""Bytes, roughly, that one call of a function may make, or a property may have: ours, too."""
MAX_CALLS = 50_000
"""Calls that one yaql expression may make: ours, too, since its own limits count in each loop anew."""
MAX_GIVEN = 64 * MAX_VALUE
"""Bytes of lists and mappings that all stacks of a bundle together may give to those that they hold: ours, too."""
ITEM_SIZE = 64
"""Bytes that an item of a list or a mapping counts for, beside what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLimits:
    """Heat's settings of the same names, with the values that TripleO's undercloud (and ours) gives them."""

    max_nested_stack_depth: int = 10
    max_template_size: int = 5_000_000
    yaql_limit_iterators: int = 9_000
    yaql_memory_quota: int = 900_000
