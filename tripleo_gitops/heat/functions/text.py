"""Functions that make text: joining, replacing, splitting, digests, URLs."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlunsplit

from tripleo_gitops.heat.functions.call import (
    Behaviour,
    Call,
    Misuse,
    Room,
    Scope,
    accept_anything,
    behaviours,
    demand_pair,
    resolve,
    usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_JOIN_FORM = '[" ", ["text", "text"]]'
_REPLACE_FORM = "{template: text with names, params: {name: value}}"
_URL_KEYS = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")


def _check_join(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, _JOIN_FORM)


def _join(scope: Scope, name: str, arguments: Any) -> str:
    strings = resolve(arguments[1], scope)
    if strings is None:
        strings = []
    if not isinstance(strings, list):
        raise Misuse(f"{name} joins a list")
    return _joined(name, _delimiter(scope, name, arguments[0]), (_text_only(item) for item in strings))


def _joined(name: str, delimiter: str, items: Iterable[str]) -> str:
    room, texts = Room(name), []
    for text in items:
        room.take(len(delimiter) + len(text))
        texts.append(text)
    return delimiter.join(texts)


def _delimiter(scope: Scope, name: str, argument: Any) -> str:
    delimiter = resolve(argument, scope)
    if not isinstance(delimiter, str):
        raise Misuse(f"the delimiter of {name} must be text")
    return delimiter


def _text_only(item: Any) -> str:
    if item is None:
        return ""
    if not isinstance(item, str):
        raise Misuse("items to join must be text")
    return item


def _check_join_multiple(name: str, arguments: Any) -> None:
    if not isinstance(arguments, list) or len(arguments) < 2:
        raise usage(name, f"{_JOIN_FORM} …")


def _join_multiple(scope: Scope, name: str, arguments: Any) -> str:
    strings: list[Any] = []
    for items in resolve(arguments[1:], scope):
        if items:
            if not isinstance(items, list):
                raise Misuse(f"{name} joins lists")
            strings += items
    return _joined(name, _delimiter(scope, name, arguments[0]), (_text_or_json(item) for item in strings))


def _text_or_json(item: Any) -> str:
    if isinstance(item, dict | list):
        return json.dumps(item, sort_keys=True)
    return _text_only(item)


def _check_replace(name: str, arguments: Any) -> None:
    if not isinstance(arguments, dict):
        raise Misuse(f"the arguments of {name} must be a mapping")
    if "params" not in arguments or "template" not in arguments:
        raise usage(name, _REPLACE_FORM)
    _check_params(name, arguments["params"])


def _check_params(name: str, params: Any) -> None:
    if not isinstance(params, dict | Call):
        raise Misuse(f"the params of {name} must be a mapping")


def _check_cfn_replace(name: str, arguments: Any) -> None:
    params, _template = demand_pair(name, arguments, '[{"name": "value"}, "text with names"]')
    _check_params(name, params)


def _plain_value(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise Misuse("a param must be text or a number")
    return str(value)


def _json_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return _plain_value(value)


def _filled_value(value: Any) -> str:
    text = "" if isinstance(value, dict | list) and not value else _json_value(value)
    if not text:
        raise Misuse("a param is undefined or empty")
    return text


def _replace(scope: Scope, name: str, arguments: Any) -> str:
    return _replaced(scope, name, arguments["template"], arguments["params"], value_of=_plain_value)


def _cfn_replace(scope: Scope, name: str, arguments: Any) -> str:
    return _replaced(scope, name, arguments[1], arguments[0], value_of=_plain_value)


def _replace_json(scope: Scope, name: str, arguments: Any) -> str:
    return _replaced(scope, name, arguments["template"], arguments["params"], value_of=_json_value)


def _replace_strict(scope: Scope, name: str, arguments: Any) -> str:
    return _replaced(scope, name, arguments["template"], arguments["params"], value_of=_json_value, strict=True)


def _replace_very_strict(scope: Scope, name: str, arguments: Any) -> str:
    return _replaced(scope, name, arguments["template"], arguments["params"], value_of=_filled_value, strict=True)


def _replaced(scope: Scope, name: str, template: Any, params: Any, *, value_of: Any, strict: bool = False) -> str:
    """Replace longer names first, equally long ones by alphabet; what was put in is not looked at again."""
    text, values = resolve(template, scope), resolve(params, scope)
    if not isinstance(text, str) or not isinstance(values, dict):
        raise Misuse(f"{name} needs text and a mapping")
    order = sorted(sorted(values), key=len, reverse=True)
    unused, room = set(order), Room(name)

    def fill(pieces: list[str], names: list[str]) -> list[str]:
        if not names:
            return pieces
        value = value_of(values[names[0]])
        filled = []
        for piece in pieces:
            parts = piece.split(names[0])
            if len(parts) > 1:
                unused.discard(names[0])
                room.take(len(value) * (len(parts) - 1))
            filled.append(value.join(fill(parts, names[1:])))
        return filled

    result = fill([text], order)[0]
    if strict and unused:
        raise Misuse(f"not in the template: {', '.join(sorted(unused))}")
    return result


def _check_str_split(name: str, arguments: Any) -> None:
    if isinstance(arguments, str | dict):
        raise usage(name, '[",", "a,b", index]')


def _str_split(scope: Scope, _name: str, arguments: Any) -> Any:
    found = resolve(arguments, scope)
    delimiter, text, *index = found
    if text is None:
        return None
    items = text.split(delimiter)
    return items[int(index[0])] if index else items


def _check_cfn_split(name: str, arguments: Any) -> None:
    demand_pair(name, arguments, '[",", "a,b"]')


def _cfn_split(scope: Scope, _name: str, arguments: Any) -> list[str]:
    delimiter, text = arguments[0], resolve(arguments[1], scope)
    if not isinstance(delimiter, str) or not isinstance(text, str):
        raise Misuse("text to split and its delimiter must be text")
    return text.split(delimiter)


def _base64(scope: Scope, name: str, arguments: Any) -> str:
    """Give the text as it is: Heat takes user data in plain text, the name is AWS's."""
    text = resolve(arguments, scope)
    if not isinstance(text, str):
        raise Misuse(f"the argument of {name} must be text")
    return text


