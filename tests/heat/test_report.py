"""The diff for people: what a terminal and a review show."""

from __future__ import annotations

from tests.heat.plans import REGISTRY, defaults, edited, side
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.report import code_span, markdown, shown, text


def lines(found):
    return ["".join(segment.text for segment in line) for line in text(found)]


def example():
    new = edited(node=("default: calm", "default: wild"))
    environment = defaults(Greeting="hi", Settings={"a": {"b": 2}, "list": [1, 2]}, Password="new", Unheard=1)
    return diff_parameters(side(), side(new, environment))


def test_every_kind_of_change_has_its_block():
    said = "\n".join(lines(example()))
    for piece in (
        "~ Greeting: hello → hi  set in env1.yaml",
        "~ NodeDefault: calm → wild  default in node.yaml:5  in /group/0",
        "~ Password: ****** (hidden)  set in env1.yaml",
        "      ~ a.b: 1 → 2",
        "Set, but no template has them (1)",
        "~ /services/0 Password: ****** → ******",
        "Files that Heat gets (1)",
        "  ~ node.yaml",
        "~ /server OS::Nova::Server  name",
    ):
        assert piece in said


def test_headings_count_and_lines_have_styles():
    found = text(example())
    assert found[0][0].style == "heading"
    assert found[0][0].text.startswith("Parameters (")
    assert {segment.style for line in found for segment in line} <= {
        "",
        "added",
        "removed",
        "changed",
        "heading",
        "dim",
        "path",
    }


def test_what_a_put_and_a_patch_do_with_a_removed_value_is_said():
    said = "\n".join(lines(diff_parameters(side(None, defaults(Greeting="hi")), side())))
    assert "no longer set: PUT takes the default, PATCH would keep the old value" in said


def test_a_replacement_is_said():
    said = lines(diff_parameters(side(), side(None, defaults(Size=4))))
    assert any("/secret" in line and "is replaced" in line for line in said)


def test_registry_changes_are_said_with_both_sides():
    said = "\n".join(lines(diff_parameters(side(), side(registry={**REGISTRY, "My::Web": "OS::Heat::None"}))))
    assert "~ My::Web: nested/web.yaml → OS::Heat::None  in env0.yaml" in said


def test_long_and_odd_values_stay_in_one_line():
    assert shown("x" * 500) == "x" * 59 + "…"
    assert shown("a\nb\x1b[31m") == '"a\\nb\\u001b[31m"'
    assert shown("") == '""'
    assert shown(None) == "null"


def test_markdown_shows_hostile_names_as_they_are():
    found = diff_parameters(side(), side(None, defaults(**{"`](javascript:x)": 1, "Greeting": "a`b<script>"})))
    said = markdown(found)
    assert said.count("- ") >= 2
    for line in said.splitlines():
        if line.strip().startswith("- "):
            assert line.strip()[2:].startswith("`")
            assert line.rstrip().endswith("`")


def test_a_code_span_holds_back_ticks():
    assert code_span("plain") == "`plain`"
    assert code_span("a`b") == "``a`b``"
    assert code_span("`a") == "`` `a ``"
