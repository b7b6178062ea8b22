"""The terms of the vocabulary and the shapes as plain data, for the pages that describe them.

What is here follows from the statements alone: a new term, scheme, property or constraint appears without a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rdflib import RDF, RDFS, SH, SKOS, BNode, Graph, Namespace
from rdflib.term import Node

from opentier.graph.model.names import OT
from opentier.graph.threads import once
from opentier.graph.vocabulary.statements import NOTES, Reader, Rows, Value, page_of

_SCHEMA = Namespace("https://schema.org/")
#: Statements that a term shows elsewhere than among its rows.
_SHOWN = {
    RDF.type, RDFS.label, SKOS.prefLabel, SKOS.definition, SKOS.example, RDFS.isDefinedBy, SKOS.inScheme, *NOTES,
}  # fmt: skip
_KIND_OF = "kind of"
#: Names of rows, in their order; others follow by the words of their property.
_ROWS = {
    SKOS.notation: "code",
    RDFS.subClassOf: _KIND_OF,
    RDFS.subPropertyOf: _KIND_OF,
    _SCHEMA.domainIncludes: "said of",
    _SCHEMA.rangeIncludes: "value",
}
#: Names of rows that say the same from the other side.
_INVERSE = {
    RDFS.subClassOf: "kinds",
    RDFS.subPropertyOf: "kinds",
    _SCHEMA.domainIncludes: "properties",
    _SCHEMA.rangeIncludes: "value of",
}
#: Names of constraints, in their order.
_CONSTRAINTS = {
    SH.minCount: "at least",
    SH.maxCount: "at most",
    SH.datatype: "datatype",
    SH["class"]: "class",
    SH["in"]: "one of",
    SH["or"]: "any of",
}
#: Statements that a shape shows elsewhere than among its constraints.
_TOLD = {
    RDF.type, RDFS.isDefinedBy, SH.message, SH.severity, SH.property, SH.sparql, SH.path, SH.select, SH.prefixes,
}  # fmt: skip
_TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
_PREFIXED = re.compile(r"\bot:([A-Za-z][\w-]*)")


@dataclass(frozen=True)
class Shape:
    """A shape or a rule: what it says, how grave it is, whom it looks at, and the shapes that are its parts."""

    iri: str
    kind: str
    message: str
    severity: str
    path: str
    targets: tuple[Value, ...]
    rows: Rows
    query: str
    parts: tuple[Shape, ...]
    terms: frozenset[str]

    @property
    def anchor(self) -> str:
        """The name of the shape on its page."""
        return self.iri.removeprefix(OT)

    @property
    def sought(self) -> frozenset[str]:
        """The IRIs of the classes and properties by which it finds what it looks at."""
        return frozenset(value.iri for value in self.targets)


@dataclass(frozen=True)
class Term:
    """A term: what it means, how it hangs together with others, which shapes look at it, and a scheme's concepts."""

    iri: str
    kind: str
    label: str
    definition: str
    examples: tuple[str, ...]
    notes: tuple[str, ...]
    rows: Rows
    alignments: Rows
    shapes: tuple[Shape, ...]
    inherited: tuple[Shape, ...] = ()
    concepts: tuple[Term, ...] = ()

    @property
    def anchor(self) -> str:
        """The name of the term on its page."""
        return self.iri.removeprefix(OT)


# Shapes.


@once
def shapes() -> tuple[Shape, ...]:
    """Return the shapes that are no part of another one, those that look for their records first, by name."""
    reader = Reader("shapes")
    nodes = {node for node in reader.graph.subjects(RDF.type) if page_of(str(node)) == "shapes"}
    parts = {node for edge in (SH.property, SH.sparql) for node in reader.graph.objects(None, edge)}
    found = [_shape(reader, node) for node in nodes - parts]
    return tuple(sorted(found, key=lambda shape: (not shape.targets, shape.iri)))


def _shape(reader: Reader, node: Node, severity: Node = SH.Violation) -> Shape:
    graph = reader.graph
    held = [part for edge in (SH.property, SH.sparql) for part in graph.objects(node, edge)]
    path = graph.value(node, SH.path)
    query = str(graph.value(node, SH.select) or "")
    # SHACL gives a rule the severity of the shape that holds it.
    severity = graph.value(node, SH.severity) or (severity if query else SH.Violation)
    return Shape(
        iri=str(node),
        kind=", ".join(sorted(reader.words(kind) for kind in graph.objects(node, RDF.type))),
        message=" ".join(reader.texts(node, [SH.message])),
        severity=reader.words(severity),
        path=reader.path(path) if path is not None else "",
        targets=tuple(value for edge in _TARGETS for each in sorted(graph.objects(node, edge), key=str)
                      for value in reader.values(each)),
        rows=reader.rows(node, _CONSTRAINTS, {*_TOLD, *_TARGETS}),
        query=_dedent(query),
        parts=tuple(sorted((_shape(reader, part, severity) for part in held), key=lambda part: part.iri)),
        terms=frozenset(_named(graph, node) | {OT + name for name in _PREFIXED.findall(query)}),
    )  # fmt: skip


