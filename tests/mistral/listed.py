"""What Mistral's own command line lists of the tool: `mistral action-list`, `workbook-list` and `workflow-list`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tripleo_gitops.mistral_actions.table import ROWS
from tripleo_gitops.runs.workbooks import workbooks

if TYPE_CHECKING:
    from openstack.connection import Connection

PROGRAM = str(Path(sys.executable).parent / "mistral")
"""python-mistralclient's, of the environment that runs this."""
COMMANDS = ("action-list", "workbook-list", "workflow-list")


def listed(connection: Connection) -> dict[str, list[str]]:
    """Return the names of TripleO's that each command prints, to whom a connection speaks for."""
    login = {f"OS_{key.upper()}": str(value) for key, value in connection.config.get_auth_args().items()}
    found = {}
    for command in COMMANDS:
        call = [PROGRAM, command, "-c", "Name", "-f", "value"]
        said = subprocess.run(call, env=os.environ | login, capture_output=True, text=True, check=True).stdout
        found[command] = sorted(name for name in said.split() if name.startswith("tripleo."))
    return found


def expected() -> dict[str, set[str]]:
    """Return what the tool registers, by the command that has to list it."""
    books = workbooks()
    names = (
        {row.name for row in ROWS},
        {book.name for book in books},
        {one for book in books for one in book.workflows},
    )
    return dict(zip(COMMANDS, names, strict=True))
