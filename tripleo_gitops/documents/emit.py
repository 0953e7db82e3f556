"""Values as YAML text that Heat reads back as the same values, for putting into a document by hand."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import yaml

from tripleo_gitops.documents.values import plain_scalar

_EASY = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*|/[A-Za-z0-9_./-]+")
_UNBROKEN = 2**31


class Unwritable(ValueError):
    """A value that has no spelling in YAML that Heat would read back as it is."""


def scalar_text(value: Any, *, as_json: bool = False) -> str:
    """Return one scalar on one line, good in block and in flow context; `as_json` in JSON's spelling."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if as_json else _string_text(value)
    raise Unwritable(f"{type(value).__name__} is no value of YAML")


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        raise Unwritable("only finite numbers can be written")
    first, _rest = str(yaml.safe_dump(value)).split("\n", maxsplit=1)
    return first


def _string_text(value: str) -> str:
    """Return a string plain where it is plainly text to every reader of YAML, double-quoted if not."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Unwritable("half a surrogate pair is no text")
    if _EASY.fullmatch(value) and isinstance(plain_scalar(value), str) and value.lower() not in ("y", "n"):
        return value
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=_UNBROKEN)
    return str(text).rstrip("\n")


def flow_text(value: Any, *, as_json: bool = False) -> str:
    """Return a value on one line, collections in brackets."""
    if isinstance(value, dict):
        entries = (
            f"{_key_text(key, as_json=as_json)}: {flow_text(item, as_json=as_json)}" for key, item in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_text(item, as_json=as_json) for item in value) + "]"
    return scalar_text(value, as_json=as_json)


def _key_text(key: Any, *, as_json: bool) -> str:
    if as_json and not isinstance(key, str):
        raise Unwritable("a key of JSON is text")
    return scalar_text(key, as_json=as_json)


def block_lines(value: Any) -> list[str]:
    """Return a collection that is not empty as the lines of a block, indented from column 0."""
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in entry_lines(key, item)]
    return [line for item in value for line in item_lines(item)]


def entry_lines(key: Any, value: Any) -> list[str]:
    """Return one entry of a block mapping as lines."""
    return _headed(f"{scalar_text(key)}:", value)


def item_lines(value: Any) -> list[str]:
    """Return one item of a block sequence as lines; a mapping begins beside the dash."""
    if isinstance(value, dict | list | tuple) and value:
        lines = block_lines(value)
        return [f"- {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]
    return _headed("-", value)


def _headed(head: str, value: Any) -> list[str]:
    if isinstance(value, dict | list | tuple) and value:
        return [head, *(f"  {line}" if line else "" for line in block_lines(value))]
    if isinstance(value, str) and _reads_well_as_literal(value):
        lines = value.rstrip("\n").split("\n")
        mark = "|" if value.endswith("\n") else "|-"
        return [f"{head} {mark}", *(f"  {line}" if line else "" for line in lines)]
    return [f"{head} {flow_text(value)}"]


def _reads_well_as_literal(value: str) -> bool:
    """Return whether a text of several lines can stand as it is: keys, certificates, scripts."""
    body = value.removesuffix("\n")
    return (
        "\n" in body
        and not body.endswith("\n")
        and not body[0].isspace()
        and all(character == "\n" or (character.isprintable() and character != "\ufeff") for character in body)
    )
