"""Small playbooks, and what plays them for real in a directory of the test."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.ansible.play import Play, PlayLine, PlayResult
from tripleo_gitops.ansible.runner import AnsibleRunner
from tripleo_gitops.ansible.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOCAL = {"ansible_connection": "local"}
HOSTS = {"all": {"hosts": {"one": LOCAL, "two": LOCAL}}}


@dataclass
class Theatre:
    """A project directory and a workspace; keeps the lines that plays wrote."""

    directory: Path
    lines: list[PlayLine] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def memory(self) -> Path:
        """Where workspaces are made."""
        path = self.directory / "memory"
        path.mkdir(exist_ok=True)
        return path

    def write(self, name: str, text: str) -> Path:
        path = self.directory / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def tasks(self, tasks: str, *, hosts: str = "all") -> Path:
        """Write a playbook of these tasks."""
        head = f"- hosts: {hosts}\n  gather_facts: false\n  tasks:\n"
        return self.write("playbook.yaml", head + textwrap.indent(textwrap.dedent(tasks), "    "))

    def play(self, playbook: Path, *, check: Callable[[], None] = lambda: None, **options: Any) -> PlayResult:
        """Play for real."""
        asked = {"inventory": HOSTS, "time_limit": 60.0, **options}
        play = Play(playbook=playbook, project=self.directory / "project", **asked)
        with Workspace.open(parent=self.memory) as workspace:
            return AnsibleRunner(workspace).play(play, tell=self.lines.append, check=check)
