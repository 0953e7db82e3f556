"""One validation: an Ansible playbook whose first play says in its variables what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tripleo_gitops.documents.yaml import InvalidDocument, locate
from tripleo_gitops.validations.playbook import parse_playbook

if TYPE_CHECKING:
    from collections.abc import Mapping

UNNAMED = "Unnamed"
NO_DESCRIPTION = "No description"
METADATA = "metadata"
LONGEST_ID = 128
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KINDS: dict[type, str] = {dict: "a mapping", list: "a list", str: "text"}
KeyPath = tuple[str | int, ...]


class Origin(StrEnum):
    """Where a validation is from: the plan's own, or what is installed on the machine."""

    PLAN = "plan"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A validation by its id, the name of its file; `path` is where the file is in the tree that it was read from.

    `parameters` are the other variables of its first play with their defaults, `hosts` what the play is for.
    """

    id: str
    path: str
    origin: Origin
    source: str = ""
    name: str = UNNAMED
    description: str = NO_DESCRIPTION
    groups: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    hosts: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


def parse_validation(content: bytes, *, path: str, origin: Origin, source: str = "") -> Validation:
    """Return the validation in a playbook; raises InvalidDocument with file and line.

    As for tripleo-common, only the first play counts, a play without metadata is "Unnamed" and in no group, and
    what else stands in `vars` are parameters. `categories` and `products` are those of validations-libs. Unlike
    upstream, metadata of a wrong type is an error, not a validation that nobody finds.
    """
    reader = _Reader(content, path if not source else f"{source}/{path}")
    playbook = reader.expect(parse_playbook(content, source=reader.name), list, (), "a playbook")
    if not playbook:
        raise reader.error((), "a playbook has one play at least")
    play = reader.expect(playbook[0], dict, (0,), "a play")
    variables = reader.expect(_given(play, "vars", {}), dict, (0, "vars"), "the variables of a play")
    metadata = reader.expect(_given(variables, METADATA, {}), dict, (0, "vars", METADATA), "metadata")
    if "hosts" not in play:
        raise reader.error((0,), "a play says which hosts it is for")
    return Validation(
        id=validation_id(path),
        path=path,
        origin=origin,
        source=source,
        name=reader.text(metadata, "name") or UNNAMED,
        description=" ".join(reader.text(metadata, "description").split()) or NO_DESCRIPTION,
        groups=reader.words(metadata, "groups"),
        categories=reader.words(metadata, "categories"),
        products=reader.words(metadata, "products"),
        hosts=_hosts(play["hosts"]),
        parameters={name: value for name, value in variables.items() if name != METADATA},
    )


def validation_id(path: str) -> str:
    """Return the id that a file's name gives a validation; raises InvalidDocument for one that is none."""
    name = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if not _ID.fullmatch(name) or len(name) > LONGEST_ID:
        raise InvalidDocument(f"{name!r} is no id: letters, digits, '-', '_' and '.'; rename the file", source=path)
    return name


def _given(mapping: Mapping[str, Any], key: str, default: Any) -> Any:
    """Return what stands at a key; the default where it is absent or null."""
    value = mapping.get(key)
    return default if value is None else value


def _hosts(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


class _Reader:
    """Takes values of a playbook with their type checked and their line in errors."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content, self.name = content, name

    def error(self, path: KeyPath, problem: str) -> InvalidDocument:
        lines = (locate(self._content, path[:length]) for length in range(len(path), -1, -1))
        return InvalidDocument(problem, source=self.name, line=next((line for line in lines if line is not None), None))

    def expect(self, value: Any, kind: type, path: KeyPath, what: str) -> Any:
        if not isinstance(value, kind):
            raise self.error(path, f"{what} is {_KINDS[kind]}, not {type(value).__name__}")
        return value

    def text(self, metadata: Mapping[str, Any], key: str) -> str:
        value = metadata.get(key)
        if value is None:
            return ""
        text: str = self.expect(value, str, (0, "vars", METADATA, key), f"the {key} of a validation")
        return text

    def words(self, metadata: Mapping[str, Any], key: str) -> tuple[str, ...]:
        path = (0, "vars", METADATA, key)
        values = self.expect(_given(metadata, key, []), list, path, f"what a validation has as {key}")
        for index, value in enumerate(values):
            self.expect(value, str, (*path, index), f"one of the {key}")
        return tuple(dict.fromkeys(values))
