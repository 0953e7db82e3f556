"""The main job from nothing to an updated stack, by the same commands that a person types; every one is shown."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CLOUD = "undercloud"
CAPABILITY = "environments/telemetry.yaml"
PARAMETER = "NtpServer=[ntp.example.org]"
IDENTITY = {"NAME": "Demo Operator", "EMAIL": "operator@example.org"}


class Demo:
    """Runs commands in sight of the person; a command that fails ends the demo with its exit code."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.environment = directory, dict(os.environ) | identity()
        self.seconds: dict[str, float] = {}

    def run(self, *command: str, part: str | None = None, fine: tuple[int, ...] = (0,)) -> None:
        """Show and run a command; its output is the person's to read. Its time is kept as `part`."""
        begun = time.monotonic()
        print(f"\n$ {shlex.join(command)}", flush=True)
        code = subprocess.run(command, cwd=self.directory, env=self.environment, check=False).returncode
        if part:
            self.seconds[part] = round(time.monotonic() - begun, 2)
        if code not in fine:
            sys.exit(code)

    def ask(self, *command: str, fine: tuple[int, ...] = (0,)) -> Any:
        """Return the JSON document that a command prints."""
        done = subprocess.run(command, cwd=self.directory, env=self.environment, check=False, stdout=subprocess.PIPE)
        if done.returncode not in fine:
            sys.exit(done.returncode)
        return json.loads(done.stdout)


def identity() -> dict[str, str]:
    """Return variables that tell git who commits, where it does not know."""
    known = subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], capture_output=True, check=False).returncode == 0
    return (
        {}
        if known
        else {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in IDENTITY.items()}
    )


def free_name(directory: Path) -> str:
    """Return the first of demo, demo-2, demo-3, … that no earlier demo took here."""
    numbers = iter(range(2, 1000))
    name = "demo"
    while (directory / name).exists() or (directory / f"{name}.git").exists():
        name = f"demo-{next(numbers)}"
    return name


def main() -> None:
    """Run the demo and print, as the last line, what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path("demo-plans"), help="where the plan is made")
    parser.add_argument("--state-dir", type=Path, help="the undercloud's directory [default: its own]")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    demo, begun = Demo(arguments.directory.absolute()), time.monotonic()
    name = free_name(demo.directory)
    state = ("--state-dir", str(arguments.state_dir.absolute())) if arguments.state_dir else ()

    say("A real OpenStack on loopback")
    demo.run("tripleo-plan", "undercloud", "up", *state, part="undercloud")
    demo.environment |= demo.ask("tripleo-plan", "undercloud", "env", "--format", "json", *state)

    say("A plan repository, and a server's bare one to push to")
    demo.run("tripleo-plan", "init", name)
    demo.run("git", "init", "--quiet", "--bare", "--initial-branch", "main", f"{name}.git")
    demo.run("git", "-C", name, "remote", "add", "origin", f"../{name}.git")
    demo.run("tripleo-plan", "-C", f"{name}.git", "hook", "install", "--cloud", CLOUD)

    say("The first revision: committed, pushed, mirrored into Swift by the hook, then deployed")
    demo.run("tripleo-plan", "-C", name, "commit", "--all", "-m", f"Begin plan {name}", part="commit")
    demo.run("tripleo-plan", "-C", name, "push", part="push and mirror")
    demo.run("tripleo-plan", "-C", name, "deploy", "--yes", part="create")
    first = demo.ask("tripleo-plan", "-C", name, "status", "-o", "json")

    say("The second revision: a parameter and a capability change")
    demo.run("tripleo-plan", "-C", name, "parameters", "set", PARAMETER)
    demo.run("tripleo-plan", "-C", name, "capabilities", "enable", CAPABILITY)
    demo.run("tripleo-plan", "-C", name, "diff", part="diff", fine=(1,))
    demo.run("tripleo-plan", "-C", name, "commit", "--all", "-m", "Enable telemetry, name a time server")
    demo.run("tripleo-plan", "-C", name, "push", part="second push and mirror")
    demo.run("tripleo-plan", "-C", name, "deploy", "--yes", part="update")
    second = demo.ask("tripleo-plan", "-C", name, "status", "-o", "json")

    say("How it stands")
    demo.run("tripleo-plan", "-C", name, "status")
    demo.run("tripleo-plan", "list")
    print(f"\nThe plan is yours: {demo.directory / name}")
    print(f"  . {Path(sys.executable).with_name('activate')}; cd {demo.directory / name}")
    options = f" {shlex.join(state)}" if state else ""
    print(f'  eval "$(tripleo-plan undercloud env{options})"    the cloud, for tripleo-plan and any OpenStack client')
    print(f"  tripleo-plan undercloud down{options}             when you have seen enough\n")
    demo.seconds["total"] = round(time.monotonic() - begun, 2)
    print(
        json.dumps(
            {
                "plan": name,
                "revisions": [first["deployed"], second["deployed"]],
                "stack_statuses": [first["stack_status"], second["stack_status"]],
                "seconds": demo.seconds,
            }
        )
    )


def say(what: str) -> None:
    """Print a heading."""
    print(f"\n== {what} ==", flush=True)


if __name__ == "__main__":
    main()
