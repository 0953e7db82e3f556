"""Small plans, one for each thing that Heat's nested validation does: compared with the real Heat in test_real_heat."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HOT = "heat_template_version: 2018-08-31\n"
CHILD = (
    HOT
    + """
description: a child
parameters:
  text: {type: string, default: child default}
  number: {type: number, default: 7}
  flag: {type: boolean, default: false}
  items: {type: comma_delimited_list, default: [x, y]}
  data: {type: json, default: {k: v}}
  needed: {type: string, description: has no default}
"""
)


@dataclass(frozen=True)
class Case:
    """Files of a plan; `main.yaml` is its template. `refused` says that Heat refuses it, and so do we."""

    name: str
    files: dict[str, str]
    environment: dict[str, Any] = field(default_factory=dict)
    refused: bool = False


PARAMETERS = """
parameters:
  p: {type: string, default: hello}
  n: {type: number, default: "12"}
  f: {type: number, default: 1.50}
  b: {type: boolean, default: "yes"}
  l: {type: comma_delimited_list, default: "a,b,c"}
  j: {type: json, default: {a: {b: [1, {c: deep}]}, "0": zero}}
  none: {type: string}
"""


def value(expression: str, *, version: str = "2018-08-31", more: str = "", target: str = "text") -> str:
    """Return a template that hands one computed value to a child."""
    child = f"resources:\n  child: {{type: child.yaml, properties: {{{target}: {expression}}}}}\n"
    return f"heat_template_version: {version}\n{PARAMETERS}{more}{child}"


VALUES = {
    "literal": "hi",
    "null": "null",
    "number as text": "5",
    "float as text is refused to the default": "1.5",
    "boolean as text": "true",
    "list for text falls back": "[a, b]",
    "get_param": "{get_param: p}",
    "get_param of a number": "{get_param: n}",
    "get_param of a boolean": "{get_param: b}",
    "get_param of a list": "{get_param: l}",
    "get_param path": "{get_param: [j, a, b, 1, c]}",
    "get_param path by text index": '{get_param: [j, a, b, "1", c]}',
    "get_param path that is not there": "{get_param: [j, a, x]}",
    "get_param into a list": "{get_param: [l, 1]}",
    "get_param into text": "{get_param: [p, 0]}",
    "get_param without a value": "{get_param: none}",
    "get_param unknown": "{get_param: unknown}",
    "get_param nested": "{get_param: [j, {get_param: p}]}",
    "pseudo name": '{get_param: "OS::stack_name"}',
    "pseudo id": '{get_param: "OS::stack_id"}',
    "pseudo project": '{get_param: "OS::project_id"}',
    "pseudo region": '{get_param: "OS::region"}',
    "str_replace": "{str_replace: {template: 'p=PP l=LL', params: {PP: {get_param: p}, LL: {get_param: l}}}}",
    "str_replace longest first": "{str_replace: {template: 'aab ab', params: {a: 1, aab: 2, ab: a}}}",
    "str_replace null": "{str_replace: {template: 'x N y', params: {N: null}}}",
    "str_replace_strict missing": "{str_replace_strict: {template: 'x', params: {N: 1}}}",
    "str_replace_vstrict empty": "{str_replace_vstrict: {template: 'N', params: {N: ''}}}",
    "list_join": "{list_join: ['-', [a, {get_param: p}], {get_param: l}]}",
    "list_join of maps": "{list_join: [';', [{get_param: j}, b]]}",
    "list_join of null": "{list_join: [',', [a, null, b]]}",
    "list_join of numbers falls back": "{list_join: [',', [1, 2]]}",
    "str_split": "{str_split: [',', 'a,b,c', 1]}",
    "str_split out of range": "{str_split: [',', 'a,b,c', 7]}",
    "digest": "{digest: [md5, {get_param: p}]}",
    "digest unknown": "{digest: [nope, {get_param: p}]}",
    "make_url": "{make_url: {scheme: http, host: '::1', port: 80, path: /a b, query: {x: 1}, username: u}}",
    "make_url with a password": "{make_url: {scheme: http, host: a, username: u, password: 'p@'}}",
    "make_url bad port": "{make_url: {scheme: http, host: a, port: 99999}}",
    "yaql": "{yaql: {expression: '$.data.l.join(\"-\")', data: {l: {get_param: l}}}}",
    "yaql error": "{yaql: {expression: '$.data.l.nope()', data: {l: 1}}}",
    "get_resource": "{get_resource: random}",
    "get_resource of a template": "{get_resource: other}",
    "get_resource null reference": "{get_resource: handle}",
    "get_attr": "{get_attr: [random, value]}",
    "get_attr of a template": "{get_attr: [other, anything, deep]}",
    "if true": "{if: [is_hello, yes it is, no]}",
    "if false": "{if: [{not: is_hello}, yes it is, no]}",
    "if inline": "{if: [{equals: [{get_param: n}, 12]}, twelve, other]}",
    "if of if": "{if: [is_hello, {if: [never, a, {get_param: p}]}, c]}",
    "get_file": "{get_file: notes.txt}",
    "contains is no value of a text": "{contains: [a, {get_param: l}]}",
    "select was removed": "{'Fn::Select': [1, [a, b]]}",
}
COLLECTIONS = {
    "list literal": ("items", "[a, b]"),
    "list as text": ("items", "'a,b'"),
    "list empty": ("items", "[]"),
    "list of null": ("items", "[a, null]"),
    "list of maps": ("items", "[{a: 1, b: 2}, {a: 3}]"),
    "list param": ("items", "{get_param: l}"),
    "list from attr": ("items", "{get_attr: [random, value]}"),
    "list_concat": ("items", "{list_concat: [{get_param: l}, [d], null]}"),
    "list_concat_unique": ("items", "{list_concat_unique: [{get_param: l}, [a, d]]}"),
    "repeat": ("items", "{repeat: {template: '%i%-x', for_each: {'%i%': {get_param: l}}}}"),
    "repeat two": ("items", "{repeat: {template: '%i%%k%', for_each: {'%i%': [a, b], '%k%': ['1', '2']}}}"),
    "repeat in step": (
        "items",
        "{repeat: {template: '%i%%k%', permutations: false, for_each: {'%i%': [a, b], '%k%': ['1', '2']}}}",
    ),
    "repeat over map": ("items", "{repeat: {template: '%i%', for_each: {'%i%': {get_param: j}}}}"),
    "filter": ("items", "{filter: [[a], {get_param: l}]}"),
    "str_split list": ("items", "{str_split: [',', 'q,r']}"),
    "yaql list": ("items", "{yaql: {expression: '$.data.l.select($ + \"!\")', data: {l: {get_param: l}}}}"),
    "map literal": ("data", "{x: {y: 1}}"),
    "map as text": ("data", "'{\"x\": 1}'"),
    "map from list": ("data", "[1, {a: b}]"),
    "map from number falls back": ("data", "3"),
    "map param": ("data", "{get_param: j}"),
    "map_merge": ("data", "{map_merge: [{get_param: j}, {z: 1}, null]}"),
    "map_replace": ("data", "{map_replace: [{a: b, c: d}, {keys: {a: A}, values: {d: D}}]}"),
    "map_replace collides": ("data", "{map_replace: [{a: b, c: d}, {keys: {a: c}}]}"),
    "map with functions inside": ("data", "{deep: [{get_param: p}, {if: [is_hello, 1, 2]}]}"),
    "map of one": ("data", "{get_nothing: 1}"),
    "number text": ("number", "'42'"),
    "number zero": ("number", "0"),
    "number bad": ("number", "abc"),
    "number boolean": ("number", "true"),
    "boolean text": ("flag", "'True'"),
    "boolean yes falls back": ("flag", "'yes'"),
    "boolean number falls back": ("flag", "1"),
    "boolean param": ("flag", "{get_param: b}"),
}
REFUSED_VALUES = ("make_url bad port", "select was removed")
AROUND = """
conditions:
  is_hello: {equals: [{get_param: p}, hello]}
  never: {and: [is_hello, {not: is_hello}]}
