"""From a plan tree to what Heat gets: rendered, merged, collected, with its parameter tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.diff import Side
from tripleo_gitops.heat.environment import EnvironmentLayer, MergedEnvironment, merge, read_layer
from tripleo_gitops.heat.tree import ParameterTree, parameter_tree
from tripleo_gitops.plan.plan import Plan, load_plan
from tripleo_gitops.plan.precedence import Layer, environment_layers
from tripleo_gitops.plan.rendering import RenderedTree, render

if TYPE_CHECKING:
    from tripleo_gitops.documents.tree import PlanTree


@dataclass(frozen=True, slots=True)
class ResolvedPlan:
    """A plan tree with all that follows from it."""

    plan: Plan
    rendered: RenderedTree
    environment: MergedEnvironment
    bundle: Bundle
    parameters: ParameterTree

    @property
    def side(self) -> Side:
        """This plan as one side of a parameter diff."""
        return Side(bundle=self.bundle, tree=self.parameters, environment=self.environment, read=self.rendered.read)


def resolve_plan(tree: PlanTree) -> ResolvedPlan:
    """Return what a plan tree means to Heat; raises what any of the steps has to say against it."""
    plan = load_plan(tree)
    rendered = render(tree)
    layers = [_environment_layer(rendered, layer) for layer in environment_layers(plan.environment)]
    environment = merge(layers)
    bundle = collect(rendered, plan.environment.template, environment)
    return ResolvedPlan(plan, rendered, environment, bundle, parameter_tree(bundle))


def _environment_layer(rendered: RenderedTree, layer: Layer) -> EnvironmentLayer:
    """Return a layer as Heat's package takes it: a file's document is read from the rendered plan."""
    if layer.document is None:
        return read_layer(rendered, layer.source)
    return EnvironmentLayer(origin=layer.source, document=layer.document, key_path=layer.key_path)
