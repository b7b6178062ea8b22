"""The shapes as set queries, against pySHACL and the W3C suite: the same results, or told to be unknown."""

from __future__ import annotations

import itertools
import random
import zlib
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import Names
from opentier.graph.model.rdf import IRI, Blank, Term
from opentier.graph.records import lines
from opentier.graph.records.checking import check
from opentier.graph.records.written import Written
from opentier.graph.report.report import Report
from opentier.graph.triples import embedded
from opentier.graph.validation import reference, sets, shacl
from opentier.graph.validation.checks import Result
from opentier.graph.validation.data import Data
from opentier.graph.validation.declared import Shapes, joins
from opentier.graph.vocabulary import documents, syntax

GRAPH = "urn:x:data"
FILES = sorted((Path(__file__).parent / "data" / "shapes").glob("*.ttl"))
#: Files are validated in so many graphs: pySHACL takes a second for each, however little stands in it.
TOGETHER = 12
TESTS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
KINDS = Namespace("http://www.w3.org/ns/shacl-test#")
#: What rdflib makes of `"1"^^xsd:boolean`, it makes of `true`: the shape cannot be told from one that asks.
NOT_PASSED = {"core/property/uniqueLang-002.ttl"}
#: The same of pySHACL; and what it does not read: prefixes that are declared beside, and `$shapesGraph`.
PYSHACL_NOT_PASSED = NOT_PASSED | {"sparql/node/prefixes-001.ttl", "sparql/pre-binding/shapesGraph-001.ttl"}
#: Values of xsd:byte are kept as those of xsd:integer; pySHACL answers.
NOT_COMPILED = {"core/property/datatype-ill-formed.ttl"}


def loaded(text: bytes, base: str | None = None) -> embedded.Embedded:
    """Return an engine with a Turtle document in the graph."""
    found = embedded.in_memory()
    found.change(GRAPH, (), syntax.read(text, base=base))
    return found


def plain(term: Term | None) -> str | None:
    """Return a term so that blank nodes are alike, and values that are written in two ways."""
    if term is None or isinstance(term, Blank):
        return None if term is None else "_"
    if isinstance(term, IRI):
        return term.value
    read = documents.node(term)
    assert isinstance(read, Literal)
    if isinstance(read.value, datetime | bool):
        return str(read.value)
    if isinstance(read.value, int | Decimal | float) and not read.ill_typed:
        return str(float(read.value))
    return f"{term.value} {read.datatype} {read.language}"


def said(results: Iterator[Result] | list[Result]) -> set[tuple[object, ...]]:
    """Return results as what can be compared between engines."""
    return {
        (
            plain(r.focus), "_" if isinstance(r.path, BNode) else r.path, plain(r.value),
            "_" if isinstance(r.shape, BNode) else r.shape, r.severity, r.message, r.component,
        )
        for r in results
    }  # fmt: skip


def closed(data: Graph) -> Graph:
    """Return data with the sub-class statements of the vocabulary, as the validator mixes them in."""
    for name, above in documents.above().items():
        for up in above:
            data.add((URIRef(name), RDFS.subClassOf, URIRef(up)))
    return data


def both(data: Graph) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """Return what the set queries and pySHACL find in data with our shapes."""
    shapes = documents.graph("shapes")
    engine = loaded(data.serialize(format="turtle").encode())
    return said(sets.results(Shapes(shapes), Data(engine, GRAPH))), said(reference.results(shapes, data))


def test_our_shapes_are_compiled_whole() -> None:
    assert shacl.shapes().unknown == ()


@pytest.mark.parametrize("first", range(TOGETHER))
def test_the_results_are_those_of_pyshacl(first: int) -> None:
    data = Graph()
    for path in FILES[first::TOGETHER]:
        data.parse(path, format="turtle")
    ours, theirs = both(closed(data))
    assert ours == theirs
    assert ours


@pytest.mark.parametrize("seed", range(24))
def test_the_results_are_those_of_pyshacl_after_any_damage(seed: int) -> None:
    rng, data = random.Random(seed), Graph()
    for path in rng.sample([path for path in FILES if path.stem.startswith("ok-")], 12):
        data.parse(path, format="turtle")
    triples = sorted(data, key=str)
    values: list[Node] = [o for _, _, o in triples] + [
        Literal("x"), Literal("ünlike", lang="de"), Literal(7), Literal("2020-02-30", datatype=XSD.date), Literal(1.5),
        Literal("2031", datatype=XSD.gYear), Literal("-3", datatype=XSD.decimal), URIRef("urn:x:nobody"), Literal(True),
    ]  # fmt: skip
    for subject, predicate, value in rng.sample(triples, min(40, len(triples))):
        damage = rng.randrange(4)
        if damage < 3:
            data.remove((subject, predicate, value))
        if damage:
            data.add((subject, rng.choice(triples)[1] if damage == 3 else predicate, rng.choice(values)))
    ours, theirs = both(closed(data))
    assert ours == theirs
    assert ours, "nothing was damaged"


