"""`tripleo.git.lead_nodes`: Ironic's nodes are led to a state, or through a cleaning: those named, or all that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.mistral_actions.fleet import ActionClock, fleet_of
from tripleo_gitops.mistral_actions.nodes import nodes_as
from tripleo_gitops.mistral_actions.steps import watch
from tripleo_gitops.nodes.states import Goal
from tripleo_gitops.operations.nodes.hardware import ask_for_raid, bios_change, bios_reset, cleaning, raid_creation
from tripleo_gitops.operations.nodes.introspection import introspect_nodes
from tripleo_gitops.operations.nodes.journeys import Errand, lead_nodes
from tripleo_gitops.operations.nodes.outcomes import FleetOptions
from tripleo_gitops.operations.nodes.selection import named_nodes, nodes_in_state
from tripleo_gitops.wiring.nodes import inspection_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.mistral_actions.row import Call
    from tripleo_gitops.operations.plan_service import PlanService

WAITING = "manageable"
GOALS = ("manage", "provide", "introspect", "clean", "raid", "bios", "bios-reset")


def lead(
    service: PlanService,
    *,
    call: Call,
    errand: str,
    node_uuids: Sequence[str] | None = None,
    settings: Any = None,
    concurrency: int = 20,
    max_retry_attempts: int = 3,
    node_timeout: float = 1200,
    run_validations: bool = False,
) -> list[str]:
    """Manage, provide, introspect or clean nodes, a few at a time: those named, else all manageable ones; their ids.

    A cleaning does the steps of `settings`; a RAID and a BIOS are made as `settings` say. An error names each node
    that is not where it should be, and why.
    """
    if errand not in GOALS:
        raise InvalidInput(f"errand {errand!r} is none of {', '.join(GOALS)}")
    if run_validations:
        raise InvalidInput(
            "validations are a plan's, and these nodes are of none: tripleo.validations.v1.run_groups runs them, and "
            "tripleo.git.v1.node_introspection with its plan's"
        )
    options = FleetOptions(
        concurrency=int(concurrency), tries=max(1, int(max_retry_attempts)), node_timeout=float(node_timeout)
    )
    clock = ActionClock(watch(service, call))
    with nodes_as(service, call, write=True) as services:
        states = services.ironic.states()
        nodes = nodes_in_state(states, WAITING) if node_uuids is None else named_nodes(states, list(node_uuids))
        if not nodes:
            raise NotFound(f"no {WAITING} nodes to {errand}")
        if errand == "introspect":
            guide, results = inspection_of(services, "ironic")
            found = introspect_nodes(guide, results, nodes, options=options, clock=clock, show=lambda _outcome: None)
            return fleet_of(found.fleet)
        if errand == "raid":
            fleet_of(
                ask_for_raid(
                    services.switches, nodes, settings or {}, options=options, clock=clock, show=lambda _outcome: None
                )
            )
        wanted = _errand(errand, settings)
        return fleet_of(
            lead_nodes(services.ironic, nodes, wanted, options=options, clock=clock, show=lambda _outcome: None)
        )


def _errand(name: str, settings: Any) -> Errand:
    match name:
        case "manage":
            return Errand(Goal.MANAGEABLE)
        case "provide":
            return Errand(Goal.AVAILABLE)
        case "raid":
            return raid_creation()
        case "bios":
            return bios_change(_by_name(settings))
        case "bios-reset":
            return bios_reset()
        case _:
            return cleaning(_steps(settings)) if settings else cleaning()


def _by_name(settings: Any) -> Mapping[str, Any]:
    """Return BIOS settings by name; clients write `{settings: [{name, value}]}`, as Ironic has it."""
    listed = settings.get("settings") if isinstance(settings, dict) else None
    if listed is None:
        return settings or {}
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "name" in one for one in listed):
        raise InvalidInput("BIOS settings are a list of {name, value}")
    return {str(one["name"]): one.get("value") for one in listed}


def _steps(settings: Any) -> list[str]:
    """Return cleaning steps as words; clients write `[{interface, step}]`, as Ironic has it."""
    if not isinstance(settings, list) or not all(isinstance(one, dict) for one in settings):
        raise InvalidInput("clean steps are a list of {interface, step}")
    if any(set(one) - {"interface", "step"} for one in settings):
        raise InvalidInput("clean steps with arguments are not taken; write {interface, step}")
    return [f"{one.get('interface', '')}.{one.get('step', '')}" for one in settings]
