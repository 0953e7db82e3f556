"""Flow mappings with no space after a colon, `{get_attr:[a, b]}`: PyYAML's own parser takes them, libyaml does not.

Heat takes them, and released templates have them. PyYAML's own parser is many times slower; so such a file is written
as libyaml takes it, with the space.
"""

from __future__ import annotations

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.scanner import ScannerError

MOST_COLONS = 200
"""How many are mended in one file; a file with more is left to the slow parser."""
_ENDS_A_SCALAR = ("[", "]", "{", "}", ",")


def with_spaces(text: str) -> str | None:
    """Return a text with a space after each such colon, or None where libyaml still refuses it.

    Lines stay where they are. libyaml says at which colon it gives up inside a plain scalar; PyYAML ends the scalar
    there, and libyaml does so before a space.
    """
    for _ in range(MOST_COLONS):
        try:
            CParser(text).raw_scan()
        except ScannerError as exc:
            if exc.context_mark is None or exc.problem_mark is None:
                return None
            after = exc.problem_mark.index + 1
            if text[after - 1 : after] != ":" or not text.startswith(_ENDS_A_SCALAR, after):
                return None
            text = f"{text[:after]} {text[after:]}"
        except YAMLError:
            return None
        else:
            return text
    return None
