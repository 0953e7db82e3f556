"""Which outputs of a stack say a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.tree import ParameterTree

MASK = "******"
SECRET_RESOURCES = frozenset({"OS::Heat::RandomString"})
REFERENCES = ("get_param", "get_resource", "get_attr", "Ref", "Fn::GetAtt")


def hidden_outputs(bundle: Bundle, tree: ParameterTree) -> frozenset[str]:
    """Return the names of outputs whose value names a hidden parameter, or a resource that makes secrets.

    Heat itself has no hidden outputs: it prints a hidden parameter's value wherever an output repeats it.
    Only what the output names itself counts; what it takes from a nested stack's output is not followed.
    """
    secret = {name for name, parameter in tree.parameters.items() if parameter.no_echo}
    resources: Mapping[str, Any] = bundle.template.get("resources") or {}
    secret |= {
        name
        for name, resource in resources.items()
        if isinstance(resource, dict) and resource.get("type") in SECRET_RESOURCES
    }
    outputs: Mapping[str, Any] = bundle.template.get("outputs") or {}
    return frozenset(name for name, output in outputs.items() if secret.intersection(_names(output)))


def _names(value: Any) -> Iterator[str]:
    """Yield every name that a value refers to by one of Heat's functions."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in REFERENCES:
                first = inner[0] if isinstance(inner, list) and inner else inner
                if isinstance(first, str):
                    yield first.split(".", 1)[0]
            yield from _names(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