@pytest.mark.data
@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize(
    ("part", "compiled", "theirs", "used"), [("core", 96, 97, 97), ("sparql", 3, 21, 22)]
)
def test_the_w3c_suite_is_passed_or_told_to_be_unknown(
    part: str, compiled: int, theirs: int, used: int, shared: Path
) -> None:
    suite = shared / "conformance" / "shacl"
    tests = {
        (path.relative_to(suite).as_posix(), test): path
        for path in sorted((suite / part).rglob("*.ttl"))
        for test in read(path).subjects(RDF.type, KINDS.Validate)
    }
    ours, pyshacl, unknown = set[str](), set[str](), set[str]()
    for (name, test), path in tests.items():
        manifest = read(path)
        action = manifest.value(test, TESTS.action)
        assert action is not None
        data, written = (local(manifest.value(action, key)) for key in (KINDS.dataGraph, KINDS.shapesGraph))
        failing = manifest.value(test, TESTS.result) == KINDS.Failure
        wanted = None if failing else expected(manifest, test)
        if wanted == pyshacl_finds(written, data):
            pyshacl.add(name)
        shapes = Shapes(read(written))
        if shapes.unknown:
            unknown.add(name)
            continue
        engine = loaded(data.read_bytes(), data.resolve().as_uri())
        if wanted == without_messages(said(sets.results(shapes, Data(engine, GRAPH)))):
            ours.add(name)
    every = {name for name, _ in tests}
    assert every - unknown - ours == {name for name in NOT_PASSED if name.startswith(part)}
    assert every - pyshacl == {name for name in PYSHACL_NOT_PASSED if name.startswith(part)}
    assert (len(ours), len(pyshacl), len(ours | (pyshacl & unknown))) == (compiled, theirs, used)
    if part == "core":
        assert unknown == NOT_COMPILED


def pyshacl_finds(shapes: Path, data: Path) -> set[tuple[object, ...]] | None:
    """Return what pySHACL finds, None where it refuses the shapes."""
    try:
        return without_messages(said(reference.results(read(shapes), read(data))))
    except Exception:  # it has no kind of error of its own
        return None


