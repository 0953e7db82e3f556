"""From a plan tree to what Heat gets: rendered, merged, collected, with its parameter tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from tripleo_gitops.documents.tree import MakingTree
from tripleo_gitops.heat.documents import Ahead, DocumentCache, Documents
from tripleo_gitops.heat.environment import EnvironmentLayer, MergedEnvironment, MergeRule, merge, read_layer
from tripleo_gitops.heat.preparation import prepare
from tripleo_gitops.heat.side import Side
from tripleo_gitops.heat.tree import ParameterTree, parameter_tree
from tripleo_gitops.operations.opening import opened_values, sealed_values
from tripleo_gitops.plan.plan import Plan, load_plan
from tripleo_gitops.plan.precedence import Layer, environment_layers
from tripleo_gitops.plan.rendering import RenderCache, RenderedTree
from tripleo_gitops.sandbox.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.operations.opening import SecretOpener
    from tripleo_gitops.plan.secrets_file import SecretValues


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What Heat gets and where it comes from; `secrets` are the parameters whose values are never shown."""

    rendered: PlanTree
    environment: MergedEnvironment
    bundle: Bundle
    secrets: frozenset[str] = field(default=frozenset())

    @cached_property
    def parameters(self) -> ParameterTree:
        """The parameter tree; made when it is asked for, and raises then what Heat would refuse."""
        return parameter_tree(self.bundle)

    @property
    def side(self) -> Side:
        """This as one side of a parameter diff."""
        return Side(
            bundle=self.bundle,
            tree=None,
            environment=self.environment,
            read=self.rendered.read,
            hidden=self.secrets,
        )


@dataclass(frozen=True, kw_only=True)
class ResolvedPlan(Resolved):
    """A plan tree with all that follows from it."""

    plan: Plan


class Cache(DocumentCache, RenderCache, Protocol):
    """Keeps bytes by key for both: renders, and what is told of blobs; may forget at any time."""


class Reader:
    """How plan trees are read: what is read through one of these is parsed once, and not if a cache remembers it."""

    def __init__(self, cache: Cache | None = None, *, ahead: Ahead | None = None) -> None:
        self.cache, self.documents = cache, Documents(cache, ahead=ahead)
        self._rendered: dict[int, tuple[PlanTree, RenderedTree]] = {}

    def rendered(self, tree: PlanTree) -> RenderedTree:
        """Return a tree with its renders, of which some will be read; the same object each time.

        Trees are compared in the order in which they are first asked for: each leads those after it.
        """
        if id(tree) not in self._rendered:
            rendered = render(tree, cache=self.cache)
            rendered.expect()
            for _, earlier in self._rendered.values():
                earlier.lead(rendered)
            self._rendered[id(tree)] = tree, rendered
        return self._rendered[id(tree)][1]


def resolve_plan(tree: PlanTree, *, reader: Reader | None = None) -> ResolvedPlan:
    """Return what a plan tree means to Heat, with stand-ins for its secrets: good to look at, not to deploy.

    Trees that are compared should share a `reader`. Raises what any of the steps has to say against it.
    """
    return _resolved(tree, sealed_values(tree), reader or Reader())


def resolve_opened(tree: PlanTree, vault: SecretOpener | None, *, reader: Reader | None = None) -> ResolvedPlan:
    """Return what a plan tree means to Heat, with its secrets; raises NoKey and Tampered, too."""
    return _resolved(tree, opened_values(tree, vault), reader or Reader())


def resolve_rendered(tree: PlanTree, *, reader: Reader | None = None) -> ResolvedPlan:
    """Return what a plan that was rendered before means to Heat, with stand-ins for its secrets."""
    return _merged(tree, tree, sealed_values(tree), reader or Reader())


def resolve_templates(
    tree: PlanTree,
    template: str,
    environments: Sequence[str],
    *,
    rule: MergeRule = MergeRule.SERVER,
    reader: Reader | None = None,
) -> Resolved:
    """Return what a template with environment files, low to high, means to Heat, as its own client sends them."""
    layers = [read_layer(tree, path) for path in environments]
    environment, bundle = prepare(tree, template, layers, rule=rule, cache=(reader or Reader()).documents)
    return Resolved(rendered=tree, environment=environment, bundle=bundle)


def merged_environment(plan: Plan, rendered: PlanTree, secrets: SecretValues) -> MergedEnvironment:
    """Return what a plan's layers add up to, each file read from the rendered plan."""
    return merge(_layers(plan, rendered, secrets))


def _resolved(tree: PlanTree, secrets: SecretValues, reader: Reader) -> ResolvedPlan:
    return _merged(tree, reader.rendered(tree), secrets, reader)


def _merged(tree: PlanTree, rendered: PlanTree, secrets: SecretValues, reader: Reader) -> ResolvedPlan:
    plan = load_plan(tree)
    if isinstance(rendered, MakingTree):
        rendered.expect((*plan.environment.selected_paths, plan.environment.template))
    layers = _layers(plan, rendered, secrets)
    environment, bundle = prepare(rendered, plan.environment.template, layers, cache=reader.documents)
    return ResolvedPlan(plan=plan, rendered=rendered, environment=environment, bundle=bundle, secrets=secrets.names)


def _layers(plan: Plan, rendered: PlanTree, secrets: SecretValues) -> list[EnvironmentLayer]:
    return [_environment_layer(rendered, layer) for layer in environment_layers(plan.environment, secrets=secrets)]


def _environment_layer(rendered: PlanTree, layer: Layer) -> EnvironmentLayer:
    """Return a layer as Heat's package takes it: a file's document is read from the rendered plan."""
    if layer.document is None:
        return read_layer(rendered, layer.source)
    return EnvironmentLayer(origin=layer.source, document=layer.document, key_path=layer.key_path)
