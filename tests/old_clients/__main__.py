"""Run TripleO's own client, as released, against the cloud of the environment, and print what became of each command.

The cloud needs Ironic, Mistral with the tool's actions and workbooks, and Zaqar with its WebSocket transport: this
client hears how a workflow ended by Zaqar only. Use it as `tox run -e oldclients-12.6.0 -- PLAN-DIRECTORY`;
`tox run -e oldclients` brings a cloud of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

TIMEOUT = 300
RELEASE = version("python-tripleoclient")
NOISE = ("Warning", "warnings.warn", "Journal socket", "ret_value =", "import crypt", "import pkg_resources", "re.sub(")
ERROR = "ERROR openstack [-] "
IMAGES = {"12.6.0": ("agent.kernel", "agent.ramdisk")}
"""What a release wants to find below --http-boot; earlier ones look for images of Glance."""
OWN_FAULTS = {("10.7.1", "plan export"): "write() argument must be str, not bytes"}
"""What a release gets wrong by itself: it has fetched the plan, and then opens its file as one of text."""


@dataclass(frozen=True)
class Outcome:
    """A command, its exit code, and what it printed."""

    command: list[str]
    code: int
    lines: list[str]

    @property
    def said(self) -> str:
        """The error, or the last line."""
        errors = [line for line in self.lines if ERROR in line] if self.code else []
        said = errors or [line for line in self.lines if not line.startswith("+--")]
        return said[-1].rpartition(ERROR)[2].strip("| ").replace("|", "·") if said else ""

    @property
    def verdict(self) -> str:
        """Say whether the command did what it is for."""
        if self.code == 0:
            return "works"
        fault = OWN_FAULTS.get((RELEASE, " ".join(self.command[1:3])))
        return "the client's own fault" if fault and fault in self.said else "FAILED"


def commands(plan: str, templates: str, scratch: Path) -> list[list[str]]:
    """Return the commands in the order of a plan's life, and of a machine's."""
    parameters = scratch / "parameters.yaml"
    parameters.write_text("parameter_defaults:\n  CloudDomain: old-client.example.org\n")
    images = IMAGES.get(RELEASE, ())
    for image in images:
        (scratch / image).write_text("no image: nothing boots here\n")
    boot = ["--http-boot", str(scratch)] if images else []
    first, second = (machine(scratch, f"{plan}-{number}") for number in (1, 2))
    return [
        ["overcloud", "plan", "create", plan, "--templates", templates],
        ["overcloud", "plan", "list"],
        ["overcloud", "parameters", "set", plan, str(parameters)],
        ["overcloud", "roles", "list", "--name", plan],
        ["overcloud", "roles", "show", "--name", plan, "Compute"],
        ["overcloud", "role", "list", "--roles-path", f"{templates}/roles"],
        ["overcloud", "plan", "export", plan, "-o", str(scratch / "plan.tar.gz"), "-f"],
        ["overcloud", "plan", "delete", plan],
        ["overcloud", "node", "import", "--validate-only", str(first)],
        ["overcloud", "node", "import", "--no-deploy-image", str(first)],
        ["overcloud", "node", "introspect", "--all-manageable"],
        ["overcloud", "node", "provide", "--all-manageable"],
        ["overcloud", "node", "import", *boot, "--introspect", "--provide", str(second)],
    ]


def machine(scratch: Path, name: str) -> Path:
    """Return a file that describes one machine, as it is not known to any cloud yet."""
    mac = "52:54:00:" + ":".join(f"{part:02x}" for part in secrets.token_bytes(3))
    file = scratch / f"{name}.json"
    file.write_text(json.dumps({"nodes": [{"name": name, "pm_type": "fake-hardware", "mac": [mac]}]}))
    return file


def run(command: list[str], home: Path) -> Outcome:
    """Run a command of the client, and show it."""
    print(f"\n$ openstack {shlex.join(command)}", flush=True)
    done = subprocess.run(
        [Path(sys.executable).parent / "openstack", *command],
        env={**os.environ, "HOME": str(home), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    lines = _told(done.stdout) + (_told(done.stderr) if done.returncode else [])
    print("\n".join([*lines, f"exit {done.returncode}"]), flush=True)
    return Outcome(command, done.returncode, lines)


def _told(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not any(word in line for word in NOISE)]


def main() -> int:
    """Show each command and print the table; the exit code says whether one failed that should not."""
    plan = f"old-{RELEASE.replace('.', '-')}-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [run(command, Path(folder)) for command in commands(plan, sys.argv[1], Path(folder))]
        print(f"\n| python-tripleoclient {RELEASE} | exit | last line | |\n|---|---|---|---|")
        for one in outcomes:
            shown = shlex.join(one.command)
            for long, short in ((f"{folder}/", ""), (folder, "IMAGES"), (sys.argv[1], "DIR"), (plan, "NAME")):
                shown = shown.replace(long, short)
            print(f"| `{shown}` | {one.code} | {one.said.replace(plan, 'NAME')} | {one.verdict} |")
    return 1 if any(one.verdict == "FAILED" for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
