"""Each row of "Parsing" and of "Bad input", in a whole plan: a clear error with the place, in bounded time and memory.

How one parser, one engine or one function refuses is tested beside each: tests/documents/test_yaml_hazards.py,
tests/sandbox, tests/plan/test_template_engine.py, tests/heat. Archives are in tests/lifecycle/test_archives.py.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.operations.checking import check_tree
from tripleo_gitops.operations.comparison.diff import diff_plans
from tripleo_gitops.operations.resolution import resolve_plan, resolve_templates

EXAMPLE = Path(__file__).parents[2] / "examples" / "plan-repo"
FILES = {str(path.relative_to(EXAMPLE)): path.read_bytes() for path in EXAMPLE.rglob("*") if path.is_file()}
SECONDS, MEBIBYTES = 60.0, 400
"""What a test may take of this process; the limits in the code are far lower, and each error names its own."""

HOT = "heat_template_version: 2018-08-31\n"


def plan(path: str, content: str) -> MemoryTree:
    """Return the example plan with one file as given."""
    return MemoryTree({**FILES, path: content.encode()})


def selecting(content: bytes | str) -> MemoryTree:
    """Return the example plan with one more environment that it selects."""
    environment = FILES["plan-environment.yaml"].replace(b"environments:\n", b"environments:\n  - path: bad.yaml\n", 1)
    bad = content if isinstance(content, bytes) else content.encode()
    return MemoryTree({**FILES, "plan-environment.yaml": environment, "bad.yaml": bad})


def refusals(tree: MemoryTree) -> list[str]:
    """Return what is said against a plan where it is checked, read and compared, within a time and a memory."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = [f"{one.path}:{one.line}: {one.message}" for one in check_tree(tree) if one.severity.value == "error"]
    for way in (
        lambda: resolve_plan(tree).parameters,
        lambda: diff_plans(MemoryTree(FILES), tree, old_label="old", new_label="new"),
    ):
        with pytest.raises(GitopsError) as refused:
            way()
        said.append(str(refused.value))
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024
    return said


def alias_bomb() -> str:
    lines = ["parameter_defaults:", '  a0: &a0 ["lol"]']
    return "\n".join(lines + [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)])


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (alias_bomb(), "bad.yaml:9", "limit of 2000000, aliases followed"),
        ("parameter_defaults: " + "[" * 5000, "bad.yaml:1", "limit of 100"),
        (b"parameter_defaults:\n  a: " + b"x" * 100_000_000, "bad.yaml", "over the limit of 16777216"),
        ("parameter_defaults:\n  a: !!python/object/apply:os.system [id]\n", "bad.yaml:2", "tag"),
        (b"parameter_defaults:\n  a: \xff\n", "bad.yaml:2", "not UTF-8"),
        (b"parameter_defaults:\n  a: x\x00\n", "bad.yaml:2", "NUL"),
        ("parameter_defaults:\n\ta: x\n", "bad.yaml:2", "token"),
        ("parameter_defaults: {a: &a [*a]}\n", "bad.yaml:1", "contains itself"),
        ("- parameter_defaults: {}\n", "bad.yaml", "mapping"),
        ("parameter_defaults: [a]\n", "bad.yaml", "mapping"),
    ],
    ids=[
        "alias bomb", "5,000 nested [", "100 MB scalar", "python tag", "not UTF-8", "NUL", "tabs", "loop",
        "an environment that is a list", "a section that is a list",
    ],
)  # fmt: skip
def test_a_selected_environment_that_is_hostile_is_refused_everywhere(
    content: bytes | str, place: str, words: str
) -> None:
    said = refusals(selecting(content))
    assert len(said) >= 3
    for text in said:
        assert place in text
    assert any(words in text for text in said)


def test_keys_that_occur_twice_are_found_with_their_line_and_the_last_one_counts() -> None:
    tree = selecting("parameter_defaults:\n  Mine: 'a'\n  Mine: 'b'\n")
    assert ("duplicate-key", "bad.yaml", 3) in [(found.code, found.path, found.line) for found in check_tree(tree)]
    assert resolve_plan(tree).environment.document["parameter_defaults"]["Mine"] == "b"


