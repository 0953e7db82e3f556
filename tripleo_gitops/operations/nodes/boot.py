"""Say what nodes boot to be inspected and deployed; what is not named stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.desired import IMAGE_KEYS
from tripleo_gitops.operations.nodes.fleet import act_on_each
from tripleo_gitops.operations.nodes.outcomes import Ending, FleetOptions, FleetOutcome, NodeOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tripleo_gitops.nodes.registered import RegisteredNode
    from tripleo_gitops.operations.clock import Clock
    from tripleo_gitops.operations.nodes.outcomes import Show
    from tripleo_gitops.operations.nodes.store import NodeWriter


def boot_images(*, kernel: str | None, ramdisk: str | None) -> dict[str, str]:
    """Return the fields of `driver_info` that name boot images, for deployment and for rescue alike."""
    named = {"kernel": kernel, "ramdisk": ramdisk}
    values = {key: named[key.rpartition("_")[2]] for key in IMAGE_KEYS}
    return {key: value for key, value in values.items() if value}


def set_boot_images(
    writer: NodeWriter,
    nodes: Sequence[RegisteredNode],
    images: Mapping[str, str],
    *,
    options: FleetOptions,
    clock: Clock,
    show: Show,
) -> FleetOutcome:
    """Write the boot images of nodes, and return what became of each; one that has them is left alone."""

    def told(node: RegisteredNode, ending: Ending = Ending.DONE) -> NodeOutcome:
        state = node.state.provision_state
        return NodeOutcome(
            node=node.label, uuid=node.uuid, verb="boot", ending=ending, before=state, after=state, tries=1
        )

    def act(node: RegisteredNode) -> NodeOutcome:
        missing: list[dict[str, Any]] = [
            {"op": "add", "path": f"/driver_info/{key}", "value": value}
            for key, value in images.items()
            if node.driver_info.get(key) != value
        ]
        if not missing:
            return told(node, Ending.UNCHANGED)
        writer.patch(node.uuid, missing)
        return told(node)

    return act_on_each(nodes, act, told, concurrency=options.concurrency, clock=clock, show=show)
