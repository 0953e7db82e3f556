"""Asking a machine's IPMI controller by ipmitool, the program that Ironic uses, too."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 60


class IpmiRefused(Exception):
    """What ipmitool says when it ends with an error."""


def ipmi(machine: Mapping[str, Any], *words: str) -> str:
    """Return what a controller answers to a command of ipmitool; `machine` is a row of the double's machines.json."""
    program = shutil.which("ipmitool")
    if program is None:
        pytest.skip("no ipmitool: Debian's package of that name has it")
    place = ("-H", machine["address"], "-p", str(machine["port"]), "-U", machine["username"], "-E")
    environment = {**os.environ, "IPMI_PASSWORD": machine["password"]}
    done = subprocess.run(
        [program, "-I", "lanplus", *place, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise IpmiRefused(done.stderr)
    return done.stdout.strip()
