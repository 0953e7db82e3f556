"""Images against the real Glance: sent once, linked, replaced, and made good where the connection broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.provisioning.cutting_proxy import cutting_proxy

if TYPE_CHECKING:
    from tests.provisioning.conftest import Place

pytestmark = pytest.mark.undercloud


def named(place: Place, name: str) -> list[Any]:
    return list(place.undercloud.connect().image.images(name=name))


def test_images_are_sent_once_and_the_system_names_what_boots_it(place: Place) -> None:
    place.plan(1)
    folder = str(place.build())
    assert place.run("image", "list", "-o", "json", code=1).data
    place.run("image", "ensure", folder)
    (system,) = named(place, place.image)
    (kernel,) = named(place, f"{place.image}-vmlinuz")
    (ramdisk,) = named(place, f"{place.image}-initrd")
    told = place.undercloud.connect().image.get(f"/images/{system.id}").json()
    assert (told["kernel_id"], told["ramdisk_id"]) == (kernel.id, ramdisk.id)
    assert (system.disk_format, kernel.disk_format, ramdisk.disk_format) == ("qcow2", "aki", "ari")
    again = place.run("image", "ensure", folder, "-o", "json").data
    assert {one["action"] for one in again["images"]} == {"keep"}
    assert {one["state"] for one in place.run("image", "list", "-o", "json").data} == {"active"}
    assert [one.id for one in named(place, place.image)] == [system.id]


def test_another_build_replaces_an_image_only_when_that_is_asked_for(place: Place) -> None:
    place.plan(1)
    place.run("image", "ensure", str(place.build()))
    (old,) = named(place, f"k-{place.name}")
    folder = str(place.build())
    assert "--replace" in place.run("image", "ensure", folder, code=2).err
    place.run("image", "ensure", folder, "--replace")
    (new,) = named(place, f"k-{place.name}")
    assert new.id != old.id
    assert place.undercloud.connect().image.get_image(old.id).name.startswith(f"k-{place.name}_")


def test_a_connection_that_breaks_in_the_middle_is_made_good_by_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.plan(1)
    folder = str(place.build())
    document = yaml.safe_load(place.undercloud.clouds_file.read_text())
    with cutting_proxy(place.undercloud.services["glance"], most=1_000_000) as address:
        document["clouds"][place.undercloud.cloud]["image_endpoint_override"] = address
        broken = place.directory.parent / "broken-clouds.yaml"
        broken.write_text(yaml.safe_dump(document))
        with monkeypatch.context() as patched:
            patched.setenv("OS_CLIENT_CONFIG_FILE", str(broken))
            said = place.run("image", "ensure", folder, code=2).err
    assert "try again" in said
    (half,) = named(place, f"{place.image}-vmlinuz")
    assert half.status in ("queued", "saving")
    shown = place.run("image", "ensure", folder, "--dry-run", "-o", "json", code=1).data
    assert shown["images"][0]["discard"] == [half.id]
    place.run("image", "ensure", folder)
    (whole,) = named(place, f"{place.image}-vmlinuz")
    assert whole.status == "active"
    assert whole.id != half.id


def test_one_image_is_uploaded_by_its_name_and_not_twice(place: Place) -> None:
    path = place.build() / "ironic-python-agent.kernel"
    name = f"one-{place.name}"
    place.plan(1)
    place.run("image", "upload", str(path), "--name", name, "--part", "kernel", "--visibility", "private")
    place.run("image", "upload", str(path), "--name", name, "--part", "kernel", "--visibility", "private")
    (found,) = named(place, name)
    assert found.visibility == "private"


def test_images_that_are_nowhere_are_all_told(place: Place) -> None:
    place.plan(1)
    folder = place.directory.parent / "empty"
    folder.mkdir()
    said = place.run("image", "ensure", str(folder), code=2).err
    assert place.image in said
    assert f"r-{place.name}" in said
