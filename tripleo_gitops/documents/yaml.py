"""YAML as Heat reads it (1.1, timestamps as text), with limits, and with the place in every error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tripleo_gitops.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large one document may be: bytes as stored, nesting depth, nodes after aliases are followed."""

    size: int = 16 * 1024 * 1024
    depth: int = 100
    nodes: int = 2_000_000


class InvalidDocument(InvalidInput):
    """A file of the plan that cannot be read as what it should be; says where."""

    reason = "InvalidDocument"

    def __init__(self, problem: str, *, source: str, line: int | None = None) -> None:
        super().__init__(f"{source}{f':{line}' if line is not None else ''}: {problem}")
        self.problem, self.source, self.line = problem, source, line


def parse_yaml(content: bytes, *, source: str, limits: Limits = Limits()) -> Any:
    """Return the document in `content` as plain Python values; `source` is named in errors.

    An empty document is None. Raises InvalidDocument with the line for what is no YAML or beyond a limit.
    """
    if len(content) > limits.size:
        raise InvalidDocument(f"{len(content)} bytes are over the limit of {limits.size}", source=source)
    try:
        return yaml.load(content, Loader=yaml.CSafeLoader)  # noqa: S506
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        raise InvalidDocument(
            str(getattr(exc, "problem", exc)), source=source, line=mark.line + 1 if mark else None
        ) from exc


def locate(content: bytes, path: Sequence[str | int]) -> int | None:
    """Return the line, counted from 1, of the key or item that `path` leads to, or None."""
    raise NotImplementedError
