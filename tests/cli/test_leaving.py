"""A command ends when its work is done, whatever a step that was given up still does."""

from __future__ import annotations

import subprocess
import sys

HANGING = """
import threading
from tripleo_gitops.cli.main import RUN_THREADS, leave
threading.Thread(target=threading.Event().wait, name=RUN_THREADS + "_0").start()
print("said")
leave(2)
"""
ENDING = HANGING.replace("threading.Event().wait", "threading.Event().wait, args=(0.2,)")


def test_a_command_ends_with_its_exit_code_though_a_step_hangs() -> None:
    done = subprocess.run((sys.executable, "-c", HANGING), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "said\n", "")


def test_a_command_waits_for_steps_that_come_to_their_end() -> None:
    closing = ENDING + "\nraise AssertionError"
    done = subprocess.run((sys.executable, "-c", closing), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "said\n", "")
