"""Snippets of a template with their function calls found, as Heat parses them before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tripleo_gitops.heat.errors import InvalidTemplate
from tripleo_gitops.heat.functions import BEHAVIOURS
from tripleo_gitops.heat.functions.call import OMITTED, Behaviour, Call
from tripleo_gitops.heat.versions import VERSIONS, TemplateVersion

Choose = Callable[[Any], bool]
Behaviours = Mapping[str, Behaviour]
_CHOICES = {"if": (3,), "if_nullable": (2, 3)}


class BadSnippet(Exception):
    """A function in a snippet is used wrongly; `path` leads from the snippet to it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: list[str | int] = []


@lru_cache(maxsize=len(VERSIONS))
def _functions(key: str, name: str) -> dict[str, tuple[str, Behaviour]]:
    version = VERSIONS[key, name]
    return {name: (word, BEHAVIOURS[_plain(word)]) for name, word in version.functions.items()}


@lru_cache(maxsize=len(VERSIONS))
def _condition_functions(key: str, name: str) -> dict[str, tuple[str, Behaviour]]:
    version = VERSIONS[key, name]
    refused = {
        name: (word, BEHAVIOURS["removed" if word == "removed" and version.is_hot else "refused"])
        for name, word in version.functions.items()
    }
    return refused | {name: (word, BEHAVIOURS[word]) for name, word in version.condition_functions.items()}


def _plain(word: str) -> str:
    return "removed" if word in _CHOICES else word


class Parser:
    """Parses snippets of one version of the template format; `choose` decides the condition of an `if`."""

    def __init__(self, version: TemplateVersion, choose: Choose) -> None:
        self._functions = _functions(version.key, version.name)
        self._condition_functions = _condition_functions(version.key, version.name)
        self._choose = choose

    def parse(self, snippet: Any) -> Any:
        """Return the snippet with its calls; raises BadSnippet for a function that is used wrongly."""
        return self._parse(snippet, self._functions)

    def parse_condition(self, snippet: Any) -> Any:
        """Return a condition with its calls; only the functions of conditions are allowed."""
        return self._parse(snippet, self._condition_functions)

    def _parse(self, snippet: Any, functions: dict[str, tuple[str, Behaviour]]) -> Any:
        if isinstance(snippet, dict):
            if len(snippet) == 1:
                ((name, arguments),) = snippet.items()
                if name in functions:
                    return self._call(name, arguments, functions)
            return {key: self._below(key, value, functions) for key, value in snippet.items()}
        if isinstance(snippet, list):
            return [self._below(index, value, functions) for index, value in enumerate(snippet)]
        return snippet

    def _below(self, key: str | int, value: Any, functions: dict[str, tuple[str, Behaviour]]) -> Any:
        if not isinstance(value, dict | list):
            return value
        try:
            return self._parse(value, functions)
        except BadSnippet as exc:
            exc.path.insert(0, key)
            raise

    def _call(self, name: str, arguments: Any, functions: dict[str, tuple[str, Behaviour]]) -> Any:
        word, behaviour = functions[name]
        try:
            if word in _CHOICES and functions is self._functions:
                return self._choice(name, arguments, lengths=_CHOICES[word])
            parsed = self._parse(arguments, functions) if isinstance(arguments, dict | list) else arguments
            behaviour.check(name, parsed)
        except BadSnippet as exc:
            exc.path.insert(0, name)
            raise
        except (ValueError, TypeError, KeyError) as exc:
            problem = BadSnippet(str(exc))
            problem.path.append(name)
            raise problem from exc
        return Call(name, behaviour, parsed)

    def _choice(self, name: str, arguments: Any, *, lengths: tuple[int, ...]) -> Any:
        if not isinstance(arguments, list) or len(arguments) not in lengths:
            raise ValueError(f"wrong arguments of {name}; its form is [condition, value, other value]")
        condition = self.parse_condition(arguments[0])
        if self._choose(condition):
            chosen = self._parse(arguments[1], self._functions)
        else:
            chosen = self._parse(arguments[2], self._functions) if len(arguments) == 3 else OMITTED
        return Call(name, BEHAVIOURS["chosen"], chosen)  # to the checks of what is around it, it is a function


def as_invalid(problem: BadSnippet, *, source: str, path: tuple[str | int, ...]) -> InvalidTemplate:
    """Return the error that names the place of a bad snippet found at `path`."""
    return InvalidTemplate(problem.problem, source=source, path=(*path, *problem.path))
