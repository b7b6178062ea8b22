"""What a file may hold before a native parser reads it: its size, its nesting, the length of one word or value.

Parsers of RDF and JSON are fast on what people send and hang, or overflow the stack, on what nobody does: elements a
hundred thousand deep, a literal of twenty megabytes. One pass over the text refuses those, in words, with their line.
It need not understand the rest: what it misreads, the parser refuses at the same place.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from xml.parsers import expat

from opentier.graph.intake.unreadable import Unreadable

#: Bytes of a file of RDF or JSON.
MAX_FILE = 1 << 30
#: Brackets or elements that may be open at once.
MAX_DEPTH = 100
#: Bytes of one literal (in XML and in tables: characters), and of anything else that is written in one piece (an IRI,
#: a name; a comment is free).
MAX_VALUE = 1 << 20
MAX_WORD = 1 << 14
#: Attributes of one element.
MAX_ATTRIBUTES = 1_000
#: Cells of one row of a table; the characters of one cell are those of a value.
MAX_COLUMNS = 10_000

#: In Turtle and its relatives: what may hold brackets without opening any, brackets, and words.
_TURTLE = re.compile(
    rb"""
      (?P<comment> \#[^\r\n]*+ )
    | (?P<value>
          \"\"\"(?: \"{0,2}+ (?: [^"\\] | \\. ) )*+ \"\"\"
        | '''  (?: '{0,2}+  (?: [^'\\] | \\. ) )*+ '''
        | "(?: [^"\\\r\n] | \\. )*+ "
        | '(?: [^'\\\r\n] | \\. )*+ ' )
    | (?P<iri> <[^<>"\s]*+> )
    | (?P<open> [(\[{] | <<\(? )
    | (?P<close> [)\]}] | \)?>> )
    | (?P<word> (?: [^\s\#"'<>()\[\]{}\\] | \\. )++ )
    | (?P<rest> ["'] [^\r\n]*+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_JSON = re.compile(rb'(?P<value>"(?:[^"\\]|\\.)*+")|(?P<open>[\[{])|(?P<close>[\]}])|(?P<rest>")', re.DOTALL)


Data = bytes | mmap.mmap
Row = TypeVar("Row")
#: What is said of a table with more rows than it may have.
CROWDED = "The table has more rows than are read here."


class OutOfBounds(ValueError):
    """A text holds more of something than it may; `lineno` says where."""

    def __init__(self, message: str, data: Data, position: int) -> None:
        self.lineno = data[:position].count(b"\n") + 1
        super().__init__(message)


def rdf(data: Data, format: str) -> None:
    """Check a file of RDF of a format.

    Raises
    ------
    OutOfBounds
        If it holds more of something than it may.
    ValueError
        If XML is cut off, or declares entities (a few lines of them can fill the memory).
    """
    _size(data)
    if format == "rdfxml":
        _xml(data)
    elif format == "jsonld":
        _tokens(_JSON, data)
    else:
        _tokens(_TURTLE, data)


def parse_json(text: str) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    OutOfBounds
        If it holds more of something than it may.
    ValueError
        If it is not JSON.
    """
    data = text.encode()
    _size(data)
    _tokens(_JSON, data)
    return json.loads(text)


def few(rows: Iterable[Row], most: int) -> Iterator[Row]:
    """Yield rows, so many at most; without a bound (0) all.

    Raises
    ------
    Unreadable
        With the first row more, of which nothing is read.
    """
    for number, row in enumerate(rows, 1):
        if most and number > most:
            raise too_many()
        yield row


def too_many() -> Unreadable:
    """Return that a table has more rows than it may."""
    return Unreadable(CROWDED, "Send it in parts.")


def _size(data: Data) -> None:
    if len(data) > MAX_FILE:
        raise OutOfBounds(f"it has more than {MAX_FILE:,} bytes", data, 0)


def _tokens(pattern: re.Pattern[bytes], data: Data) -> None:
    depth = 0
    for token in pattern.finditer(data):
        kind = token.lastgroup
        begin, end = token.span()
        if kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                raise OutOfBounds(f"it is nested more than {MAX_DEPTH} deep", data, begin)
        elif kind == "close":
            depth -= 1
        elif kind in ("value", "rest") and end - begin > MAX_VALUE:
            raise OutOfBounds(f"a value has more than {MAX_VALUE:,} bytes", data, begin)
        elif kind in ("iri", "word") and end - begin > MAX_WORD:
            raise OutOfBounds(f"a name or an IRI has more than {MAX_WORD:,} bytes", data, begin)
        elif (
            kind == "rest"
        ):  # a text that does not end: the parser says so, if it is not to look for the end too far
            if len(data) - begin > MAX_VALUE:
                raise OutOfBounds("a value does not end", data, begin)
            return


def _xml(data: Data) -> None:
    depth = length = 0
    parser = expat.ParserCreate()

    def refuse(message: str) -> None:
        raise OutOfBounds(message, data, parser.CurrentByteIndex)

    def entities(*_: object) -> None:
        refuse("it declares entities; write the addresses out")

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth, length
        depth, length = depth + 1, 0
        if depth > MAX_DEPTH:
            refuse(f"it is nested more than {MAX_DEPTH} deep")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            refuse(f"an element has more than {MAX_ATTRIBUTES:,} attributes")
        if len(name) > MAX_WORD or any(len(name) > MAX_WORD for name in attributes[::2]):
            refuse(f"a name has more than {MAX_WORD:,} characters")
        if any(len(value) > MAX_VALUE for value in attributes[1::2]):
            refuse(f"a value has more than {MAX_VALUE:,} characters")

    def end(name: str) -> None:
        nonlocal depth, length
        depth, length = depth - 1, 0

    def text(said: str) -> None:
        nonlocal length
        length += len(said)
        if length > MAX_VALUE:
            refuse(f"a value has more than {MAX_VALUE:,} characters")

    parser.ordered_attributes = True
    parser.EntityDeclHandler = entities
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except LookupError as error:
        raise OutOfBounds(f"its encoding is none: {error}", data, 0) from None
