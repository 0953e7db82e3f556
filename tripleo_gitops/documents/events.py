"""The event stream of one YAML document: libyaml's, or PyYAML's own where libyaml refuses what Heat takes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import yaml
from yaml._yaml import CParser
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from tripleo_gitops.documents.flow_colons import with_spaces
from tripleo_gitops.documents.invalid import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SECOND_READING = 512 * 1024
"""Bytes up to which PyYAML's slow parser is asked too: Heat's own default for `max_template_size`."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large one document may be: bytes as stored, nesting depth, nodes after aliases are followed."""

    size: int = 16 * 1024 * 1024
    depth: int = 100
    nodes: int = 2_000_000


DEFAULT_LIMITS = Limits()


class Unacceptable(yaml.YAMLError):
    """A document that is YAML and is refused all the same: beyond a limit, or no plain data."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem, self.problem_mark = problem, mark


class EventSource(Protocol):
    """What both parsers offer."""

    def get_event(self) -> Any:
        """Return the next event of the stream."""
        ...


class _PythonParser(Reader, Scanner, Parser):
    """PyYAML's parser without its composer and constructor."""

    def __init__(self, content: bytes) -> None:
        Reader.__init__(self, content)
        Scanner.__init__(self)
        Parser.__init__(self)


def read_events(
    content: bytes,
    read: Callable[[EventSource], T],
    *,
    source: str,
    limits: Limits = DEFAULT_LIMITS,
    has_places: bool = True,
) -> T:
    """Return what `read` makes of the events of `content`.

    Heat parses with libyaml first and with PyYAML's own parser when that fails, which takes for example
    `{get_attr:[a, b]}` (heat.common.template_format): so do we. Who needs no places within lines (`has_places`) gets
    such a file much sooner. Raises InvalidDocument with the line.
    """
    _check_bytes(content, source=source, limits=limits)
    try:
        return read(CParser(content))
    except Unacceptable as exc:
        raise _invalid(exc, content, source) from exc
    except yaml.YAMLError as exc:
        if len(content) > SECOND_READING:
            raise _invalid(exc, content, source) from exc
    spaced = None if has_places else with_spaces(content.decode("utf-8-sig"))
    if spaced is not None:
        with suppress(yaml.YAMLError):  # the slow parser says what is wrong, with the right place
            return read(CParser(spaced))
    try:
        return read(_PythonParser(content))
    except yaml.YAMLError as exc:
        raise _invalid(exc, content, source) from exc


def _check_bytes(content: bytes, *, source: str, limits: Limits) -> None:
    if len(content) > limits.size:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {limits.size}", source=source)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidDocument(
            f"byte 0x{content[exc.start]:02x} is not UTF-8; save the file as UTF-8",
            source=source,
            line=_line_at(content, exc.start),
        ) from exc
    nul = content.find(b"\x00")
    if nul >= 0:
        raise InvalidDocument("a NUL byte is not text; remove it", source=source, line=_line_at(content, nul))


def _line_at(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _invalid(exc: yaml.YAMLError, content: bytes, source: str) -> InvalidDocument:
    if isinstance(exc, ReaderError):
        offset = exc.position if isinstance(exc.position, int) else 0
        problem = f"character #x{exc.character:04x} is not allowed" if exc.reason else "not readable"
        return InvalidDocument(problem, source=source, line=_line_at(content, offset))
    mark = getattr(exc, "problem_mark", None)
    problem = " ".join(str(getattr(exc, "problem", None) or exc).split())
    return InvalidDocument(problem, source=source, line=mark.line + 1 if mark else None)
