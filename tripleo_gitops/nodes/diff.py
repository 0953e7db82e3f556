"""Compare the machines of a plan with Ironic's nodes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tripleo_gitops.nodes.capabilities import format_capabilities, merge_capabilities
from tripleo_gitops.nodes.changes import FieldChange, NodeChange, NodeConflict, NodeDiff, PortChange
from tripleo_gitops.nodes.drivers import find_family
from tripleo_gitops.nodes.matching import NodeIndex
from tripleo_gitops.nodes.registered import MARK, RegisteredNode
from tripleo_gitops.nodes.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tripleo_gitops.nodes.desired import DesiredNode, DesiredPort
    from tripleo_gitops.nodes.registered import Mark

UNVERIFIED = frozenset(("enroll", "verifying"))
"""States of a node whose password Ironic has never tried with success."""


def diff_nodes(
    desired: Sequence[DesiredNode], registered: Sequence[RegisteredNode], *, plan: str, renew_secrets: bool = False
) -> NodeDiff:
    """Return what turns the registered nodes into those of a plan; `renew_secrets` sends every password again.

    Only nodes that carry this plan's mark are ever to be removed. Ironic shows no password, so that a sealed one
    counts as changed when it was sealed anew, and one in clear is sent to nodes that were never verified.
    """
    index = NodeIndex(registered)
    changes: list[NodeChange] = []
    conflicts: list[NodeConflict] = []
    matched: dict[str, RegisteredNode] = {}
    pairs, conflicts = _pairs(desired, index, plan=plan)
    unchanged = 0
    for wanted, found in pairs:
        if found is None:
            changes.append(NodeChange(desired=wanted, registered=None))
            continue
        matched[wanted.label] = found
        change = _change(wanted, found, renew_secrets=renew_secrets)
        unchanged += change is None
        changes += [change] if change is not None else []
    named = {found.uuid for _, found in pairs if found is not None} | _claimed(desired, index)
    left = [node for node in registered if node.uuid not in named]
    gone = [node for node in left if node.mark is not None and node.mark.plan == plan]
    changes += [NodeChange(desired=None, registered=node) for node in gone]
    foreign = tuple(sorted(node.label for node in left if node not in gone))
    return NodeDiff(
        changes=tuple(changes), conflicts=tuple(conflicts), unchanged=unchanged, foreign=foreign, matched=matched
    )


def _pairs(
    desired: Iterable[DesiredNode], index: NodeIndex, *, plan: str
) -> tuple[list[tuple[DesiredNode, RegisteredNode | None]], list[NodeConflict]]:
    """Return each machine with its node, None for a new one; and the machines that cannot be told."""
    candidates = [(wanted, index.candidates(wanted)) for wanted in desired]
    claims: dict[str, list[str]] = defaultdict(list)
    for wanted, found in candidates:
        for node in found:
            claims[node.uuid].append(wanted.label)
    pairs: list[tuple[DesiredNode, RegisteredNode | None]] = []
    conflicts: list[NodeConflict] = []
    for wanted, found in candidates:
        reason = _conflict(wanted, found, claims, plan=plan)
        if reason:
            conflicts.append(NodeConflict(wanted.label, wanted.source, reason))
        else:
            pairs.append((wanted, found[0] if found else None))
    return pairs, conflicts


def _conflict(
    wanted: DesiredNode, found: Sequence[RegisteredNode], claims: Mapping[str, Sequence[str]], *, plan: str
) -> str:
    if len(found) > 1:
        names = ", ".join(node.label for node in found)
        return f"its ids belong to {len(found)} registered nodes ({names}); remove one of them, or mend the file"
    if not found:
        return ""
    node = found[0]
    if len(claims[node.uuid]) > 1:
        return f"the node {node.label} is also that of {', '.join(set(claims[node.uuid]) - {wanted.label})}"
    if node.mark is not None and node.mark.plan not in ("", plan):
        return f"the node {node.label} belongs to the plan {node.mark.plan}"
    return ""


def _claimed(desired: Iterable[DesiredNode], index: NodeIndex) -> set[str]:
    """Return every node that any machine of the plan may be: none of them is ever removed."""
    return {node.uuid for wanted in desired for node in index.candidates(wanted)}


def _change(wanted: DesiredNode, found: RegisteredNode, *, renew_secrets: bool) -> NodeChange | None:
    mark = found.mark
    fields = tuple(_fields(wanted, found, mark, renew_secrets=renew_secrets))
    ports = tuple(_ports(wanted, found, mark))
    traits = _traits(wanted, found, mark)
    if not fields and not ports and traits is None:
        return None
    return NodeChange(desired=wanted, registered=found, fields=fields, ports=ports, traits=traits)


def _fields(
    wanted: DesiredNode, found: RegisteredNode, mark: Mark | None, *, renew_secrets: bool
) -> Iterator[FieldChange]:
    if wanted.driver != found.driver:
        yield FieldChange("/driver", found.driver, wanted.driver)
    yield from _differing(
        "",
        {"name": wanted.name, "resource_class": wanted.resource_class, **wanted.fields},
        {"name": found.state.name, "resource_class": found.resource_class, **found.fields},
    )
    yield from _differing("", wanted.interfaces, found.interfaces)
    yield from _driver_info(wanted, found, mark, renew_secrets=renew_secrets)
    yield from _properties(wanted, found, mark)
    if wanted.platform is not None and found.extra.get("tripleo_platform") != wanted.platform:
        yield FieldChange("/extra/tripleo_platform", found.extra.get("tripleo_platform"), wanted.platform)
    if mark != wanted.mark:
        old = mark.to_document() if mark else None
        yield FieldChange(f"/extra/{MARK}", old, wanted.mark.to_document())


def _differing(prefix: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name, value in wanted.items():
        if value is not None and not _same(value, found.get(name)):
            yield FieldChange(f"{prefix}/{name}", found.get(name), value)


def _same(one: Any, other: Any) -> bool:
    """Return whether two values mean the same to Ironic, which keeps numbers as they come and is asked in texts."""
    if isinstance(one, dict) or isinstance(other, dict):
        return bool(one == other)
    return other is not None and str(one) == str(other)


def _driver_info(
    wanted: DesiredNode, found: RegisteredNode, mark: Mark | None, *, renew_secrets: bool
) -> Iterator[FieldChange]:
    plain = {key: value for key, value in wanted.driver_info.items() if not isinstance(value, Secret)}
    changes = list(_differing("/driver_info", plain, found.driver_info))
    yield from changes
    if _renews(wanted, found, mark) or renew_secrets:
        for key, secret in wanted.secrets.items():
            yield FieldChange(f"/driver_info/{key}", found.driver_info.get(key), secret)
    given = set(mark.driver_info) if mark else set()
    if wanted.driver != found.driver:
        given |= _of_driver(found)
    for key in sorted(given & found.driver_info.keys() - wanted.driver_info.keys()):
        yield FieldChange(f"/driver_info/{key}", found.driver_info[key], None)


def _renews(wanted: DesiredNode, found: RegisteredNode, mark: Mark | None) -> bool:
    secrets = wanted.secrets
    if not secrets:
        return False
    if any(key not in found.driver_info for key in secrets):
        return True
    if wanted.mark.secrets is None:
        return found.state.provision_state in UNVERIFIED
    return mark is None or mark.secrets != wanted.mark.secrets


def _of_driver(found: RegisteredNode) -> set[str]:
    family = find_family(found.driver)
    prefixes = tuple(f"{prefix}_" for prefix in family.prefixes) if family else ()
    return {key for key in found.driver_info if key.startswith(prefixes)} if prefixes else set()


def _properties(wanted: DesiredNode, found: RegisteredNode, mark: Mark | None) -> Iterator[FieldChange]:
    facts = mark.facts if mark else {}
    new = {
        key: value
        for key, value in wanted.facts.items()
        if key not in found.properties or not _same(value, facts.get(key))
    }
    yield from _differing("/properties", new, found.properties)
    if wanted.root_device is not None and found.properties.get("root_device") != wanted.root_device:
        yield FieldChange("/properties/root_device", found.properties.get("root_device"), dict(wanted.root_device))
    given = mark.capabilities if mark else ()
    merged = merge_capabilities(found.capabilities, wanted.capabilities, given_before=given)
    if merged != found.capabilities:
        old = found.properties.get("capabilities")
        yield FieldChange("/properties/capabilities", old, format_capabilities(merged))


def _traits(wanted: DesiredNode, found: RegisteredNode, mark: Mark | None) -> tuple[str, ...] | None:
    """Return all traits that the node is to have; those that the plan never gave stay."""
    given = set(mark.traits) if mark else set()
    merged = (set(found.traits) - given) | set(wanted.traits)
    return tuple(sorted(merged)) if merged != set(found.traits) else None


def _ports(wanted: DesiredNode, found: RegisteredNode, mark: Mark | None) -> Iterator[PortChange]:
    """Yield the ports that differ; one that introspection found is not the plan's to remove."""
    there = {port.address: port for port in found.ports}
    for port in wanted.ports:
        old = there.get(port.address)
        if old is None:
            yield PortChange(None, port)
        elif _port_differs(port, old):
            yield PortChange(old, port)
    given = set(mark.ports) if mark else set()
    asked = {port.address for port in wanted.ports}
    for address in sorted(given - asked):
        if address in there:
            yield PortChange(there[address], None)


def _port_differs(port: DesiredPort, old: Any) -> bool:
    names = ("physical_network", "local_link_connection", "pxe_enabled")
    pairs = ((getattr(port, name), getattr(old, name)) for name in names)
    return any(new is not None and new != before for new, before in pairs)
