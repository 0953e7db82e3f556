"""Where the services of a deployed cloud answer, as its stack tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack

ENDPOINTS, HORIZON = "EndpointMap", "HorizonPublic"


def horizon_address(stack: Stack | None, name: str) -> str:
    """Return where people log in to a deployed cloud's web interface; raises NotFound where its stack does not tell."""
    if stack is None:
        raise NotFound(f"there is no stack {name} to tell where Horizon is")
    told = stack.outputs.get(ENDPOINTS)
    entry = told.get(HORIZON) if isinstance(told, dict) else None
    address = entry.get("uri") if isinstance(entry, dict) else None
    if not address:
        raise NotFound(f"the outputs of stack {name} ({stack.status}) tell no {ENDPOINTS} with {HORIZON}")
    return str(address)
