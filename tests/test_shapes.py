"""The shapes, held against small files: `ok-*.ttl` conform, `bad-*.ttl` name what they break.

The first line of a bad file reads ``# violates: ot:...Shape-...``; ``warns`` and ``informs`` stand for the
lighter severities. Its results must name exactly that shape, so that a message always fits its cause.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

OT = "https://w3id.org/opentier/ns#"
DATA = Path(__file__).parent / "data" / "shapes"
OK = sorted(DATA.glob("ok-*.ttl"))
BAD = sorted(DATA.glob("bad-*.ttl"))
SEVERITIES = {"violates": SH.Violation, "warns": SH.Warning, "informs": SH.Info}


@cache
def load(package: str) -> Graph:
    graph = Graph()
    for item in files(package).iterdir():
        if item.name.endswith(".ttl"):
            graph.parse(data=item.read_text("utf-8"), format="turtle")
    return graph


@cache
def closure() -> frozenset[tuple[Node, Node, Node]]:
    """The sub-class statements of the vocabulary, closed, as the validator mixes them in."""
    ontology = load("opentier.ontology")
    return frozenset(
        (below, RDFS.subClassOf, above)
        for below in set(ontology.subjects(RDFS.subClassOf, None))
        for above in ontology.transitive_objects(below, RDFS.subClassOf)
        if above is not None and above != below and str(above).startswith(OT)
    )


def results(path: Path) -> set[tuple[Node | None, Node | None]]:
    """The (shape, severity) pairs that validation of a file finds."""
    data = Graph().parse(path, format="turtle")
    for triple in closure():
        data.add(triple)
    conforms, report, text = pyshacl.validate(data, shacl_graph=load("opentier.shapes"), inplace=True)
    assert isinstance(report, Graph), text
    found = {
        (report.value(result, SH.sourceShape), report.value(result, SH.resultSeverity))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }
    assert conforms == (not found)
    return found


def claim(path: Path) -> tuple[URIRef, URIRef]:
    """The shape and the severity that a bad file names in its first line."""
    first = path.read_text("utf-8").split("\n", 1)[0]
    match = re.fullmatch(r"# (violates|warns|informs): ot:([\w-]+)", first)
    assert match, f"{path.name}: the first line must read '# violates: ot:SomeShape-property'."
    return URIRef(OT + match[2]), SEVERITIES[match[1]]


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_an_ok_file_conforms(path: Path) -> None:
    assert results(path) == set()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_breaks_exactly_the_shape_that_it_names(path: Path) -> None:
    assert results(path) == {claim(path)}


def test_every_shape_has_a_bad_file() -> None:
    shapes = load("opentier.shapes")
    alternatives = {member for head in shapes.objects(None, SH["or"]) for member in shapes.items(head)}
    constraints = {SH.nodeKind, SH.sparql}
    breakable = set(shapes.subjects(RDF.type, SH.PropertyShape)) | {
        shape
        for shape in shapes.subjects(RDF.type, SH.NodeShape)
        if shape not in alternatives and constraints & set(shapes.predicates(shape))
    }
    assert breakable == {claim(path)[0] for path in BAD}


def test_every_property_of_an_ok_file_is_looked_at() -> None:
    shapes = load("opentier.shapes")
    looked_at = {node for path in shapes.objects(None, SH.path) for node in (path, *paths(shapes, path))}
    written = {
        predicate
        for path in OK
        for predicate in Graph().parse(path, format="turtle").predicates()
        if predicate != RDF.type
    }
    assert written <= looked_at


def test_every_targeted_class_has_an_ok_file() -> None:
    shapes = load("opentier.shapes")
    data = Graph()
    for path in OK:
        data.parse(path, format="turtle")
    types = set(data.objects(None, RDF.type))
    above = types | {wide for narrow, _, wide in closure() if narrow in types}
    assert set(shapes.objects(None, SH.targetClass)) <= above


def paths(shapes: Graph, path: Node) -> list[Node]:
    """The properties of an alternative path."""
    head = shapes.value(path, SH.alternativePath)
    return [] if head is None else list(shapes.items(head))
