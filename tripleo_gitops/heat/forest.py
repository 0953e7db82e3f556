"""The stacks of a bundle: the root, and each nested one when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.heat.limits import HeatLimits
from tripleo_gitops.heat.nested import Nesting
from tripleo_gitops.heat.registry import Registry
from tripleo_gitops.heat.resource_types import resource_types
from tripleo_gitops.heat.stack import Stack, Surroundings
from tripleo_gitops.heat.template import check_sections, read_template

if TYPE_CHECKING:
    from tripleo_gitops.heat.bundle import Bundle
    from tripleo_gitops.heat.stack import Definition


class Forest:
    """A bundle as stacks, none of them made before it is looked at.

    `project_id` is what `OS::project_id` gives. Raises InvalidTemplate, InvalidEnvironment.
    """

    def __init__(self, bundle: Bundle, *, limits: HeatLimits | None = None, project_id: str = "") -> None:
        self.bundle, self.limits = bundle, limits or HeatLimits()
        template = read_template(bundle.template, source=bundle.template_path)
        check_sections(template)
        surroundings = Surroundings(
            files=bundle.files,
            parameter_defaults=bundle.environment.get("parameter_defaults", {}),
            limits=self.limits,
            project_id=project_id,
        )
        self.registry = Registry.load(bundle.environment.get("resource_registry", {}))
        given = bundle.environment.get("parameters", {})
        self.root = Stack(template, "dummy", given, registry=self.registry, surroundings=surroundings)
        self.nesting = Nesting(bundle)
        for definition in (self.root.resources or {}).values():
            self._learn_reference(definition)

    def _learn_reference(self, definition: Definition) -> None:
        """Let `get_resource` give what Heat gives for a resource of the root stack before it exists."""
        found = self.nesting.find(self.root, definition)
        if found.template is None:
            reference = resource_types()[found.builtin].reference
            if reference != "name":
                self.root.references[definition.name] = None if reference == "null" else "None"

    def child(self, stack: Stack, definition: Definition) -> Stack | None:
        """Return the stack that a resource holds, or None for a resource that holds none."""
        return self.nesting.child(stack, definition)
