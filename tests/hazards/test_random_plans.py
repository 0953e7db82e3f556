"""Plans that somebody broke at random: every way in ends with a result or with an error that says what is wrong."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.heat.tree import parameter_tree
from tripleo_gitops.operations.checking import check_tree
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.operations.editing import capabilities_of
from tripleo_gitops.operations.resolution import resolve_plan

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "examples" / "plan-repo"
FILES = {str(path.relative_to(EXAMPLE)): path.read_bytes() for path in EXAMPLE.rglob("*") if path.is_file()}
BREAKABLE = tuple(sorted(path for path in FILES if path.endswith((".yaml", ".toml"))))
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf"), "", "x", "../../etc/passwd", "/etc/passwd",
    "http://169.254.169.254/", "a\x85b", "\ud83d\ude00", [], [None], [[]], ["x", 1], {}, {None: None}, {1: {2: 3}},
    {"get_param": "x"}, {"get_param": ["x", {}]}, {"get_file": "http://127.0.0.1/x"}, {"get_attr": []}, {"if": [1]},
    {"get_resource": []}, {"str_replace": {"template": 1, "params": []}}, {"list_join": None}, {"repeat": {}},
    {"yaql": {"expression": "$.data.x +", "data": 1}}, {"Fn::Select": [0]}, "{{ roles }}", "{% for", "OS::Heat::None",
    "overcloud.yaml", "deployment/ntp.yaml", ["plan-environment.yaml"], {"type": "overcloud.yaml"},
)  # fmt: skip
PIECES = (
    b"\x00", b"\xff", b"\t", b"\r", b"\xef\xbb\xbf", b"[", b"]", b"{", b"}", b": ", b"- ", b"&a ", b"*a", b"<<: *a\n",
    b"!!python/object:os.system ", b"'", b'"', b"#", b"|\n", b"---\n", b"...\n", b"%YAML 2.0\n", b"=", b"{{", b"}}",
    b"{% include 'x' %}", b"{{ 1 / 0 }}", b"{{ '\\ud800' }}", b"yes", b"010", b"1e5", b"2001-01-01", b"\xe2\x80\xa8",
)  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(place for key, item in items for place in places_in(item, (*path, key)))]


def with_another_value(content: bytes, chance: random.Random) -> bytes:
    """Return a document in which one value, or one key, is another."""
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError):
        return with_other_bytes(content, chance)
    *parents, last = chance.choice(places_in(document)) or (None,)
    parent = document
    for key in parents:
        parent = parent[key]
    value = chance.choice(VALUES)
    if last is None:
        document = value
    elif isinstance(parent, dict) and chance.random() < 0.3:
        old = parent.pop(last)
        if not isinstance(value, list | dict):
            parent[value] = old
    else:
        parent[last] = value
    return yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "replace")


def with_other_bytes(content: bytes, chance: random.Random) -> bytes:
    """Return bytes of which some are gone, doubled, or others."""
    begin, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    end = min(end, begin + chance.choice((0, 1, 2, 80)))
    middle = chance.choice((b"", content[begin:end] * 2, *PIECES))
    return content[:begin] + middle + content[end:]


def with_a_line_moved(content: bytes, chance: random.Random) -> bytes:
    """Return a file with one line somewhere else, or deeper in."""
    lines = content.splitlines(keepends=True) or [b""]
    line = lines.pop(chance.randrange(len(lines)))
    lines.insert(chance.randrange(len(lines) + 1), chance.choice((b"", b"  ", b"    ")) + line.lstrip(b" "))
    return b"".join(lines)


BREAKS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    with_another_value, with_another_value, with_other_bytes, with_a_line_moved,
)  # fmt: skip


def broken_plan(chance: random.Random) -> MemoryTree:
    """Return the example plan with one to three of its files broken, exchanged or gone."""
    files = dict(FILES)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        path = chance.choice(BREAKABLE)
        if chance.random() < 0.05:
            files.pop(path, None)
        elif chance.random() < 0.05:
            files[path] = FILES[chance.choice(BREAKABLE)]
        else:
            files[path] = chance.choice(BREAKS)(files.get(path, b""), chance)
    return MemoryTree(files)


def use_everywhere(tree: MemoryTree) -> list[GitopsError]:
    """Ask of a plan all that the commands ask of one; return the refusals."""
    whole = MemoryTree(FILES)
    ways: tuple[Callable[[], object], ...] = (
        lambda: check_tree(tree),
        lambda: capabilities_of(tree),
        lambda: parameter_tree(resolve_plan(tree).bundle).to_heat(),
        lambda: diff_plans(whole, tree, old_label="a", new_label="b").to_document(),
        lambda: diff_plans(tree, whole, old_label="b", new_label="a").to_document(),
    )
    refusals = []
    for way in ways:
        try:
            way()
        except GitopsError as exc:
            refusals.append(exc)
    return refusals


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_broken_at_random_is_used_or_refused(seed: int) -> None:
    for refusal in use_everywhere(broken_plan(random.Random(seed))):
        assert "\n" not in str(refusal)
        assert len(str(refusal)) < 10_000


def test_the_plan_that_is_broken_is_whole_before() -> None:
    assert use_everywhere(MemoryTree(FILES)) == []


@pytest.mark.parametrize("path", [path for path in BREAKABLE if "/" not in path])
def test_a_file_that_is_empty_is_used_or_refused(path: str) -> None:
    use_everywhere(MemoryTree({**FILES, path: b""}))
