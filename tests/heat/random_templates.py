"""Templates of random expressions, the same for the same seed: functions of functions, of the wrong types as well."""

from __future__ import annotations

import json
import random
from typing import Any

import yaml

from tests.heat.cases import CHILD, PARAMETERS, Case

KINDS = ("text", "number", "flag", "items", "data", "needed")
SCALARS = ("", "a", "x,y", '{"k": 1}', "5", "1.5", "true", "no", 0, 1, -3, 2.5, True, False, None, "[1,2]", "a b")
NAMES = ("p", "n", "f", "b", "l", "j", "none")
KEYS = ("a", "b", "0", "1", "c", 0, 1, -1)
CONDITIONS = ("is_hello", "never", {"not": "never"}, True)
EXPRESSIONS = ("$.data", "$.data.a", "$.data.len()", "$.data.select($)", "dict($.data)", "coalesce($.data, [])")
DEPTH = 3


class Writer:
    """Writes random snippets; deeper ones are simpler."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def properties(self) -> dict[str, Any]:
        return {kind: self.snippet(0) for kind in self._random.sample(KINDS, 4)}

    def snippet(self, depth: int) -> Any:
        if depth > DEPTH or self._random.random() < 0.25:
            return self._pick(self._scalar, self._parameter)()
        return self._pick(*self._makers(depth + 1))()

    def _pick(self, *choices: Any) -> Any:
        return self._random.choice(choices)

    def _scalar(self) -> Any:
        return self._pick(*SCALARS)

    def _parameter(self) -> Any:
        name = self._pick(*NAMES)
        path = [self._pick(*KEYS) for _ in range(self._random.randint(0, 3))]
        return {"get_param": [name, *path] if path else name}

    def _list(self, depth: int) -> list[Any]:
        return [self.snippet(depth) for _ in range(self._random.randint(0, 3))]

    def _map(self, depth: int) -> dict[str, Any]:
        return {self._pick("a", "b", "P", "k1"): self.snippet(depth) for _ in range(self._random.randint(0, 3))}

    def _makers(self, depth: int) -> list[Any]:
        one = lambda: self.snippet(depth)  # noqa: E731 - a name for what each of these is made of
        some, mapping = (lambda: self._list(depth)), (lambda: self._map(depth))
        loop = lambda: self._pick(["q", "r"], some(), one())  # noqa: E731
        return [
            some,
            mapping,
            self._parameter,
            lambda: {"str_replace": {"template": self._pick(one(), "a P b"), "params": mapping()}},
            lambda: {"str_replace_strict": {"template": self._pick(one(), "a P b"), "params": mapping()}},
            lambda: {"str_replace_vstrict": {"template": self._pick(one(), "a P b"), "params": mapping()}},
            lambda: {"list_join": [self._pick(",", "", one()), self._pick(some(), one()), some()]},
            lambda: {"map_merge": self._pick([mapping(), mapping()], some(), one())},
            lambda: {"map_replace": [self._pick(mapping(), one()), {"keys": {"a": self._pick("b", "z", "a")}}]},
            lambda: {"str_split": [self._pick(",", "a", one()), one(), self._pick(0, 1, "0", 9, -1)]},
            lambda: {"digest": [self._pick("md5", "sha256", "nope"), one()]},
            lambda: {"if": [self._pick(*CONDITIONS), one(), one()]},
            lambda: {"filter": [self._pick(some(), one()), self._pick(some(), one())]},
            lambda: {"repeat": {"template": self._pick("%x%-a", {"%x%": "v%x%"}, one()), "for_each": {"%x%": loop()}}},
            lambda: {
                "repeat": {
                    "template": ["%x%", "%y%"],
                    "permutations": self._pick(True, False),
                    "for_each": {"%x%": loop(), "%y%": loop()},
                }
            },
            lambda: {"list_concat": self._pick(some(), [some(), some()], one())},
            lambda: {"list_concat_unique": self._pick([some(), some()], one())},
            lambda: {"contains": [one(), self._pick(some(), one())]},
            lambda: {"get_attr": self._pick(["random", "value"], ["other", "x", 0])},
            lambda: {"get_resource": self._pick("random", "other", "handle")},
            lambda: {"make_url": {key: one() for key in self._random.sample(["scheme", "host", "path"], 2)}},
            lambda: {"yaql": {"expression": self._pick(*EXPRESSIONS), "data": one()}},
            lambda: {"get_file": "notes.txt"},
        ]


def random_case(seed: int) -> Case:
    """Return a plan whose main template hands random expressions to three children."""
    writer = Writer(seed)
    children = {f"r{number}": {"type": "child.yaml", "properties": writer.properties()} for number in range(3)}
    template = {
        "heat_template_version": "2018-08-31",
        "parameters": yaml.safe_load(PARAMETERS)["parameters"],
        "conditions": {"is_hello": {"equals": [{"get_param": "p"}, "hello"]}, "never": False},
        "resources": {
            "random": {"type": "OS::Heat::RandomString"},
            "handle": {"type": "OS::Nova::KeyPair", "properties": {"name": "k"}},
            "other": {"type": "child.yaml"},
            **children,
        },
    }
    files = {"main.yaml": json.dumps(template), "child.yaml": CHILD, "notes.txt": "a note\n"}
    return Case(f"seed {seed}", files)
