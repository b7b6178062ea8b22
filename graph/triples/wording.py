"""The text of a query, as a store elsewhere takes it: our prefixes in it, one base, terms in the place of variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template
from urllib.parse import urljoin, urlsplit

from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, Term

_NAME = re.compile(r"\b([A-Za-z][\w-]*):")
_SPACE = r"(?:\s|\#[^\r\n]*+)*+"
#: What a query declares before it asks.
_DECLARED = re.compile(
    rf"{_SPACE}(?:BASE{_SPACE}|PREFIX{_SPACE}(?P<prefix>(?:\w[\w.-]*)?):{_SPACE})<(?P<iri>[^<>]*)>",
    re.IGNORECASE,
)
#: An IRI, or the keyword with which another endpoint is asked; parts of names and variables are written alike.
_SERVICE = re.compile(
    rf"<[^\s<>\"{{}}|^`\\]*+>|(?<![\w?$:@%\\-])SERVICE(?![\w:-])(?P<space>{_SPACE})(?P<silent>SILENT\b)?",
    re.IGNORECASE,
)
#: Escapes of code points, which other readers of SPARQL replace before they look for words.
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@lru_cache(maxsize=8)
def query_text(name: str) -> str:
    """Return the text of a query of ours."""
    text = files("opentier.graph.triples").joinpath("queries", f"{name}.rq").read_text("utf-8")
    return text.partition("\n")[2]  # without the words at its head


def resolved(base: str, iri: str) -> str | None:
    """Return an IRI in full, without escapes; None where it is none."""
    try:
        plain = ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), iri)
        plain.encode()
        if urlsplit(plain).scheme:
            return plain
        return urljoin(base, plain).rstrip("#") + plain[len(plain.rstrip("#")) :]
    except ValueError:  # no character, half of one, or a broken address
        return None


def whole(text: str, base: str | None = None) -> str:
    """Return a query with one base, and with those of our prefixes that it uses.

    A base stands first and once, and no prefix twice: some stores read no other order.
    """
    declared, begin = dict[str, str](), 0
    while found := _DECLARED.match(text, begin):
        iri = resolved(base or "", found["iri"])
        if iri is None:
            break
        if found["prefix"] is None:
            base = iri
        else:
            declared[found["prefix"]] = iri
        begin = found.end()
    rest = text[begin:]
    ours = {name: PREFIXES[name] for name in _NAME.findall(rest) if name in PREFIXES}
    said = "".join(f"PREFIX {name}: <{iri}> " for name, iri in sorted({**ours, **declared}.items()))
    return f"{f'BASE <{base}> ' if base else ''}{said}{rest}"


def alone(text: str) -> str:
    """Return a query that asks for the same, each thing at its place, and asks no other endpoint."""
    return _SERVICE.sub(_within, text)


def _within(found: re.Match[str]) -> str:
    return found[0] if found[0][0] == "<" else f"GRAPH  {found['space']}{' ' * len(found['silent'] or '')}"


def with_terms(text: str, bound: Mapping[str, Term]) -> str:
    """Return a query of ours with terms in the place of some variables, but for those that it selects or groups by."""
    if not bound:
        return text
    head, opened, rest = text.partition("{")
    body, closed, tail = rest.rpartition("}")
    named = re.compile(rf"\?({'|'.join(bound)})\b")
    return f"{head}{opened}{named.sub(lambda found: str(bound[found[1]]), body)}{closed}{tail}"


def fitting(
    graphs: Sequence[IRI],
    subjects: Sequence[IRI] | None,
    properties: Sequence[IRI] | None,
    value: Term | None,
) -> str:
    """Return the query for the triples of some graphs that fit.

    What is one stands in the pattern. A store is to look for each of several subjects, and to hold what it finds
    against several properties: where both are tables, Oxigraph reads whole graphs.
    """
    one = properties[0] if properties and len(properties) == 1 else None
    return Template(query_text("among")).substitute(
        graph=graphs[0] if len(graphs) == 1 else "?graph",
        subjects="" if subjects is None else f"VALUES ?subject {{ {' '.join(map(str, subjects))} }}",
        property=one or "?property",
        properties=f"FILTER (?property IN ({', '.join(map(str, properties))}))"
        if properties and not one
        else "",
        value=value or "?value",
    )
