"""The machines of a plan: read, opened where they are sealed, and refused with everything that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput, Refused
from tripleo_gitops.nodes.desired import desired_node
from tripleo_gitops.nodes.documents import NodeEntry, is_sealed_file, node_files, read_nodes, read_plan_nodes
from tripleo_gitops.nodes.validation import validate_nodes
from tripleo_gitops.plan.check_codes import finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.nodes.desired import DesiredNode, NodeDefaults
    from tripleo_gitops.nodes.validation import NodeProblem
    from tripleo_gitops.plan.findings import Finding

SHOWN_PROBLEMS = 1000


class NodeVault(Protocol):
    """Opens and seals files of nodes."""

    def open_document(self, content: bytes, *, source: str) -> Mapping[str, Any]: ...
    def seal_document(self, content: bytes, *, source: str, fields: str, recipients: Sequence[str]) -> bytes: ...


class InvalidNodes(InvalidInput):
    """Machines that cannot be registered as they are written; holds every problem, as findings."""

    reason = "InvalidNodes"

    def __init__(self, problems: Sequence[NodeProblem]) -> None:
        nodes = len({(problem.source, problem.node) for problem in problems})
        super().__init__(f"{len(problems)} problems with {nodes} nodes; nothing was changed: mend what is named above")
        self.problems = tuple(problems)
        self.findings = tuple(_finding(problem) for problem in self.problems[:SHOWN_PROBLEMS])


def check_node_files(tree: PlanTree, *, changed: Collection[str] | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the machines of a plan tree, passwords in clear among it; no key is needed.

    All files are looked at when one is named in `changed`, since any two may name the same machine.
    """
    files = node_files(tree.paths())
    if changed is not None and not any(path in changed for path in files):
        return
    for problem in validate_nodes(read_plan_nodes(tree))[:SHOWN_PROBLEMS]:
        yield _finding(problem)


def desired_nodes(tree: PlanTree, vault: NodeVault | None, defaults: NodeDefaults) -> tuple[DesiredNode, ...]:
    """Return the machines of a plan as it wants them; raise InvalidNodes, NoKey, Refused where none can open them."""
    opened = {}
    for path in node_files(tree.paths()):
        content = tree.read(path)
        if is_sealed_file(content):
            opened[path] = _open(content, path, vault)
    return _desired(read_plan_nodes(tree, opened=opened), defaults, clear_is_fine=False)


def nodes_of_file(
    content: bytes, source: str, vault: NodeVault | None, defaults: NodeDefaults
) -> tuple[DesiredNode, ...]:
    """Return the machines of one file that is in no plan, where passwords may be in clear; raises as above."""
    opened = _open(content, source, vault) if is_sealed_file(content) else None
    try:
        entries = read_nodes(content, source=source, opened=opened)
    except InvalidDocument as exc:
        entries = (exc,)
    return _desired(entries, defaults, clear_is_fine=True)


def _desired(
    entries: Iterable[NodeEntry | InvalidDocument], defaults: NodeDefaults, *, clear_is_fine: bool
) -> tuple[DesiredNode, ...]:
    found = tuple(entries)
    problems = validate_nodes(found)
    refused = [problem for problem in problems if not (clear_is_fine and problem.is_secret_in_clear)]
    if refused:
        raise InvalidNodes(refused)
    return tuple(desired_node(entry, defaults) for entry in found if isinstance(entry, NodeEntry))


def _open(content: bytes, path: str, vault: NodeVault | None) -> Mapping[str, Any]:
    if vault is None:
        raise Refused(f"{path} holds sealed passwords, and nothing here can open them")
    return vault.open_document(content, source=path)


def _finding(problem: NodeProblem) -> Finding:
    code = "node-secret-in-clear" if problem.is_secret_in_clear else "node-invalid"
    named = f"{problem.node}: " if problem.node and not problem.is_secret_in_clear else ""
    field = f"{problem.field}: " if problem.field and not problem.is_secret_in_clear else ""
    return finding(code, problem.source, problem.line, f"{named}{field}{problem.message}")
