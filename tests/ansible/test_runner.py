"""Playbooks played for real by ansible-runner, with a local connection: how they end, and what can go wrong."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.ansible.play import InvalidPlay, Outcome, Play, Surroundings
from tripleo_gitops.ansible.processes import MARK, has_something, marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ansible.playbooks import Theatre

CANARY = "canary-7f3a91"


class Enough(Exception):
    """What a test's check raises."""


def alive(*command: str) -> list[int]:
    """Return the processes whose command line ends in just these words."""
    ending = b"".join(word.encode() + b"\0" for word in command)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if (entry / "cmdline").read_bytes().endswith(ending):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_a_play_tells_its_lines_and_what_it_looked_at(theatre: Theatre) -> None:
    result = theatre.play(theatre.tasks("- debug: {msg: 'hello from {{ inventory_hostname }}'}\n- command: 'true'\n"))

    assert (result.outcome, result.hosts, result.failed, result.changed) == (Outcome.PASSED, ("one", "two"), (), 2)
    assert "hello from two" in theatre.text
    assert result.problem == ""


def test_a_play_may_be_asked_for_by_a_process_that_was_large_once(theatre: Theatre) -> None:
    assert len(b"1" * (1100 * 1024 * 1024)) > 0  # touched, and given back

    assert theatre.play(theatre.tasks("- debug: {msg: hello}\n")).outcome is Outcome.PASSED


def test_a_failed_task_is_told_with_its_host_and_the_host_is_the_one_to_try_again(theatre: Theatre) -> None:
    result = theatre.play(
        theatre.tasks("- name: Look\n  fail: {msg: too small}\n  when: inventory_hostname == 'two'\n")
    )

    assert (result.outcome, result.failed, result.again) == (Outcome.FAILED, ("two",), ("two",))
    assert result.problem == "two: Look: too small"
    assert any(line.failed and "two" in line.text for line in theatre.lines)


def test_an_ignored_failure_is_none(theatre: Theatre) -> None:
    result = theatre.play(theatre.tasks("- fail: {msg: never mind}\n  ignore_errors: true\n"))

    assert (result.outcome, result.failures) == (Outcome.PASSED, ())


def test_limits_tags_and_extra_variables_reach_the_playbook(theatre: Theatre) -> None:
    playbook = theatre.tasks(
        "- debug: {msg: 'told {{ word }}'}\n  tags: a\n- fail:\n  tags: b\n- fail:\n  tags: [a, c]\n"
    )
    result = theatre.play(playbook, limit=("one",), tags=("a",), skip_tags=("c",), extra_vars={"word": "you"})

    assert (result.outcome, result.hosts) == (Outcome.PASSED, ("one",))
    assert "told you" in theatre.text


def test_a_play_without_hosts_looked_at_nothing(theatre: Theatre) -> None:
    assert theatre.play(theatre.tasks("- fail:\n", hosts="nobody")).outcome is Outcome.NO_HOSTS


def test_a_playbook_with_a_syntax_error_is_broken_with_ansibles_words(theatre: Theatre) -> None:
    result = theatre.play(theatre.tasks("- no_such_module_at_all: {}\n"))

    assert result.outcome in (Outcome.BROKEN, Outcome.FAILED)
    assert "no_such_module_at_all" in result.problem


def test_a_host_that_cannot_be_reached_is_told_apart_from_one_that_failed(theatre: Theatre) -> None:
    far = {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_executable": "/bin/false"}
    hosts = {"all": {"hosts": {"near": {"ansible_connection": "local"}, "far": far}}}
    result = theatre.play(theatre.tasks("- ping:\n"), inventory=hosts)

    assert (result.outcome, result.unreachable, result.again) == (Outcome.UNREACHABLE, ("far",), ("far",))


def test_a_playbook_that_hangs_ends_at_its_time_limit_with_all_its_processes(theatre: Theatre) -> None:
    playbook = theatre.tasks("- shell: setsid sleep 4217 & sleep 4217\n", hosts="one")
    began = time.monotonic()
    result = theatre.play(playbook, time_limit=4.0)

    assert (result.outcome, result.problem) == (Outcome.TIMED_OUT, "not done within 4 s")
    assert time.monotonic() - began < 20
    assert alive("sleep", "4217") == []


def test_a_play_that_is_stopped_ends_with_all_its_processes_and_says_why(theatre: Theatre) -> None:
    playbook = theatre.tasks("- debug: {msg: begun}\n- command: sleep 4218\n", hosts="one")

    def check() -> None:
        if alive("sleep", "4218"):
            raise Enough

    with pytest.raises(Enough):
        theatre.play(playbook, check=check)

    assert alive("sleep", "4218") == []
    assert list(theatre.memory.iterdir()) == []


def test_a_player_that_is_killed_is_lost_and_leaves_nothing(theatre: Theatre) -> None:
    playbook = theatre.tasks("- command: sleep 4219\n", hosts="one")

    def kill_the_player() -> None:
        if alive("sleep", "4219"):
            for pid in alive("-m", "tripleo_gitops.ansible.worker"):
                if str(theatre.memory) in Path(f"/proc/{pid}/environ").read_text():
                    os.kill(pid, signal.SIGKILL)

    result = theatre.play(playbook, check=kill_the_player)

    assert (result.outcome, result.problem) == (Outcome.LOST, "the process that played it was killed")
    assert alive("sleep", "4219") == []


def test_a_play_ends_with_the_process_that_asked_for_it(theatre: Theatre) -> None:
    playbook = theatre.tasks("- command: sleep 4220\n", hosts="one")
    code = (
        "import sys; from pathlib import Path; from tests.ansible.playbooks import Theatre\n"
        "theatre = Theatre(Path(sys.argv[1])); theatre.play(Path(sys.argv[2]))"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code, str(theatre.directory), str(playbook)], cwd=Path(__file__).parents[2]
    )
    try:
        wait_until(lambda: bool(alive("sleep", "4220")))
    finally:
        asker.kill()
        asker.wait()

    wait_until(lambda: not alive("sleep", "4220"))
    wait_until(lambda: not list(theatre.memory.iterdir()))


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.1)


