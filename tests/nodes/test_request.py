"""What a commit asks for about machines, and what a plan's own rules let happen."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.operations.nodes.request import ask_for_nodes
from tripleo_gitops.plan.node_settings import NodeSettings
from tripleo_gitops.plan.settings import parse_settings

PATH = "baremetal/n.yaml"


def tree(*machines: str, **files: bytes) -> MemoryTree:
    return MemoryTree({PATH: "".join(f"- {{{one}}}\n" for one in machines).encode(), **files})


A, B, C = (f"name: {name}, pm_type: fake-hardware" for name in "abc")


def test_new_changed_and_gone_machines_are_told() -> None:
    asked = ask_for_nodes(tree(A, B), tree(A + ", cpu: 4", C), NodeSettings())
    assert (asked.new, asked.changed, asked.gone) == (("c",), ("a",), ("b",))
    assert str(asked) == "1 new, 1 changed, 1 gone"


def test_nothing_happens_unless_the_plan_says_so() -> None:
    asked = ask_for_nodes(None, tree(A), NodeSettings())
    assert (asked.new, asked.registers, asked.introspects) == (("a",), False, False)
    settings = NodeSettings(register_on_push=True, introspect_on_push=True)
    asked = ask_for_nodes(None, tree(A), settings)
    assert (asked.registers, asked.introspects) == (True, True)
    changed = ask_for_nodes(tree(A), tree(A + ", cpu: 4"), settings)
    assert (changed.registers, changed.introspects) == (True, False)


def test_a_commit_that_touches_no_machine_asks_for_nothing() -> None:
    settings = NodeSettings(register_on_push=True)
    assert ask_for_nodes(tree(A), tree(A, README=b"x"), settings).is_empty
    assert ask_for_nodes(tree(A), MemoryTree({PATH: f"# said\n- {{{A}}}\n".encode()}), settings).is_empty


def test_a_password_sealed_anew_is_a_change() -> None:
    old, new = (f"{A}, ipmi_password: 'ENC[AES256_GCM,data:{text}]'" for text in ("x", "y"))
    assert ask_for_nodes(tree(old), tree(new), NodeSettings()).changed == ("a",)


def test_a_file_that_cannot_be_read_does_not_keep_the_others() -> None:
    files = {"baremetal/broken.yaml": b"{", PATH: f"- {{{A}}}\n".encode()}
    assert ask_for_nodes(None, MemoryTree(files), NodeSettings()).new == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        "concurrency = 0",
        "concurrency = 501",
        'tries = "3"',
        "kernel = 1",
        'boot_option = "floppy"',
        "remove_on_push = true",
    ],
)
def test_a_setting_that_is_none_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_settings(f"[nodes]\n{text}\n".encode())
    assert refused.value.line == 2


def test_settings_are_read() -> None:
    text = b'[nodes]\nregister_on_push = true\nkernel = "k"\nboot_option = "local"\nconcurrency = 5\n'
    found = parse_settings(text).nodes
    assert (found.register_on_push, found.kernel, found.boot_option, found.concurrency) == (True, "k", "local", 5)
