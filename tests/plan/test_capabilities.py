"""The capabilities map is read whole, and nothing that is selected or offered stays out of sight."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.capabilities import (
    CapabilitiesMap,
    Topic,
    get_capabilities,
    parse_capabilities_map,
    read_capabilities_map,
)

MAP = b"""\
topics:
- title: Network
  description: How it is wired
  environment_groups:
  - title: Isolation
    mutually_exclusive: true
    environments:
    - {file: environments/v4.yaml, title: V4, requires: [base.yaml]}
    - {file: environments/v6.yaml, title: V6}
- title: Network
  environment_groups:
  - environments:
    - {file: base.yaml, title: Base, description: what all stand on}
"""


def files_of(topic: Topic) -> list[tuple[str, bool | None]]:
    return [(entry.file, entry.enabled) for group in topic.groups for entry in group.environments]


def test_every_part_of_the_map_is_read() -> None:
    network, other_network = parse_capabilities_map(MAP).topics
    assert (network.title, network.description) == ("Network", "How it is wired")
    assert network.groups[0].mutually_exclusive
    v4, v6 = network.groups[0].environments
    assert (v4.file, v4.title, v4.requires, v4.enabled) == ("environments/v4.yaml", "V4", ("base.yaml",), None)
    assert v6.requires == ()
    assert not other_network.groups[0].mutually_exclusive


def test_a_plan_without_a_map_has_an_empty_one() -> None:
    assert read_capabilities_map(MemoryTree({})) == CapabilitiesMap()
    assert parse_capabilities_map(b"topics:\n") == CapabilitiesMap()
    assert parse_capabilities_map(b"") == CapabilitiesMap()


def test_what_is_selected_is_enabled() -> None:
    topics = get_capabilities(parse_capabilities_map(MAP), paths=(), selected=("base.yaml",))
    assert files_of(topics[0]) == [("environments/v4.yaml", False), ("environments/v6.yaml", False)]
    assert files_of(topics[1]) == [("base.yaml", True)]


def test_enabled_is_false_and_not_an_empty_list_where_nothing_is_selected() -> None:
    topics = get_capabilities(parse_capabilities_map(MAP), paths=("environments/own.yaml",), selected=())
    assert all(enabled is False for topic in topics for _, enabled in files_of(topic))


def test_topics_of_one_title_do_not_overwrite_each_other() -> None:
    topics = get_capabilities(parse_capabilities_map(MAP), paths=(), selected=())
    assert [topic.title for topic in topics] == ["Network", "Network"]


def test_what_is_not_mapped_is_offered_under_other_sorted_by_file() -> None:
    paths = (
        "user-environment.yaml",
        "environments/z.yaml",
        "environments/deep/er.yaml",
        "ci/environments/a.yaml",
        "environments/v4.yaml",
        "environments/made.j2.yaml",
        "overcloud.yaml",
        "environments/README.rst",
    )
    other = get_capabilities(parse_capabilities_map(MAP), paths=paths, selected=("environments/z.yaml",))[-1]
    assert (other.title, other.description) == ("Other", None)
    assert files_of(other) == [
        ("ci/environments/a.yaml", False),
        ("environments/deep/er.yaml", False),
        ("environments/z.yaml", True),
        ("user-environment.yaml", False),
    ]
    group = other.groups[0]
    assert (group.title, group.environments[0].title) == ("ci/environments/a.yaml", "ci/environments/a.yaml")
    assert group.environments[0].description == "Enable ci/environments/a.yaml environment"


def test_a_selected_file_that_nothing_offers_is_shown_all_the_same() -> None:
    other = get_capabilities(CapabilitiesMap(), paths=("x.yaml",), selected=("x.yaml", "gone.yaml"))[-1]
    assert files_of(other) == [("gone.yaml", True), ("x.yaml", True)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("topics: {}\n", 1, "a list is needed"),
        ("topics:\n- Network\n", 2, "a mapping is needed"),
        ("topics:\n- description: x\n", 2, "'title' is missing"),
        ("topics:\n- title: t\n  environment_groups: [1]\n", 3, "a mapping is needed"),
        ("topics:\n- title: t\n  environment_groups:\n  - mutually_exclusive: 1\n", 4, "true or false"),
        (
            "topics:\n- title: t\n  environment_groups:\n  - environments:\n    - title: x\n",
            5,
            "'file' is missing",
        ),
        (
            "topics:\n- title: t\n  environment_groups:\n  - environments:\n    - file: x\n",
            5,
            "'title' is missing",
        ),
        (
            "topics:\n- title: t\n  environment_groups:\n  - environments:\n    - {file: /x, title: x}\n",
            5,
            "is absolute",
        ),
        (
            "topics:\n- title: t\n  environment_groups:\n  - environments:\n    - {file: x, title: x, requires: y}\n",
            5,
            "a list is needed",
        ),
        ("- a\n", 1, "a mapping is needed"),
    ],
)
def test_what_is_no_map_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_capabilities_map(text.encode())
    assert refused.value.line == line
    assert words in str(refused.value)
