"""What an answer to a query holds, as a page reads it: terms of its first rows, how many there are, yes or no."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opentier.api.http.work import Done
from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, Blank, Literal, Term

#: The form in which an answer of each kind is read: its lines are its rows.
FORMS = {"rows": "tsv", "triples": "ntriples", "boolean": "json"}
#: Bytes of an answer that are read for a page; what is longer is a download.
READ = 4 << 20
_XSD = PREFIXES["xsd"]
_TERM = re.compile(
    r'<(?P<iri>[^>]*)>|"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[\w-]+)|\^\^<(?P<datatype>[^>]*)>)?'
    r"|_:(?P<blank>\S+)|(?P<bare>[^\s<\"]+)"
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
#: Kinds of numbers.
_NUMBERS = frozenset(
    _XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)


@dataclass(frozen=True)
class Read:
    """What was read of an answer: its kind, the names of its columns, and its rows as lines.

    Attributes
    ----------
    whole
        Whether that is all of it.
    """

    kind: str
    names: tuple[str, ...]
    lines: tuple[str, ...]
    whole: bool

    @property
    def holds(self) -> bool:
        """Whether the answer to a question of yes or no is yes."""
        return self.kind == "boolean" and bool(json.loads(self.lines[0])["boolean"])

    def rows(self, first: int = 0, last: int | None = None) -> Iterator[list[Term | None]]:
        """Yield the rows from one to before another, each with as many terms as there are columns."""
        for line in self.lines[first:last]:
            cells = line.split("\t") if self.kind == "rows" else _parts(line)
            yield [_term(cell) for cell in cells[: len(self.names)]]


async def read(done: Done) -> Read:
    """Return what stands at the beginning of an answer, and leave what would be too long.

    It is cut at a byte of the answer, whatever the pieces in which that came: the same address shows the same rows.
    """
    kind, body = str(done.head["kind"]), bytearray(done.first)
    if done.rest is not None:
        async for part in done.rest:
            body += part
            if len(body) > READ:
                break
        done.leave()
    whole = len(body) <= READ
    del body[READ:]
    lines = body.decode("utf-8", "replace").split("\n")
    lines = lines if whole and lines[-1] else lines[:-1]  # the last one is empty, or cut
    names: tuple[str, ...] = ("subject", "predicate", "object") if kind == "triples" else ("answer",)
    if kind != "rows":
        return Read(kind, names, tuple(lines), whole)
    head, *rest = lines
    names = tuple(name.removeprefix("?") for name in head.split("\t")) if head else ()
    return Read(kind, names, tuple(line for line in rest if line or len(names) < 2), whole)


def number(term: Term | None) -> float | None:
    """Return the number that a term is; None of what is none, or has no place on a line."""
    if not isinstance(term, Literal) or term.datatype not in _NUMBERS:
        return None
    try:
        found = float(term.value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _parts(line: str) -> list[str]:
    return [found[0] for found in _TERM.finditer(line)][:3]


def _term(cell: str) -> Term | None:
    found = _TERM.fullmatch(cell)
    if found is None:
        return Literal(cell) if cell else None
    if found["iri"] is not None:
        return IRI(_plain(found["iri"]))
    if found["blank"] is not None:
        return Blank(found["blank"])
    if found["bare"] is not None:
        return Literal(cell, _XSD + _kind(cell))
    text = _plain(found["text"])
    if found["language"]:
        return Literal(text, PREFIXES["rdf"] + "langString", found["language"])
    return Literal(text, found["datatype"]) if found["datatype"] else Literal(text)


def _kind(bare: str) -> str:
    """Return the kind of a literal that is written without quotes."""
    if bare in ("true", "false"):
        return "boolean"
    return "double" if "e" in bare.lower() else "decimal" if "." in bare else "integer"


def _plain(text: str) -> str:
    def meant(found: re.Match[str]) -> str:
        said = found[1]
        return chr(int(said[1:], 16)) if said[0] in "uU" and len(said) > 1 else _ESCAPED.get(said, said)

    return _ESCAPE.sub(meant, text)