"""
OTHERS = """
  random: {type: "OS::Heat::RandomString"}
  handle: {type: "OS::Nova::KeyPair", properties: {name: k}}
  other: {type: child.yaml, properties: {needed: given}}
"""


def value_cases() -> list[Case]:
    """Return one case for each function and type conversion."""
    expressions = {**{name: ("text", one) for name, one in VALUES.items()}, **COLLECTIONS}
    return [
        Case(
            f"value: {name}",
            {
                "main.yaml": value(expression, more=AROUND, target=target) + OTHERS,
                "child.yaml": CHILD,
                "notes.txt": "some notes\n",
            },
            refused=name in REFUSED_VALUES,
        )
        for name, (target, expression) in expressions.items()
    ]


def shape_cases() -> list[Case]:
    """Return the cases of shapes.yaml, which Heat takes."""
    return _read("shapes.yaml", refused=False)


def refused_cases() -> list[Case]:
    """Return the cases of refused.yaml."""
    return _read("refused.yaml", refused=True)


def all_cases() -> list[Case]:
    """Return every case; their names differ."""
    return [*value_cases(), *shape_cases(), *refused_cases()]


def _read(file: str, *, refused: bool) -> list[Case]:
    found = yaml.safe_load(Path(__file__).with_name(file).read_text())
    return [Case(name, one["files"], one.get("environment", {}), refused) for name, one in found.items()]
