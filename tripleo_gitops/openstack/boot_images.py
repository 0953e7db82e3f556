"""The images that machines boot to be inspected and deployed, found in Glance by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keystoneauth1 import exceptions as auth

from tripleo_gitops.errors import Refused
from tripleo_gitops.openstack.connection import told

if TYPE_CHECKING:
    from openstack.connection import Connection


class AmbiguousImage(Refused):
    """Several images of one name."""

    reason = "AmbiguousImage"


class GlanceBootImages:
    """The images that one project sees; a cloud without Glance has none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> str | None:
        """Return the id of the active image of that name, None where there is none; raise AmbiguousImage."""
        with told("Glance"):
            if not self._is_there():
                return None
            found = [image.id for image in self._connection.image.images(name=name, status="active")]
        if len(found) > 1:
            raise AmbiguousImage(
                f"Glance has {len(found)} images named {name} ({', '.join(found)}); delete all but one, or name "
                "one by its id as kernel_id or ramdisk_id of the nodes"
            )
        return str(found[0]) if found else None

    def _is_there(self) -> bool:
        try:
            return self._connection.session.get_endpoint(service_type="image") is not None
        except auth.EndpointNotFound:
            return False
