"""yaql's regular expressions with a bound on their time: the library's own run for as long as a pattern makes them.

`regex` is `re` with a time limit. Most matches end at once; of those that do not, one evaluation may have a few.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tripleo_gitops.heat.constraints import PATTERN_SECONDS
from tripleo_gitops.heat.functions.call import TooMuch

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK_SECONDS, MAX_SLOW, MAX_MATCHES = 0.02, 10, 5_000
_OWN = ("regex", "matches_", "matches_operator_string", "not_matches_operator_string", "is_regex")
_CHANGED = (
    "matches",
    "matches_operator_regex",
    "not_matches_operator_regex",
    "search",
    "search_all",
    "split",
    "split_string",
    "replace",
    "replace_by",
    "replace_string",
    "replace_by_string",
)


@dataclass(slots=True)
class Matches:
    """How often one evaluation compared with a pattern, and how often that took long."""

    made: int = 0
    slow: int = 0

    def run(self, compare: Callable[[float], Any]) -> Any:
        """Return what `compare` makes within the seconds that it is given; raise TooMuch where it does not."""
        self.made += 1
        if self.made > MAX_MATCHES:
            raise TooMuch(f"the yaql expression compares with patterns over {MAX_MATCHES} times; make its data smaller")
        try:
            return compare(QUICK_SECONDS)
        except TimeoutError:
            self.slow += 1
        try:
            if self.slow <= MAX_SLOW:
                return compare(PATTERN_SECONDS)
        except TimeoutError:
            pass
        raise TooMuch(f"a pattern of the yaql expression takes over {PATTERN_SECONDS:g} s; make it simpler")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What yaql's functions take for a compiled regular expression."""

    compiled: Any
    matches: Matches = field(compare=False)

    @classmethod
    def of(cls, text: str, matches: Matches, flags: int = 0) -> Pattern:
        """Return the pattern of a text; raises re.error, as yaql's own does."""
        import regex  # noqa: PLC0415  # few plans ever need it

        re.compile(text, flags)
        return cls(regex.compile(text, flags | regex.VERSION0), matches)

    def search(self, string: str) -> Any:
        """Return the first match, or None."""
        return self.matches.run(lambda seconds: self.compiled.search(string, timeout=seconds))

    def finditer(self, string: str) -> list[Any]:
        """Return all matches."""
        return list(self.matches.run(lambda seconds: list(self.compiled.finditer(string, timeout=seconds))))

    def split(self, string: str, maxsplit: int = 0) -> list[Any]:
        """Return what lies between matches."""
        return list(self.matches.run(lambda seconds: self.compiled.split(string, maxsplit, timeout=seconds)))

    def sub(self, replacement: Any, string: str, count: int = 0) -> str:
        """Return the string with its matches replaced."""
        return str(self.matches.run(lambda seconds: self.compiled.sub(replacement, string, count, timeout=seconds)))


def register_patterns(context: Any) -> None:
    """Put the bounded functions into a yaql context, above the library's; its children need a `matches`."""
    from yaql.language import specs, yaqltypes  # noqa: PLC0415
    from yaql.standard_library import regex as library  # noqa: PLC0415

    kind = yaqltypes.PythonType(Pattern, nullable=False)
    for name in _CHANGED:
        definition = specs.get_function_definition(getattr(library, name), convention=context.convention)
        definition.parameters["regexp"].value_type = kind
        context.register_function(definition)
    own = {function.__name__: function for function in _own_functions()}
    for name in _OWN:
        definition = specs.get_function_definition(getattr(library, name), convention=context.convention)
        definition.payload = own[name]
        if name != "is_regex":
            definition.insert_parameter("context", yaqltypes.Context())
        context.register_function(definition)


def _own_functions() -> tuple[Callable[..., Any], ...]:
    """Return the functions that compile a pattern, by the library's names for them."""

    def regex(context: Any, pattern: str, ignore_case: Any, multi_line: Any, dot_all: Any) -> Pattern:
        chosen = ((ignore_case, re.IGNORECASE), (multi_line, re.MULTILINE), (dot_all, re.DOTALL))
        return Pattern.of(pattern, context.matches, sum(flag for is_set, flag in chosen if is_set))

    def matches_(context: Any, string: str, regexp: str) -> bool:
        return Pattern.of(regexp, context.matches).search(string) is not None

    def matches_operator_string(context: Any, string: str, pattern: str) -> bool:
        return Pattern.of(pattern, context.matches).search(string) is not None

    def not_matches_operator_string(context: Any, string: str, pattern: str) -> bool:
        return Pattern.of(pattern, context.matches).search(string) is None

    def is_regex(value: Any) -> bool:
        return isinstance(value, Pattern)

    return regex, matches_, matches_operator_string, not_matches_operator_string, is_regex