def test_carriage_returns_booleans_and_octals_are_read_as_heat_reads_them() -> None:
    tree = selecting("parameter_defaults:\r\n  A: yes\r\n  B: 0644\r\n  C: 'yes'\r\n  D: 1:30\r\n  E: 1e5\r\n")
    found = resolve_plan(tree).environment.document["parameter_defaults"]
    assert [found[name] for name in "ABCDE"] == [True, 0o644, "yes", 90, "1e5"]


OUTSIDE = ("http://169.254.169.254/latest", "file:///etc/passwd", "/etc/passwd", "../../../../etc/passwd")


@pytest.mark.parametrize("reference", OUTSIDE)
@pytest.mark.parametrize(
    "template",
    [
        "resources: {a: {type: '{}'}}",
        "resources: {a: {type: 'OS::Heat::Value', properties: {value: {get_file: '{}'}}}}",
        "outputs: {a: {value: {get_file: '{}'}}}",
    ],
    ids=["type", "get_file", "get_file in an output"],
)
def test_a_template_cannot_name_what_is_outside_of_the_plan(template: str, reference: str) -> None:
    text = HOT + template.replace("'{}'", f"'{reference}.yaml'" if "type: '{}'" in template else f"'{reference}'")
    with pytest.raises(GitopsError) as refused:
        resolve_templates(MemoryTree({"dir/t.yaml": text.encode()}), "dir/t.yaml", [])
    assert refused.value.reason == "OutsidePlan"
    assert str(refused.value).startswith("dir/t.yaml: ")
    assert reference in str(refused.value)


@pytest.mark.parametrize("reference", OUTSIDE)
def test_a_registry_cannot_name_what_is_outside_of_the_plan(reference: str) -> None:
    said = refusals(selecting(f"resource_registry:\n  OS::TripleO::X: '{reference}.yaml'\n"))
    assert all("leads out of the plan" in text and "bad.yaml" in text for text in said[-2:])


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"t.yaml": "resources: {a: {type: t.yaml}}"}, "nested deeper than 10"),
        ({"t.yaml": "resources: {a: {type: u.yaml}}", "u.yaml": "resources: {a: {type: t.yaml}}"}, "nested deeper"),
        (
            {
                f"{'t' if n == 0 else n}.yaml": "resources:\n"
                + "".join(f"  r{i}: {{type: {n + 1}.yaml}}\n" for i in range(30))
                for n in range(9)
            }
            | {"9.yaml": ""},
            "more than 20000 stacks",
        ),
    ],
    ids=["a template that holds itself", "two that hold each other", "30 in 30 in 30 …"],
)
def test_templates_that_hold_too_many_templates_are_refused(files: dict[str, str], words: str) -> None:
    began = time.process_time()
    tree = MemoryTree({path: (HOT + content).encode() for path, content in files.items()})
    with pytest.raises(GitopsError, match=words) as refused:
        _ = resolve_templates(tree, "t.yaml", []).parameters
    assert ".yaml: resources." in str(refused.value)
    assert time.process_time() - began < SECONDS


def holding(value: str, kind: str = "string") -> MemoryTree:
    inner = HOT + f"parameters: {{p: {{type: {kind}}}}}\n"
    outer = HOT + f"resources:\n  g: {{type: u.yaml, properties: {{p: {value}}}}}\n"
    return MemoryTree({"t.yaml": outer.encode(), "u.yaml": inner.encode()})


def nested_replace(levels: int) -> str:
    inner = nested_replace(levels - 1) if levels else "aaaaaaaaaa"
    return f"{{str_replace: {{template: aaaaaaaaaa, params: {{a: {inner}}}}}}}"


