"""Constraints as set queries: the nodes of a shape and the values of its path, all at once (W3C SHACL, section 4).

A shape's nodes are a pattern; each constraint asks the engine for what breaks it. What one value alone decides is
tested once for each distinct value. A shape that another rests on is asked for the values of that one in the same way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from rdflib import RDF, RDFS, SH, URIRef
from rdflib.term import Node

from opentier.graph.model.rdf import IRI, Term
from opentier.graph.validation import breaches
from opentier.graph.validation.data import Data
from opentier.graph.validation.declared import Shape
from opentier.graph.validation.facets import Facet, facets, logic, single, together
from opentier.graph.validation.patterns import Nodes, Values, path
from opentier.graph.vocabulary import documents

_THIS = re.compile(r"[$?]this\b")


@dataclass(frozen=True)
class Result:
    """One result of validation.

    Attributes
    ----------
    component
        The local name of its constraint component, without what all end in.
    """

    focus: Term
    path: Node | None
    value: Term | None
    shape: Node
    severity: Node
    message: str
    component: str


class Checks:
    """The constraints of shapes, asked of some data."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def results(self, shape: Shape, nodes: Nodes) -> Iterator[Result]:
        """Yield what a shape finds at some nodes; the same result may come twice."""
        if not shape.active:
            return
        yield from self._own(shape, nodes)
        inner = [] if self._bare(shape) else shape.shapes(SH.property)
        for each in inner:
            yield from self.results(each, self._values(shape, nodes).alone())

    def failing(self, shape: Shape, nodes: Nodes) -> set[Term]:
        """Return those of some nodes that a shape finds something at."""
        if not shape.active:
            return set()
        found = {result.focus for result in self._own(shape, nodes)}
        values = self._values(shape, nodes)
        for inner in [] if self._bare(shape) else shape.shapes(SH.property):
            wrong = self.failing(inner, values.alone())
            found |= (
                wrong
                if shape.path is None
                else {node for node, _ in breaches.pairs(self.data, values, wrong)}
            )
        return found

    def _own(self, shape: Shape, nodes: Nodes) -> Iterator[Result]:
        """Yield what the constraints of a shape find, but for those of the property shapes that it holds."""
        values, say = self._values(shape, nodes), partial(_result, shape)
        for node, component in self._counted(shape, values):
            yield say(node, None, component)
        for name in (SH.equals, SH.disjoint):
            for other in shape.values(name):
                for node, value in breaches.paired(self.data, name, other, values):
                    yield say(node, value, "Equals" if name == SH.equals else "Disjoint")
        for wanted in shape.values(SH.hasValue):
            for node in breaches.lacking(self.data, values, wanted):
                yield say(node, None, "HasValue")
        yield from self._asked(shape, nodes)
        if self._bare(shape):
            return
        for facet, wrong in self._unfit(values, [*facets(shape), *self._combined(shape)]):
            for node, value in breaches.pairs(self.data, values, wrong, facet.doubt):
                yield say(node, value, facet.component)
        for kind in shape.values(SH["class"]):
            for node, value in breaches.pairs(
                self.data, values, breaches.without_class(self.data, values, kind)
            ):
                yield say(node, value, "Class")
        for component, wrong in self._judged(shape, values):
            for node, value in breaches.pairs(self.data, values, wrong):
                yield say(node, value, component)
        for name, strict in ((SH.lessThan, True), (SH.lessThanOrEquals, False)):
            for other in shape.values(name):
                for node, value in breaches.ordered(self.data, values, other, strict=strict):
                    yield say(node, value, "LessThan" if strict else "LessThanOrEquals")
        if shape.true(SH.uniqueLang):
            for node in breaches.repeated_languages(self.data, values):
                yield say(node, None, "UniqueLang")
        if shape.true(SH.closed):
            yield from self._beyond(shape, values)

    def _values(self, shape: Shape, nodes: Nodes) -> Values:
        """Return the values of a shape's path at some nodes."""
        if shape.path is None:
            return Values(nodes, None)
        return Values(nodes, path(shape.graph, shape.path))

    def _bare(self, shape: Shape) -> bool:
        """Return whether the data has nothing that a shape's path begins with."""
        return bool(shape.steps) and not any(self.data.ask(f"?a {step.n3()} ?b") for step in shape.steps)

    # --- How many ------------------------------------------------------------------------------------------------

    def _counted(self, shape: Shape, values: Values) -> Iterator[tuple[Term, str]]:
        """Yield the nodes that have too few values or too many, and the component that says so."""
        least, most = shape.number(SH.minCount), shape.number(SH.maxCount)
        node, step = values.nodes.name, values.step("?x")
        if most and isinstance(shape.path, URIRef) and self.data.single(shape.path):
            most = None
        if least == 1:
            lacking = "" if self._bare(shape) else breaches.without(node, step, simple=bool(shape.steps))
            yield from self._nodes(f"SELECT DISTINCT {node} {{ {values.nodes.text} {lacking} }}", "MinCount")
        elif least:
            yield from self._nodes(breaches.grouped(values, f"< {least}", optional=True), "MinCount")
        if most is not None and not self._bare(shape):
            if most == 0:
                text = f"SELECT DISTINCT {node} {{ {values.text} }}"
            elif most == 1:
                second = f"{values.step('?second')} FILTER(!sameTerm({values.name}, ?second))"
                text = f"SELECT DISTINCT {node} {{ {values.text} {second} }}"
            else:
                text = breaches.grouped(values, f"> {most}")
            yield from self._nodes(text, "MaxCount")
        for qualified in shape.shapes(SH.qualifiedValueShape):
            yield from self._qualified(shape, qualified, values)

    def _nodes(self, text: str, component: str) -> Iterator[tuple[Term, str]]:
        for (node,) in self.data.rows(text):
            yield node, component

    def _qualified(self, shape: Shape, wanted: Shape, values: Values) -> Iterator[tuple[Term, str]]:
        """Yield the nodes of whose values too few or too many fit a shape, and none of its siblings' where asked."""
        alone = values.alone()
        beside = shape.siblings if shape.true(SH.qualifiedValueShapesDisjoint) else []
        every = {value for _, value in breaches.pairs(self.data, values)}
        fit = every - self.failing(wanted, alone)
        for sibling in beside:
            fit &= self.failing(sibling, alone)
        counts = Counter(node for node, value in set(breaches.pairs(self.data, values)) if value in fit)
        least, most = shape.number(SH.qualifiedMinCount), shape.number(SH.qualifiedMaxCount)
        for (node,) in self.data.rows(f"SELECT DISTINCT {values.nodes.name} {{ {values.nodes.text} }}"):
            if least is not None and counts[node] < least:
                yield node, "QualifiedMinCount"
            if most is not None and counts[node] > most:
                yield node, "QualifiedMaxCount"

    # --- Single values -------------------------------------------------------------------------------------------

    def _combined(self, shape: Shape) -> Iterator[Facet]:
        """Yield what shapes say of single values that a shape makes one of: `and`, `or`, `not`, and so on."""
        for component, inner, judged in logic(shape):
            if (fits := together(inner, judged)) is not None:
                yield Facet(component, fits)

    def _unfit(self, values: Values, wanted: list[Facet]) -> Iterator[tuple[Facet, set[Term]]]:
        """Yield constraints with the values that do not fit; those in doubt are asked for and tested once."""
        doubts = [facet.doubt.format(values.name) for facet in wanted]
        asked = f"FILTER({' || '.join(dict.fromkeys(doubts))})" if all(doubts) else ""
        if not wanted:
            return
        rows = self.data.rows(f"SELECT DISTINCT {values.name} {{ {values.wide} {asked} }}")
        found = [(value, documents.node(value)) for (value,) in rows]
        for facet in wanted:
            yield facet, {value for value, node in found if not facet.fits(node)}

    # --- Of the graph --------------------------------------------------------------------------------------------

    def _judged(self, shape: Shape, values: Values) -> Iterator[tuple[str, set[Term]]]:
        """Yield the values that do not fit what shapes say together that look beyond a value."""
        for component, inner, judged in logic(shape):
            if all(single(each) is not None for each in inner):
                continue
            every = {value for _, value in breaches.pairs(self.data, values)}
            wrong = [self.failing(each, values.alone()) for each in inner]
            yield component, {value for value in every if not judged([value not in found for found in wrong])}

    def _beyond(self, shape: Shape, values: Values) -> Iterator[Result]:
        """Yield what stands at the values of a closed shape beside what it names."""
        named: list[Node] = [p.path for p in shape.shapes(SH.property) if isinstance(p.path, URIRef)]
        named += [term for head in shape.values(SH.ignoredProperties) for term in shape.members(head)]
        allowed = ", ".join(sorted({term.n3() for term in named}))
        beyond = f"FILTER(?p NOT IN ({allowed}))" if allowed else ""
        text = f"SELECT DISTINCT {values.nodes.name} ?p ?o {{ {values.text} {values.name} ?p ?o {beyond} }}"
        for node, said, value in self.data.rows(text):
            if (said.value, value) != (str(RDF.type), IRI(str(RDFS.Resource))):
                yield _result(shape, node, value, "Closed", URIRef(said.value))

    # --- In SPARQL -----------------------------------------------------------------------------------------------

    def _asked(self, shape: Shape, nodes: Nodes) -> Iterator[Result]:
        """Yield what the constraints in SPARQL find: each is asked once, joined with the nodes."""
        for constraint in shape.values(SH.sparql):
            said = Shape(shape.graph, constraint)
            if not said.active:
                continue
            text = _THIS.sub("?this", str(shape.graph.value(constraint, SH.select)))
            if shape.path is not None:
                text = text.replace("$PATH", path(shape.graph, shape.path))
            these = f"SELECT DISTINCT ({nodes.name} AS ?this) WHERE {{ {nodes.text} }}"
            text = said.prefixes + text.replace("{", f"{{ {{ {these} }} ", 1)
            own: set[Term] | None = None  # what stands beside the graph is no node of the shape's
            for row in self.data.named_rows(text):
                focus, value, led = row["this"], row.get("value"), row.get("path")
                assert focus is not None  # it is joined
                if self.data.beside is not None:
                    own = {node for (node,) in self.data.rows(these)} if own is None else own
                    if focus not in own:
                        continue
                value = focus if value is None and shape.path is None else value
                step = None if led is None else URIRef(led.value)
                yield _result(shape, focus, value, "SPARQL", step, said.message)


def _result(
    shape: Shape, node: Term, value: Term | None, component: str, led: Node | None = None, message: str = ""
) -> Result:
    message = message or shape.message
    return Result(node, led or shape.path, value, shape.node, shape.severity, message, component)