def _digest(scope: Scope, name: str, arguments: Any) -> str:
    found = resolve(arguments, scope)
    if not isinstance(found, list) or len(found) != 2 or not all(isinstance(one, str) for one in found):
        raise usage(name, '["algorithm", "text"]')
    algorithm, text = found
    if algorithm.lower() not in hashlib.algorithms_available:
        raise Misuse("there is no such digest algorithm")
    return hashlib.new(algorithm, text.encode("latin-1")).hexdigest()


def _make_url(scope: Scope, name: str, arguments: Any) -> str:
    parts = resolve(arguments, scope)
    _check_url_parts(name, parts)
    scheme = parts.get("scheme", "")
    if ":" in scheme:
        raise Misuse("a scheme has no colon")
    query = urlencode(parts.get("query", {})).replace("%2F", "/")
    path, fragment = quote(parts.get("path", "")), quote(parts.get("fragment", ""))
    return str(urlunsplit((scheme, _netloc(parts), path, query, fragment)))


def _validate_make_url(name: str, arguments: Any) -> None:
    if not isinstance(arguments, dict) or set(arguments) - set(_URL_KEYS):
        raise Misuse(f"the arguments of {name} are {', '.join(_URL_KEYS)}")
    _check_url_parts(name, {key: part for key, part in arguments.items() if not isinstance(part, Call)})


def _check_url_parts(name: str, parts: Any) -> None:
    for key in _URL_KEYS:
        if key not in parts:
            continue
        if key == "query":
            if not isinstance(parts[key], dict):
                raise Misuse(f"the query of {name} must be a mapping")
            return
        if key == "port":
            if not 0 < int(parts[key]) <= 65535:
                raise Misuse("a port is 1 to 65535")
        elif not isinstance(parts[key], str):
            raise Misuse(f"the {key} of {name} must be text")


def _netloc(parts: dict[str, Any]) -> str:
    user, password = (quote(parts.get(key, ""), safe="") for key in ("username", "password"))
    host = parts.get("host", "")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    host = quote(host, safe=":")
    if ":" in host:
        host = f"[{host}]"
    secret = f":{password}" if password else ""
    port = f":{parts['port']}" if parts.get("port", "") else ""
    return (f"{user}{secret}@" if user or password else "") + host + port


TEXT_BEHAVIOURS = behaviours(
    join=Behaviour(_check_join, _join),
    join_multiple=Behaviour(_check_join_multiple, _join_multiple),
    replace=Behaviour(_check_replace, _replace),
    cfn_replace=Behaviour(_check_cfn_replace, _cfn_replace),
    replace_json=Behaviour(_check_replace, _replace_json),
    replace_json_strict=Behaviour(_check_replace, _replace_strict),
    replace_json_very_strict=Behaviour(_check_replace, _replace_very_strict),
    str_split=Behaviour(_check_str_split, _str_split),
    split=Behaviour(_check_cfn_split, _cfn_split),
    base64=Behaviour(accept_anything, _base64),
    digest=Behaviour(accept_anything, _digest),
    make_url=Behaviour(accept_anything, _make_url, _validate_make_url),
)
