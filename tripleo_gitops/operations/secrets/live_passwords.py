"""Passwords that a cloud has for a plan already: of its stack, of what TripleO keeps beside it, of the undercloud."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml
from tripleo_gitops.plan.password_kinds import KINDS
from tripleo_gitops.plan.plan_environment import PLAN_ENVIRONMENT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.openstack.stack import Stack, StackContent

UNDERCLOUD_ENVIRONMENT = "tripleo.undercloud-config"
UNDERCLOUD_PASSWORDS = {"SnmpdReadonlyUserPassword": "undercloud_ceilometer_snmpd_password"}
"""Where the undercloud's installation says what its own snmpd has; the overcloud's has to be the same."""
HEAT_MASK = "******"
GENERATED_BY_HEAT = ("HeatAuthEncryptionKey", "HorizonSecret", "MysqlRootPassword", "PcsdPassword", "RabbitCookie")
"""Resources of the root template (OS::Heat::RandomString) that made these passwords where nothing gave one."""
_SECTIONS = ("passwords", "parameter_defaults", "parameters")


class ObjectReader(Protocol):
    """Containers whose objects can be read."""

    def metadata(self, container: str) -> Mapping[str, str] | None: ...
    def get(self, container: str, path: str) -> bytes | None: ...


class EnvironmentReader(Protocol):
    """Mistral's environments, by name."""

    def variables(self, name: str) -> Mapping[str, Any] | None: ...


class StackReader(Protocol):
    """Stacks, what they were given, and single resources of them."""

    def find(self, name: str) -> Stack | None: ...
    def content(self, stack: Stack) -> StackContent: ...
    def attributes(self, stack: Stack, resource: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePasswords:
    """Passwords by name, where each was found, and whether a stack is there whose services have theirs."""

    values: Mapping[str, Any] = field(repr=False)
    places: Mapping[str, str]
    has_stack: bool


def live_passwords(
    name: str, *, containers: ObjectReader, environments: EnvironmentReader, stacks: StackReader
) -> LivePasswords:
    """Return the passwords that a cloud tells for the plan `name`: each from the first place that has it.

    Places: plan-environment.yaml in the plan's container, its Mistral environment, the stack's environment, resources
    of the stack that generated one, and the undercloud's own settings. Heat shows hidden parameters as asterisks;
    those are in none of its answers, and a resource is not believed where the environment hides another value.
    """
    stack = stacks.find(name)
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for place, found in _places(name, stack, containers=containers, environments=environments, stacks=stacks):
        for password, value in found.items():
            if password in KINDS and password not in values and _is_told(value):
                values[password], places[password] = value, place
    return LivePasswords(values=values, places=places, has_stack=stack is not None)


def _places(
    name: str, stack: Stack | None, *, containers: ObjectReader, environments: EnvironmentReader, stacks: StackReader
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    content = containers.get(name, PLAN_ENVIRONMENT_FILE) if containers.metadata(name) is not None else None
    yield f"container {name}", _sections(_parsed(content))
    yield f"Mistral environment {name}", _sections(environments.variables(name) or {})
    if stack is not None:
        given = _sections(stacks.content(stack).environment)
        yield f"stack {name}", given
        yield f"resources of stack {name}", _generated(stacks, stack, given)
    undercloud = environments.variables(UNDERCLOUD_ENVIRONMENT) or {}
    yield "the undercloud", {one: undercloud.get(key) for one, key in UNDERCLOUD_PASSWORDS.items()}


def _generated(stacks: StackReader, stack: Stack, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        password: stacks.attributes(stack, password).get("value")
        for password in GENERATED_BY_HEAT
        if not given.get(password)
    }


def _parsed(content: bytes | None) -> Mapping[str, Any]:
    try:
        document = parse_yaml(content, source=PLAN_ENVIRONMENT_FILE) if content is not None else {}
    except InvalidDocument:
        return {}  # creation says what is wrong with a source; here it only tells no passwords
    return document if isinstance(document, dict) else {}


def _sections(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sections of an environment set, `passwords` before parameters."""
    values: dict[str, Any] = {}
    for section in reversed(_SECTIONS):
        given = document.get(section)
        values.update(given if isinstance(given, dict) else {})
    return values


def _is_told(value: Any) -> bool:
    """Return whether a value is one, and not what Heat shows in its place."""
    if isinstance(value, dict):
        return bool(value) and all(_is_told(one) for one in value.values())
    return value not in (None, "", HEAT_MASK)
