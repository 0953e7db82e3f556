"""What flavors, images and provisioning need of the configured cloud and of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.allocations import IronicAllocations
from tripleo_gitops.openstack.baremetal import IronicNodes
from tripleo_gitops.openstack.boot_images import GlanceBootImages
from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.glance import GlanceImages
from tripleo_gitops.openstack.ironic_requests import IronicRequests
from tripleo_gitops.openstack.node_control import IronicSwitches
from tripleo_gitops.openstack.nova import NovaFlavors
from tripleo_gitops.operations.nodes.image_files import UploadNotes
from tripleo_gitops.operations.nodes.provisioning import Metal

if TYPE_CHECKING:
    from pathlib import Path

    from tripleo_gitops.wiring.config import Config


@dataclass(frozen=True, slots=True)
class ImageServices:
    """Glance, and what this machine noted of uploads to it."""

    store: GlanceImages
    notes: UploadNotes


@dataclass(frozen=True, slots=True)
class ProvisionServices:
    """Ironic with its reservations, the images by name, and where results are kept."""

    ironic: IronicNodes
    reservations: IronicAllocations
    switches: IronicSwitches
    images: GlanceBootImages
    results: Path

    @property
    def metal(self) -> Metal:
        """What instances are put on nodes with."""
        return Metal(self.ironic, self.reservations, self.switches)


def open_flavors(config: Config) -> NovaFlavors:
    """Return the flavors of the configured cloud."""
    return NovaFlavors(connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id))


def open_images(config: Config) -> ImageServices:
    """Return the images of the configured cloud."""
    connection = connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id)
    return ImageServices(GlanceImages(connection), UploadNotes(config.state_directory / "image-uploads"))


def open_provisioning(config: Config) -> ProvisionServices:
    """Return what provisioning needs; nothing is asked of the cloud yet."""
    connection = connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id)
    requests = IronicRequests(connection)
    return ProvisionServices(
        ironic=IronicNodes(requests),
        reservations=IronicAllocations(requests),
        switches=IronicSwitches(requests),
        images=GlanceBootImages(connection),
        results=config.provisioned_directory,
    )
