"""Flow mappings with no space after a colon are read as PyYAML's own parser reads them, and soon."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.heat.releases import SELECTIONS, rendered
from tripleo_gitops.documents import flow_colons
from tripleo_gitops.documents.flow_colons import with_spaces
from tripleo_gitops.documents.yaml import InvalidDocument, parse_yaml

PIECES = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        ": ",
        " ",
        "a",
        "b c",
        "'x:['",
        '"y:{"',
        "1",
        "?",
        "&a ",
        "*a",
        "#:[",
        "\n  ",
        "-",
        "|",
    ]
)
WANTED = (
    "a: {get_attr:[a, b]}\n",
    "a: {b:{c:{d: 1}}}\n",
    "a: {b:, c: 1}\n",
    "a: {b:}\n",
    "a: [b:]\n",
    "a: [x:[1], y:{a:[2]}]",
    "ä: {ö:[1]}\nb: 'c:[d'\n",
    "a: {b:[1]} # x:[y\nc: |\n  {d:[e]}\n",
)


def by_pyyaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, TypeError):
        return None


@pytest.mark.parametrize("text", WANTED)
def test_a_colon_without_a_space_is_read_as_by_pyyaml(text: str) -> None:
    assert with_spaces(text) is not None
    assert parse_yaml(text.encode(), source="x") == by_pyyaml(text) is not None


@pytest.mark.parametrize("text", ["a: {b:?c}\n", "a: [b\n", "a: {b:[c}\n", "%x\n"])
def test_what_pyyaml_refuses_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocument):
        parse_yaml(text.encode(), source="x")


def test_what_libyaml_takes_stays_as_it_is() -> None:
    assert with_spaces("a: {b: [1]}\n") == "a: {b: [1]}\n"


def test_very_many_are_left_to_the_slow_parser() -> None:
    text = "a: [" + ", ".join(["b:[1]"] * (flow_colons.MOST_COLONS + 1)) + "]\n"
    assert with_spaces(text) is None
    assert parse_yaml(text.encode(), source="x") == by_pyyaml(text)


@given(st.lists(PIECES, max_size=14))
def test_no_text_means_something_else_with_spaces(pieces: list[str]) -> None:
    text = "k: {" + "".join(pieces) + "}\n"
    spaced = with_spaces(text)
    if spaced is None or spaced == text:
        return
    try:
        found = yaml.load(spaced, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, TypeError):
        return  # the slow parser is asked, and says the same as always
    assert found == by_pyyaml(text)


@pytest.mark.parametrize("version", SELECTIONS)
def test_released_files_that_libyaml_refuses_are_what_pyyaml_reads(version: str, released) -> None:
    released(version)
    tree = rendered(version)
    for path in tree.paths():
        content = tree.read(path)
        if path.endswith(".yaml") and not path.endswith(".j2.yaml"):
            text = content.decode()
            spaced = with_spaces(text)
            if spaced not in (None, text):
                assert yaml.load(spaced, Loader=yaml.CSafeLoader) == yaml.load(text, Loader=yaml.SafeLoader), path
