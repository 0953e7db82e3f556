"""Why a stack failed, as a tree: from the stack down to the resource, and to what its deployment printed on a node."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tripleo_gitops.openstack.stack import DeploymentOutput, StackResource
    from tripleo_gitops.operations.comparison.hidden_values import Masker

DEPLOYMENT_TYPES = frozenset({"OS::Heat::SoftwareDeployment", "OS::Heat::StructuredDeployment"})
DEPLOYMENTS_READ = 20
"""How many deployments are asked for their output; a whole role that fails the same way says it once more often."""
OUTPUT_LINES = 20


class DeploymentOutputs(Protocol):
    """What deployments on nodes gave back."""

    def deployment_output(self, deployment: str) -> DeploymentOutput | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNode:
    """One resource that failed, or that holds one that did; `name` is its own, without the path."""

    name: str
    type: str
    status: str
    reason: str
    output: DeploymentOutput | None = None
    inner: tuple[FailureNode, ...] = field(default=())

    def to_document(self) -> dict[str, Any]:
        """Return the node with all below it as plain data."""
        output = self.output
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "reason": self.reason,
            "output": {"exit_code": output.exit_code, "stdout": output.stdout, "stderr": output.stderr}
            if output
            else None,
            "inner": [one.to_document() for one in self.inner],
        }


def failure_tree(
    resources: Iterable[StackResource], outputs: DeploymentOutputs, *, mask: Masker
) -> tuple[FailureNode, ...]:
    """Return the failed resources as a tree, what they say masked; deployments with what they printed."""
    failed = {one.path: one for one in resources if one.status.endswith("_FAILED")}
    printed = _printed(failed.values(), outputs)
    return tuple(_nodes(failed, printed, mask=mask, above=""))


def failures_by_member(nodes: Iterable[FailureNode]) -> dict[str, list[list[Any]]]:
    """Return what failed first in each branch of a tree, by the member of a role (`Compute/1`) that it is of.

    Each is its name within that, and its status, type and reason with what its deployment printed, as clients of
    TripleO list the tasks that failed on a host. What is of no member stands under the first part of its name.
    """
    found: dict[str, list[list[Any]]] = {}
    for path, node in _innermost(nodes, above=""):
        parts = path.split("/")
        length = 2 if len(parts) > 1 and parts[1].isdecimal() else 1
        said = {name: value for name, value in node.to_document().items() if name in ("status", "type", "reason")}
        if node.output is not None:
            said |= node.to_document()["output"]
        found.setdefault("/".join(parts[:length]), []).append(["/".join(parts[length:]) or path, said])
    return found


def failure_lines(nodes: Iterable[FailureNode], *, indent: str = "") -> Iterator[str]:
    """Yield the tree for people; a reason is said where it arose, not again by those that hold it."""
    for node in nodes:
        reason = f": {node.reason}" if node.reason and not node.inner else ""
        kind = f" ({node.type})" if node.type else ""
        yield f"{indent}{node.name}{kind} {node.status}{reason}"
        if node.output is not None:
            yield from _output_lines(node.output, indent=f"{indent}  ")
        yield from failure_lines(node.inner, indent=f"{indent}  ")


def _printed(failed: Iterable[StackResource], outputs: DeploymentOutputs) -> Mapping[str, DeploymentOutput]:
    deployments = [one for one in failed if one.type in DEPLOYMENT_TYPES and one.physical_id][:DEPLOYMENTS_READ]
    read = ((one.path, outputs.deployment_output(one.physical_id)) for one in deployments)
    return {path: output for path, output in read if output is not None}


def _nodes(
    failed: Mapping[str, StackResource], printed: Mapping[str, DeploymentOutput], *, mask: Masker, above: str
) -> Iterator[FailureNode]:
    """Yield the nodes right below a path: resources whose nearest failed holder it is."""
    for path, resource in sorted(failed.items()):
        if _holder(path, failed) != above:
            continue
        yield FailureNode(
            name=path.removeprefix(f"{above}/") if above else path,
            type=resource.type,
            status=resource.status,
            reason=mask(" ".join(resource.reason.split())),
            output=_masked(printed[path], mask) if path in printed else None,
            inner=tuple(_nodes(failed, printed, mask=mask, above=path)),
        )


def _innermost(nodes: Iterable[FailureNode], *, above: str) -> Iterator[tuple[str, FailureNode]]:
    for node in nodes:
        path = f"{above}/{node.name}" if above else node.name
        if node.inner:
            yield from _innermost(node.inner, above=path)
        else:
            yield path, node


def _holder(path: str, failed: Mapping[str, StackResource]) -> str:
    parts = path.split("/")
    holders = ("/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
    return next((one for one in holders if one in failed), "")


def _masked(output: DeploymentOutput, mask: Masker) -> DeploymentOutput:
    return replace(output, stdout=mask(output.stdout), stderr=mask(output.stderr))


def _output_lines(output: DeploymentOutput, *, indent: str) -> Iterator[str]:
    """Yield the end of what was printed: the reason is seldom at its beginning."""
    code = "no exit code" if output.exit_code is None else f"exit code {output.exit_code}"
    yield f"{indent}the deployment gave {code}"
    for name, text in (("stdout", output.stdout), ("stderr", output.stderr)):
        found = text.splitlines()
        if len(found) > OUTPUT_LINES:
            yield f"{indent}{name}: … {len(found) - OUTPUT_LINES} lines before"
        for line in found[-OUTPUT_LINES:]:
            yield f"{indent}{name}: {line}"
