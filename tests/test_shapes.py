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
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
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
    looked_at |= set(shapes.objects(None, SH.targetSubjectsOf))
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


#: What a note may say, and what it may not: an e-mail address or a telephone number.
FREE_TEXT = {
    "told by 40 workers on 2023-11-02": False,
    "Telephone survey 2023-11-02, 1 200 000 calls, +12 percent": False,
    "Case 0000123-45.2019.5.08.0001; CNPJ 12.345.678/0001-90; ISBN 978-92-2-128411-0": False,
    "Fees of 250 000 to 400 000 BDT in 2010-2014 (HS 0901 2100); Hotel 20240101": False,
    "https://example.org/reports/2024/03/04/1234567.pdf": False,
    "mobile inspection group of 1997; signal: 3 of 10": False,
    "founded 2001, born of two mills; passport scheme of 12345 workers": False,
    "Ms A, born 1980-02-03": True,
    "holder of passport no. X7654321": True,
    "write to name@example.org": True,
    "name.surname@mail.example.co.uk": True,
    "+60 3-5555 0100": True,
    "+1 (202) 555-0147": True,
    "call (202) 555-0147": True,
    "202.555.0147": True,
    "030 5550 123": True,
    "Tel.: 55 50 12 34": True,
    "WhatsApp 5550123456": True,
    "phone no. 555 0123 45": True,
}


@pytest.mark.parametrize(("text", "private"), FREE_TEXT.items())
def test_free_text_may_hold_figures_but_no_address_or_number(text: str, private: bool) -> None:
    shapes, shape = load("opentier.shapes"), URIRef(OT + "ContactShape")
    assert shapes.value(shape, SH.flags) == Literal("i")
    found = re.search(str(shapes.value(shape, SH.pattern)), text, re.IGNORECASE)
    assert bool(found) == private


def test_every_kind_of_record_that_could_name_somebody_has_its_text_looked_at() -> None:
    shapes = load("opentier.shapes")
    looked_at = set(shapes.objects(URIRef(OT + "PrivateTextShape"), SH.targetClass))
    for name in (
        "Actor",
        "SupplyLink",
        "Designation",
        "Incident",
        "IndicatorObservation",
        "Evidence",
        "Remedy",
        "Grievance",
        "RecruitmentLink",
    ):
        node = URIRef(OT + name)
        above = {wide for narrow, _, wide in closure() if narrow == node}
        assert looked_at & {node, *above}, name


def test_a_message_on_personal_data_says_why() -> None:
    shapes = load("opentier.shapes")
    for shape in shapes.subjects(RDF.type, SH.PropertyShape):
        if re.match(f"{OT}(Privacy|Person|PrivateText|Suppression)Shape-", str(shape)):
            message = str(shapes.value(shape, SH.message))
            assert "harmed" in message or "told apart" in message
            assert re.search(r": (leave|take) ", message)
