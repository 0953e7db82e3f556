"""Look for management controllers where an operator says, and tell which machines are new."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.nodes.drivers import find_family
from tripleo_gitops.nodes.validation import driver_info_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tripleo_gitops.nodes.candidates import Candidate, Probe
    from tripleo_gitops.nodes.registered import RegisteredNode


class Prober(Protocol):
    """Tries a login."""

    def find(self, probe: Probe) -> tuple[Candidate, ...]: ...


@dataclass(frozen=True, slots=True)
class Discovered:
    """The machines that were found: new ones, and how many are registered already."""

    new: tuple[Candidate, ...]
    known: int


def discover_nodes(
    prober: Prober,
    probes: Sequence[Probe],
    registered: Sequence[RegisteredNode],
    *,
    concurrency: int,
    show: Callable[[str], None],
) -> Discovered:
    """Return the machines behind controllers that take a login; of two that take the same one, the first."""
    known = {unique for node in registered for unique in [_unique_of(node)] if unique}
    found: dict[str, Candidate] = {}
    count = 0
    with ThreadPoolExecutor(max_workers=max(1, min(concurrency, len(probes)))) as pool:
        for probe, candidates in zip(probes, pool.map(prober.find, probes), strict=True):
            show(f"{probe.kind} {probe.address}:{probe.port}")
            for candidate in candidates:
                unique = _unique(candidate)
                count += unique in known and unique not in found
                if unique not in known:
                    found.setdefault(unique, candidate)
    return Discovered(tuple(found.values()), count)


def _unique(candidate: Candidate) -> str:
    fields = candidate.fields()
    family = find_family(fields["pm_type"])
    assert family is not None, "a candidate is of a known kind"
    return family.unique_id(driver_info_of(fields, family)) or ""


def _unique_of(node: RegisteredNode) -> str | None:
    family = find_family(node.driver)
    return family.unique_id(node.driver_info) if family else None
