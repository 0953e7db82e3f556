"""Blob ids are Git's own, and a tree says which path it does not have."""

from __future__ import annotations

import subprocess

import pytest

from tripleo_gitops.documents.tree import MemoryTree, MissingFile, blob_id_of


@pytest.mark.parametrize("content", [b"", b"text\n", b"\x00\xff", b"x" * 100_000])
def test_a_blob_has_the_id_that_git_gives_it(content: bytes) -> None:
    command = ["git", "hash-object", "--stdin"]
    asked = subprocess.run(command, input=content, capture_output=True, check=True)
    assert blob_id_of(content) == asked.stdout.decode().strip()


def test_a_path_that_is_not_there_is_named() -> None:
    tree = MemoryTree({"a/b": b"x"})
    assert list(tree.paths()) == ["a/b"]
    assert tree.read("a/b") == b"x"
    with pytest.raises(MissingFile, match="a/c: no such file"):
        tree.read("a/c")
    with pytest.raises(MissingFile):
        tree.blob_id("a")
