"""Bad input: a clear error with the place, in bounded time; and no secret in any of them."""

from __future__ import annotations

import time

import pytest

from tests.heat.plans import FILES, defaults, edited, side
from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import GitopsError
from tripleo_gitops.heat.bundle import Bundle, collect
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.errors import InvalidEnvironment, InvalidTemplate
from tripleo_gitops.heat.limits import HeatLimits
from tripleo_gitops.heat.side import Side
from tripleo_gitops.heat.tree import parameter_tree

HOT = "heat_template_version: 2018-08-31\n"
CANARY = "canary-9c1e"


def tree_of(main: str, environment: dict | None = None, **files: str):
    tree = MemoryTree({"main.yaml": main.encode(), **{f"{name}.yaml": text.encode() for name, text in files.items()}})
    return parameter_tree(collect(tree, "main.yaml", merge([EnvironmentLayer("env.yaml", environment or {})])))


def test_a_template_that_includes_itself_is_refused_with_the_limit():
    with pytest.raises(InvalidTemplate, match="nested deeper than 10; does a template hold itself"):
        tree_of(HOT + "resources: {a: {type: main.yaml}}\n")


def test_the_nesting_limit_is_that_of_the_heat_that_is_asked():
    tree = MemoryTree({"main.yaml": (HOT + "resources: {a: {type: b.yaml}}\n").encode(), "b.yaml": HOT.encode()})
    bundle = collect(tree, "main.yaml", merge([]))
    assert parameter_tree(bundle).nested.keys() == {"a"}
    with pytest.raises(InvalidTemplate, match="nested deeper than 0"):
        parameter_tree(bundle, limits=HeatLimits(max_nested_stack_depth=0))


def test_registry_entries_in_a_circle_are_refused():
    registry = {"resource_registry": {"A::A": "B::B", "B::B": "A::A"}}
    with pytest.raises(InvalidEnvironment, match="lead to each other in a circle"):
        tree_of(HOT + "resources: {a: {type: 'A::A'}}\n", registry)


def test_a_wildcard_that_matches_what_it_leads_to_ends():
    registry = {"resource_registry": {"OS::*": "OS::Heat::None"}}
    assert tree_of(HOT + "resources: {a: {type: 'OS::Nova::Server'}}\n", registry).nested == {}


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n" + "c: [*b, *b, *b, *b]\n" * 1,
        "parameters: " + "[" * 5000,
        "parameters: !!python/object/apply:os.system ['true']\n",
        "\x00\x01",
        "heat: [\n",
    ],
    ids=["aliases", "depth", "tag", "control", "syntax"],
)
def test_hostile_yaml_is_refused_or_harmless_in_bounded_time(content):
    begin, refusal = time.process_time(), None
    try:
        tree_of(HOT + "resources: {a: {type: b.yaml}}\n", b=HOT + content)
    except GitopsError as exc:
        refusal = exc
    assert refusal is None or "b.yaml" in str(refusal)
    assert time.process_time() - begin < 30  # processor time, far from for ever


def test_an_alias_bomb_is_refused():
    lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(InvalidDocument, match=r"main\.yaml"):
        tree_of(HOT + "\n".join(lines) + "\n")


def test_a_value_of_ten_megabytes_is_carried():
    main = HOT + "parameters: {p: {type: string, default: x}}\n"
    big = "y" * 10_000_000
    assert tree_of(main, {"parameter_defaults": {"p": big}}).parameters["p"].default == big


def test_functions_that_would_take_long_are_stopped_by_heats_limits():
    expression = "range(1000000).select($ * $).sum()"
    main = HOT + f"resources:\n  a: {{type: b.yaml, properties: {{t: {{yaql: {{expression: '{expression}'}}}}}}}}\n"
    found = tree_of(main, b=HOT + "parameters: {t: {type: string, default: d}}\n")
    assert found.nested["a"].parameters["t"].given == ""


def test_a_type_that_needs_the_network_is_refused():
    main = HOT + "resources: {a: {type: 'AWS::CloudFormation::Stack', properties: {TemplateURL: 'http://h/t'}}}\n"
    with pytest.raises(InvalidTemplate, match="fetched from a URL, which is never done here"):
        tree_of(main)


@pytest.mark.parametrize(
    "edit",
    [
        ("Size: {type: number, default: 2,", f"Size: {{type: number, default: {CANARY},"),
        ("Password: {type: string, default: s3cret", f"Password: {{type: boolean, default: {CANARY}"),
        ("length: {get_param: Size}", "length: {get_param: [Password, {get_param: Password}]}"),
        ("is_big: {not: {equals: [{get_param: Size}, 2]}}", "is_big: {get_param: Password}"),
        ("count: {get_param: Size}", "removal_policies: {get_param: Password}"),
        ("resources: {get_param: Services}", "resources: {get_param: Password}"),
    ],
)
def test_errors_never_quote_a_value(edit):
    files = edited(main=edit)
    try:
        said = parameter_tree(side(files, defaults(Password=CANARY)).bundle)
    except GitopsError as refusal:
        said = str(refusal)
        assert said
        assert CANARY not in said


def test_a_live_stack_of_another_client_can_be_compared():
    registry = {"My::Node": "file:///home/stack/node.yaml"}
    template = {"heat_template_version": "2018-08-31", "resources": {"n": {"type": "My::Node"}}}
    environment = merge([EnvironmentLayer("stack", {"resource_registry": registry}, as_sent=True)])
    files = {"file:///home/stack/node.yaml": FILES["node.yaml"], "http://h/x.yaml": HOT}
    live = Side(Bundle("stack", template, environment.document, files), None, environment)
    found = diff_parameters(live, side())
    assert any(one.name == "Greeting" for one in found.parameters)
    assert any(one.path == "/n" and one.kind == "removed" for one in found.resources)


def test_a_pattern_that_never_ends_is_stopped():
    pattern, default = "(a+)+$", "a" * 40 + "b"
    main = f"parameters: {{p: {{type: string, default: {default}, constraints: [{{allowed_pattern: '{pattern}'}}]}}}}\n"
    begin = time.monotonic()
    with pytest.raises(InvalidTemplate, match="the default is invalid"):
        tree_of(HOT + main)
    assert time.monotonic() - begin < 10
