"""What works on nodes in the configured cloud: Ironic, the images that machines boot, what was seen of them before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.openstack.baremetal import IronicNodes
from tripleo_gitops.openstack.boot_images import GlanceBootImages
from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.introspection import IronicInspection
from tripleo_gitops.openstack.ironic_inspector import Inspector
from tripleo_gitops.openstack.ironic_requests import IronicRequests
from tripleo_gitops.openstack.node_control import IronicSwitches
from tripleo_gitops.operations.mirror.memory import DiskMemory
from tripleo_gitops.operations.nodes.inspector_guide import InspectorGuide
from tripleo_gitops.operations.nodes.introspection import Results
from tripleo_gitops.secrets.documents import SopsDocuments
from tripleo_gitops.wiring.vault import key_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.operations.nodes.store import NodeGuide
    from tripleo_gitops.wiring.config import Config


@dataclass(frozen=True, slots=True)
class NodeServices:
    """One project's services for nodes; nothing is asked of them before it is needed."""

    ironic: IronicNodes
    switches: IronicSwitches
    inspection: IronicInspection
    inspector: Inspector
    images: GlanceBootImages
    memory: DiskMemory


def open_nodes(config: Config) -> NodeServices:
    """Return the services for nodes of the configured cloud."""
    connection = connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id)
    requests = IronicRequests(connection)
    return NodeServices(
        ironic=IronicNodes(requests),
        switches=IronicSwitches(requests),
        inspection=IronicInspection(requests),
        inspector=Inspector(connection),
        images=GlanceBootImages(connection),
        memory=DiskMemory(config.cache_directory / "nodes.sqlite"),
    )


def open_node_vault(environment: Mapping[str, str]) -> SopsDocuments:
    """Return what opens and seals files of nodes, with the age keys of an environment."""
    return SopsDocuments(key_source(environment))


def inspection_of(services: NodeServices, service: str, *, manages_boot: bool = True) -> tuple[NodeGuide, Results]:
    """Return what leads nodes through introspection, and its results: `ironic` itself, or `inspector`.

    Raises NotFound where the cloud has no ironic-inspector.
    """
    if service == "ironic":
        return services.ironic, Results(services.inspection, services.memory)
    _check_inspector(services)
    guide = InspectorGuide(services.ironic, services.inspector, manages_boot=manages_boot)
    return guide, Results(services.inspector, services.memory)


def watching(services: NodeServices, service: str) -> NodeGuide:
    """Return a guide that sees introspections that others began, too; raises NotFound as above."""
    if service == "ironic":
        return services.ironic
    _check_inspector(services)
    return InspectorGuide(services.ironic, services.inspector, sees_all=True)


def _check_inspector(services: NodeServices) -> None:
    if not services.inspector.is_there():
        raise NotFound("the cloud's catalog has no ironic-inspector; leave out `--with inspector`")
