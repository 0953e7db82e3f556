"""The limits that a Heat is configured with and that decide what it refuses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLimits:
    """Heat's settings of the same names, with the values that TripleO's undercloud (and ours) gives them."""

    max_nested_stack_depth: int = 10
    max_template_size: int = 5_000_000
    yaql_limit_iterators: int = 9_000
    yaql_memory_quota: int = 900_000
