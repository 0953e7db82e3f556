"""secrets.yaml: the plan's passwords and hidden parameters, each value sealed by SOPS, read without any key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tripleo_gitops.plan.document import Document, KeyPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree

SECRETS_FILE = "secrets.yaml"
METADATA = "sops"
SHORTEST_STAND_IN = 16
_SEALED = re.compile(r"ENC\[AES256_GCM,data:(?P<data>[A-Za-z0-9+/=]*),iv:[^,\]]+,tag:[^,\]]+,type:(?P<type>[a-z]+)\]")
_FOREIGN_KEYS = ("kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp", "key_groups")


class Section(StrEnum):
    """The two sections of secrets.yaml; each has the precedence of plan-environment.yaml's section of that name."""

    PASSWORDS = "passwords"
    PARAMETERS = "parameter_defaults"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValues:
    """Parameters by name and section, opened or as stand-ins; shows their names only."""

    passwords: Mapping[str, Any] = field(default_factory=_nothing, repr=False)
    parameter_defaults: Mapping[str, Any] = field(default_factory=_nothing, repr=False)

    @property
    def names(self) -> frozenset[str]:
        """Every parameter that has a value here."""
        return frozenset(self.passwords) | frozenset(self.parameter_defaults)

    def section(self, section: Section) -> Mapping[str, Any]:
        """Return the values of one section."""
        return self.passwords if section is Section.PASSWORDS else self.parameter_defaults

    def __str__(self) -> str:
        return f"{len(self.names)} secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecrets:
    """secrets.yaml as it is committed: names in clear, values sealed.

    `in_clear` are the key paths whose values somebody wrote down unsealed; `foreign_keys` the ways of opening
    it that we refuse to try (key services of clouds, PGP), since their addresses are in the file.
    """

    values: SecretValues
    recipients: tuple[str, ...]
    in_clear: tuple[KeyPath, ...] = ()
    foreign_keys: tuple[str, ...] = ()


def read_sealed(tree: PlanTree) -> SealedSecrets | None:
    """Return a plan's secrets without opening them; None for a plan that has none. Raises InvalidDocument."""
    return parse_sealed(tree.read(SECRETS_FILE)) if SECRETS_FILE in tree.paths() else None


def parse_sealed(content: bytes, *, source: str = SECRETS_FILE) -> SealedSecrets:
    """Return secrets.yaml with stand-ins for its values.

    A stand-in has the type and at least the length of the value, and differs when what is sealed differs:
    enough to see that a secret changes without seeing it. Raises InvalidDocument.
    """
    document = Document(content, source=source)
    root = document.expect(document.value, dict, (), what="a mapping with passwords and parameter_defaults")
    for key in root:
        if key not in (*Section, METADATA):
            raise document.error((key,), f"{key!r} is not known; known are {', '.join(Section)}")
    metadata = document.get(root, METADATA, dict, ()) or {}
    in_clear: list[KeyPath] = []
    sections = {section: _stand_ins(document, root, section, in_clear) for section in Section}
    return SealedSecrets(
        values=SecretValues(passwords=sections[Section.PASSWORDS], parameter_defaults=sections[Section.PARAMETERS]),
        recipients=_recipients(document, metadata),
        in_clear=tuple(in_clear),
        foreign_keys=tuple(key for key in _FOREIGN_KEYS if metadata.get(key)),
    )


def read_opened(document: Mapping[str, Any]) -> SecretValues:
    """Return the values of an opened secrets.yaml, given as the document that SOPS made of it."""
    return SecretValues(
        passwords=MappingProxyType(dict(document.get(Section.PASSWORDS) or {})),
        parameter_defaults=MappingProxyType(dict(document.get(Section.PARAMETERS) or {})),
    )


def is_sealed(value: object) -> bool:
    """Return whether a value is one that SOPS sealed."""
    return isinstance(value, str) and _SEALED.fullmatch(value) is not None


def _recipients(document: Document, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    entries = document.get(metadata, "age", list, (METADATA,)) or []
    checked = [document.expect(entry, dict, (METADATA, "age", index)) for index, entry in enumerate(entries)]
    return tuple(
        document.get(entry, "recipient", str, (METADATA, "age", index), required=True)
        for index, entry in enumerate(checked)
    )


def _stand_ins(
    document: Document, root: Mapping[str, Any], section: Section, in_clear: list[KeyPath]
) -> Mapping[str, Any]:
    values = document.get(root, section, dict, ()) or {}
    in_clear.extend(_leaves_in_clear(values, (section.value,)))
    return MappingProxyType({str(name): _stand_in(value) for name, value in values.items()})


def _leaves_in_clear(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield where a value stands unsealed; SOPS itself leaves null and the empty text as they are."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves_in_clear(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves_in_clear(inner, (*path, index))
    elif value is not None and value != "" and not is_sealed(value):
        yield path


def _stand_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stand_in(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_stand_in(inner) for inner in value]
    sealed = _SEALED.fullmatch(value) if isinstance(value, str) else None
    if value is None or value == "" or sealed is None:
        return value if value is None or value == "" else _text_for(repr(value), length=0)
    number = int.from_bytes(hashlib.sha256(value.encode()).digest()[:4])
    match sealed["type"]:
        case "int":
            return number
        case "float":
            return float(number)
        case "bool":
            return bool(number % 2)
    return _text_for(value, length=_length(sealed["data"]))


def _text_for(value: str, *, length: int) -> str:
    digest = hashlib.sha256(value.encode()).hexdigest()
    wanted = max(length, SHORTEST_STAND_IN)
    return (digest * (wanted // len(digest) + 1))[:wanted]


def _length(data: str) -> int:
    """Return how long the sealed value is; AES-GCM keeps lengths."""
    try:
        return len(base64.b64decode(data, validate=True))
    except binascii.Error:
        return 0
