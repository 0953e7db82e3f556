"""The process that plays: it runs ansible-runner, tells what happens line by line, and ends with who started it.

Started with nothing but the environment of the play; what to play comes in on standard input, whose end means that
nobody waits any more. Standard output has one JSON document a line: `line`, `failure`, `stats`, and `end`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ansible_runner
import ansible_runner.config.runner
from ansible_runner.utils import get_callback_dir

from tripleo_gitops.ansible.environment import LONGEST_EVENT
from tripleo_gitops.ansible.processes import MARK, end_marked

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY_LIMIT = 1024 * 1024 * 1024
CLEARING_SECONDS = 10.0
FAILURES = {"runner_on_failed", "runner_on_unreachable", "runner_item_on_failed"}
MOST_FAILURES = 200


def main() -> None:
    """Play what standard input says."""
    told = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever else prints must not be taken for a message
    request = json.loads(sys.stdin.buffer.readline())
    caller = os.getppid()
    ending = threading.Thread(target=_end_with_caller, args=(request["workspace"], caller), daemon=True)
    ending.start()
    try:
        _Playing(told).play(request)
    finally:
        if os.getppid() != caller:
            ending.join(CLEARING_SECONDS)  # it clears away what the caller cannot any more


def _end_with_caller(workspace: str, caller: int) -> None:
    """Wait until the other end of standard input is closed, then end every process of the play, and this one.

    The workspace of a caller that is gone is removed: nobody else would before the next play.
    """
    while os.read(0, 1024):
        continue
    end_marked(os.environ[MARK])
    until = time.monotonic() + CLEARING_SECONDS
    while os.getppid() != caller and Path(workspace).exists() and time.monotonic() < until:
        shutil.rmtree(workspace, ignore_errors=True)  # the other thread may still be writing there
        time.sleep(0.05)
    os._exit(1)


class _Playing:
    """One play: ansible-runner's events turned into messages."""

    def __init__(self, told: BinaryIO) -> None:
        self._told, self._failures, self._too_big = told, 0, False

    def play(self, request: dict[str, Any]) -> None:
        config = ansible_runner.config.runner.RunnerConfig(
            private_data_dir=request["private"],
            project_dir=request["project"],
            playbook=request["playbook"],
            inventory=request["inventory"],
            limit=request["limit"],
            tags=request["tags"],
            skip_tags=request["skip_tags"],
            forks=request["forks"],
            quiet=True,
        )
        config.prepare()
        config.env["ANSIBLE_CALLBACK_PLUGINS"] = get_callback_dir()
        config.env["ANSIBLE_HOST_KEY_CHECKING"] = os.environ["ANSIBLE_HOST_KEY_CHECKING"]
        runner = ansible_runner.Runner(config, cancel_callback=self._is_too_big, event_handler=self._event)
        status, code = runner.run()
        self._tell({"end": status, "code": code, "too_loud": self._too_big})

    def _is_too_big(self) -> bool:
        """Whether this process, which holds a play's whole output, grew too big: the play is ended then.

        Its highest size would not do: a process begins with that of the one which started it.
        """
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self._too_big = pages * resource.getpagesize() > MEMORY_LIMIT
        return self._too_big

    def _event(self, event: dict[str, Any]) -> bool:
        """Tell of an event; the answer says that it need not be kept on disk."""
        kind, data = event.get("event", ""), event.get("event_data") or {}
        text = event.get("stdout") or ""
        if text.strip():
            shown = text[:LONGEST_EVENT]
            self._tell({"line": shown, "length": len(text), "kind": kind, "failed": kind in FAILURES})
        if kind in FAILURES and not data.get("ignore_errors"):
            self._tell_failure(kind, data)
        if kind == "playbook_on_stats":
            names = ("processed", "failures", "dark", "changed")
            self._tell({"stats": {name: data.get(name) or {} for name in names}})
        return False

    def _tell_failure(self, kind: str, data: dict[str, Any]) -> None:
        self._failures += 1
        if self._failures > MOST_FAILURES or kind == "runner_item_on_failed":
            return
        result = data.get("res") or {}
        message = _message(result)
        self._tell({"failure": {"host": str(data.get("host")), "task": str(data.get("task")), "message": message}})

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._told.write(json.dumps(message).encode() + b"\n")


def _message(result: dict[str, Any]) -> str:
    """Return what a failed task says, in a few lines at most; for a loop, what its failed items say."""
    items = [one for one in result.get("results") or () if isinstance(one, dict) and one.get("failed")]
    if items:
        return "; ".join(dict.fromkeys(_message(item) for item in items[:10]))
    words = [str(result[key]).strip() for key in ("msg", "stderr", "reason") if result.get(key)]
    if not words and result.get("censored"):
        words = [str(result["censored"])]
    return (words[0] if words else "it did not say why")[:LONGEST_EVENT]


if __name__ == "__main__":
    main()
