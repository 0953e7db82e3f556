"""Introspection rules of a plan: read, and compared with those that a service has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tripleo_gitops.documents.tree import PlanTree

FILES = tuple(f"baremetal/inspection-rules.{suffix}" for suffix in ("yaml", "yml", "json"))
MARK = "tripleo-gitops"
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class InspectionRule:
    """One rule: what it is called in the plan, and what the service is told, whatever dialect that is."""

    name: str
    content: Mapping[str, Any]

    def description(self, plan: str) -> str:
        """Return what the service keeps as its description: whose it is, its name, and a digest of its content."""
        text = json.dumps(self.content, sort_keys=True, default=str)
        return f"{MARK} {plan}/{self.name} #{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """Rules to add, ids of rules of this plan to remove with their descriptions, and how many are right."""

    create: tuple[InspectionRule, ...]
    delete: tuple[tuple[str, str], ...]
    unchanged: int


def read_rules(tree: PlanTree) -> tuple[InspectionRule, ...]:
    """Return the rules of a plan, none where it has no file; raises InvalidDocument."""
    path = next((path for path in FILES if path in tree.paths()), None)
    return parse_rules(tree.read(path), source=path) if path else ()


def parse_rules(content: bytes, *, source: str) -> tuple[InspectionRule, ...]:
    """Return the rules of a file: a list, each with `description` and `actions`, and with `conditions` or without."""
    document = parse_yaml(content, source=source)
    if not isinstance(document, list):
        raise InvalidDocument("a list of rules is needed", source=source, line=1)
    found: dict[str, InspectionRule] = {}
    for index, rule in enumerate(document):
        line = locate(content, (index,))
        if not isinstance(rule, dict) or not isinstance(rule.get("actions"), list) or not rule["actions"]:
            raise InvalidDocument(f"rule #{index}: a mapping with actions is needed", source=source, line=line)
        name = rule.get("description")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or name in found:
            problem = f"rule #{index}: a description of its own is needed, of at most {LONGEST_NAME} characters"
            raise InvalidDocument(problem, source=source, line=line)
        found[name] = InspectionRule(name, {key: value for key, value in rule.items() if key != "description"})
    return tuple(found.values())


def diff_rules(wanted: Iterable[InspectionRule], found: Iterable[Mapping[str, Any]], *, plan: str) -> RuleChanges:
    """Return what makes a service's rules those of a plan; rules of others are left alone."""
    own = f"{MARK} {plan}/"
    there = {str(rule.get("description") or ""): str(rule.get("uuid")) for rule in found}
    ours = {description: uuid for description, uuid in there.items() if description.startswith(own)}
    asked = {rule.description(plan): rule for rule in wanted}
    return RuleChanges(
        create=tuple(rule for description, rule in asked.items() if description not in ours),
        delete=tuple((uuid, description) for description, uuid in ours.items() if description not in asked),
        unchanged=len(asked.keys() & ours.keys()),
    )
