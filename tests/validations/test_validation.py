"""Reading validations as tripleo-common and validations-libs define them."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.validations.groups import parse_groups
from tripleo_gitops.validations.validation import NO_DESCRIPTION, UNNAMED, Origin, Validation, parse_validation

FULL = b"""---
- hosts: undercloud, allovercloud
  vars:
    metadata:
      name: Enough memory
      description: |
        Each node has
        as much as it needs.
      groups: [prep, pre-deployment, prep]
      categories: [hardware]
      products: [tripleo]
    minimum: 8
    nested: {a: [1, 2]}
  roles: [memory]
- hosts: all
  vars: {metadata: {name: Not this one}}
"""


def parse(text: bytes | str, path: str = "validations/memory.yaml") -> Validation:
    return parse_validation(text.encode() if isinstance(text, str) else text, path=path, origin=Origin.PLAN)


def test_the_first_play_says_what_a_validation_is() -> None:
    found = parse(FULL)

    assert (found.id, found.name, found.hosts) == ("memory", "Enough memory", "undercloud, allovercloud")
    assert found.description == "Each node has as much as it needs."
    assert found.groups == ("prep", "pre-deployment")
    assert (found.categories, found.products) == (("hardware",), ("tripleo",))


def test_what_else_stands_in_the_variables_are_parameters() -> None:
    assert parse(FULL).parameters == {"minimum": 8, "nested": {"a": [1, 2]}}


@pytest.mark.parametrize("text", ["- hosts: all\n", "- hosts: all\n  vars:\n", "- hosts: all\n  vars: {metadata: }\n"])
def test_a_playbook_without_metadata_has_tripleos_defaults(text: str) -> None:
    found = parse(text)

    assert (found.name, found.description, found.groups, found.parameters) == (UNNAMED, NO_DESCRIPTION, (), {})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("hosts: all\n", 1, "a playbook is a list"),
        ("[]\n", 1, "one play at least"),
        ("- all\n", 1, "a play is a mapping"),
        ("- tasks: []\n", 1, "which hosts"),
        ("- hosts: all\n  vars: [1]\n", 2, "the variables of a play is a mapping"),
        ("- hosts: all\n  vars:\n    metadata: no\n", 3, "metadata is a mapping"),
        ("- hosts: all\n  vars:\n    metadata:\n      name: 3\n", 4, "the name of a validation is text"),
        ("- hosts: all\n  vars:\n    metadata:\n      groups: prep\n", 4, "groups is a list"),
        ("- hosts: all\n  vars:\n    metadata:\n      groups:\n        - prep\n        - 7\n", 6, "one of the groups"),
        ("- hosts: all\n  vars: {\n", 3, ""),
    ],
)
def test_a_file_that_is_no_validation_is_named_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse(text)

    assert caught.value.source == "validations/memory.yaml"
    assert caught.value.line == line
    assert words in str(caught.value)


def test_ansibles_own_tags_may_stand_in_a_playbook_and_no_others() -> None:
    text = "- hosts: all\n  vars:\n    a: !unsafe '{{ x }}'\n    b: !vault |\n      $VAULT;1.1\n    c: !unsafe [1]\n"

    assert parse(text).parameters == {"a": "{{ x }}", "b": "$VAULT;1.1\n", "c": [1]}
    with pytest.raises(InvalidDocument) as caught:
        parse("- hosts: all\n  vars:\n    a: !!python/object:os.system x\n")
    assert caught.value.line == 3


def test_a_file_larger_than_any_validation_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="limit"):
        parse(b"- hosts: all\n" + b"#" * (1024 * 1024))


@pytest.mark.parametrize("name", ["-x", "a b", "é", "x" * 200])
def test_a_file_name_that_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(InvalidDocument, match="no id"):
        parse("- hosts: all\n", path=f"validations/{name}.yaml")


def test_groups_have_their_descriptions_in_one_line() -> None:
    content = b"prep:\n  - description: >-\n      Before\n      anything.\nmore:\n  description: Before Heat.\nlast:\n"

    assert parse_groups(content) == {"prep": "Before anything.", "more": "Before Heat.", "last": ""}


def test_a_group_without_a_description_to_read_is_named_with_its_line() -> None:
    with pytest.raises(InvalidDocument, match="group late") as caught:
        parse_groups(b"prep:\n  - description: x\nlate:\n  - 3\n")

    assert caught.value.line == 3
