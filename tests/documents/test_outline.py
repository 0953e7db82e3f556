"""Lines of keys are found wherever the value stands."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.yaml import locate

CONTENT = b"""# head
parameters:
  A: 1
  'B':
    - x
    -
      c: 2
  A: 3
base: &base
  k: 1
other:
  <<: *base
  own: 1
alias: *base
flow: {a: 1,
  b: [x, y]}
1: number
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("parameters",), 2),
        (("parameters", "A"), 8),
        (("parameters", "B"), 4),
        (("parameters", "B", 0), 5),
        (("parameters", "B", 1, "c"), 7),
        (("other", "k"), 10),
        (("other", "own"), 13),
        (("alias", "k"), 10),
        (("flow", "b", 1), 16),
        ((1,), 17),
        (("1",), None),
        (("nowhere",), None),
        (("parameters", "B", 2), None),
        (("parameters", "A", "deeper"), None),
    ],
)
def test_the_line_of_a_key_path_is_found(path: tuple[str | int, ...], line: int | None) -> None:
    assert locate(CONTENT, path) == line


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"a: [", b"\xff"])
def test_a_document_without_the_key_has_no_line_for_it(content: bytes) -> None:
    assert locate(content, ("a",)) is None
