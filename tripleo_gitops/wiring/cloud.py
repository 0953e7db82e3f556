"""The cloud of a configuration: its containers and its stacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.heat import HeatStacks
from tripleo_gitops.openstack.swift import SwiftContainers

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config


@dataclass(frozen=True, slots=True)
class Cloud:
    """One project of one cloud."""

    containers: SwiftContainers
    stacks: HeatStacks


def open_cloud(config: Config) -> Cloud:
    """Return the services of the configured cloud; nothing is asked of them yet."""
    connection = connect(config.cloud, clouds_file=config.clouds_file)
    return Cloud(containers=SwiftContainers(connection), stacks=HeatStacks(connection))
