"""RDF as we have it in hand: terms and triples, whichever library read them or will write them.

As a text, a term is written as N-Triples, SPARQL and Turtle have it, on one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"

#: What stands in no IRI, so that it cannot end one early.
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED = re.compile(r"[\\\"\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class IRI:
    """The name of something."""

    value: str

    def __str__(self) -> str:
        """Return it as it is written.

        Raises
        ------
        ValueError
            If it holds a character that no IRI holds.
        """
        if _NO_IRI.search(self.value):
            raise ValueError(f"{self.value!r} is not an IRI")
        return f"<{self.value}>"


@dataclass(frozen=True, slots=True)
class Blank:
    """Something without a name; the label means something within one document only."""

    value: str

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"_:{self.value}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: its text, its datatype (an IRI), and its language, where it has one."""

    value: str
    datatype: str = XSD_STRING
    language: str = ""

    def __str__(self) -> str:
        """Return it as it is written."""
        text = _ESCAPED.sub(lambda found: _ESCAPES.get(found[0], f"\\u{ord(found[0]):04X}"), self.value)
        if self.language:
            return f'"{text}"@{self.language}'
        return f'"{text}"' if self.datatype == XSD_STRING else f'"{text}"^^{IRI(self.datatype)}'


Term = IRI | Blank | Literal


class Triple(NamedTuple):
    """One statement."""

    subject: IRI | Blank
    predicate: IRI
    object: Term

    def __str__(self) -> str:
        """Return it as it is written, without the dot."""
        return f"{self.subject} {self.predicate} {self.object}"
