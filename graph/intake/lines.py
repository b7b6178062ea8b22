"""Tables in JSON: lines of objects, a list of objects, or a list of rows of which the first is the header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opentier.graph.intake.apart import Numbered
from opentier.graph.intake.bounds import few, too_many
from opentier.graph.intake.native import MAX_COLUMNS, said
from opentier.graph.intake.unreadable import Unreadable

#: Parses a JSON text, within bounds; a ValueError says what is wrong with it.
Parse = Callable[[str], Any]
_ADVICE = 'Write one object a line, such as {"id": "a", "name": "A"}.'


def lines(text: str, parse: Parse, most: int = 0) -> Iterator[Numbered]:
    """Yield the names of all columns as row 1, then the cells of every line by its number.

    Raises
    ------
    Unreadable
        With the line that is not a JSON object, or the first of more than so many (0 is without bound).
    """
    found: list[tuple[int, dict[str, Any]]] = []
    said = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    for number, line in few(said, most):
        try:
            value = parse(line)
        except ValueError as error:
            raise Unreadable(f"The line is not JSON: {error}.", _ADVICE, number) from None
        if not isinstance(value, dict):
            raise Unreadable("The line is not a JSON object.", _ADVICE, number)
        found.append((number, value))
    yield from _table(found)


def listed(value: Any) -> Iterator[Numbered]:
    """Yield the header and the rows of a list: of objects, or of rows. The first object stands in row 2.

    Raises
    ------
    Unreadable
        If the value is no such list.
    """
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield from _table(list(enumerate(value, 2)))
    elif isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        for number, row in enumerate(value, 1):
            yield number, [said(cell) for cell in row]
    else:
        advice = "Give a list of objects, or a list of rows that begins with the header."
        raise Unreadable("The JSON is no table.", advice)


def parsed(text: str, parse: Parse, most: int = 0) -> Iterator[Numbered]:
    """Yield the header and the rows of a JSON text that is a list of so many at most; see `listed`."""
    try:
        value = parse(text)
    except ValueError as error:
        row = getattr(error, "lineno", None)
        raise Unreadable(f"The file is not JSON: {error}.", "Mend it at that line.", row) from None
    if most and isinstance(value, list) and len(value) > most:
        raise too_many()
    yield from listed(value)


def _table(found: list[tuple[int, dict[str, Any]]]) -> Iterator[Numbered]:
    labels = list(dict.fromkeys(label for _, row in found for label in row))
    if len(labels) > MAX_COLUMNS:
        raise Unreadable(f"There are {len(labels):,} names; {MAX_COLUMNS:,} are read.", "Leave some out.")
    if labels:
        yield 1, [label.strip() for label in labels]
    for number, row in found:
        yield number, [said(row.get(label)) for label in labels]
