"""The example plan with another selection of capabilities, or another value."""

from __future__ import annotations

from tripleo_gitops.documents.tree import MemoryTree, PlanTree
from tripleo_gitops.operations.editing import select_environments, set_parameters
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE, read_plan_environment

REGISTRY = "overcloud-resource-registry-puppet.yaml"
ISOLATED = "environments/network-isolation.yaml"
FLAT = "environments/network-flat.yaml"
TLS_PUBLIC = "environments/ssl/tls-public.yaml"
TLS_EVERYWHERE = "environments/ssl/tls-everywhere.yaml"
LVM = "environments/storage/lvm.yaml"
CEPH = "environments/storage/ceph.yaml"
TELEMETRY = "environments/telemetry.yaml"
DEBUG = "environments/debug.yaml"
LOW_MEMORY = "environments/low-memory-usage.yaml"

SELECTIONS = {
    "registry-only": (REGISTRY,),
    "as-shipped": (REGISTRY, ISOLATED, LVM),
    "flat": (REGISTRY, FLAT, LVM),
    "telemetry": (REGISTRY, ISOLATED, LVM, TELEMETRY),
    "tls-public": (REGISTRY, ISOLATED, LVM, TLS_PUBLIC),
    "tls-everywhere": (REGISTRY, ISOLATED, LVM, TLS_EVERYWHERE),
    "ceph": (REGISTRY, ISOLATED, CEPH),
    "debug": (REGISTRY, ISOLATED, LVM, DEBUG, LOW_MEMORY),
    "everything": (REGISTRY, ISOLATED, TLS_EVERYWHERE, CEPH, TELEMETRY, DEBUG, LOW_MEMORY),
    "flat-everything": (REGISTRY, FLAT, TLS_PUBLIC, LVM, TELEMETRY, DEBUG),
}
"""Selections that keep every rule and that together hold every environment of the plan."""


def with_content(tree: PlanTree, path: str, content: bytes) -> MemoryTree:
    """Return the tree with other bytes in one file."""
    return MemoryTree({name: tree.read(name) for name in tree.paths()} | {path: content})


def with_selection(tree: PlanTree, wanted: tuple[str, ...]) -> MemoryTree:
    """Return the plan with exactly these environments selected, by the rules of the capabilities map."""
    selected = read_plan_environment(tree).selected_paths
    changes = dict.fromkeys(selected, False) | dict.fromkeys(wanted, True)
    return with_content(tree, PLAN_ENVIRONMENT_FILE, select_environments(tree, changes))


def with_value(tree: PlanTree, parameter: str, value: object) -> MemoryTree:
    """Return the plan with one value of its parameter_defaults set."""
    return with_content(tree, PLAN_ENVIRONMENT_FILE, set_parameters(tree, {parameter: value}))
