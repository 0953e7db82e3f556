"""Outputs that repeat a secret are known before they are printed."""

from __future__ import annotations

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import collect
from tripleo_gitops.heat.environment import merge
from tripleo_gitops.heat.outputs import hidden_outputs
from tripleo_gitops.heat.tree import parameter_tree

TEMPLATE = b"""
heat_template_version: wallaby
parameters:
  Secret: {type: string, hidden: true, default: s3cret}
  Plain: {type: string, default: plain}
resources:
  Made: {type: OS::Heat::RandomString}
  Node: {type: OS::Heat::Value, properties: {value: {get_param: Plain}}}
outputs:
  direct: {value: {get_param: Secret}}
  nested: {value: {list_join: [',', [{get_param: Plain}, {get_param: Secret}]]}}
  made: {value: {get_attr: [Made, value]}}
  resource: {value: {get_resource: Made}}
  plain: {value: {get_param: Plain}}
  node: {value: {get_attr: [Node, value]}}
"""


def test_an_output_that_names_a_secret_is_hidden_and_no_other() -> None:
    bundle = collect(MemoryTree({"t.yaml": TEMPLATE}), "t.yaml", merge([]))
    assert hidden_outputs(bundle, parameter_tree(bundle)) == {"direct", "nested", "made", "resource"}
