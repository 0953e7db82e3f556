"""Environment and bundle in one step, for plans whose merge strategies depend on what the templates declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.documents import with_text_keys
from tripleo_gitops.heat.environment import MergedEnvironment, MergeRule, merge
from tripleo_gitops.heat.template import is_template, read_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.documents import DocumentCache, Documents
    from tripleo_gitops.heat.environment import EnvironmentLayer


def prepare(
    tree: PlanTree,
    template_path: str,
    layers: Sequence[EnvironmentLayer],
    *,
    rule: MergeRule = MergeRule.CLIENT,
    cache: DocumentCache | Documents | None = None,
) -> tuple[MergedEnvironment, Bundle]:
    """Return what `layers` add up to and the bundle that they make with a template.

    Where a layer names merge strategies, text is merged by the type that the templates give its parameter: what is
    a list gets a comma. Raises what `merge` and `collect` raise.
    """
    environment = merge(layers, rule=rule)
    bundle = collect(tree, template_path, environment, cache=cache)
    if any(layer.document.get("parameter_merge_strategies") for layer in environment.layers):
        environment = merge(layers, rule=rule, types=parameter_types(bundle))
        bundle = replace(bundle, environment=with_text_keys(environment.document))
    return environment, bundle


def parameter_types(bundle: Bundle) -> dict[str, str]:
    """Return the types of all parameters that any template of a bundle declares; the main template's count most."""
    types: dict[str, str] = {}
    for path in bundle.contents:
        document = bundle.contents.document(path)
        if is_template(document):
            types |= {name: one.type for name, one in read_template(document, source=path).schemata.items()}
    own = read_template(bundle.template, source=bundle.template_path).schemata
    return types | {name: one.type for name, one in own.items()}
