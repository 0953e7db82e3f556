"""A role's count and flavor follow from the machines that have its profile."""

from __future__ import annotations

import pytest

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.nodes.flavors import FoundFlavor
from tripleo_gitops.nodes.registered import NodeState, RegisteredNode
from tripleo_gitops.nodes.role_parameters import count_of_profile, profile_of_flavor, role_parameters


def _flavor(name: str, profile: str | None) -> FoundFlavor:
    specs = {"capabilities:profile": profile} if profile else {}
    return FoundFlavor(id=name, name=name, vcpus=1, ram=1, disk=1, specs=specs)


FLAVORS = (_flavor("baremetal", None), _flavor("big", "compute"), _flavor("swift", "swift-storage"))


def _node(uuid: str, capabilities: str) -> RegisteredNode:
    state = NodeState(uuid=uuid, name=None, provision_state="available")
    return RegisteredNode(state=state, driver="ipmi", properties={"capabilities": capabilities})


def test_machines_of_a_profile_are_counted() -> None:
    nodes = [_node("a", "profile:compute"), _node("b", "profile:compute,boot_option:local"), _node("c", "")]
    assert count_of_profile(nodes, "compute") == 2
    assert count_of_profile(nodes, "control") == 0


def test_parameters_are_named_after_the_profile_with_upstreams_exceptions() -> None:
    assert role_parameters("compute", count=2, flavors=FLAVORS) == {
        "ComputeCount": 2,
        "OvercloudComputeFlavor": "big",
    }
    assert role_parameters("ceph-storage", count=1, flavors=FLAVORS) == {
        "CephStorageCount": 1,
        "OvercloudCephStorageFlavor": "baremetal",
    }
    assert role_parameters("control", count=1, flavors=()) == {
        "ControllerCount": 1,
        "OvercloudControlFlavor": "baremetal",
    }
    assert role_parameters("object-storage", count=1, flavors=FLAVORS) == {
        "ObjectStorageCount": 1,
        "OvercloudSwiftStorageFlavor": "swift",
    }


def test_a_role_without_machines_takes_any_flavor() -> None:
    assert role_parameters("compute", count=0, flavors=FLAVORS)["OvercloudComputeFlavor"] == "baremetal"


def test_what_is_no_profile_names_no_parameter() -> None:
    for wrong in ("", "a b", "../x", "-"):
        with pytest.raises(InvalidInput, match="is no profile of a role"):
            role_parameters(wrong, count=0, flavors=())


def test_a_flavor_tells_its_profile_or_why_not() -> None:
    assert profile_of_flavor("big", FLAVORS) == "compute"
    with pytest.raises(NotFound, match="no flavor absent"):
        profile_of_flavor("absent", FLAVORS)
    with pytest.raises(NotFound, match="asks for no profile"):
        profile_of_flavor("baremetal", FLAVORS)
