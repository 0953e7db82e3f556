"""Heat's template functions: what each demands of its arguments, and what it makes of them."""

from __future__ import annotations

from tripleo_gitops.heat.functions.lists import LIST_BEHAVIOURS
from tripleo_gitops.heat.functions.logic import LOGIC_BEHAVIOURS
from tripleo_gitops.heat.functions.maps import MAP_BEHAVIOURS
from tripleo_gitops.heat.functions.references import REFERENCE_BEHAVIOURS
from tripleo_gitops.heat.functions.text import TEXT_BEHAVIOURS
from tripleo_gitops.heat.functions.yaql_expression import YAQL_BEHAVIOURS

BEHAVIOURS = {
    **REFERENCE_BEHAVIOURS,
    **TEXT_BEHAVIOURS,
    **LIST_BEHAVIOURS,
    **MAP_BEHAVIOURS,
    **LOGIC_BEHAVIOURS,
    **YAQL_BEHAVIOURS,
}

__all__ = ["BEHAVIOURS"]
