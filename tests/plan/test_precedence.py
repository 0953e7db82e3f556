"""The layers stand in TripleO's order, and know where they come from."""

from __future__ import annotations

from tripleo_gitops.documents.yaml import locate
from tripleo_gitops.plan.plan_environment import parse_plan_environment
from tripleo_gitops.plan.precedence import Origin, environment_layers

CONTENT = b"""\
template: t.yaml
resource_registry:
  OS::TripleO::A: a.yaml
parameter_defaults:
  A: 5
environments:
- path: first.yaml
- data:
    parameter_defaults:
      A: 3
- path: second.yaml
derived_parameters:
  A: 4
  Both: derived
passwords:
  AdminPassword: x
  Both: password
"""


def test_layers_stand_in_the_order_of_tripleo_whatever_the_order_of_the_file() -> None:
    layers = environment_layers(parse_plan_environment(CONTENT))
    assert [(layer.origin, layer.source) for layer in layers] == [
        (Origin.FILE, "first.yaml"),
        (Origin.FILE, "second.yaml"),
        (Origin.INLINE, "plan-environment.yaml"),
        (Origin.PASSWORDS, "plan-environment.yaml"),
        (Origin.DERIVED_PARAMETERS, "plan-environment.yaml"),
        (Origin.PARAMETER_DEFAULTS, "plan-environment.yaml"),
        (Origin.RESOURCE_REGISTRY, "plan-environment.yaml"),
    ]


def test_inline_data_beats_a_file_that_is_listed_after_it() -> None:
    layers = environment_layers(parse_plan_environment(CONTENT))
    names = [layer.source for layer in layers]
    inline = next(index for index, layer in enumerate(layers) if layer.origin is Origin.INLINE)
    assert names.index("second.yaml") < inline


def test_documents_are_environments_of_their_own() -> None:
    layers = {layer.origin: layer.document for layer in environment_layers(parse_plan_environment(CONTENT))}
    assert layers[Origin.FILE] is None
    assert layers[Origin.INLINE] == {"parameter_defaults": {"A": 3}}
    assert layers[Origin.PARAMETER_DEFAULTS] == {"parameter_defaults": {"A": 5}}
    assert layers[Origin.RESOURCE_REGISTRY] == {"resource_registry": {"OS::TripleO::A": "a.yaml"}}


def test_a_derived_parameter_replaces_a_password_whole() -> None:
    """Upstream updates the one with the other, shallowly, before anything is merged deeply."""
    layers = {layer.origin: layer.document for layer in environment_layers(parse_plan_environment(CONTENT))}
    assert layers[Origin.PASSWORDS] == {"parameter_defaults": {"AdminPassword": "x"}}
    assert layers[Origin.DERIVED_PARAMETERS] == {"parameter_defaults": {"A": 4, "Both": "derived"}}


def test_a_key_path_of_a_layer_is_found_in_its_file() -> None:
    lines = {
        layer.origin: locate(CONTENT, layer.key_path(("parameter_defaults", "A")))
        for layer in environment_layers(parse_plan_environment(CONTENT))
        if layer.origin not in (Origin.FILE, Origin.PASSWORDS, Origin.RESOURCE_REGISTRY)
    }
    assert lines == {Origin.INLINE: 10, Origin.DERIVED_PARAMETERS: 13, Origin.PARAMETER_DEFAULTS: 5}


def test_a_file_of_its_own_has_its_own_key_paths() -> None:
    layer = environment_layers(parse_plan_environment(CONTENT))[0]
    assert layer.key_path(("parameter_defaults", "A", 0)) == ("parameter_defaults", "A", 0)
    assert layer.key_path(()) == ()


def test_empty_sections_make_no_layer() -> None:
    assert environment_layers(parse_plan_environment(b"template: t.yaml\npasswords: {}\n")) == ()
