"""The error of every file of a plan that cannot be read; it stands alone so that it can be had without a parser."""

from __future__ import annotations

from tripleo_gitops.errors import InvalidInput


class InvalidDocument(InvalidInput):
    """A file of the plan that cannot be read as what it should be; says where."""

    reason = "InvalidDocument"

    def __init__(self, problem: str, *, source: str, line: int | None = None) -> None:
        super().__init__(f"{source}{f':{line}' if line is not None else ''}: {problem}")
        self.problem, self.source, self.line = problem, source, line
