"""Images: what is sent, kept, linked, set aside, and what a broken upload leaves."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.nodes.images import (
    MARK,
    Action,
    FoundImage,
    ImageDiff,
    Taking,
    diff_images,
    wanted_images,
)

WANTED = wanted_images(["overcloud-full"], kernel="bm-deploy-kernel", ramdisk="bm-deploy-ramdisk")
FILES = (
    "overcloud-full.qcow2",
    "overcloud-full.vmlinuz",
    "overcloud-full.initrd",
    "ironic-python-agent.kernel",
    "ironic-python-agent.initramfs",
)


def digest(file: str, algorithm: str) -> str:
    return f"{algorithm} of {file}"


def image(name: str, file: str, ident: str = "", **fields: Any) -> FoundImage:
    values = {"size": 1, "status": "active", "hash": ("sha512", f"sha512 of {file}"), "properties": {}}
    return FoundImage(id=ident or name, name=name, created_at="c", updated_at="u", **{**values, **fields})


def all_sent() -> list[FoundImage]:
    boots = {"kernel_id": "overcloud-full-vmlinuz", "ramdisk_id": "overcloud-full-initrd"}
    return [
        image("overcloud-full-vmlinuz", "overcloud-full.vmlinuz"),
        image("overcloud-full-initrd", "overcloud-full.initrd"),
        image("overcloud-full", "overcloud-full.qcow2", properties=boots),
        image("bm-deploy-kernel", "ironic-python-agent.kernel"),
        image("bm-deploy-ramdisk", "ironic-python-agent.initramfs"),
    ]


def diff(found: list[FoundImage], *, files: tuple[str, ...] = FILES, taking: Taking | None = None) -> ImageDiff:
    return diff_images(WANTED, files, found, digest=digest, taking=taking or Taking())


def actions(found: ImageDiff) -> dict[str, Action]:
    return {one.wanted.name: one.action for one in found.steps}


def test_what_boots_is_sent_before_what_it_boots() -> None:
    names = [one.wanted.name for one in diff([]).steps]
    assert names.index("overcloud-full") > max(map(names.index, ("overcloud-full-vmlinuz", "overcloud-full-initrd")))
    assert set(actions(diff([])).values()) == {Action.SEND}


def test_the_same_images_are_not_sent_twice() -> None:
    assert diff(all_sent()).is_empty


def test_an_old_image_without_a_hash_is_compared_by_its_checksum() -> None:
    found = [*all_sent()[:-1], image("bm-deploy-ramdisk", "", hash=("md5", "md5 of ironic-python-agent.initramfs"))]
    assert diff(found).is_empty


def test_an_image_of_a_whole_disk_needs_no_kernel() -> None:
    found = diff([], files=("overcloud-full.qcow2", *FILES[3:]))
    assert "overcloud-full-vmlinuz" not in actions(found)
    assert found.problems == ()


def test_a_system_that_names_another_kernel_is_linked_anew_and_not_sent() -> None:
    found = [one for one in all_sent() if one.name != "overcloud-full"]
    found.append(image("overcloud-full", "overcloud-full.qcow2", properties={"kernel_id": "gone"}))
    assert actions(diff(found))["overcloud-full"] is Action.LINK


def test_another_image_of_the_name_is_replaced_only_where_that_is_asked_for() -> None:
    found = [*all_sent()[:-1], image("bm-deploy-ramdisk", "another", "old")]
    assert "old" in diff(found).problems[0]
    step = diff(found, taking=Taking(replaces=True)).steps[-1]
    assert (step.action, step.aside[0].id) == (Action.REPLACE, "old")


def test_a_replacement_that_broke_off_after_the_upload_is_finished_by_setting_aside() -> None:
    found = [*all_sent(), image("bm-deploy-ramdisk", "another", "old")]
    step = diff(found, taking=Taking(replaces=True)).steps[-1]
    assert (step.action, [one.id for one in step.aside]) == (Action.KEEP, ["old"])


def test_our_half_sent_image_is_deleted_and_sent_anew() -> None:
    half = image("bm-deploy-ramdisk", "", "half", status="queued", hash=None, properties={MARK: "x"})
    step = diff([*all_sent()[:-1], half]).steps[-1]
    assert (step.action, step.discard) == (Action.SEND, (half,))


def test_an_upload_that_this_machine_lost_is_made_good_even_while_glance_says_saving() -> None:
    half = image("bm-deploy-ramdisk", "", "half", status="saving", hash=None)
    step = diff([*all_sent()[:-1], half], taking=Taking(dead=frozenset(["half"]))).steps[-1]
    assert step.discard == (half,)


def test_somebody_elses_upload_is_not_touched_unless_it_is_taken_over() -> None:
    half = image("bm-deploy-ramdisk", "", "half", status="saving", hash=None, properties={MARK: "x"})
    assert "--take-over" in diff([*all_sent()[:-1], half]).problems[0]
    assert diff([*all_sent()[:-1], half], taking=Taking(takes_over=True)).steps[-1].discard == (half,)


def test_a_record_without_content_that_is_not_ours_stays() -> None:
    foreign = image("bm-deploy-ramdisk", "", "foreign", status="queued", hash=None)
    step = diff([*all_sent()[:-1], foreign]).steps[-1]
    assert (step.action, step.discard) == (Action.SEND, ())


def test_an_image_without_file_and_without_glance_is_a_problem_that_names_the_files() -> None:
    assert "ironic-python-agent.kernel" in diff([], files=FILES[:3]).problems[0]
