"""The parameter diff for people: styled lines for a terminal, Markdown for a review."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.changes import (
    Cause,
    DerivedChange,
    EntryChange,
    ParameterChange,
    ParameterDiff,
    Replacement,
    ResourceChange,
    Source,
    State,
)
from tripleo_gitops.heat.masking import MASK, Masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 60
MEMBERS_LISTED = 5
DEFAULTS_LISTED = 10
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line; style is one of added, removed, changed, heading, dim, path, or empty."""

    text: str
    style: str = ""


Line = tuple[Segment, ...]


def text(diff: ParameterDiff) -> tuple[Line, ...]:
    """Return the diff as lines for a terminal; none for an empty one."""
    return tuple(_lines(diff))


def _lines(diff: ParameterDiff) -> Iterator[Line]:
    used = [change for change in diff.parameters if change.is_used]
    yield from _block("Parameters", _all_parameter_lines(used), len(used))
    unused = [change for change in diff.parameters if not change.is_used]
    yield from _block("Set, but no template has them", map(_unused_line, unused), len(unused))
    yield from _block("Passed to nested stacks", map(_derived_line, diff.derived), len(diff.derived))
    yield from _block("Resource registry", map(_entry_line, diff.registry), len(diff.registry))
    files = [_marked(change.kind, change.name) for change in diff.files]
    yield from _block("Files that Heat gets", files, len(files))
    outputs = [_marked(change.kind, change.name) for change in diff.outputs]
    yield from _block("Outputs", outputs, len(outputs))
    sections = [_marked(change.kind, change.name) for change in diff.sections]
    yield from _block("Sections of the environment", sections, len(sections))
    yield from _block("Resources touched", _resource_lines(diff.resources), len(diff.resources))


def _all_parameter_lines(changes: Sequence[ParameterChange]) -> Iterator[Line]:
    """List every change; new parameters that are all at their defaults are only counted when they are many."""
    untouched = [one for one in changes if one.old is None and one.new and one.new.source is Source.TEMPLATE]
    counted = untouched if len(untouched) > DEFAULTS_LISTED else []
    for change in changes:
        if change not in counted:
            yield from _parameter_lines(change)
    if counted:
        yield (Segment(f"  + {len(counted)} more at their defaults (JSON and YAML list them)", "added"),)


def _block(heading: str, lines: Any, count: int) -> Iterator[Line]:
    if count:
        yield (Segment(f"{heading} ({count})", "heading"),)
        yield from lines


def _marked(kind: str, words: str) -> Line:
    return (Segment(f"  {_MARKS[kind]} {words}", kind),)


def _parameter_lines(change: ParameterChange) -> Iterator[Line]:
    head = (Segment(f"  {_MARKS[change.kind]} {change.name}", change.kind),)
    places = Segment(f"  in {_places(change.places)}", "dim") if change.places != ("/",) else Segment("")
    if change.inside:
        yield (*head, *_origin(change.new), places)
        for one in change.inside:
            yield (
                Segment(f"      {_MARKS[one.kind]} ", one.kind),
                Segment(one.name, "path"),
                Segment(f": {_sides(one.old, one.new)}"),
            )
    elif change.is_hidden:
        yield (*head, Segment(f": {MASK}"), Segment(" (hidden)", "dim"), *_origin(change.new or change.old), places)
    else:
        sides = _sides(*(state.value if state else ABSENT for state in (change.old, change.new)))
        yield (*head, Segment(f": {sides}"), *_origin(change.new or change.old), places)
    if change.schema:
        yield (Segment(f"      also its {', '.join(change.schema)}", "dim"),)
    if change.survives_patch:
        yield (Segment("      no longer set: PUT takes the default, PATCH would keep the old value", "dim"),)


def _origin(state: State | None) -> Line:
    if state is None:
        return ()
    word = "default" if state.source is Source.TEMPLATE else "set"
    return (Segment(f"  {word} in ", "dim"), Segment(str(state.origin), "path"))


def _places(places: tuple[str, ...]) -> str:
    shown = ", ".join(places[:2])
    return shown if len(places) <= 2 else f"{shown} and {len(places) - 2} more"


def _sides(old: Any, new: Any) -> str:
    if old is ABSENT:
        return shown(new)
    return shown(old) if new is ABSENT else f"{shown(old)} → {shown(new)}"


