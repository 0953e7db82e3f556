"""What parameters say of a role's machines: how many there are, and which flavor finds them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.nodes.flavors import ANY_NODE
from tripleo_gitops.nodes.profiles import PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.nodes.flavors import FoundFlavor
    from tripleo_gitops.nodes.registered import RegisteredNode

PROFILE_SPEC = "capabilities:profile"
_PARAMETERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "control": ("ControllerCount", "OvercloudControlFlavor"),
        "object-storage": ("ObjectStorageCount", "OvercloudSwiftStorageFlavor"),
    }
)
"""Profiles whose parameters are not named after them; so in tripleo-common's set_count_and_flavor_params."""
_FLAVOR_PROFILES: Mapping[str, str] = MappingProxyType({"object-storage": "swift-storage"})


def count_of_profile(nodes: Iterable[RegisteredNode], profile: str) -> int:
    """Return how many nodes have a profile, whatever their state."""
    return sum(node.capabilities.get(PROFILE) == profile for node in nodes)


def role_parameters(profile: str, *, count: int, flavors: Iterable[FoundFlavor]) -> dict[str, Any]:
    """Return the parameters that give a role so many machines: its count, and the flavor that asks for its profile.

    The flavor is `baremetal` where no machine has the profile, or no flavor asks for it. Raises InvalidInput.
    """
    words = [word.capitalize() for word in profile.split("-")]
    if not all(word.isalnum() for word in words):
        raise InvalidInput(f"{profile!r} is no profile of a role: words of letters and digits, with '-' between them")
    named = "".join(words)
    count_name, flavor_name = _PARAMETERS.get(profile, (f"{named}Count", f"Overcloud{named}Flavor"))
    asked = _FLAVOR_PROFILES.get(profile, profile)
    fitting = (flavor.name for flavor in flavors if count and flavor.specs.get(PROFILE_SPEC) == asked)
    return {count_name: count, flavor_name: next(fitting, ANY_NODE)}


def profile_of_flavor(name: str, flavors: Iterable[FoundFlavor]) -> str:
    """Return the profile that a flavor asks for; raises NotFound where there is no such flavor, or it asks for none."""
    found = next((flavor for flavor in flavors if flavor.name == name), None)
    if found is None:
        raise NotFound(f"Nova has no flavor {name}")
    profile = found.specs.get(PROFILE_SPEC)
    if not profile:
        raise NotFound(f"flavor {name} has no extra spec {PROFILE_SPEC}: it asks for no profile")
    return profile