def without_messages(found: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    return {known[:5] + known[6:] for known in found}


def read(path: Path) -> Graph:
    return Graph().parse(path, format="turtle", publicID=path.resolve().as_uri())


def local(node: Node | None) -> Path:
    return Path(str(node).removeprefix("file://"))


def expected(manifest: Graph, test: Node) -> set[tuple[object, ...]]:
    """Return the results that a test names; none where it names a failure."""
    report = manifest.value(test, TESTS.result)
    assert report is not None
    return without_messages(
        said([reference.result(manifest, node, manifest) for node in manifest.objects(report, SH.result)])
    )


def in_parts(data: Graph, file: Path, many: int) -> Written:
    """Write data in parts, each with all that it says of its subjects."""
    parts: list[list[str]] = [[] for _ in range(many)]
    for subject, predicate, value in data.skolemize():
        line = f"{subject.n3()} {predicate.n3()} {value.n3()} .\n"
        parts[zlib.crc32(str(subject).encode()) % many].append(line)
    ends = list(itertools.accumulate(len("".join(part).encode()) for part in parts))
    every = "".join(line for part in parts for line in part)
    file.write_bytes(every.encode())

    def classes(iris: Collection[str], target: Path) -> None:
        lines = (line for line in every.splitlines(keepends=True) if f"> {RDF.type.n3()} <" in line)
        target.write_text("".join(line for line in lines if line[1 : line.index(">")] in iris), "utf-8")

    return Written(file, len(data), tuple(ends), classes)


@pytest.mark.parametrize("seed", range(6))
def test_data_in_parts_gives_the_findings_that_it_gives_whole(seed: int, tmp_path: Path) -> None:
    rng, data = random.Random(seed), Graph()
    for path in rng.sample(FILES, 60):
        data.parse(path, format="turtle")
    found = []
    for many in (1, 2, 7):
        report = Report()
        written = in_parts(data, tmp_path / f"{many}.nt", many)
        shacl.validate(written, None, lambda iris: {}, report)
        found.append(report)
    whole, *parted = (report.to_json() for report in found)
    assert found[0].blocking > 20
    assert parted == [whole, whole]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.nt", "2.nt", "7.nt"]


def test_records_in_parts_say_what_they_say_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = Path(str(files("opentier.graph").joinpath("datasets", "example")))
    found = submission.read(folder, Options(), tmp_path)
    records = check(found, Names(), set)
    said = []
    for many in (1_000_000, len(records) // 5):
        monkeypatch.setattr(lines, "PART", many)
        written, report = lines.write(records, Names(), tmp_path / f"{many}.nt"), Report()
        shacl.validate(written, records, lambda iris: {}, report)
        text = written.file.read_bytes()
        assert written.ends[-1] == len(text)
        assert text.count(b"\n") == written.triples
        parts = [text[begin:end].splitlines() for begin, end in itertools.pairwise((0, *written.ends))]
        subjects = [{line.partition(b" ")[0] for line in part} for part in parts]
        assert sum(map(len, subjects)) == len(set.union(*subjects))
        said.append((sorted(text.splitlines()), report.to_json(), len(parts), min(map(len, subjects))))
    assert said[0][:2] == said[1][:2]
    assert (said[0][2], said[1][2]) == (1, 6)
    assert said[1][3] > 10


LOCAL = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^<http://www.w3.org/2001/XMLSchema#anyURI> ] .
"""


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:class ex:D ]", True),
        ("sh:targetClass ex:C ; sh:property [ sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:minCount 1 ]", True),
        ("sh:targetClass ex:C ; sh:property [ sh:path ( rdf:type rdfs:subClassOf ) ; sh:hasValue ex:D ]", True),
        ("sh:targetSubjectsOf ex:p ; sh:closed true ; sh:property [ sh:path ex:p ; sh:lessThan ex:q ]", True),
        ("sh:targetClass ex:C ; sh:node [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ]", True),
        ("sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:or ( [ sh:class ex:C ] [ sh:class ex:D ] ) ]", True),
        ("sh:targetClass ex:C ; sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]", False),
        ("sh:targetClass ex:C ; sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 1 ]", False),
        ("sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ]", False),
        ("sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:node [ sh:closed true ] ]", False),
        ("sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount 1 ]", False),
        ("sh:targetObjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ]", False),
        ("""sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT $this WHERE { $this ex:p ?a FILTER NOT EXISTS { $this ex:q ?b ; ex:r ?c } }" ]""", True),
        ("""sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT $this WHERE { $this ex:p ?a . ?a ex:q ?b }" ]""", False),
        ("""sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT $this WHERE { $this ex:p ?a FILTER NOT EXISTS { $this ex:q ?b . ?b ex:r ?c } }" ]""", False),
        ("""sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT $this WHERE { $this ex:p+ ?a }" ]""", False),
    ],
)  # fmt: skip
def test_shapes_are_asked_part_by_part_only_where_they_look_at_no_more_than_a_node(
    text: str, local: bool
) -> None:
    assert (
        Shapes(Graph().parse(data=f"{LOCAL} ex:S a sh:NodeShape ; {text} .", format="turtle")).local is local
    )


def test_our_shapes_are_asked_part_by_part() -> None:
    assert shacl.shapes().local


SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ot: <https://w3id.org/opentier/ns#> .
@prefix ex: <http://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass ot:Actor ; sh:message "No." ; sh:sparql [
    sh:select "SELECT $this WHERE { FILTER(isIRI($this)) }" ] .
"""


def test_shapes_that_are_not_compiled_are_answered_by_pyshacl_and_the_report_says_so(tmp_path: Path) -> None:
    shapes, report, file = (
        Shapes(Graph().parse(data=SHAPE, format="turtle")),
        Report(),
        tmp_path / "records.nt",
    )
    file.write_text("<http://x/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
                    "<https://w3id.org/opentier/ns#Actor> .\n")  # fmt: skip
    shacl.validate(Written(file), None, lambda iris: {}, report, against=shapes)
    assert [finding.message for finding in report.sorted() if finding.blocks] == ["http://x/a: No."]
    assert any("pySHACL validated this" in finding.message for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("SELECT $this WHERE { $this ex:p ?value FILTER NOT EXISTS { $this ex:q ?o } }", True),
        ("SELECT $this WHERE { { $this ex:p ?a } UNION { $this ex:q ?a } $this ex:r ?b }", True),
        ("SELECT $this WHERE { { $this ex:p ?a } UNION { ?x ex:q ?a } }", False),
        ("SELECT $this WHERE { FILTER(?this = ex:a) }", False),
        ("SELECT $this WHERE { $this ex:p ?a MINUS { ?a ex:q ?b } }", False),
        ("SELECT $this WHERE { $this ex:p ?a { SELECT ?a WHERE { ?a ex:q ?b } } }", False),
        ("SELECT $this WHERE { $this ex:p ?a BIND($this AS ?value) }", False),
    ],
)
def test_a_query_is_asked_of_all_nodes_at_once_only_where_that_finds_the_same(text: str, holds: bool) -> None:
    assert joins(text) is holds
