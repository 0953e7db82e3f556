"""Profiles of nodes: which node serves which role, and why there are too few."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.registered import RegisteredNode

RULES_FILE = "baremetal/profiles.yaml"
PROFILE = "profile"
TRAIT = re.compile(r"[A-Z][A-Z0-9_]+")
FREE, TAKEN = "available", "active"
FACTS = ("cpus", "memory_mb", "local_gb")
TEXTS = ("name", "resource_class", "cpu_arch")


@dataclass(frozen=True, slots=True)
class Want:
    """So many nodes of a profile, or with a trait where the name is one; any node where it is empty."""

    profile: str
    count: int
    role: str = ""

    @property
    def is_trait(self) -> bool:
        """Whether nodes are told by a trait instead of by the capability `profile`."""
        return TRAIT.fullmatch(self.profile) is not None


@dataclass(frozen=True, slots=True)
class Shortage:
    """A profile with too few nodes, and why the others do not count: (how many, reason)."""

    want: Want
    found: int
    reasons: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        what = self.want.profile or "any profile"
        because = "; ".join(f"{count} {reason}" for count, reason in self.reasons) or "there are no other nodes"
        return f"{what}: {self.found} of {self.want.count} nodes: {because}"


@dataclass(frozen=True, slots=True)
class ProfileMatch:
    """Which nodes serve which want, in the order of the wants.

    `promote` are nodes to be given the profile that they are capable of; it is empty where anything is short.
    """

    served: tuple[tuple[Want, tuple[str, ...]], ...]
    promote: tuple[tuple[str, str], ...]
    shortages: tuple[Shortage, ...]
    surplus: tuple[str, ...]
    unprofiled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """A plan's rule: nodes that meet every condition get the profile and the traits."""

    profile: str | None
    traits: tuple[str, ...]
    least: Mapping[str, int]
    like: Mapping[str, str]

    def fits(self, node: RegisteredNode) -> bool:
        """Return whether a node meets every condition; a fact that is not known is not met."""
        values = {**node.properties, "name": node.state.name or "", "resource_class": node.resource_class or ""}
        enough = all(_number(values.get(name)) >= least for name, least in self.least.items())
        return enough and all(fnmatchcase(str(values.get(name) or ""), like) for name, like in self.like.items())


def match_profiles(nodes: Iterable[RegisteredNode], wants: Sequence[Want]) -> ProfileMatch:
    """Return which nodes serve which want; each node serves one at most.

    Nodes count when they are available or active and not in maintenance. Where too few have a profile, available
    nodes without one that are capable of it (`<profile>_profile: 1`) are to be promoted. Named profiles are served
    before wants for any node.
    """
    everyone = tuple(nodes)
    free = {node.uuid: node for node in everyone if _counts(node)}
    served: dict[int, tuple[str, ...]] = {}
    promote: list[tuple[str, str]] = []
    shortages: list[Shortage] = []
    for place, want in sorted(enumerate(wants), key=lambda pair: not pair[1].profile):
        having = [node for node in free.values() if _has(node, want)][: want.count]
        capable = [node for node in free.values() if node not in having and _is_capable(node, want)]
        added = capable[: want.count - len(having)]
        chosen = [*having, *added]
        if len(chosen) < want.count:
            shortages.append(Shortage(want, len(chosen), _reasons(everyone, free, want, chosen)))
        promote += [(node.uuid, want.profile) for node in added]
        served[place] = tuple(node.label for node in chosen)
        for node in chosen:
            del free[node.uuid]
    left = [node for node in free.values() if node.state.provision_state == FREE]
    return ProfileMatch(
        served=tuple((want, served[place]) for place, want in enumerate(wants)),
        promote=() if shortages else tuple(promote),
        shortages=tuple(shortages),
        surplus=tuple(node.label for node in left if PROFILE in node.capabilities),
        unprofiled=tuple(node.label for node in left if PROFILE not in node.capabilities),
    )


def _counts(node: RegisteredNode) -> bool:
    return not node.state.maintenance and node.state.provision_state in (FREE, TAKEN)


def _has(node: RegisteredNode, want: Want) -> bool:
    if not want.profile:
        return PROFILE not in node.capabilities or node.state.provision_state == FREE
    return want.profile in node.traits if want.is_trait else node.capabilities.get(PROFILE) == want.profile


def _is_capable(node: RegisteredNode, want: Want) -> bool:
    if not want.profile or want.is_trait or node.state.provision_state != FREE:
        return False
    capabilities = node.capabilities
    return PROFILE not in capabilities and capabilities.get(f"{want.profile}_profile", "").lower() in ("1", "true")


def _reasons(
    everyone: Sequence[RegisteredNode],
    free: Mapping[str, RegisteredNode],
    want: Want,
    chosen: Sequence[RegisteredNode],
) -> tuple[tuple[int, str], ...]:
    used = {node.uuid for node in chosen}
    counted = Counter(_why_not(node, want, is_free=node.uuid in free) for node in everyone if node.uuid not in used)
    return tuple((count, reason) for reason, count in counted.most_common())


def _why_not(node: RegisteredNode, want: Want, *, is_free: bool) -> str:
    if node.state.maintenance:
        return "in maintenance"
    state = node.state.provision_state
    if state not in (FREE, TAKEN):
        return f"in state {state}"
    if not is_free:
        return "for another role already"
    if want.is_trait:
        return f"without the trait {want.profile}"
    profile = node.capabilities.get(PROFILE)
    return f"with the profile {profile}" if profile else f"without a profile, and without {want.profile}_profile:1"


def read_profile_rules(tree: PlanTree) -> tuple[ProfileRule, ...]:
    """Return the rules of a plan, none where it has no file; raises InvalidDocument."""
    return parse_profile_rules(tree.read(RULES_FILE), source=RULES_FILE) if RULES_FILE in tree.paths() else ()


def parse_profile_rules(content: bytes, *, source: str) -> tuple[ProfileRule, ...]:
    """Return the rules of a file: a list of `{profile, traits, when: {cpus, memory_mb, local_gb, name, …}}`."""
    document = parse_yaml(content, source=source)
    if not isinstance(document, list):
        raise InvalidDocument("a list of rules is needed", source=source, line=1)
    return tuple(_rule(one, index, content, source) for index, one in enumerate(document))


def _rule(value: Any, index: int, content: bytes, source: str) -> ProfileRule:
    def refuse(problem: str) -> InvalidDocument:
        return InvalidDocument(f"rule #{index}: {problem}", source=source, line=locate(content, (index,)))

    if not isinstance(value, dict) or not set(value) <= {"profile", "traits", "when"}:
        raise refuse("a mapping of profile, traits and when is needed")
    profile, traits, when = value.get("profile"), value.get("traits") or [], value.get("when")
    if not (isinstance(profile, str) and profile) and not traits:
        raise refuse("a profile or traits are needed")
    if not isinstance(traits, list) or not all(isinstance(one, str) and TRAIT.fullmatch(one) for one in traits):
        raise refuse("traits are a list of names such as CUSTOM_GPU")
    if not isinstance(when, dict) or not when or not set(when) <= {*FACTS, *TEXTS}:
        raise refuse(f"when is a mapping of {', '.join((*FACTS, *TEXTS))}; a rule without it would take every node")
    least = {name: when[name] for name in FACTS if name in when}
    if not all(type(number) is int for number in least.values()):
        raise refuse(f"{', '.join(FACTS)} are the least numbers that a node needs")
    like = {name: str(when[name]) for name in TEXTS if name in when}
    return ProfileRule(profile or None, tuple(traits), least, like)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else -1
