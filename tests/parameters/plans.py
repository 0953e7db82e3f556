"""A small plan whose parameters tests change, and the trees and repositories made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.documents.tree import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN = {
    "plan-environment.yaml": """\
version: 1.0
name: small
template: overcloud.yaml
environments:
- path: environments/base.yaml
- path: environments/site.yaml
parameter_defaults:
  Size: 3
""",
    "overcloud.yaml": """\
heat_template_version: wallaby
parameter_groups:
- label: deprecated
  parameters: [OldSize]
parameters:
  Size: {type: number, default: 1, constraints: [{range: {min: 1, max: 5}}]}
  OldSize: {type: number, default: 1}
  Name: {type: string, default: x}
  Servers: {type: comma_delimited_list, default: [a]}
  Flag: {type: boolean, default: false}
  Settings: {type: json, default: {a: 1}}
  Password: {type: string, hidden: true, default: hush}
  ComputeCount: {type: number, default: 1}
  ComputeParameters: {type: json, default: {}}
resources:
  Compute:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: ComputeCount}
      resource_def: {type: OS::TripleO::Compute, properties: {Size: {get_param: Size}}}
  ComputeServiceChain:
    type: service.yaml
    properties: {RoleParameters: {get_param: ComputeParameters}}
outputs:
  size: {value: {get_param: Size}}
""",
    "compute.yaml": "heat_template_version: wallaby\nparameters:\n  Size: {type: number}\n",
    "service.yaml": """\
heat_template_version: wallaby
parameters:
  RoleParameters: {type: json, default: {}}
  Tuned: {type: number, default: 1, tags: [role_specific]}
  Plain: {type: number, default: 1}
""",
    "unselected.yaml": "heat_template_version: wallaby\nparameters: {Elsewhere: {type: string}}\n",
    "environments/base.yaml": """\
resource_registry:
  OS::TripleO::Compute: ../compute.yaml
parameter_defaults:
  Size: 2
""",
    "environments/site.yaml": """\
parameter_defaults:
  # how large
  Size: 2
  Servers: [b, c]
""",
}


def tree_of(files: Mapping[str, str | None] | None = None) -> MemoryTree:
    """Return the plan with other files laid over it; None takes a file away."""
    merged = {**PLAN, **(files or {})}
    return MemoryTree({path: text.encode() for path, text in merged.items() if text is not None})


def with_values(text: str) -> dict[str, str]:
    """Return the plan environment with more lines below its parameter_defaults."""
    return {"plan-environment.yaml": PLAN["plan-environment.yaml"] + text}
