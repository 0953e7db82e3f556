"""Flavors that roles need: named, compared, and others' extra specs left alone."""

from __future__ import annotations

from tripleo_gitops.nodes.flavors import FoundFlavor, custom_name, diff_flavors, profile_classes, wanted_flavors
from tripleo_gitops.nodes.profiles import Want


def found(name: str, **specs: str) -> FoundFlavor:
    return FoundFlavor(id="1", name=name, vcpus=1, ram=1, disk=1, specs=specs)


def test_roles_of_one_profile_share_a_flavor() -> None:
    wants = [Want("compute", 2, "Compute"), Want("compute", 1, "Special"), Want("", 1, "Any")]
    named = {one.name: one.roles for one in wanted_flavors(wants, {})}
    assert named == {"compute": ("Compute", "Special"), "baremetal": ("Any",)}


def test_a_flavor_asks_for_a_node_of_the_class_and_for_nothing_of_a_virtual_machine() -> None:
    (flavor,) = wanted_flavors([Want("control", 1, "Controller")], {"control": "gold.v2"}, boot_option="netboot")
    assert flavor.specs == {
        "resources:CUSTOM_GOLD_V2": "1",
        "resources:VCPU": "0",
        "resources:MEMORY_MB": "0",
        "resources:DISK_GB": "0",
        "capabilities:boot_option": "netboot",
        "capabilities:profile": "control",
    }


def test_a_profile_that_is_a_trait_is_asked_for_as_a_trait() -> None:
    (flavor,) = wanted_flavors([Want("CUSTOM_GPU", 1, "Compute")], {})
    assert flavor.specs["trait:CUSTOM_GPU"] == "required"
    assert "capabilities:profile" not in flavor.specs


def test_a_flavor_that_is_right_is_left_alone_whatever_else_it_says() -> None:
    (wanted,) = wanted_flavors([Want("control", 1, "Controller")], {})
    diff = diff_flavors([wanted], [found("control", **wanted.specs, **{"hw:cpu_policy": "dedicated"})])
    assert diff.changes == ()
    assert diff.unchanged == ("control",)


def test_a_flavor_with_other_specs_is_mended_and_keeps_what_is_not_ours() -> None:
    (wanted,) = wanted_flavors([Want("control", 1, "Controller")], {})
    other = {"resources:CUSTOM_OLD": "1", "capabilities:profile": "compute", "hw:cpu_policy": "dedicated"}
    (change,) = diff_flavors([wanted], [found("control", **other)]).altered
    assert change.unset == ("resources:CUSTOM_OLD",)
    assert change.set["capabilities:profile"] == "control"
    assert "capabilities:profile: compute → control" in change.lines()
    assert not any("hw:" in line for line in change.lines())


def test_a_profile_whose_machines_are_of_two_classes_names_none() -> None:
    classes = profile_classes([("control", "gold"), ("control", "gold"), ("compute", "a"), ("compute", "b")])
    assert classes == {"control": "gold"}
    assert custom_name("my-class") == "CUSTOM_MY_CLASS"
