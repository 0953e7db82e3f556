"""The command line as tests use it: in this process, with its exit code, its output and its errors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@dataclass(frozen=True)
class Printed:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


class CommandLine:
    """`tripleo-plan` run in a directory."""

    def __init__(self, directory: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.directory, self._capture = directory, capture

    def __call__(self, *arguments: str, code: int = 0) -> Printed:
        """Run one command; it has to end with `code`."""
        self._capture.readouterr()
        ended = run(["-C", str(self.directory), *arguments])
        out, err = self._capture.readouterr()
        assert ended == code, f"tripleo-plan {' '.join(arguments)}: exit {ended}, not {code}\n{out}\n{err}"
        return Printed(ended, out, err)