WORDS = "[" + ",".join(f"'{n}'" for n in range(1000)) + "]"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (nested_replace(12), "str_replace makes more than"),
        (f"{{repeat: {{template: 'a%b%c%d', for_each: {{'%b': {WORDS}, '%c': {WORDS}, '%d': {WORDS}}}}}}}", "repeat"),
        ("{yaql: {expression: 'range(8000).select(range(8000).select($).len()).len()', data: {}}}", "50000 calls"),
    ],
    ids=["str_replace in str_replace", "repeat", "yaql"],
)
def test_a_function_that_makes_too_much_is_refused_with_its_place(value: str, words: str) -> None:
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(GitopsError, match=words) as refused:
        _ = resolve_templates(holding(value), "t.yaml", []).parameters
    assert str(refused.value).startswith("t.yaml: resources.g.properties.p: ")
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("string", "{list_join: ['', [" + ",".join(["{get_param: p}"] * 20) + "]]}", "list_join makes more than"),
        ("json", "{" + ",".join(f"k{n}: {{get_param: p}}" for n in range(50)) + "}", "the property p makes more than"),
    ],
    ids=["text", "mappings"],
)
def test_a_value_that_grows_from_stack_to_stack_is_refused(kind: str, value: str, words: str) -> None:
    began = time.process_time()
    default = "'" + "x" * 1000 + "'" if kind == "string" else "{a: b}"
    files = {
        f"{'t' if n == 0 else n}.yaml": f"{HOT}parameters: {{p: {{type: {kind}, default: {default}}}}}\n"
        f"resources:\n  r: {{type: {n + 1}.yaml, properties: {{p: {value}}}}}\n"
        for n in range(9)
    }
    files["9.yaml"] = f"{HOT}parameters: {{p: {{type: {kind}}}}}\n"
    with pytest.raises(GitopsError, match=words):
        _ = resolve_templates(MemoryTree({p: c.encode() for p, c in files.items()}), "t.yaml", []).parameters
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(a|aa)+$", "takes over 1 s to compare with the pattern"),
        ("(" * 5000 + ")" * 5000, "is no regular expression"),
        ("a{99999999999999999999}", "is no regular expression"),
    ],
    ids=["catastrophic", "deep", "huge repetition"],
)
def test_an_allowed_pattern_ends_in_time(pattern: str, words: str) -> None:
    began = time.process_time()
    schema = f"{{type: string, default: {'a' * 60}b, constraints: [{{allowed_pattern: '{pattern}'}}]}}"
    text = f"{HOT}parameters:\n  p: {schema}\n"
    with pytest.raises(GitopsError, match=words) as refused:
        _ = resolve_templates(MemoryTree({"t.yaml": text.encode()}), "t.yaml", []).parameters
    assert str(refused.value).startswith("t.yaml: parameters.p: ")
    assert time.process_time() - began < SECONDS


def test_a_role_without_a_name_is_refused_with_its_line() -> None:
    said = refusals(plan("roles_data.yaml", "- name: Controller\n- description: nobody\n"))
    assert sum("roles_data.yaml:2: [1]: 'name' is missing" in text for text in said) == 3


def test_two_networks_of_one_name_are_refused_with_their_line() -> None:
    said = refusals(
        plan("network_data.yaml", "- name: Storage\n  name_lower: storage\n- name: Storage\n  name_lower: storage\n")
    )
    assert sum("network_data.yaml:3: [1].name: Storage: a network of that name" in text for text in said) == 3


def test_a_mapping_over_a_scalar_is_refused_with_its_place() -> None:
    environment = FILES["plan-environment.yaml"].replace(
        b"environments:\n", b"environments:\n  - path: first.yaml\n  - path: second.yaml\n", 1
    )
    tree = MemoryTree(
        {
            **FILES,
            "plan-environment.yaml": environment,
            "first.yaml": b"parameter_defaults:\n  Debug: 'a'\n",
            "second.yaml": b"parameter_defaults:\n  Debug: {a: b}\n",
        }
    )
    said = refusals(tree)
    assert all("parameter_defaults.Debug" in text for text in said[-2:])


def test_a_value_of_10_megabytes_is_read_compared_and_checked_in_time() -> None:
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tree = selecting(b"parameter_defaults:\n  Debug: '" + b"x" * 10_000_000 + b"'\n")
    check_tree(tree)
    _ = resolve_plan(tree).parameters
    diff_plans(MemoryTree(FILES), tree, old_label="old", new_label="new").to_document()
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024
