"""The cloud of a configuration: its containers and its stacks."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.openstack.connection import connect
from tripleo_gitops.openstack.heat import HeatStacks
from tripleo_gitops.openstack.mistral import MistralEnvironments
from tripleo_gitops.openstack.swift import SwiftContainers
from tripleo_gitops.operations.mirror.announcement import SyncId
from tripleo_gitops.operations.mirror.journal import Journal
from tripleo_gitops.operations.mirror.memory import DiskMemory
from tripleo_gitops.operations.mirror.mirror import Mirror

if TYPE_CHECKING:
    from pathlib import Path

    from openstack.connection import Connection

    from tripleo_gitops.wiring.config import Config


@dataclass(frozen=True, slots=True)
class Cloud:
    """One project of one cloud."""

    containers: SwiftContainers
    stacks: HeatStacks
    environments: MistralEnvironments
    cache_directory: Path

    def mirror(self, name: str) -> Mirror:
        """Return the mirror of a plan in this project; nothing is asked of it yet."""
        return Mirror(
            store=self.containers,
            container=name,
            journal=Journal(self.cache_directory / "mirrors"),
            memory=DiskMemory(self.cache_directory / "memory.sqlite"),
            clock=time,
            new_id=lambda: SyncId(secrets.token_hex(8)),
            environments=self.environments,
        )


def open_cloud(config: Config) -> Cloud:
    """Return the services of the configured cloud; nothing is asked of them yet."""
    return cloud_of(connect(config.cloud, clouds_file=config.clouds_file, trace_id=config.trace_id), config)


def cloud_of(connection: Connection, config: Config) -> Cloud:
    """Return the services of a cloud that a connection leads to."""
    return Cloud(
        containers=SwiftContainers(connection),
        stacks=HeatStacks(connection),
        environments=MistralEnvironments(connection),
        cache_directory=config.cache_directory,
    )
