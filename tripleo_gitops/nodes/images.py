"""Images that machines boot and that are written to them, and how Glance's differ from a directory's files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DEFAULT_IMAGE = "overcloud-full"
MARK = "tripleo_gitops_sha256"
"""The property of images that this tool sends: the SHA-256 of what it was to become."""
HALF_SENT = frozenset(("queued", "saving", "uploading", "importing"))
BEING_SENT = HALF_SENT - {"queued"}
AGENT = "ironic-python-agent"


class Part(StrEnum):
    """What an image is: what a machine runs, or the kernel and ramdisk that boot it or Ironic's agent."""

    SYSTEM = "system"
    KERNEL = "kernel"
    RAMDISK = "ramdisk"


FORMATS = {Part.KERNEL: ("aki", "aki"), Part.RAMDISK: ("ari", "ari")}
"""Disk and container format, as TripleO uploads its images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """An image by its name, the files that it may come from, and the images that boot it.

    `is_optional` are kernel and ramdisk of a system: an image of a whole disk has none.
    """

    name: str
    part: Part
    files: tuple[str, ...]
    kernel: str | None = None
    ramdisk: str | None = None
    is_optional: bool = False

    def formats(self, file: str) -> tuple[str, str]:
        """Return disk and container format of the image when it comes from a file."""
        return FORMATS.get(self.part) or ("raw" if file.endswith(".raw") else "qcow2", "bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """An image of Glance, whatever its status; `hash` is algorithm and value, None while nothing was sent."""

    id: str
    name: str
    status: str
    size: int | None
    hash: tuple[str, str] | None
    created_at: str
    updated_at: str
    properties: Mapping[str, str]


class Action(StrEnum):
    """What is done about an image."""

    KEEP = "keep"
    LINK = "link"
    SEND = "send"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStep:
    """What is done about one image, half-sent ones to delete first, and others of its name to set aside last.

    `image` is the one that is kept, None for one to be sent.
    """

    wanted: WantedImage
    action: Action
    file: str | None = None
    image: FoundImage | None = None
    discard: tuple[FoundImage, ...] = ()
    aside: tuple[FoundImage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDiff:
    """What makes Glance's images those that are wanted, and why some cannot be."""

    steps: tuple[ImageStep, ...]
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return all(one.action is Action.KEEP and not one.discard and not one.aside for one in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What may be taken from others: images that differ replaced, uploads that may be under way broken off.

    `dead` are ids of uploads that this machine began and that nobody works on any more.
    """

    replaces: bool = False
    takes_over: bool = False
    dead: frozenset[str] = field(default_factory=frozenset)


def wanted_images(systems: Iterable[str], *, kernel: str, ramdisk: str) -> tuple[WantedImage, ...]:
    """Return the images for systems by name, each with its kernel and ramdisk, and those that Ironic's agent boots.

    The files are named as TripleO's image builds name them; what boots comes before what it boots.
    """
    found: list[WantedImage] = []
    for name in dict.fromkeys(systems):
        kernel_name, ramdisk_name = f"{name}-vmlinuz", f"{name}-initrd"
        found += (
            WantedImage(name=kernel_name, part=Part.KERNEL, files=(f"{name}.vmlinuz",), is_optional=True),
            WantedImage(name=ramdisk_name, part=Part.RAMDISK, files=(f"{name}.initrd",), is_optional=True),
        )
        disks = (f"{name}.qcow2", f"{name}.raw")
        found.append(WantedImage(name=name, part=Part.SYSTEM, files=disks, kernel=kernel_name, ramdisk=ramdisk_name))
    agent = ((kernel, Part.KERNEL, ("kernel", "vmlinuz")), (ramdisk, Part.RAMDISK, ("initramfs", "initrd")))
    for name, part, suffixes in agent:
        if name:
            files = tuple(f"{base}.{suffix}" for base in (AGENT, name) for suffix in suffixes)
            found.append(WantedImage(name=name, part=part, files=files))
    return tuple(found)


def diff_images(
    wanted: Sequence[WantedImage],
    files: Iterable[str],
    found: Iterable[FoundImage],
    *,
    digest: Callable[[str, str], str],
    taking: Taking,
) -> ImageDiff:
    """Return what makes images those of a directory's files; `digest` tells a file's hash by an algorithm.

    An image without a file is kept as Glance has it, and is a problem where Glance has none.
    """
    by_name: dict[str, list[FoundImage]] = {}
    for image in found:
        by_name.setdefault(image.name, []).append(image)
    present, steps, problems = frozenset(files), [], []
    for one in wanted:
        step = _step(one, present, by_name.get(one.name, ()), digest, taking)
        if isinstance(step, ImageStep):
            steps.append(step)
        elif step:
            problems.append(step)
    return ImageDiff(steps=_linked(steps), problems=tuple(problems))


def _step(
    wanted: WantedImage,
    files: frozenset[str],
    found: Sequence[FoundImage],
    digest: Callable[[str, str], str],
    taking: Taking,
) -> ImageStep | str:
    """Return what to do, or the problem; an empty text for an optional image that is nowhere."""
    file = next((name for name in wanted.files if name in files), None)
    active = [image for image in found if image.status == "active"]
    busy = [image for image in found if image.status in BEING_SENT and not _may_discard(image, taking)]
    discard = tuple(image for image in found if image.status in HALF_SENT and _may_discard(image, taking))
    if file is None:
        return _without_file(wanted, active, discard)
    same = next((image for image in active if _is_same(image, file, digest)), None)
    others = tuple(image for image in active if image is not same)
    if same is None and busy:
        since = f"since {busy[0].updated_at}"
        return f"{wanted.name}: somebody sends it {since} ({busy[0].id}); wait, or give --take-over to break that off"
    if others and not taking.replaces:
        ids = ", ".join(image.id for image in others)
        return f"{wanted.name}: Glance has another one than {file} ({ids}); --replace sets it aside"
    if same is not None:
        return ImageStep(wanted=wanted, action=Action.KEEP, file=file, image=same, discard=discard, aside=others)
    action = Action.REPLACE if others else Action.SEND
    return ImageStep(wanted=wanted, action=action, file=file, discard=discard, aside=others)


def _without_file(
    wanted: WantedImage, active: Sequence[FoundImage], discard: tuple[FoundImage, ...]
) -> ImageStep | str:
    if len(active) == 1:
        return ImageStep(wanted=wanted, action=Action.KEEP, image=active[0])
    if active:
        ids = ", ".join(image.id for image in active)
        return f"{wanted.name}: Glance has {len(active)} of that name ({ids}), and there is no file to tell by"
    if wanted.is_optional:
        return ""
    half = f"; what Glance has ({discard[0].id}) was sent half" if discard else ""
    return f"{wanted.name}: Glance has none, and there is no {' or '.join(wanted.files)}{half}"


def _may_discard(image: FoundImage, taking: Taking) -> bool:
    """Return whether a half-sent image may go: ours that nobody works on, or any of ours where that is asked for."""
    if image.id in taking.dead:
        return True
    return MARK in image.properties if image.status == "queued" else taking.takes_over


def _is_same(image: FoundImage, file: str, digest: Callable[[str, str], str]) -> bool:
    return image.hash is not None and digest(file, image.hash[0]) == image.hash[1]


def _linked(steps: Sequence[ImageStep]) -> tuple[ImageStep, ...]:
    """Return the steps, where a kept system whose kernel or ramdisk is another one is to be linked anew."""
    by_name = {one.wanted.name: one for one in steps}

    def is_right(step: ImageStep) -> bool:
        assert step.image is not None, "a kept image is there"
        pairs = (("kernel_id", step.wanted.kernel), ("ramdisk_id", step.wanted.ramdisk))
        for key, name in pairs:
            boot = by_name.get(name or "")
            if boot is not None and (boot.image is None or step.image.properties.get(key) != boot.image.id):
                return False
        return True

    return tuple(
        ImageStep(
            wanted=one.wanted, action=Action.LINK, file=one.file, image=one.image, discard=one.discard, aside=one.aside
        )
        if one.action is Action.KEEP and not is_right(one)
        else one
        for one in steps
    )
