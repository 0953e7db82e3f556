"""Every service that an undercloud knows: one module for each, and this table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.undercloud.services.bmc import IPMI, REDFISH
from tripleo_gitops.undercloud.services.glance import GLANCE
from tripleo_gitops.undercloud.services.heat import HEAT
from tripleo_gitops.undercloud.services.ironic import IRONIC
from tripleo_gitops.undercloud.services.ironic_inspector import INSPECTOR
from tripleo_gitops.undercloud.services.keystone import KEYSTONE
from tripleo_gitops.undercloud.services.mistral import MISTRAL
from tripleo_gitops.undercloud.services.nova import NOVA
from tripleo_gitops.undercloud.services.swift import SWIFT
from tripleo_gitops.undercloud.services.zaqar import ZAQAR

if TYPE_CHECKING:
    from tripleo_gitops.undercloud.config import Service
    from tripleo_gitops.undercloud.services.site import Description

DESCRIPTIONS: dict[Service, Description] = {
    description.service: description
    for description in (KEYSTONE, SWIFT, HEAT, IRONIC, INSPECTOR, MISTRAL, GLANCE, NOVA, REDFISH, IPMI, ZAQAR)
}
