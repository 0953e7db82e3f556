"""groups.yaml: the groups that validations are in, and which step of a run each of them stands before or after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tripleo_gitops.validations.validation import Validation

GROUPS_FILE = "groups.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group by name, in words, and how many validations are in it."""

    name: str
    description: str = ""
    count: int = 0


def parse_groups(content: bytes, *, source: str = GROUPS_FILE) -> dict[str, str]:
    """Return the groups in a file, name to description; raises InvalidDocument with file and line.

    Each entry is a list of mappings with a `description`, as tripleo-validations writes it.
    """
    document = parse_yaml(content, source=source)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InvalidDocument("groups are a mapping of names to descriptions", source=source, line=1)
    return {str(name): _description(name, value, content, source) for name, value in document.items()}


def _description(name: Any, value: Any, content: bytes, source: str) -> str:
    entries = [value] if isinstance(value, dict) else value
    if entries is None:
        return ""
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        texts = [entry.get("description") for entry in entries]
        if all(isinstance(text, str) for text in texts):
            return " ".join(" ".join(texts).split())
    problem = f"group {name}: a list with a `description` is needed"
    raise InvalidDocument(problem, source=source, line=locate(content, (name,)))


def groups_of(validations: Iterable[Validation], described: dict[str, str]) -> tuple[Group, ...]:
    """Return every group that is described or used, sorted by name."""
    counts: dict[str, int] = dict.fromkeys(described, 0)
    for validation in validations:
        for name in validation.groups:
            counts[name] = counts.get(name, 0) + 1
    return tuple(Group(name=name, description=described.get(name, ""), count=counts[name]) for name in sorted(counts))
