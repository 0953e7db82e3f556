"""What a commit asks for about machines: registration of what changed, introspection of what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.nodes.documents import NodeEntry, node_files, read_plan_nodes
from tripleo_gitops.nodes.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.plan.node_settings import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRequest:
    """What is asked for between two revisions: machines by name, and whether the plan's rules let it happen."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    registers: bool = False
    introspects: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the machines are the same in both."""
        return not (self.new or self.changed or self.gone)

    def __str__(self) -> str:
        parts = ((len(self.new), "new"), (len(self.changed), "changed"), (len(self.gone), "gone"))
        return ", ".join(f"{count} {what}" for count, what in parts if count)


def ask_for_nodes(old: PlanTree | None, new: PlanTree, settings: NodeSettings) -> NodeRequest:
    """Return what the way from one revision to another asks for; with no older one, every machine is new.

    Registration is asked for what changed and introspection for what is new, each only where the plan's settings
    say so. Machines are told by name, those without one by their place. No key is needed.
    """
    if old is not None and _blobs(old) == _blobs(new):
        return NodeRequest()
    before, after = _machines(old) if old is not None else {}, _machines(new)
    added = tuple(label for label in after if label not in before)
    changed = tuple(label for label in after if label in before and after[label] != before[label])
    return NodeRequest(
        new=added,
        changed=changed,
        gone=tuple(label for label in before if label not in after),
        registers=settings.register_on_push and bool(added or changed),
        introspects=settings.introspect_on_push and bool(added),
    )


def _blobs(tree: PlanTree) -> dict[str, str]:
    return {path: tree.blob_id(path) for path in node_files(tree.paths())}


def _machines(tree: PlanTree) -> dict[str, Mapping[str, Any]]:
    entries = (entry for entry in read_plan_nodes(tree) if isinstance(entry, NodeEntry))
    return {entry.label: {name: _comparable(value) for name, value in entry.fields.items()} for entry in entries}


def _comparable(value: Any) -> Any:
    return value.token or value.value if isinstance(value, Secret) else value
