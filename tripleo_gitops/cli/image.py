"""`tripleo-plan image`: the images of Glance that the plan's machines need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tripleo_gitops.nodes.images import ImageDiff, ImageStep, WantedImage
    from tripleo_gitops.wiring.config import Config
    from tripleo_gitops.wiring.provisioning import ImageServices

R = TypeVar("R")
MIB = 1024 * 1024


def sending_options(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the command how it sends images, and what it may take from others."""
    for option in (
        click.option("--dry-run", "only_shows", is_flag=True, help="Show what would be sent, and exit 1 if anything."),
        click.option(
            "--replace", "replaces", is_flag=True, help="Set another image of the name aside, by renaming it."
        ),
        click.option(
            "--take-over",
            "takes_over",
            is_flag=True,
            help="Break off an upload that somebody may be at, and send anew.",
        ),
        click.option(
            "--visibility",
            type=click.Choice(["public", "private", "community", "shared"]),
            default="public",
            show_default=True,
            help="Who sees the images.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def image() -> None:
    """Make Glance's images those that the plan's machines need: what is written to them, and what boots them."""


@image.command("list")
@revision_argument()
@output_option
@configured
def list_command(config: Config, revision: str, form: str) -> int:
    """List the images that the plan needs and what Glance has of them; exits 1 where one is missing.

    \b
    Example:
      tripleo-plan image list
    """
    from tripleo_gitops.wiring.provisioning import open_images

    wanted = _wanted(config, revision)
    found = open_images(config).store.named([one.name for one in wanted])
    listed = [_listed(one, [image for image in found if image.name == one.name]) for one in wanted]
    rows = [
        (one["image"], one["part"], one["state"], ", ".join(str(image["id"]) for image in one["images"]) or "-")
        for one in listed
    ]
    emit(listed, form=form, table=lambda: print_rows(rows, headings=("IMAGE", "PART", "IN GLANCE", "IDS")))
    return 1 if any(one["state"] not in ("active", "not needed") for one in listed) else 0


@image.command()
@click.argument("source", metavar="DIRECTORY", type=click.Path(path_type=Path, file_okay=False))
@revision_argument()
@sending_options
@output_option
@configured
def ensure(config: Config, source: Path, revision: str, **options: Any) -> int:
    """Send the images that the plan needs from a directory, as TripleO builds them; what Glance has is not sent again.

    Files are `overcloud-full.qcow2` (or `.raw`), `.vmlinuz` and `.initrd`, `ironic-python-agent.kernel` and
    `.initramfs`; they are compared by Glance's own hash. An upload that broke off is made good.

    \b
    Examples:
      tripleo-plan image ensure ~/images --dry-run
      tripleo-plan image ensure ~/images --replace
    """
    from tripleo_gitops.operations.nodes.image_files import ImageFiles

    return _ensure(config, _wanted(config, revision), ImageFiles(config.directory / source), **options)


@image.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", metavar="NAME", help="What the image is called [default: the file's name without its suffix].")
@click.option(
    "--part",
    type=click.Choice(["system", "kernel", "ramdisk"]),
    default="system",
    show_default=True,
    help="What the image is.",
)
@click.option("--kernel", metavar="NAME", help="The image of the kernel that boots it.")
@click.option("--ramdisk", metavar="NAME", help="The image of the ramdisk that boots it.")
@sending_options
@output_option
@configured
def upload(
    config: Config,
    *,
    file: Path,
    name: str | None,
    part: str,
    kernel: str | None,
    ramdisk: str | None,
    **options: Any,
) -> int:
    """Send one image, whether the plan needs it or not; the same image is not sent twice.

    \b
    Examples:
      tripleo-plan image upload fedora.vmlinuz --name fedora-vmlinuz --part kernel
      tripleo-plan image upload fedora.qcow2 --kernel fedora-vmlinuz --ramdisk fedora-initrd
    """
    from tripleo_gitops.nodes.images import Part, WantedImage
    from tripleo_gitops.operations.nodes.image_files import ImageFiles

    path = config.directory / file
    boots = [
        WantedImage(name=boot, part=kind, files=())
        for boot, kind in ((kernel, Part.KERNEL), (ramdisk, Part.RAMDISK))
        if boot
    ]
    wanted = WantedImage(name=name or path.stem, part=Part(part), files=(path.name,), kernel=kernel, ramdisk=ramdisk)
    return _ensure(config, (*boots, wanted), ImageFiles(path.parent), **options)


def _ensure(
    config: Config,
    wanted: tuple[WantedImage, ...],
    files: Any,
    *,
    only_shows: bool,
    replaces: bool,
    takes_over: bool,
    visibility: str,
    form: str,
) -> int:
    from tripleo_gitops.nodes.images import Taking
    from tripleo_gitops.operations.nodes.images import Sending, apply_images, plan_images
    from tripleo_gitops.wiring.provisioning import open_images

    services: ImageServices = open_images(config)
    taking = Taking(replaces=replaces, takes_over=takes_over, dead=services.notes.dead())
    diff = plan_images(services.store, wanted, files, taking)
    emit(_document(diff, is_done=not only_shows), form=form, table=lambda: _print(diff))
    if only_shows:
        return 0 if diff.is_empty else 1
    sending = Sending(visibility=visibility, say=_say, progress=_Meter())
    apply_images(services.store, diff, files, services.notes, sending)
    return 0


class _Meter:
    """Says how far an upload is, each tenth of it."""

    def __init__(self) -> None:
        self._told = ("", -1)

    def __call__(self, name: str, read: int, size: int) -> None:
        tenth = 10 * read // size if size else 10
        if (name, tenth) != self._told:
            self._told = (name, tenth)
            note(f"{name}: {read / MIB:.1f} of {size / MIB:.1f} MiB read")


def _wanted(config: Config, revision: str) -> tuple[WantedImage, ...]:
    from tripleo_gitops.operations.nodes.images import images_of_plan
    from tripleo_gitops.wiring.local import open_repository

    with open_repository(config) as repository:
        return images_of_plan(repository.tree(repository.resolve(revision)))


def _listed(wanted: WantedImage, found: list[Any]) -> dict[str, Any]:
    active = [image for image in found if image.status == "active"]
    missing = "not needed" if wanted.is_optional else "missing"
    half = found[0].status if found else missing
    state = "active" if len(active) == 1 else f"{len(active)} of that name" if active else half
    fields = ("id", "status", "size", "created_at", "updated_at")
    images = [{name: getattr(image, name) for name in fields} for image in found]
    return {"image": wanted.name, "part": wanted.part.value, "state": state, "images": images}


def _document(diff: ImageDiff, *, is_done: bool) -> dict[str, Any]:
    steps = [
        {
            "image": one.wanted.name,
            "action": one.action.value,
            "file": one.file,
            "id": one.image.id if one.image else None,
            "discard": [half.id for half in one.discard],
            "set_aside": [other.id for other in one.aside],
        }
        for one in diff.steps
    ]
    return {"images": steps, "dry_run": not is_done}


def _print(diff: ImageDiff) -> None:
    for one in diff.steps:
        click.echo(f"{one.action.value} {one.wanted.name}" + (f" from {one.file}" if one.file else " as it is"))
        for half in one.discard:
            click.echo(f"    {half.id} was sent half ({half.status}) and is deleted")
        for other in one.aside:
            click.echo(f"    {other.id} is set aside, under a name of its own")


def _say(step: ImageStep) -> None:
    if step.action.value != "keep":
        note(f"{step.wanted.name}: done")
