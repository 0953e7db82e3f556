"""Flavors against the real Nova: shown, made, mended, and left alone the second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.provisioning.conftest import Place

pytestmark = pytest.mark.undercloud


def specs_of(place: Place, name: str) -> dict[str, str]:
    compute: Any = place.undercloud.connect().compute
    return dict(compute.find_flavor(name, get_extra_specs=True).extra_specs)


def test_flavors_are_made_once(place: Place) -> None:
    place.plan(1)
    name = f"prof-{place.name}"
    assert place.run("flavor", "list", "-o", "json", code=1).data[0]["state"] == "missing"
    shown = place.run("flavor", "ensure", "--dry-run", "-o", "json", code=1).data
    assert shown["changes"][0]["is_new"]
    assert place.run("flavor", "list", "-o", "json", code=1).data[0]["state"] == "missing"
    place.run("flavor", "ensure")
    assert specs_of(place, name) == {
        "resources:CUSTOM_BAREMETAL": "1",
        "resources:VCPU": "0",
        "resources:MEMORY_MB": "0",
        "resources:DISK_GB": "0",
        "capabilities:boot_option": "local",
        "capabilities:profile": name,
    }
    again = place.run("flavor", "ensure", "-o", "json").data
    assert (again["changes"], again["unchanged"]) == ([], [name])


def test_a_flavor_with_other_specs_is_mended_and_keeps_what_others_said(place: Place) -> None:
    place.plan(1)
    name = f"prof-{place.name}"
    compute: Any = place.undercloud.connect().compute
    flavor = compute.create_flavor(name=name, ram=1, vcpus=2, disk=3)
    compute.create_flavor_extra_specs(flavor, {"resources:CUSTOM_OLD": "1", "hw:cpu_policy": "dedicated"})
    place.run("flavor", "ensure", "--yes")
    specs = specs_of(place, name)
    assert "resources:CUSTOM_OLD" not in specs
    assert (specs["resources:CUSTOM_BAREMETAL"], specs["hw:cpu_policy"]) == ("1", "dedicated")
    assert place.run("flavor", "ensure", "-o", "json").data["changes"] == []


def test_a_user_who_may_not_make_flavors_is_told_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.plan(1)
    monkeypatch.setenv("OS_CLOUD", "undercloud-member")
    assert "may not do that" in place.run("flavor", "ensure", "--yes", code=2).err
    monkeypatch.setenv("OS_CLOUD", "undercloud")
