"""TOML documents of settings, whose values are taken with their type checked and their line in errors."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from tripleo_gitops.documents.yaml import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE_LIMIT = 256 * 1024

E = TypeVar("E", bound=StrEnum)


def parse_toml(content: bytes, *, source: str) -> Table:
    """Return a TOML document's table; raises InvalidDocument with file and line."""
    if len(content) > SIZE_LIMIT:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {SIZE_LIMIT}", source=source)
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise InvalidDocument("not UTF-8; save the file as UTF-8", source=source, line=line) from exc
    except tomllib.TOMLDecodeError as exc:
        raise InvalidDocument(f"no TOML: {exc}", source=source) from exc
    except RecursionError as exc:
        raise InvalidDocument("no settings are nested this deep", source=source) from exc
    return Table(values, content=content, source=source, section="")


class Table:
    """One table of the file, whose values are taken with their type checked and their line in errors."""

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        content: bytes,
        source: str,
        section: str,
        entry: tuple[str, int] | None = None,
    ) -> None:
        """`entry` is the array of tables that this one is in, and which of them it is, from 0."""
        self.values = values
        self._content, self._source, self._section, self._entry = content, source, section, entry

    def error(self, key: str, problem: str) -> InvalidDocument:
        where = f"[{self._section}] {key}" if self._section else f"[{key}]"
        return InvalidDocument(f"{where}: {problem}", source=self._source, line=self._line_of(key))

    def check_known(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise self.error(key, f"unknown; known here: {', '.join(sorted(known))}")

    def section_of(self, name: str) -> Table:
        values = self.values.get(name, {})
        if not isinstance(values, dict):
            raise self.error(name, "a table is needed")
        section = f"{self._section}.{name}" if self._section else name
        return self._inner(values, section, self._entry)

    def tables_of(self, name: str) -> tuple[Table, ...]:
        values = self.values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
            raise self.error(name, f"tables are needed: [[{self._section}.{name}]]" if self._section else "tables")
        section = f"{self._section}.{name}" if self._section else name
        return tuple(self._inner(one, section, (section, number)) for number, one in enumerate(values))

    def words(self, key: str, *, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self.values.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.error(key, "a list of words is needed")
        return tuple(value)

    def typed(self, key: str, kind: type[Any], words: str, default: Any) -> Any:
        value = self.values.get(key, default)
        if type(value) is not kind:
            raise self.error(key, f"{words} is needed, not {value!r}")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        return bool(self.typed(key, bool, "true or false", default))

    def choice(self, key: str, kind: type[E], default: E) -> E:
        value = self.values.get(key, default)
        if value not in list(kind):
            raise self.error(key, f"{value!r} is none of {', '.join(kind)}")
        return kind(value)

    def _inner(self, values: Mapping[str, Any], section: str, entry: tuple[str, int] | None) -> Table:
        return Table(values, content=self._content, source=self._source, section=section, entry=entry)

    def _line_of(self, key: str) -> int | None:
        """Return the first line that sets `key` in this section, or opens its table: good for a message."""
        section, array = "", self._entry[0] if self._entry else None
        before = self._entry[1] + 1 if self._entry else 0
        for number, line in enumerate(self._content.decode().splitlines(), start=1):
            text = line.strip()
            if text.startswith("["):
                section = text.split("#")[0].strip("[] ").replace(" ", "")
                before -= section == array
                if before <= 0 and section == (f"{self._section}.{key}" if self._section else key):
                    return number
            elif before <= 0 and section == self._section and text.split("=")[0].strip().strip("\"'") == key:
                return number
        return None
