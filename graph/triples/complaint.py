"""What the engine says of a query that it does not understand, in a sentence with its place."""

from __future__ import annotations

import re

from opentier.graph.errors import mean
from opentier.graph.model.names import PREFIXES

#: Characters of what is passed on of a message, and things expected at a place that are named.
_MOST, _NAMED = 200, 4
#: Prefixes that are listed where none is near.
_LISTED = 12
_PLACE = re.compile(
    r"error at (?P<line>\d+):(?P<column>\d+): expected (?:one of )?(?P<expected>.*)", re.DOTALL
)
#: A sentence among what is expected: what the engine found out beyond the grammar.
_SENTENCE = re.compile(r"(?:^|, )([A-Z][A-Za-z]*(?: [A-Za-z]+)+)")
#: A keyword or a sign among it; others are classes of characters. What is not served is not offered.
_SIGN = re.compile(r'(?:^|, )("[^"\\]+"|[A-Z][A-Z_]+)(?=,|$)')
_NOT_SERVED = {"SERVICE", "LATERAL"}
_NAME = re.compile(r"(?<![\w?$@<])([A-Za-z][\w.-]*|):[\w.-]*$")
_DECLARED = re.compile(r"\bprefix\s+([\w.-]*):", re.IGNORECASE)


def told(said: str, query: str = "") -> str:
    """Return what is wrong with a query, of which the engine says something."""
    found = _PLACE.match(said)
    if found is None:
        first = re.split(r"(?<=\w)\. |\n", said, maxsplit=1)[0]
        return first if len(first) <= _MOST else f"{first[:_MOST]}..."
    line, column = int(found["line"]), int(found["column"])
    place = f"line {line}, column {column}"
    sentences = _SENTENCE.findall(found["expected"])
    if "Prefix not found" in sentences:
        return _prefix(query, line, column, place)
    if sentences:
        return f"{sentences[0]} ({place})"
    signs = [sign for sign in _SIGN.findall(found["expected"]) if sign not in _NOT_SERVED][:_NAMED]
    expected = f"; expected, for instance, {' or '.join(signs)}" if signs else ""
    return f"it is not understood at {place}{expected}"


def _prefix(query: str, line: int, column: int, place: str) -> str:
    """Name a prefix that nobody declared: that of the name which ends where the engine stopped."""
    lines = query.splitlines()
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    name = _NAME.search(before.rstrip())
    if name is None:
        return f"a prefix is not declared ({place})"
    near = mean(name[1], sorted({*PREFIXES, *_DECLARED.findall(query)}), _LISTED)
    return f"no prefix is called {name[1]!r} ({place}); declare it.{near}"
