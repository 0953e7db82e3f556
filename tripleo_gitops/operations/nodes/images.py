"""Make Glance's images those of a directory's files: a diff first, then what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.errors import GitopsError, NotFound, Refused
from tripleo_gitops.nodes.deployment import read_deployment
from tripleo_gitops.nodes.images import DEFAULT_IMAGE, MARK, Action, ImageDiff, diff_images, wanted_images
from tripleo_gitops.operations.nodes.image_files import MeasuredFile
from tripleo_gitops.operations.nodes.wants import wants_of_plan
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.images import FoundImage, ImageStep, Taking, WantedImage
    from tripleo_gitops.openstack.glance import Stream
    from tripleo_gitops.operations.nodes.image_files import ImageFiles, UploadNotes


class ImageStore(Protocol):
    """Lists, makes, fills and changes images."""

    def named(self, names: Sequence[str]) -> tuple[FoundImage, ...]: ...
    def image(self, ident: str) -> FoundImage: ...
    def create(self, body: Mapping[str, Any]) -> str: ...
    def send(self, ident: str, content: Stream) -> None: ...
    def change(self, ident: str, operations: Sequence[Mapping[str, Any]]) -> None: ...
    def delete(self, ident: str) -> None: ...


class MissingImages(Refused):
    """Images that cannot be made right as things are; holds the problem of each."""

    reason = "MissingImages"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} images cannot be made right, nothing was changed: {'; '.join(problems)}")
        self.problems = tuple(problems)


class UploadSpoiled(GitopsError):
    """What Glance has is not what was sent; it was deleted again."""

    reason = "UploadSpoiled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How images are sent: for whom they are visible, who hears of each step and how far an upload is."""

    visibility: str
    say: Callable[[ImageStep], None]
    progress: Callable[[str, int, int], None]


def images_of_plan(tree: PlanTree) -> tuple[WantedImage, ...]:
    """Return the images that a plan's machines need: `<Role>Image` of roles with nodes, those of the deployment file,
    and what Ironic's agent boots.
    """
    document = resolve_plan(tree).environment.document
    values = {**(document.get("parameter_defaults") or {}), **(document.get("parameters") or {})}
    named = [str(values.get(f"{want.role}Image") or DEFAULT_IMAGE) for want in wants_of_plan(tree)]
    named += [image for role in read_deployment(tree) for image in role.images if "://" not in image]
    settings = read_settings(tree).nodes
    return wanted_images(named or [DEFAULT_IMAGE], kernel=settings.kernel, ramdisk=settings.ramdisk)


def plan_images(store: ImageStore, wanted: Sequence[WantedImage], files: ImageFiles, taking: Taking) -> ImageDiff:
    """Return what makes a store's images those of files; raise MissingImages with every problem."""
    found = store.named([one.name for one in wanted])
    diff = diff_images(wanted, files.names(), found, digest=files.digest, taking=taking)
    if diff.problems:
        raise MissingImages(diff.problems)
    return diff


def apply_images(store: ImageStore, diff: ImageDiff, files: ImageFiles, notes: UploadNotes, sending: Sending) -> None:
    """Do what a diff says, what boots before what is booted; the first failure ends it, and the next time goes on."""
    ids = {one.wanted.name: one.image.id for one in diff.steps if one.image is not None}
    for step in diff.steps:
        for half in step.discard:
            store.delete(half.id)
            notes.forget(half.id)
        if step.image is None:
            ids[step.wanted.name] = _send(store, step, files, notes, sending)
        _link(store, step, ids)
        for other in step.aside:
            aside = f"{other.name}_{other.created_at.replace(':', '').replace('-', '')}"
            store.change(other.id, [{"op": "replace", "path": "/name", "value": aside}])
        sending.say(step)


def _send(store: ImageStore, step: ImageStep, files: ImageFiles, notes: UploadNotes, sending: Sending) -> str:
    assert step.file is not None, "what is sent has a file"
    disk, container = step.wanted.formats(step.file)
    ident = store.create(
        {
            "name": step.wanted.name,
            "disk_format": disk,
            "container_format": container,
            "visibility": sending.visibility,
            MARK: files.digest(step.file, "sha256"),
        }
    )
    with (
        notes.held(ident),
        MeasuredFile(
            files.path(step.file), lambda read, size: sending.progress(step.wanted.name, read, size)
        ) as content,
    ):
        store.send(ident, content)
        _check(store, ident, step, files)
    return ident


def _check(store: ImageStore, ident: str, step: ImageStep, files: ImageFiles) -> None:
    sent = store.image(ident)
    if sent.status == "active" and sent.hash and files.digest(step.file or "", sent.hash[0]) == sent.hash[1]:
        return
    store.delete(ident)
    raise UploadSpoiled(
        f"{step.wanted.name}: Glance has {sent.size} bytes in status {sent.status} that are not those of {step.file}; "
        "deleted again: see whether the file was being written, and run the same again"
    )


def _link(store: ImageStore, step: ImageStep, ids: Mapping[str, str]) -> None:
    """Let an image name what boots it."""
    if step.action is Action.KEEP:
        return
    pairs = (("kernel_id", step.wanted.kernel), ("ramdisk_id", step.wanted.ramdisk))
    operations = [{"op": "add", "path": f"/{key}", "value": ids[name]} for key, name in pairs if name in ids and name]
    if operations:
        store.change(ids[step.wanted.name], operations)


def boot_image_id(store: ImageStore, name: str) -> str:
    """Return the id of the one active image of a name; raise NotFound, Refused where there are several."""
    active = [image for image in store.named([name]) if image.status == "active"]
    if not active:
        raise NotFound(f"Glance has no image {name}; `tripleo-plan image ensure DIRECTORY` sends it")
    if len(active) > 1:
        raise Refused(f"Glance has {len(active)} images named {name} ({', '.join(one.id for one in active)})")
    return active[0].id
