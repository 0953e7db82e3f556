"""Files of images: read in pieces, and uploads that outlive their process by a note."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.errors import NotFound, Refused
from tripleo_gitops.operations.nodes.image_files import PIECE, ImageFiles, MeasuredFile, UploadNotes

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_in_pieces_and_tells_how_far_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(b"x" * (3 * PIECE + 5))
    told: list[tuple[int, int]] = []
    with MeasuredFile(path, lambda read, size: told.append((read, size))) as file:
        assert len(file) == 3 * PIECE + 5
        assert len(file.read()) == PIECE
        while file.read(10 * PIECE):
            pass
    assert told[0] == (PIECE, 3 * PIECE + 5)
    assert told[-1] == (3 * PIECE + 5, 3 * PIECE + 5)


def test_a_digest_is_of_the_algorithm_that_glance_uses_and_empty_for_one_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    files = ImageFiles(tmp_path)
    assert files.digest("a", "sha512") == hashlib.sha512(b"content").hexdigest()
    assert files.digest("a", "rot13") == ""


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        ImageFiles(tmp_path / "nowhere").names()


def test_an_upload_is_dead_when_it_broke_off_and_not_while_it_runs(tmp_path: Path) -> None:
    notes = UploadNotes(tmp_path / "uploads")
    assert notes.dead() == frozenset()
    with notes.held("done"):
        assert notes.dead() == frozenset()
        with pytest.raises(Refused, match="another process"), notes.held("done"):
            pass
    with pytest.raises(RuntimeError), notes.held("broken"):
        raise RuntimeError
    assert notes.dead() == {"broken"}
    notes.forget("broken")
    assert notes.dead() == frozenset()
