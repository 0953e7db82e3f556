"""What a question about parameters is asked of: a plan, a directory of templates, or a template with environments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.heat.environment import MergeRule
from tripleo_gitops.heat.errors import OutsidePlan
from tripleo_gitops.operations.resolution import Reader, Resolved, resolve_plan, resolve_templates
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE
from tripleo_gitops.repository.directory import FilesOnDisk
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tripleo_gitops.documents.tree import PlanTree

ROOT_TEMPLATE = "overcloud.yaml"
BASE_REGISTRY = "overcloud-resource-registry-puppet.yaml"


def resolve_directory(
    tree: PlanTree, *, template: str | None, environments: Sequence[str], reader: Reader | None = None
) -> Resolved:
    """Return what a directory with a plan, or with templates rendered or not, means to Heat.

    Without a plan-environment.yaml, or where `template` or `environments` (paths of the directory, low to high) are
    named, those are merged as TripleO does over its base registry; `template` is overcloud.yaml unless named.
    """
    if PLAN_ENVIRONMENT_FILE in tree.paths() and template is None and not environments:
        return resolve_plan(tree, reader=reader)
    rendered = render(tree, cache=reader.cache if reader else None)
    root = template or ROOT_TEMPLATE
    if root not in rendered.paths():
        raise NotFound(f"the directory has neither {PLAN_ENVIRONMENT_FILE} nor {root}; name a template with --template")
    base = [BASE_REGISTRY] if BASE_REGISTRY in rendered.paths() and BASE_REGISTRY not in environments else []
    return resolve_templates(rendered, root, [*base, *environments], rule=MergeRule.CLIENT, reader=reader)


def resolve_files(template: Path, environments: Sequence[Path], *, reader: Reader | None = None) -> Resolved:
    """Return what `openstack stack create -t TEMPLATE -e ENVIRONMENT…` would send for these files, links followed.

    Paths are shown from the lowest directory that holds all that they lead to. Raises OutsidePlan for what is
    named by a URL or an absolute path.
    """
    files = [template.absolute(), *(path.absolute() for path in environments)]
    for path in files:
        if not path.is_file():
            raise NotFound(f"{path}: no such file")
    top = files[0].parent
    while not all(path.is_relative_to(top) for path in files):
        top = top.parent
    refused: OutsidePlan | None = None
    for directory in (top, *top.parents):
        names = [os.path.normpath(path.relative_to(directory).as_posix()) for path in files]
        try:
            return resolve_templates(FilesOnDisk(directory), names[0], names[1:], reader=reader)
        except OutsidePlan as exc:
            refused = refused or exc
    if refused is None:
        raise InvalidInput(f"{template}: no directory holds it")
    raise refused
