"""Where a plan is made from: what a person named, looked up on this machine, in the cloud or fetched."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.errors import NotFound
from tripleo_gitops.operations.archives import read_archive
from tripleo_gitops.operations.creation import Origin
from tripleo_gitops.operations.mirror.container_source import read_container
from tripleo_gitops.plan.names import parse_plan_name
from tripleo_gitops.plan.source_address import (
    ContainerAddress,
    GitAddress,
    PlanAddress,
    parse_ref,
    parse_source,
    split_ref,
)
from tripleo_gitops.repository.bundle import is_bundle
from tripleo_gitops.repository.file_set import FileSet, read_commit, read_directory
from tripleo_gitops.repository.objects import PlanRepository
from tripleo_gitops.repository.transport import fetch_commit
from tripleo_gitops.wiring.cloud import open_cloud
from tripleo_gitops.wiring.shipped import shipped_directory

if TYPE_CHECKING:
    from tripleo_gitops.wiring.config import Config

EXAMPLE, DEFAULT = "example", "default"
TEMPLATES = "share/openstack-tripleo-heat-templates"

Source = tuple[FileSet, Origin]


def open_source(config: Config, text: str, *, ref: str | None = None) -> Source:
    """Return the files that `text` names, and where they are from; `ref` is what to take of a repository.

    Raises InvalidSource, NotFound and what reading the source raises.
    """
    if text in (EXAMPLE, DEFAULT):
        directory = shipped_directory("examples") / "plan-repo" if text == EXAMPLE else default_templates()
        return read_directory(directory), Origin(place=text)
    address = parse_source(text)
    match address:
        case GitAddress():
            return open_git_source(replace(address, ref=parse_ref(ref) or address.ref))
        case PlanAddress():
            path = config.plans_directory / f"{parse_plan_name(address.name)}.git"
            return _from_repository(path, parse_ref(ref) or address.ref, place=f"plan:{address.name}")
        case ContainerAddress():
            return read_container(open_cloud(config).containers, address.name), Origin(place=text)
    return _from_path(config.directory, address.path, parse_ref(ref))


def default_templates() -> Path:
    """Return where the machine's own tripleo-heat-templates are; raise NotFound."""
    for prefix in (sys.prefix, "/usr", "/usr/local"):
        if Path(prefix, TEMPLATES).is_dir():
            return Path(prefix, TEMPLATES)
    raise NotFound(f"no tripleo-heat-templates in {sys.prefix}/{TEMPLATES} or /usr/{TEMPLATES}; install them")


def open_git_source(address: GitAddress) -> Source:
    """Return the files of a Git repository, fetched, and where they are from."""
    with tempfile.TemporaryDirectory(prefix="tripleo-plan-") as folder:
        fetched = fetch_commit(address, Path(folder))
        files = read_commit(fetched.git_dir, fetched.commit)
    return files, Origin(place=address.url, ref=address.ref or fetched.ref, commit=fetched.commit)


def _from_repository(path: Path, ref: str | None, *, place: str) -> Source:
    with PlanRepository.open(path) as repository:
        revision = repository.resolve(ref or "HEAD")
        return read_commit(Path(repository.git_dir), revision.commit), Origin(
            place=place, ref=ref or revision.branch, commit=revision.commit
        )


def _from_path(directory: Path, text: str, ref: str | None) -> Source:
    path = directory / text
    if not path.exists():
        before, behind = split_ref(text)
        path, ref = directory / before, ref or parse_ref(behind)
    if not path.exists():
        raise NotFound(f"{text}: no such directory, archive or repository; `example` names the shipped one")
    if path.is_file() and is_bundle(path):
        files, origin = open_git_source(GitAddress(str(path.resolve()), ref))
        return files, replace(origin, place=path.name)
    if path.is_file():
        return read_archive(path), Origin(place=path.name)
    if ref is not None or (path / "objects").is_dir():
        return _from_repository(path, ref, place=str(path.resolve()))
    return read_directory(path), Origin(place=text)
