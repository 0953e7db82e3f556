"""What is wrong with a plan's parameters: told by what Heat would make of the plan, without asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.tree import MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument, locate
from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.constraints import STRING
from tripleo_gitops.heat.errors import InvalidEnvironment, InvalidTemplate, OutsidePlan, dotted
from tripleo_gitops.heat.flat import HeatRole, roles
from tripleo_gitops.heat.holders import with_holders
from tripleo_gitops.heat.masking import MASK
from tripleo_gitops.heat.report import shown
from tripleo_gitops.heat.values import typed_value
from tripleo_gitops.heat.walk import hidden_names, walk
from tripleo_gitops.operations.resolution import resolve_plan
from tripleo_gitops.plan.check_codes import finding
from tripleo_gitops.plan.declared_parameters import declared_parameters
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tripleo_gitops.documents.tree import PlanTree
    from tripleo_gitops.heat.tree import Parameter, ParameterTree
    from tripleo_gitops.operations.resolution import Reader, Resolved
    from tripleo_gitops.plan.findings import Finding

SECTIONS = ("parameters", "parameter_defaults")
ROLE_SPECIFIC = "role_specific"
DEPRECATED = "deprecated"


def check_parameters(resolved: Resolved) -> Iterator[Finding]:
    """Yield what Heat would refuse of a resolved plan, and what is wrong with its parameters."""
    try:
        found = ParameterChecks(resolved)
    except (InvalidTemplate, InvalidEnvironment, OutsidePlan, InvalidDocument, MissingFile) as exc:
        yield refusal(resolved.rendered, exc)
        return
    yield from found.values()
    yield from found.unused()
    yield from found.deprecated()
    yield from found.misplaced()


def refusal(
    tree: PlanTree, error: InvalidTemplate | InvalidEnvironment | OutsidePlan | InvalidDocument | MissingFile
) -> Finding:
    """Return the finding for what a plan is refused for, with the line where that is a key of a file."""
    if isinstance(error, MissingFile):
        by = error.named_by if error.named_by in tree.paths() else PLAN_ENVIRONMENT_FILE
        return finding("file-missing", by, None, f"{error.path} is named here, and not in the plan")
    if isinstance(error, InvalidDocument):
        return finding("heat-refuses", error.source, error.line, error.problem)
    if isinstance(error, OutsidePlan):
        line = locate(tree.read(error.source), error.path) if error.source in tree.paths() else None
        return finding("outside-plan", error.source, line, f"{error.reference!r} leads out of the plan")
    source = error.origin if isinstance(error, InvalidEnvironment) else error.source
    words = ": ".join(filter(None, (dotted(error.path), error.problem)))
    line = locate(tree.read(source), error.path) if source in tree.paths() else None
    return finding("heat-refuses", source, line, words)


class ParameterChecks:
    """The stacks of a plan with what is declared in them, walked once."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved, self._side = resolved, resolved.side
        self._tree = resolved.parameters
        self._hidden = with_holders(hidden_names(self._tree) | resolved.secrets, resolved.bundle.environment)
        self._stacks = tuple(walk(self._tree))
        self._declared = {name for _, node in self._stacks for name in node.parameters}

    def values(self) -> Iterator[Finding]:
        """Yield values that do not fit, and parameters without one; each once, however many stacks have it."""
        seen: set[tuple[str, str, str]] = set()
        for path, node in self._stacks:
            for name, parameter in node.parameters.items():
                if path and parameter.given is not ABSENT:
                    continue
                problem = self._problem(parameter, is_nested=bool(path))
                if problem and (name, *problem) not in seen:
                    seen.add((name, *problem))
                    yield self._at(name, problem[0], f"{name} {problem[1]}", node=node)

    def _problem(self, parameter: Parameter, *, is_nested: bool) -> tuple[str, str] | None:
        value, kind = parameter.effective, parameter.type
        if value is ABSENT:
            return ("parameter-missing-nested" if is_nested else "parameter-missing"), "has no value"
        if parameter.name in self._resolved.secrets:
            return None  # what is sealed is not known here
        if kind == STRING and isinstance(value, dict | list):
            return "parameter-type", f"is text, and its value is a {'mapping' if isinstance(value, dict) else 'list'}"
        words = MASK if parameter.name in self._hidden else shown(value)
        try:
            typed = typed_value(kind, value)
            problems = [one.problem(typed, kind) for one in parameter.constraints]
        except (TypeError, ValueError):
            return "parameter-invalid", f"is a {kind}, and {words} is none"
        problem = next(filter(None, problems), None)
        return ("parameter-invalid", f"is {words}: {problem}") if problem else None

    def unused(self) -> Iterator[Finding]:
        """Yield what is set and read by nothing; templates that are not selected are looked at only then.

        A plan has every password that any of its templates needs, so that selecting one needs no new password.
        """
        kept = self._resolved.secrets & KINDS.keys()
        names = [name for name in self._set_names() if name not in self._declared and name not in kept]
        known = declared_parameters(self._resolved.rendered, names=names) if names else {}
        for name in names:
            if name in known:
                yield self._at(name, "parameter-unused", f"{name} is set, and no selected template has it")
            else:
                yield self._at(name, "parameter-unknown", f"{name} is set, and no template of the plan has it")

    def deprecated(self) -> Iterator[Finding]:
        """Yield what is set though a template lists it in a group labelled as deprecated."""
        listed = self.deprecated_names()
        for name in self._set_names():
            if name in listed:
                yield self._at(name, "parameter-deprecated", f"{name} is deprecated, and set here")

    def deprecated_names(self) -> frozenset[str]:
        """Return the parameters that a template lists in a group labelled as deprecated."""
        return frozenset(
            name
            for _, node in self._stacks
            for group in node.parameter_groups or ()
            if isinstance(group, Mapping) and str(group.get("label", "")).lower() == DEPRECATED
            for name in group.get("parameters") or ()
        )

    def is_declared(self, name: str) -> bool:
        """Return whether a stack of the plan has a parameter of that name."""
        return name in self._declared

    def misplaced(self) -> Iterator[Finding]:
        """Yield what `<Role>Parameters` give a role that none of its services takes from there."""
        specific = _tagged(self._tree)
        for role, key in self.misplaced_keys():
            words = _misplaced(key, role, is_declared=key in self._declared, is_specific=key in specific)
            yield self._at(f"{role.name}Parameters", "role-parameter-misplaced", words, key)

    def misplaced_keys(self) -> Iterator[tuple[HeatRole, str]]:
        """Yield roles with the keys of their `<Role>Parameters` that none of their services takes from there."""
        for role in roles(self._tree):
            given = self._tree.parameters.get(f"{role.name}Parameters")
            value: Any = given.effective if given else {}
            own = self._role_specific(role)
            for key in value if isinstance(value, Mapping) else ():
                if key not in own:
                    yield role, key

    def _role_specific(self, role: HeatRole) -> set[str]:
        found = (self._tree.nested.get(name) for name in (role.name, f"{role.name}ServiceChain"))
        return set().union(*(_tagged(node) for node in found if node))

    def _set_names(self) -> tuple[str, ...]:
        document = self._resolved.environment.document
        return tuple(dict.fromkeys(name for section in SECTIONS for name in document.get(section) or {}))

    def _at(self, name: str, code: str, message: str, *keys: str, node: ParameterTree | None = None) -> Finding:
        """Return a finding where an environment sets a parameter, else where a template declares it."""
        for section in SECTIONS:
            origin = self._side.origin(section, name, *keys) or self._side.origin(section, name)
            if origin is not None:
                return replace(finding(code, origin.file, origin.line, message), subject=name)
        source = node.source if node else PLAN_ENVIRONMENT_FILE
        line = self._side.locate(source, ("parameters", name))
        return replace(finding(code, source, line, message), subject=name)


def _tagged(tree: ParameterTree) -> set[str]:
    """Return the parameters below a stack that services read for each role by itself."""
    return {
        name for _, node in walk(tree) for name, parameter in node.parameters.items() if ROLE_SPECIFIC in parameter.tags
    }


def _misplaced(key: str, role: HeatRole, *, is_declared: bool, is_specific: bool) -> str:
    if is_specific:
        return f"no service of role {role.name} has the parameter {key}"
    if is_declared:
        return f"{key} is not specific to roles: here it has no effect"
    return f"{key} is set for role {role.name}, and no selected template has it"


def resolve_for_checks(tree: PlanTree, reader: Reader) -> Resolved | Finding:
    """Return what a plan means to Heat, or the finding that says why it means nothing."""
    try:
        return resolve_plan(tree, reader=reader)
    except (InvalidTemplate, InvalidEnvironment, OutsidePlan, InvalidDocument, MissingFile) as exc:
        return refusal(tree, exc)
