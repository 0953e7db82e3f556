"""The inventory as it is shown: made from outputs, or a plan's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml

if TYPE_CHECKING:
    from tripleo_gitops.operations.playbooks.plays import Ground


def shown_inventory(ground: Ground, *, is_revealed: bool = False) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the inventory's groups and notes on it; secrets are masked unless they are asked for.

    Raises MissingFile, and InvalidDocument for a plan's own inventory that is no YAML with groups.
    """
    path = ground.settings.ansible.inventory
    if path is None:
        made = ground.inventory(masked=not is_revealed)
        notes = made.notes if ground.outputs else ("no outputs of a stack: this is the machine alone", *made.notes)
        return made.document(), notes
    document = parse_yaml(ground.tree.read(path), source=path)
    if not isinstance(document, dict) or not all(
        group is None or isinstance(group, dict) for group in document.values()
    ):
        raise InvalidDocument("groups with hosts are needed to print it; playbooks get it as it is", source=path)
    return {name: group or {} for name, group in document.items()}, (f"from {path} of the plan",)