def test_output_is_kept_up_to_a_limit_and_the_play_goes_on(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tripleo_gitops.ansible.hearing.OUTPUT_LIMIT", 50_000)
    playbook = theatre.tasks(
        "- debug: {msg: \"{{ 'x' * 19000 }}\"}\n  loop: [1, 2, 3, 4, 5]\n- debug: {msg: \"{{ 'y' * 3000000 }}\"}\n",
        hosts="one",
    )
    result = theatre.play(playbook)

    assert result.outcome is Outcome.PASSED
    assert len(theatre.text) < 150_000
    assert "is not kept" in theatre.text
    assert "yyy" not in theatre.text


def test_secrets_are_in_no_line_no_result_and_no_argument_of_a_process(theatre: Theatre) -> None:
    playbook = theatre.tasks(
        """
        - name: Take {{ password }}
          debug: {var: password}
        - shell: tr '\\0' '\\n' < /proc/$PPID/cmdline; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo $0; env
          register: seen
          no_log: true
        - copy: {content: "{{ seen.stdout }}", dest: "{{ place }}"}
          no_log: true
        - fail: {msg: "it was {{ password }} {{ password | b64encode }}"}
        """,
        hosts="one",
    )
    place = theatre.directory / "seen"
    secret = f"{CANARY} with \"quotes\" and 'more'\nand a second line {CANARY}"
    result = theatre.play(playbook, extra_vars={"password": secret, "place": str(place)}, secrets=frozenset({secret}))

    assert result.outcome is Outcome.FAILED
    assert CANARY not in theatre.text
    assert CANARY not in json.dumps([one.message + one.task for one in result.failures])
    assert CANARY not in result.problem
    assert "******" in result.problem
    assert "ansible-playbook" in place.read_text()
    assert CANARY not in place.read_text()


def test_nothing_of_the_callers_environment_and_no_configuration_beside_the_playbook_counts(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "no_such_callback")
    monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", str(theatre.directory))
    monkeypatch.setenv("OS_PASSWORD", CANARY)
    theatre.write("ansible.cfg", "[defaults]\nroles_path = /nowhere\ninventory = nowhere\nlibrary = /nowhere\n")
    playbook = theatre.tasks("- command: env\n  register: e\n- debug: {var: e.stdout_lines}\n", hosts="one")
    result = theatre.play(playbook)

    assert result.outcome is Outcome.PASSED
    assert "no_such_callback" not in theatre.text
    assert CANARY not in theatre.text
    assert str(theatre.memory) in next(line.text for line in theatre.lines if '"HOME=' in line.text)


def test_the_configuration_that_the_plan_names_counts(theatre: Theatre) -> None:
    config = theatre.write("own.cfg", "[defaults]\ngather_timeout = 7\ntask_timeout = 1\n")
    playbook = theatre.tasks("- command: sleep 30\n", hosts="one")
    result = theatre.play(playbook, surroundings=Surroundings(config=config))

    assert result.outcome is Outcome.FAILED
    assert result.seconds < 25


def test_roles_are_found_where_the_surroundings_say(theatre: Theatre) -> None:
    theatre.write("elsewhere/greeting/tasks/main.yaml", "- debug: {msg: hello from a role}\n")
    playbook = theatre.write("book.yaml", "- hosts: one\n  gather_facts: false\n  roles: [greeting]\n")
    around = Surroundings(roles=(theatre.directory / "project" / "elsewhere",))

    assert theatre.play(playbook, surroundings=around).outcome is Outcome.PASSED
    assert "hello from a role" in theatre.text


@pytest.mark.parametrize("word", ["-x", "@/etc/passwd", "", "a\nb"])
def test_what_is_no_host_pattern_or_tag_is_refused(theatre: Theatre, word: str) -> None:
    path = theatre.tasks("- ping:\n")

    with pytest.raises(InvalidPlay):
        Play(playbook=path, project=path.parent, inventory={}, time_limit=1, limit=(word,))


def test_no_process_of_an_ended_play_bears_its_mark(theatre: Theatre) -> None:
    theatre.play(theatre.tasks("- command: 'true'\n", hosts="one"))
    here = os.fsencode(str(theatre.memory))
    left = [
        entry
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _has(entry / "environ", here) and _has(entry / "environ", MARK.encode())
    ]

    assert left == []
    assert marked("no such mark") == ()


def test_a_pipe_of_a_process_with_many_descriptors_is_heard() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft <= 1100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    read_end, write_end = os.pipe()
    high = fcntl.fcntl(read_end, fcntl.F_DUPFD, 1100)
    try:
        assert not has_something(high)
        os.write(write_end, b"x")
        assert has_something(high)
    finally:
        for descriptor in (read_end, write_end, high):
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _has(path: Path, word: bytes) -> bool:
    try:
        return word in path.read_bytes()
    except OSError:
        return False
