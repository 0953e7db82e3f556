"""A template as a value: its document, its version, its sections under one set of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from tripleo_gitops.heat.errors import InvalidTemplate
from tripleo_gitops.heat.schema import ParameterSchema, parse_schemata
from tripleo_gitops.heat.versions import HOT_KEY, VERSION_KEYS, VERSIONS, TemplateVersion


@dataclass(frozen=True)
class Template:
    """One parsed template; `source` is the file that errors name."""

    document: dict[str, Any]
    source: str
    version: TemplateVersion = field(repr=False)

    def section(self, name: str | None) -> Any:
        """Return a section by the format's own word; a null or absent one is an empty mapping."""
        return (self.document.get(name) or {}) if name is not None else {}

    @property
    def description(self) -> Any:
        return self.section(self.version.words.description) or "No description"

    @property
    def parameter_groups(self) -> Any:
        return self.section(self.version.words.parameter_groups)

    @property
    def resources(self) -> Any:
        return self.section(self.version.words.resources)

    @property
    def outputs(self) -> Any:
        return self.section(self.version.words.outputs)

    @property
    def mappings(self) -> Any:
        return {} if self.version.is_hot else self.section("Mappings")

    @property
    def conditions(self) -> Any:
        return self.document.get(self.version.words.conditions, {}) if self.version.has_conditions else {}

    @cached_property
    def schemata(self) -> dict[str, ParameterSchema]:
        """The parameters' schemata, in the order of the file; raises InvalidTemplate for what is none."""
        return parse_schemata(self.section(self.version.words.parameters), version=self.version, source=self.source)

    def error(self, problem: str, *path: str | int) -> InvalidTemplate:
        """Return the error that refuses this template at a key path of it."""
        return InvalidTemplate(problem, source=self.source, path=path)


def is_template(document: object) -> bool:
    """Return whether a parsed document claims to be a template, as Heat and its client decide it."""
    return isinstance(document, dict) and any(key in document for key in VERSION_KEYS)


def read_template(document: object, *, source: str) -> Template:
    """Return the template in a parsed document; raises InvalidTemplate for none or one of an unknown version."""
    if not isinstance(document, dict):
        raise InvalidTemplate(f"a template is a mapping, this is a {_kind(document)}", source=source)
    present = [key for key in VERSION_KEYS if isinstance(document.get(key), str)]
    if not present:
        raise InvalidTemplate(f"no template version: {HOT_KEY} is missing or is no text", source=source)
    if len(present) > 1:
        raise InvalidTemplate(f"ambiguous template versions: {', '.join(present)}", source=source)
    key = present[0]
    version = VERSIONS.get((key, document[key]))
    if version is None:
        known = ", ".join(sorted(name for known_key, name in VERSIONS if known_key == key))
        raise InvalidTemplate(
            f"{document[key]!r} is no version of Heat's; known are {known}", source=source, path=(key,)
        )
    return Template(document, source, version)


def check_sections(template: Template) -> None:
    """Raise InvalidTemplate unless all sections are known and each resource is well formed.

    This is what Heat checks of a stack's own template, and not of nested ones.
    """
    words, version = template.version.words, template.version
    for section in template.document:
        if section not in version.sections:
            raise template.error("no section of a template of this version", section)
    _check_entries(template, words.resources, required=words.type, allowed=resource_keys(version))
    for name, resource in template.resources.items():
        if not resource.get(words.type):
            raise template.error(f"a resource needs a {words.type}", words.resources, name)


def check_output_entries(template: Template) -> None:
    """Raise InvalidTemplate unless each output is well formed; Heat checks that of nested templates only."""
    words, version = template.version.words, template.version
    output_keys = {words.output_value, words.output_description}
    if version.has_conditions:
        output_keys.add(words.condition)
    _check_entries(template, words.outputs, required=words.output_value, allowed=output_keys)


@cache
def resource_keys(version: TemplateVersion) -> frozenset[str]:
    """Return the keys that a resource of a template of this version may have."""
    words = version.words
    keys = {
        words.type,
        words.properties,
        words.metadata,
        words.depends_on,
        words.deletion_policy,
        words.update_policy,
        words.resource_description,
    }
    if version.has_conditions:
        keys |= {words.condition, words.external_id or words.condition}
    return frozenset(keys)


def _check_entries(template: Template, section: str, *, required: str, allowed: set[str] | frozenset[str]) -> None:
    entries = template.section(section)
    if not isinstance(entries, Mapping):
        raise template.error(f"must be a mapping, this is a {_kind(entries)}", section)
    for name, entry in entries.items():
        if not isinstance(entry, Mapping):
            raise template.error(f"must be a mapping, this is a {_kind(entry)}", section, name)
        unknown = [key for key in entry if key not in allowed]
        if unknown and template.version.is_hot:
            raise template.error(_unknown_key(section, allowed), section, name, unknown[0])
        if required not in entry:
            raise template.error(f"needs the key {required!r}", section, name)


def _unknown_key(section: str, allowed: set[str] | frozenset[str]) -> str:
    return f"no key of an entry of {section}; known are {', '.join(sorted(allowed))}"


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