def _dedent(query: str) -> str:
    lines = query.strip("\n").rstrip().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)


def _named(graph: Graph, node: Node) -> set[str]:
    """Return the IRIs that a shape names, in its lists and blank nodes too."""
    found: set[str] = set()
    for _, value in graph.predicate_objects(node):
        found |= _named(graph, value) if isinstance(value, BNode) else {str(value)}
    return {iri for iri in found if page_of(iri)}


# Terms.


@once
def terms() -> Mapping[str, tuple[Term, ...]]:
    """Return the terms by section: classes, properties, schemes (with their concepts), other; each by label."""
    reader = Reader("ontology")
    graph = reader.graph
    sections: dict[str, list[Term]] = {"Classes": [], "Properties": [], "Schemes": [], "Other": []}
    described = {node for node in graph.subjects(RDF.type) if page_of(str(node)) == "ontology"}
    members: dict[Node, list[Node]] = {}
    for node in sorted(described, key=str):
        for scheme in sorted(set(graph.objects(node, SKOS.inScheme)) & described, key=str)[:1]:
            members.setdefault(scheme, []).append(node)
    nested = {node for each in members.values() for node in each}
    looking = _looking()
    for node in described - nested:
        term = _term(reader, node, looking)
        kinds = {reader.words(kind).rpartition(" ")[2] for kind in graph.objects(node, RDF.type)}
        section = "Classes" if "class" in kinds else "Properties" if "property" in kinds else "Other"
        if "scheme" in kinds:
            section = "Schemes"
            concepts = tuple(_term(reader, each, looking) for each in members.get(node, ()))
            asked = {shape.iri: shape for each in concepts for shape in each.shapes}
            ours = tuple(shape for _, shape in sorted(asked.items()))
            term = replace(term, shapes=ours, concepts=tuple(_apart(each, term) for each in concepts))
        sections[section].append(term)
    return {
        name: tuple(sorted(found, key=lambda term: (term.label.lower(), term.iri)))
        for name, found in sections.items()
        if found
    }


def _apart(concept: Term, scheme: Term) -> Term:
    """Return a concept without the rows that its scheme has too."""
    return replace(concept, rows={k: v for k, v in concept.rows.items() if scheme.rows.get(k) != v})


def _term(reader: Reader, node: Node, looking: Mapping[str, tuple[Shape, ...]]) -> Term:
    rows, alignments = {}, {}
    for name, values in reader.rows(node, _ROWS, _SHOWN).items():
        if name.endswith(" match"):
            alignments[name] = values
        elif name == _KIND_OF:
            rows[name] = tuple(value for value in values if value.page)
            alignments[name] = tuple(value for value in values if not value.page)
        else:
            rows[name] = values
    for edge, name in _INVERSE.items():
        found = sorted(reader.graph.subjects(edge, node), key=str)
        if found:
            rows[name] = tuple(value for each in found for value in reader.values(each))
    above = [str(each) for each in reader.graph.transitive_objects(node, RDFS.subClassOf) if each != node]
    own = looking.get(str(node), ())
    return Term(
        iri=str(node),
        kind=", ".join(sorted(reader.words(kind) for kind in reader.graph.objects(node, RDF.type))),
        label=reader.text(node, RDFS.label, SKOS.prefLabel) or str(node).removeprefix(OT),
        definition=reader.text(node, SKOS.definition),
        examples=reader.texts(node, [SKOS.example]),
        notes=reader.texts(node, NOTES),
        rows={name: values for name, values in rows.items() if values},
        alignments={name: values for name, values in alignments.items() if values},
        shapes=own,
        inherited=tuple(
            shape for iri in sorted(above) for shape in looking.get(iri, ()) if iri in shape.sought
        ),
    )


def _looking() -> dict[str, tuple[Shape, ...]]:
    """Return the shapes, parts and rules that name a term, those that look for it first."""
    found: dict[str, list[Shape]] = {}
    for shape in shapes():
        for each in (shape, *shape.parts, *(rule for part in shape.parts for rule in part.parts)):
            for iri in each.terms:
                found.setdefault(iri, []).append(each)
    return {
        iri: tuple(sorted(those, key=lambda s: (iri not in s.sought, s.iri))) for iri, those in found.items()
    }
