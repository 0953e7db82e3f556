"""The diff of a plan for people: styled lines for a terminal, Markdown for a pull request, HTML for a page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tripleo_gitops.heat.report import Line, Segment, code_span, shown, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tripleo_gitops.heat.inside import InsideChange
    from tripleo_gitops.operations.comparison.by_hand import HandChange
    from tripleo_gitops.operations.comparison.diff import PlanDiff
    from tripleo_gitops.operations.comparison.preview import PreviewComparison
    from tripleo_gitops.operations.comparison.role_changes import ModelChange

MARKS = {"added": "+", "removed": "-", "changed": "~"}
INDENT = "      "


def lines(diff: PlanDiff) -> tuple[Line, ...]:
    """Return the diff as styled lines, from what people did to what Heat does; none for an empty one."""
    return tuple(_lines(diff))


def _lines(diff: PlanDiff) -> Iterator[Line]:
    if diff.old_refusal:
        yield (Segment("Parameters and resources are not compared", "heading"),)
        yield (Segment("  ! ", "removed"), Segment(f"Heat would refuse {diff.old_label}: {diff.old_refusal}"))
    yield from _block("Files", [_marked(change.kind, change.path) for change in diff.files])
    selected = [("added", "enabled") if one.is_enabled else ("removed", "disabled") for one in diff.selection]
    yield from _block(
        "Capabilities",
        [_marked(kind, f"{one.path} {verb}") for one, (kind, verb) in zip(diff.selection, selected, strict=True)],
    )
    yield from _block("Roles and networks", [line for change in diff.models for line in _model_lines(change)])
    yield from text(diff.parameters)
    yield from _block("Changed by hand since the last deploy", [_by_hand_line(change) for change in diff.by_hand])
    if diff.preview is not None:
        yield from _preview_lines(diff.preview)


def _block(heading: str, found: Sequence[Line]) -> Iterator[Line]:
    if found:
        count = sum(not line[0].text.startswith(INDENT) for line in found)
        yield (Segment(f"{heading} ({count})", "heading"),)
        yield from found


def _marked(kind: str, words: str) -> Line:
    return (Segment(f"  {MARKS[kind]} {words}", kind),)


def _model_lines(change: ModelChange) -> Iterator[Line]:
    head = _marked(change.kind, f"{change.what} {change.name}")
    counts = change.counts
    if counts is None:
        yield head
    else:
        before, after = ("none" if one is None else str(one) for one in counts)
        yield (*head, Segment(f": {before} → {after} nodes"))
    for one in change.inside:
        yield _inside_line(one)


def _by_hand_line(change: HandChange) -> Line:
    head = _marked(change.kind, f"{change.what} {change.name}")
    return (*head, Segment(f": {change.fate.words}", "dim"))


def _inside_line(one: InsideChange) -> Line:
    sides = {"added": shown(one.new), "removed": shown(one.old), "changed": f"{shown(one.old)} → {shown(one.new)}"}
    mark = Segment(f"{INDENT}{MARKS[one.kind]} ", one.kind)
    return (mark, Segment(one.name, "path"), Segment(f": {sides[one.kind]}"))


_ACTIONS = {"added": "added", "deleted": "removed", "replaced": "removed", "updated": "changed"}


def _preview_lines(preview: PreviewComparison) -> Iterator[Line]:
    yield (Segment(f"Heat's own preview ({len(preview.resources)})", "heading"),)
    for one in preview.resources:
        kind = _ACTIONS[one.action]
        mark = Segment(f"  {MARKS[kind]} ", kind)
        yield (mark, Segment(one.path, "path"), Segment(f" {one.type}", "dim"), Segment(f"  {one.action}"))
    if not preview.differing:
        yield (Segment("  agrees with what is said above", "dim"),)
    for differing in preview.differing:
        words = f": Heat says {differing.heat}, above it is {differing.ours}"
        yield (Segment("  ! ", "removed"), Segment(differing.path, "path"), Segment(words))


def markdown(diff: PlanDiff) -> str:
    """Return the diff as Markdown for a pull request.

    All that comes from the plan stands in code spans, so that no name or value of it can be markup.
    """
    blocks = [f"### {code_span(diff.old_label)} → {code_span(diff.new_label)}\n"]
    for line in lines(diff):
        if line[0].style == "heading":
            blocks.append(f"\n**{line[0].text}**\n")
            continue
        words = "".join(segment.text for segment in line)
        indent = "  " if words.startswith(INDENT) else ""
        blocks.append(f"{indent}- {code_span(words.strip())}")
    if diff.is_empty:
        blocks.append("Nothing differs.")
    return "\n".join(blocks) + "\n"


def html(diff: PlanDiff, *, is_page: bool) -> str:
    """Return the diff as HTML: a whole page that needs nothing else, or the section that pages of others hold.

    All text is escaped; classes of spans are the styles of segments.
    """
    sections: list[dict[str, Any]] = []
    for line in lines(diff):
        if line[0].style == "heading":
            sections.append({"heading": line[0].text, "lines": []})
            continue
        is_inside = line[0].text.startswith(INDENT)
        sections[-1]["lines"].append({"segments": _trimmed(line), "is_inside": is_inside})
    name = "diff_page.html" if is_page else "diff_section.html"
    return _templates().get_template(name).render(diff=diff, sections=sections)


def _trimmed(line: Line) -> Line:
    first = line[0]
    return (Segment(first.text.lstrip(), first.style), *line[1:])


@cache
def _templates() -> Environment:
    loader = PackageLoader("tripleo_gitops.operations.comparison", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
