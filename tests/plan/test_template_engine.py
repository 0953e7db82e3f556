"""A plan's templates run in a sandbox that sees the plan, and what fails names its file and line."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.plan.template_engine import TemplateEngine, TemplateError, include_candidates


def failure(text: str, **files: str) -> TemplateError:
    contents = {path.replace("__", "/"): content.encode() for path, content in files.items()}
    engine = TemplateEngine(MemoryTree({"dir/a.j2.yaml": text.encode(), **contents}), output_limit=10_000)
    with pytest.raises(TemplateError) as refused:
        engine.render("dir/a.j2.yaml", {"roles": [{"name": "A"}], "networks": []}, output="dir/a.yaml")
    return refused.value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n{{ broken", 2, "unexpected"),
        ("a\nb\n{% for x in roles %}", 3, "endfor"),
        ("a\n{{ nothing.at.all }}", 2, "'nothing' is undefined"),
        ("a\n\n{{ 1 / 0 }}", 3, "division by zero"),
        ("{{ roles[0].name.upper(1) }}", 1, "takes no arguments"),
        ("a\n{% include 'gone.j2' %}", 2, "'gone.j2', which is included here, is not in the plan"),
        ("a\n{% include '../secret.j2' %}", 2, "not in the plan"),
        ("a\n{% include '/etc/passwd' %}", 2, "not in the plan"),
        ("{{ 'a' | no_such_filter }}", 1, "no_such_filter"),
        ("{{ roles | sum }}", 1, "unsupported operand"),
    ],
)
def test_a_failure_names_the_template_and_the_line(text: str, line: int, words: str) -> None:
    refused = failure(text)
    assert (refused.source, refused.line) == ("dir/a.j2.yaml", line)
    assert words in refused.problem
    assert "rendering dir/a.yaml" in refused.problem


def test_a_failure_in_what_is_included_names_the_included_file() -> None:
    refused = failure("{% include 'x.j2' %}", dir__x="", **{"dir__x.j2": "one\n{{ 1 / 0 }}"})
    assert (refused.source, refused.line) == ("dir/x.j2", 2)
    refused = failure("{% include 'x.j2' %}", **{"x.j2": "one\n{{ broken"})
    assert (refused.source, refused.line) == ("x.j2", 2)


def test_a_template_that_includes_itself_is_refused() -> None:
    assert "recursion" in failure("{% include 'a.j2.yaml' %}").problem


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
    ],
)
def test_the_sandbox_lets_nobody_out(text: str) -> None:
    tree = MemoryTree({"a.j2.yaml": text.encode()})
    with pytest.raises(TemplateError, match="unsafe"):
        TemplateEngine(tree).render("a.j2.yaml", {"roles": []}, output="a.yaml")


@pytest.mark.parametrize(
    "text", ["{{ roles.__class__ }}", "{{ '{0.__class__}'.format(roles) }}", "{{ lipsum.__globals__ }}"]
)
def test_what_the_sandbox_hides_prints_as_nothing(text: str) -> None:
    tree = MemoryTree({"a.j2.yaml": text.encode()})
    assert TemplateEngine(tree).render("a.j2.yaml", {"roles": []}, output="a.yaml") == ("", frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in range(99999) %}xxxxxxxxxx{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 1000000000 * 'x' }}",
        "{{ [1] * 1000000000 }}",
        "{{ 10 ** 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ '%.1000000000f' | format(1.0) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x\\ny' | indent(width=1000000000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{% for x in range(1000000000) %}{% endfor %}",
    ],
)
def test_what_grows_beyond_all_bounds_is_refused(text: str) -> None:
    refused = failure(text)
    assert any(word in refused.problem for word in ("limit", "over", "too big"))


def test_large_numbers_that_are_no_widths_are_taken() -> None:
    text = "{{ 17179869184 | string | center(20) }}|{{ 99999999999 * 2 }}|{{ '%d' % 12345678901 }}|{{ '{}'.format(1) }}"
    tree = MemoryTree({"a.j2.yaml": text.encode()})
    made, _ = TemplateEngine(tree).render("a.j2.yaml", {}, output="a.yaml")
    assert made == "    17179869184     |199999999998|12345678901|1"


def test_a_template_that_is_no_text_is_refused_with_its_line() -> None:
    tree = MemoryTree({"a.j2.yaml": b"a\nb\n\xff"})
    with pytest.raises(TemplateError, match=r"a\.j2\.yaml:3: not UTF-8"):
        TemplateEngine(tree).render("a.j2.yaml", {}, output="a.yaml")


def test_what_was_included_is_told() -> None:
    tree = MemoryTree(
        {
            "a.j2.yaml": b"{% include 'b.j2' %}{% include ['no.j2', 'c.j2'] %}",
            "b.j2": b"{% import 'c.j2' as c %}",
            "c.j2": b"c",
        }
    )
    _, included = TemplateEngine(tree).render("a.j2.yaml", {}, output="a.yaml")
    assert included == {"b.j2", "c.j2", "no.j2"}


def test_names_that_lead_out_have_no_candidates() -> None:
    assert include_candidates("dir", "../x") == ()
    assert include_candidates("dir", "a/../../x") == ()
    assert include_candidates("dir", "./a//b") == ("dir/a/b", "a/b")
    assert include_candidates("", "a") == ("a",)