def shown(value: Any) -> str:
    """Return a value in one line, cut where it is long; a masked one as the mask."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Masked):
        return MASK
    words = value if isinstance(value, str) and value and value.isprintable() else json.dumps(value, default=str)
    return words if len(words) <= _WIDTH else f"{words[: _WIDTH - 1]}…"


def _unused_line(change: ParameterChange) -> Line:
    state = change.new or change.old
    return (*_marked(change.kind, change.name), *_origin(state))


def _derived_line(change: DerivedChange) -> Line:
    return (
        Segment("  ~ ", "changed"),
        Segment(f"{change.place} ", "path"),
        Segment(change.name, "changed"),
        Segment(f": {_sides(change.old, change.new)}"),
    )


def _entry_line(change: EntryChange) -> Line:
    sides = _sides(*(ABSENT if side is None else side for side in (change.old, change.new)))
    origin = change.new_origin or change.old_origin
    place = (Segment("  in ", "dim"), Segment(str(origin), "path")) if origin else ()
    return (*_marked(change.kind, change.name), Segment(f": {sides}"), *place)


def _resource_lines(changes: Sequence[ResourceChange]) -> Iterator[Line]:
    """List what gets something else itself; those that only contain or follow such are counted when they are many."""
    followers = [one for one in changes if one.cause is not Cause.DEFINITION]
    counted = followers if len(followers) > DEFAULTS_LISTED else []
    for change in changes:
        if change not in counted:
            yield _resource_line(change)
    if counted:
        others = "more" if len(counted) < len(changes) else "resources"
        words = f"  ~ {len(counted)} {others}, by what is nested in them or attributes that they get"
        replaced = sum(one.replacement is not Replacement.NO for one in counted)
        hint = f"; {replaced} of them may be replaced" if replaced else ""
        yield (Segment(words, "changed"), Segment(hint, "removed"), Segment(" (JSON and YAML list them)", "dim"))


def _resource_line(change: ResourceChange) -> Line:
    types = change.new or change.old or ""
    if change.old and change.new and change.old != change.new:
        types = f"{change.old} → {change.new}"
    properties = Segment(f"  {', '.join(change.properties)}") if change.properties else Segment("")
    return (
        Segment(f"  {_MARKS[change.kind]} ", change.kind),
        Segment(change.path, "path"),
        Segment(f" {types}", "dim"),
        properties,
        *_members(change),
        *_replacement(change),
    )


def _members(change: ResourceChange) -> Line:
    found = change.members
    if found is None:
        return ()
    sides = (("added", "added", found.added), ("removed", "removed", found.removed))
    return tuple(Segment(f"  {_counted(names)} {word}", style) for word, style, names in sides if names)


def _counted(names: tuple[str, ...]) -> str:
    more = ", …" if len(names) > MEMBERS_LISTED else ""
    return f"{len(names)} member{'s' if len(names) != 1 else ''} ({', '.join(names[:MEMBERS_LISTED])}{more})"


def _replacement(change: ResourceChange) -> Line:
    words = {Replacement.YES: "  is replaced", Replacement.MAYBE: "  may be replaced"}
    return (Segment(words[change.replacement], "removed"),) if change.replacement in words else ()


def markdown(diff: ParameterDiff) -> str:
    """Return the diff as Markdown for a pull request; empty for an empty one.

    All that comes from the plan stands in code spans, so that no name or value of it can be markup.
    """
    blocks: list[str] = []
    for line in text(diff):
        first = line[0]
        if first.style == "heading":
            blocks.append(f"\n**{first.text}**\n")
            continue
        words = "".join(segment.text for segment in line)
        indent = "  " if words.startswith("      ") else ""
        blocks.append(f"{indent}- {code_span(words.strip())}")
    return "\n".join(blocks).strip() + "\n" if blocks else ""


def code_span(words: str) -> str:
    """Return Markdown that shows `words` as they are, whatever back-ticks are in them."""
    fence = "`" * (max((len(run) for run in _runs(words)), default=0) + 1)
    padding = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{padding}{words}{padding}{fence}"


def _runs(words: str) -> Iterator[str]:
    run = ""
    for character in f"{words} ":
        if character == "`":
            run += character
        elif run:
            yield run
            run = ""
