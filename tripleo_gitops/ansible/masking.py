"""Secrets taken out of what a play says, in the spellings that Ansible gives them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

MASK = "******"
SHORTEST = 4
"""Shorter texts are no secrets worth the name, and taking them out would take words apart."""
_ONE_LINE = 8


class Masker:
    """Takes a set of secret texts out of lines."""

    def __init__(self, secrets: Iterable[str]) -> None:
        plain = {part for secret in secrets for part in _parts(secret)}
        spelled = {form for text in plain for form in _spellings(text)}
        self._forms = sorted(spelled, key=lambda form: (-len(form), form))
        self.longest = max(map(len, spelled), default=0)
        self._plain = sorted(plain, key=lambda text: (-len(text), text))

    @cached_property
    def _broken(self) -> re.Pattern[str]:
        """What finds secrets that were broken into lines; long to make, and seldom needed."""
        return re.compile("|".join(map(_over_lines, self._plain)))

    def mask(self, text: str, *, wrapped: bool = False) -> str:
        """Return `text` without secrets; `wrapped` says that lines may have been broken anywhere within it."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        is_broken = wrapped and self._plain and len(text.splitlines()) > 1
        return self._broken.sub(MASK, text) if is_broken else text


def texts_in(value: Any) -> Iterable[str]:
    """Yield each text and number in a value, keys of mappings left out: what of a secret value must not be seen."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _parts(secret: str) -> Iterable[str]:
    """Yield a secret, and its lines where it has several: each may be printed by itself."""
    if len(secret.strip()) >= SHORTEST:
        yield secret.strip()
    lines = secret.strip().splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= _ONE_LINE)


def _spellings(text: str) -> Iterable[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield json.dumps(json.dumps(text)[1:-1])[1:-1]
    yield quote(text, safe="")
    yield text.replace("'", "''")
    yield base64.b64encode(text.encode(errors="replace")).decode()


def _over_lines(text: str) -> str:
    """Return the pattern of a text that Ansible may have broken into lines, as it does with warnings."""
    return r"(?:\r?\n *)?".join(r"\s+" if letter.isspace() else re.escape(letter) for letter in text)
