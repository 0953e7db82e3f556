"""Run TripleO's own client, as released, against the cloud of the environment, and print what became of each command.

The cloud needs Ironic, Mistral with the tool's actions and workbooks, and Zaqar with its WebSocket transport: this
client hears how a workflow ended by Zaqar only. Use it as `tox run -e oldclients-12.6.0 -- PLAN-DIRECTORY`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

TIMEOUT = 300
MAC = "52:54:00:0d:c1:e4"
NOISE = ("Warning", "warnings.warn", "Journal socket", "ret_value =")


def commands(plan: str, templates: str, scratch: Path) -> list[list[str]]:
    """Return the commands in the order of a plan's life."""
    parameters = scratch / "parameters.yaml"
    parameters.write_text("parameter_defaults:\n  CloudDomain: old-client.example.org\n")
    machines = scratch / "nodes.json"
    machine = {"name": plan, "pm_type": "fake-hardware", "mac": [MAC]}
    machines.write_text(json.dumps({"nodes": [machine]}))
    return [
        ["overcloud", "plan", "create", plan, "--templates", templates],
        ["overcloud", "plan", "list"],
        ["overcloud", "parameters", "set", plan, str(parameters)],
        ["overcloud", "roles", "list", "--name", plan],
        ["overcloud", "roles", "show", "--name", plan, "Compute"],
        ["overcloud", "role", "list", "--roles-path", f"{templates}/roles"],
        ["overcloud", "plan", "export", plan, "-o", str(scratch / "plan.tar.gz"), "-f"],
        ["overcloud", "plan", "delete", plan],
        ["overcloud", "node", "import", "--no-deploy-image", str(machines)],
        ["overcloud", "node", "introspect", "--all-manageable"],
        ["overcloud", "node", "provide", "--all-manageable"],
    ]


def outcome(command: list[str]) -> tuple[int, str]:
    """Return a command's exit code and the last line that it printed itself."""
    done = subprocess.run(
        [Path(sys.executable).parent / "openstack", *command],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.strip() and not any(word in line for word in NOISE)]
    said = [line for line in lines if not line.startswith("+--")]
    return done.returncode, said[-1].strip() if said else ""


def main() -> int:
    """Print the table; the exit code says whether every command worked."""
    release, failed = version("python-tripleoclient"), 0
    print(f"| python-tripleoclient {release} | exit | last line |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for command in commands(f"old-{release.replace('.', '-')}", sys.argv[1], Path(folder)):
            code, said = outcome(command)
            failed += code != 0
            print(f"| `{' '.join(command[:3])}` | {code} | {said} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
