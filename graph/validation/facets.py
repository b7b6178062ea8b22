"""Constraints that one value alone fits or does not: kind, datatype, range, length, pattern, language, members.

Each is a test of a term, and a filter in SPARQL that lets all pass which may fail, so that few are tested.
Semantics: W3C SHACL, section 4; of ranges, what SPARQL's comparison is to pySHACL (rdflib's).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from rdflib import RDF, RDFS, SH, XSD, BNode, Literal, URIRef
from rdflib.term import Node

from opentier.graph.validation.declared import Shape

Test = Callable[[Node], bool]
#: Whether a value fits that fits some of several shapes.
Judge = Callable[[list[bool]], bool]

#: The kinds of node, and what of SPARQL tells that a value is none of a kind.
_KINDS: dict[Node, tuple[tuple[type, ...], str]] = {
    SH.IRI: ((URIRef,), "!isIRI({0})"),
    SH.Literal: ((Literal,), "!isLiteral({0})"),
    SH.BlankNode: ((BNode,), "!isBlank({0})"),
    SH.BlankNodeOrIRI: ((BNode, URIRef), "isLiteral({0})"),
    SH.BlankNodeOrLiteral: ((BNode, Literal), "isIRI({0})"),
    SH.IRIOrLiteral: ((URIRef, Literal), "isBlank({0})"),
}
#: Values that rdflib orders otherwise than SPARQL does: they are compared as they are.
_AS_THEY_ARE = (datetime.datetime, datetime.time)
#: Datatypes of numbers that are what they are written as.
_EXACT = (XSD.decimal, XSD.integer)
_BOOLEANS = ("true", "false", "1", "0")
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@dataclass(frozen=True)
class Facet:
    """A constraint on single values.

    Attributes
    ----------
    component
        The local name of its constraint component.
    fits
        Whether a value fits.
    doubt
        In SPARQL, with ``{0}`` for the value: true of all values that do not fit, and of others.
    """

    component: str
    fits: Test
    doubt: str = ""


def facets(shape: Shape) -> Iterator[Facet]:
    """Yield the constraints on single values that a shape states."""
    for kind in shape.values(SH.nodeKind):
        types, doubt = _KINDS[kind]
        yield Facet("NodeKind", partial(_is, types), doubt)
    for datatype in shape.values(SH.datatype):
        yield Facet("Datatype", partial(_typed, datatype), _untyped(datatype))
    for name, order in _ORDERS.items():
        for bound in shape.values(SH[name]):
            yield Facet(name[0].upper() + name[1:], partial(_within, bound, order), _beyond(name, bound))
    for least in shape.values(SH.minLength):
        yield Facet("MinLength", partial(_long, int(str(least)), None))
    for most in shape.values(SH.maxLength):
        yield Facet("MaxLength", partial(_long, 0, int(str(most))))
    letters = str(shape.graph.value(shape.node, SH.flags) or "")
    flags = sum((_FLAGS[letter] for letter in letters.lower() if letter in _FLAGS), re.RegexFlag(0))
    for pattern in shape.values(SH.pattern):
        yield Facet("Pattern", partial(_matches, re.compile(str(pattern), flags)))
    for head in shape.values(SH.languageIn):
        tags = tuple(str(tag).lower() for tag in shape.members(head))
        yield Facet("LanguageIn", partial(_in_language, tags))
    for head in shape.values(SH["in"]):
        members = frozenset(shape.members(head))
        iris = all(isinstance(member, URIRef) for member in members)
        doubt = f"{{0}} NOT IN ({', '.join(sorted(m.n3() for m in members))})" if iris and members else ""
        yield Facet("In", members.__contains__, doubt)


def _untyped(datatype: Node) -> str:
    """Return the doubt that a value is of a datatype: texts are, and numbers that the engine reads as such."""
    other = f"!isLiteral({{0}}) || datatype({{0}}) != {datatype.n3()}"
    if datatype == XSD.string:
        return other
    return f"{other} || !isNumeric({{0}})" if datatype in _EXACT else ""


def _beyond(name: str, bound: Node) -> str:
    """Return the doubt that a value is within a bound: exact numbers compare alike everywhere."""
    if not (isinstance(bound, Literal) and bound.datatype in _EXACT and not bound.ill_typed):
        return ""
    exact = ", ".join(datatype.n3() for datatype in _EXACT)
    fits = f"datatype({{0}}) IN ({exact}) && ({{0}}) {_SIGNS[name]} {bound.n3()}"
    return f"COALESCE(!({fits}), true)"


def single(shape: Shape) -> Test | None:
    """Return whether a value fits a shape, where that depends on the value alone; None where it does not."""
    if shape.path is not None or set(shape.graph.predicates(shape.node)) & _OF_GRAPHS:
        return None
    if not shape.active:
        return lambda value: True
    tests: list[Test] = [facet.fits for facet in facets(shape)]
    tests += [partial(_same, value) for value in shape.values(SH.hasValue)]
    for _, inner, judged in logic(shape):
        fits = together(inner, judged)
        if fits is None:
            return None
        tests.append(fits)
    return partial(_judged, all, tests)


def together(shapes: Sequence[Shape], judged: Judge) -> Test | None:
    """Return whether a value fits what is made of shapes; None where one of them looks beyond the value."""
    tests = [test for test in map(single, shapes) if test is not None]
    return partial(_judged, judged, tests) if len(tests) == len(shapes) else None


def logic(shape: Shape) -> Iterator[tuple[str, list[Shape], Judge]]:
    """Yield what a shape makes of others: the component, the shapes, and when a value that fits some of them fits."""
    for each in shape.shapes(SH.node):
        yield "Node", [each], all
    for each in shape.shapes(SH["not"]):
        yield "Not", [each], lambda fit: not fit[0]
    for together in shape.alternatives(SH["and"]):
        yield "And", together, all
    for either in shape.alternatives(SH["or"]):
        yield "Or", either, any
    for one in shape.alternatives(SH.xone):
        yield "Xone", one, lambda fit: sum(fit) == 1


def precedes(strict: bool, left: Node, right: Node) -> bool:
    """Return whether a value comes before another, or, unless `strict`, is the same."""
    order = compared(left, right)
    return order is not None and (order < 0 or (order == 0 and not strict))


def compared(left: Node, right: Node) -> int | None:
    """Return -1, 0 or 1 as a value is less than, equal to or greater than another; None where they do not compare."""
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return None
    if isinstance(left.value, str) != isinstance(right.value, str):
        return None
    try:
        if left.eq(right):
            return 0
        if isinstance(left.value, _AS_THEY_ARE):
            return 0 if left.value == right.value else 1 if left.value > right.value else -1
        return 1 if left > right else -1
    except (TypeError, NotImplementedError):
        return None


def _is(types: tuple[type, ...], value: Node) -> bool:
    return isinstance(value, types)


def _typed(datatype: Node, value: Node) -> bool:
    if not isinstance(value, Literal):
        return False
    if value.datatype is None and not value.language:
        return datatype in (XSD.string, RDFS.Literal)
    if value.language:
        return datatype in (RDF.langString, RDFS.Literal)
    if datatype == XSD.boolean and str(value).lower() not in _BOOLEANS:  # rdflib reads any text as one
        return False
    return (value.datatype == datatype and not value.ill_typed) or datatype == RDFS.Literal


_ORDERS: dict[str, Callable[[int], bool]] = {
    "minExclusive": lambda order: order > 0,
    "minInclusive": lambda order: order >= 0,
    "maxExclusive": lambda order: order < 0,
    "maxInclusive": lambda order: order <= 0,
}
_SIGNS = {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}


def _within(bound: Node, order: Callable[[int], bool], value: Node) -> bool:
    found = compared(value, bound)
    return found is not None and order(found)


def _long(least: int, most: int | None, value: Node) -> bool:
    if isinstance(value, BNode):
        return most is None and least == 0
    return least <= len(str(value)) and (most is None or len(str(value)) <= most)


def _matches(pattern: re.Pattern[str], value: Node) -> bool:
    return not isinstance(value, BNode) and pattern.search(str(value)) is not None


def _in_language(tags: tuple[str, ...], value: Node) -> bool:
    said = (value.language or "").lower() if isinstance(value, Literal) else ""
    return bool(said) and any(tag == "*" or said == tag or said.startswith(f"{tag}-") for tag in tags)


def _same(wanted: Node, value: Node) -> bool:
    return value == wanted


def _judged(judged: Judge, tests: list[Test], value: Node) -> bool:
    return judged([fits(value) for fits in tests])


#: What looks beyond the value.
_OF_GRAPHS = frozenset(
    {
        SH["class"], SH.property, SH.closed, SH.sparql, SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals,
        SH.qualifiedValueShape, SH.minCount, SH.maxCount, SH.uniqueLang,
    }
)  # fmt: skip
