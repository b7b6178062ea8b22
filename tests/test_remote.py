"""A store elsewhere: the same answers as from the embedded one, whole or an error, and nothing there by halves.

The store is the `oxigraph` server of PyPI, in a process of its own; what its answers may suffer on their way is done by
a gate before it (`tests/gate`). Virtuoso stands in `test_virtuoso`. What asks the API runs over stores elsewhere by
hand: `make elsewhere`.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import OpenTierError, QueryError, StoreError, UnknownRelease, UsageError
from opentier.graph.index import soundness
from opentier.graph.jobs.pool import Limits
from opentier.graph.model.names import PREFIXES, Names
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.query import about, sparql
from opentier.graph.store import graphs
from opentier.graph.store.directory import Store
from opentier.graph.store.scope import OWNER, PUBLIC, Scope
from opentier.graph.triples import address, embedded, protocol, wording
from opentier.graph.triples.divided import Divided
from opentier.graph.triples.engine import Engine, Rows, Triples, YesNo
from opentier.graph.triples.remote import Remote
from tests import gate as gates
from tests.conftest import PATIENCE
from tests.elsewhere import APART, ASKING, Oxigraph, running
from tests.gate import Gate, Passing
from tests.test_atomicity import contribute, go, package, worker
from tests.test_requests import READ, asked
from tests.twins import alike

if TYPE_CHECKING:
    from tests.conftest import Command

NAMES = Names()
ROWS = "SELECT DISTINCT ?buyer ?supplier { ?buyer ot:sourcesFrom ?supplier }"
GRAPH, OTHER = "https://example.org/graph", "https://example.org/other"
#: A value for each way that terms differ, and what tears a careless reader apart.
XSD = "http://www.w3.org/2001/XMLSchema#"
VALUES: list[Term] = [
    Literal("plain"),
    Literal('"quoted" \\ back\n\r\ttab é 新疆 \U0001f600 ?subject ?graph'),
    Literal("wort", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "de"),
    Literal("2024-01-05", f"{XSD}date"),
    Literal("true", f"{XSD}boolean"),
    Literal("12", f"{XSD}integer"),
    Literal("1.5", f"{XSD}decimal"),
    IRI("https://example.org/%C3%A9?a=b&c=d#e"),
]
SAID = [Triple(IRI(f"https://example.org/{number % 3}"), IRI("https://example.org/p"), value)
        for number, value in enumerate(VALUES)]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Oxigraph]:
    """Return a store that the tests of engines share."""
    with running() as server:
        yield server


@pytest.fixture
def engine(server: Oxigraph) -> Remote:
    return Remote(protocol.found(address.of(server.store)))


@pytest.fixture
def own() -> Iterator[Oxigraph]:
    """Return a store for one data directory."""
    with running() as server:
        yield server


@pytest.fixture
def gate(own: Oxigraph) -> Iterator[Gate]:
    with gates.before(own.url) as gate:
        yield gate


@pytest.fixture(scope="module")
def moved(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """Return the shipped datasets in a store elsewhere; nobody may change them."""
    with running() as server:
        data = shutil.copytree(admitted, tmp_path_factory.mktemp("moved") / "data")
        move(data, server.store)
        yield Graph.open(data)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that a test says of a store outlive it."""
    for name in (address.VARIABLE, address.USER, address.PASSWORD):
        monkeypatch.setenv(name, "")


def move(data: Path, store: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(address.VARIABLE, store)
        return soundness.move(data)


def rows(graph: Graph, text: str = ROWS) -> list[tuple[str, ...]]:
    answer = graph.query(text)
    assert isinstance(answer, Rows)
    return sorted(tuple(term.value for term in row if term is not None) for row in answer)


def small(folder: Path, name: str = "chain", links: int = 6) -> Path:
    return package(folder, name, links)


# The engine.


def test_an_engine_elsewhere_keeps_and_finds_what_the_embedded_one_does(
    engine: Remote, tmp_path: Path
) -> None:
    file = tmp_path / "said.nt"
    file.write_text("".join(f"{said} .\n" for said in SAID), "utf-8")
    here, found = embedded.in_memory(), dict[str, list[object]]()
    for name, each in (("here", here), ("there", engine)):
        each.load(GRAPH, file)
        gone, come = (
            SAID[:2],
            [Triple(IRI("https://example.org/new"), IRI("https://example.org/p"), VALUES[1])],
        )
        each.change(GRAPH, gone, come)
        each.remove(OTHER)
        each.copy(GRAPH, OTHER)
        found[name] = [
            each.count(GRAPH), each.count(OTHER), set(each.match(GRAPH)),
            *(set(each.match(GRAPH, object=value)) for value in VALUES),
            set(each.match(GRAPH, SAID[4].subject)), set(each.match(GRAPH, predicate="https://example.org/p")),
            lines(each, GRAPH), set(each.match("https://example.org/none")), set(each.match("")),
        ]  # fmt: skip
    assert found["there"] == found["here"]
    assert found["here"][0] == len(SAID) - 1


def test_several_graphs_are_asked_at_once_for_what_the_embedded_engine_finds_one_by_one(
    engine: Remote, tmp_path: Path
) -> None:
    odd = [IRI("https://example.org/?value=$object"), IRI("https://example.org/?property")]
    said = [
        *SAID,
        *(Triple(node, IRI("https://example.org/?subject"), value) for node in odd for value in VALUES[:2]),
    ]
    many = [IRI(f"https://example.org/many/{number}") for number in range(450)]
    said += [Triple(node, IRI("https://example.org/p"), many[0]) for node in many]
    graphs, here = [GRAPH, OTHER, "https://example.org/none", ""], embedded.in_memory()
    for number, graph in enumerate(graphs[:2]):
        file = tmp_path / str(number)
        file.write_text("".join(f"{each} .\n" for each in said[number:]), "utf-8")
        for each in (here, engine):
            each.load(graph, file)
    by = [f"https://example.org/{name}" for name in ("p", "?subject", "none")]
    for subjects, predicates, object in (
        (None, None, None), ([], None, None), (None, [], None), ([odd[0]], None, None), (odd, by, None),
        (many, by[:1], None), (many, by, many[0]), ([odd[0]], by[1:2], VALUES[1]), (odd, None, VALUES[1]),
        (None, by, VALUES[0]), (None, by[:1], None), (None, None, many[0]),
    ):  # fmt: skip
        for wanted in (graphs, graphs[1:2], graphs[2:], []):
            found, there = (
                sorted(each.among(wanted, subjects, predicates, object), key=str) for each in (here, engine)
            )
            assert there == found, (subjects, predicates, object)
    for wrong in (["no IRI"], ["urn:a", "no IRI"]):
        with pytest.raises(ValueError, match="no IRI"):
            list(engine.among(wrong))


def lines(engine: Engine, graph: str) -> list[bytes]:
    output = io.BytesIO()
    engine.write(graph, output)
    return sorted(output.getvalue().splitlines())


def test_records_come_one_by_one_with_their_values(moved: Graph, admitted: Path) -> None:
    here, there = Graph.open(admitted).store.release(), moved.store.release()
    for table in ("actors", "supply_links", "designations"):
        said = [[(iri, {name: sorted(values) for name, values in fields.items()}) for iri, fields in each.each(table)]
                for each in (here, there)]  # fmt: skip
        assert sorted(said[0]) == sorted(said[1]) != []


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_rows_are_written_in_every_format(engine: Remote, format: str) -> None:
    text = 'SELECT ?a ?b { VALUES (?a ?b) { (1 "é\\n") (UNDEF ot:buyer) } }'
    written = []
    for each in (engine, embedded.in_memory()):
        output = io.BytesIO()
        each.query(text).write(format, output)
        written.append(output.getvalue())
    assert written[0] == written[1]


def test_what_is_wrong_with_a_query_is_told_as_the_embedded_engine_tells_it(engine: Remote) -> None:
    for text in (
        "SELECT ?s { ?s a nope:thing }",
        "SELECT * {",
        "INSERT DATA { ot:a ot:b ot:c }",
        "",
        "ASK { ?s ?p }",
        "ASK { SERVICE SILENT <urn:x> { ?s ?p ?o } ?s ?p }",
    ):
        for base in (None, NAMES.base):
            told = []
            for each in (engine, embedded.in_memory()):
                with pytest.raises(QueryError) as error:
                    each.query(text, base=base)
                told.append(str(error.value))
            assert told[0] == told[1]


def test_another_endpoint_is_asked_once_and_by_the_store_alone(server: Oxigraph, engine: Remote) -> None:
    with gates.before(server.url) as other:
        there = f"<{other.url}/query> {{ VALUES ?x {{ 'SERVICE' }} }}"
        for text in (
            f"SELECT ?x {{ SERVICE {there} }}",
            f"ASK {{ service\tSILENT {there} }}",
            f"CONSTRUCT {{ <urn:a> <urn:b> ?x }} {{ # SERVICE\nSERVICE #\n{there} }}",
            f"SELECT (COUNT(?x) AS ?service) {{ SERVICE {there} }}",
            f"SELECT ?x {{ SERVICE {there} OPTIONAL {{ <urn:service> ot:a-service-b 'c'@en-service }} }}",
        ):
            found = engine.query(text)
            assert [*found] if isinstance(found, Rows | Triples) else found
            assert len(other.seen) == 1
            other.seen.clear()


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("ASK {}", "BASE <urn:b/> ASK {}"),
        ("# a\nBASE <http://x/> BASE <y/> ASK { <a> ?p ?o }", "BASE <http://x/y/> ASK { <a> ?p ?o }"),
        ("ASK { ex:a ot:p ?o }", f"BASE <urn:b/> PREFIX ot: <{PREFIXES['ot']}> ASK {{ ex:a ot:p ?o }}"),
        (
            "PREFIX : <http://n#> BASE <http://x/> PREFIX ot: <m/> #b\nASK { ot:a :b 'ot:' }",
            "BASE <http://x/> PREFIX : <http://n#> PREFIX ot: <http://x/m/> #b\nASK { ot:a :b 'ot:' }",
        ),
        ("base<http://e/>prefix a:<n#>prefix a:<p>ASK{}", "BASE <http://e/> PREFIX a: <http://e/p> ASK{}"),
        ("PREFIX a: <urn:\\u0061> ASK {}", "BASE <urn:b/> PREFIX a: <urn:a> ASK {}"),
    ],
)
def test_a_query_is_sent_with_one_base_before_its_prefixes_and_each_of_these_once(
    text: str, sent: str
) -> None:
    assert re.sub(" +", " ", wording.whole(text, "urn:b/")) == sent


@pytest.mark.parametrize("name", ["naming", "stated"])
def test_a_query_that_counts_is_one_too_where_what_it_groups_by_is_bound(name: str) -> None:
    text = graphs.query_text(name)
    grouped = re.findall(r"\?(\w+)", text.partition("GROUP BY")[2])
    computed = set(re.findall(r"AS \?(\w+)", text))
    assert grouped
    for each in {*grouped} - computed:
        found = embedded.in_memory().query(wording.with_terms(text, {each: IRI("urn:a")}))
        assert isinstance(found, Rows)
        assert each in found.names or each not in text.partition("{")[0]


def test_a_term_that_reads_like_a_variable_is_not_taken_for_one() -> None:
    bound = {"a": IRI("urn:x?b=1"), "b": IRI("urn:x?a=1"), "ab": IRI("urn:\\1")}
    sent = wording.with_terms("SELECT ?a { ?a ?b ?ab ; ?abc ?a }", {**bound, "ab": Literal("\\1 ?a")})
    assert sent == 'SELECT ?a { <urn:x?b=1> <urn:x?a=1> "\\\\1 ?a" ; ?abc <urn:x?b=1> }'


def test_no_statement_about_a_blank_node_is_taken_for_another(engine: Remote) -> None:
    said = Triple(Blank("b"), IRI("https://example.org/p"), Literal("x"))
    engine.remove(GRAPH)
    engine.change(
        GRAPH, (), [said, Triple(IRI("https://example.org/s"), IRI("https://example.org/q"), Blank("b"))]
    )
    [(subject, value)] = [
        (one.subject, other.object) for one in engine.match(GRAPH, predicate="https://example.org/p")
        for other in engine.match(GRAPH, predicate="https://example.org/q")
    ]  # fmt: skip
    assert isinstance(subject, Blank)
    assert isinstance(value, Blank)
    assert engine.count(GRAPH) == 2
    for wrong in (lambda: list(engine.match(GRAPH, said.subject)), lambda: engine.change(GRAPH, [said], ())):
        with pytest.raises(StoreError, match="blank node"):
            wrong()


def test_a_graph_with_blank_nodes_is_sent_in_one_piece_and_others_in_parts(
    server: Oxigraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PART", 200)
    plain, blank = tmp_path / "plain.nt", tmp_path / "blank.nt"
    plain.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o{n}> .\n" for n in range(50)), "utf-8")
    blank.write_text("".join(f"<urn:s{n}> <urn:p> _:b .\n" for n in range(50)), "utf-8")
    with gates.before(server.url) as gate:
        engine = Remote(protocol.found(address.of(gate.store)))
        for file, least, most in ((plain, 5, 10), (blank, 1, 1)):
            before = len(gate.seen)
            engine.load(GRAPH, file)
            sent = [method for method, path in gate.seen[before:] if "/store" in path]
            assert least <= len(sent) <= most
            assert sent == ["PUT", *["POST"] * (len(sent) - 1)]
            assert engine.count(GRAPH) == 50
    assert len({said.object for said in engine_of(server).match(GRAPH)}) == 1


def engine_of(server: Oxigraph) -> Remote:
    return Remote(protocol.found(address.of(server.store)))


# Answers that were cut.


def _unending(passing: Passing) -> None:
    passing.chunked, passing.sent = True, len(passing.answer)


def _half_a_chunk(passing: Passing) -> None:
    passing.chunked, passing.sent = True, len(passing.answer) // 2


CUTS: dict[str, Callable[[Passing], None]] = {
    "fewer bytes than it says": lambda passing: setattr(passing, "sent", len(passing.answer) // 2),
    "half a document": lambda passing: setattr(passing, "answer", passing.answer[: len(passing.answer) // 2]),
    "all but the last bytes": lambda passing: setattr(passing, "answer", passing.answer[:-3]),
    "no last chunk": _unending,
    "half of a chunk": _half_a_chunk,
    "nothing": lambda passing: setattr(passing, "answer", b""),
    "a page": lambda passing: setattr(passing, "answer", b"<html><body>Sign in</body></html>"),
    "a limit": lambda passing: passing.told.update({"X-SPARQL-MaxRows": "3"}),
    "given up": lambda passing: passing.told.update({"X-SQL-State": "S1TAT"}),
}


@pytest.mark.parametrize("cut", CUTS)
def test_an_answer_that_was_cut_is_an_error_and_never_fewer_rows(server: Oxigraph, cut: str) -> None:
    text = "SELECT ?a ?b { VALUES ?a { 1 2 3 4 5 6 7 8 } VALUES ?b { 1 2 3 4 5 6 7 8 } }"
    with gates.before(server.url) as gate:
        engine = Remote(protocol.found(address.of(gate.store)))
        assert len(list(asked_rows(engine, text))) == 64
        gate.after = CUTS[cut]
        with pytest.raises(StoreError):
            list(asked_rows(engine, text))
        with pytest.raises(StoreError):
            engine.query(text).write("csv", io.BytesIO())
        with pytest.raises(StoreError):
            bool(engine.query("ASK { BIND (1 AS ?a) }"))


def asked_rows(engine: Engine, text: str) -> Rows:
    found = engine.query(text)
    assert isinstance(found, Rows)
    return found


def test_json_is_whole_at_its_last_byte_alone() -> None:
    import pyoxigraph as ox

    output = io.BytesIO()
    text = 'SELECT ?a ?b { VALUES (?a ?b) { (1 "x\\"y") (UNDEF UNDEF) (ot:a "é"@de) } }'
    embedded.in_memory().query(text).write("json", output)
    whole = output.getvalue()
    assert len(list(ox.parse_query_results(whole, ox.QueryResultsFormat.JSON))) == 3  # type: ignore[arg-type]
    for size in range(len(whole)):
        with pytest.raises(SyntaxError):
            list(ox.parse_query_results(whole[:size], ox.QueryResultsFormat.JSON))  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut not in ("half a document", "nothing")])
def test_triples_that_were_cut_are_an_error(server: Oxigraph, cut: str, tmp_path: Path) -> None:
    file = tmp_path / "said.nt"
    file.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o{n}> .\n" for n in range(50)), "utf-8")
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}"
    with gates.before(server.url) as gate:
        engine = Remote(protocol.found(address.of(gate.store)))
        engine.load(GRAPH, file)
        for work in (lambda: engine.query(text).write("turtle", io.BytesIO()), lambda: lines(engine, GRAPH)):
            work()
            gate.after = CUTS[cut]
            with pytest.raises(StoreError):
                work()
            gate.after = lambda passing: None


def test_triples_of_which_nobody_says_where_they_end_are_not_taken(server: Oxigraph, tmp_path: Path) -> None:
    file = tmp_path / "said.nt"
    file.write_text("<urn:s> <urn:p> <urn:o> .\n", "utf-8")
    with gates.before(server.url) as gate:
        engine = Remote(protocol.found(address.of(gate.store)))
        engine.load(GRAPH, file)
        gate.after = lambda passing: setattr(passing, "bare", True)
        with pytest.raises(StoreError, match="nothing says where it ends"):
            lines(engine, GRAPH)


def test_a_store_that_keeps_less_than_it_is_given_is_found_out(
    gate: Gate, own: Oxigraph, tmp_path: Path
) -> None:
    def halve(passing: Passing) -> None:
        if passing.method == "PUT" and "dataset" in passing.path:
            passing.body = b"".join(passing.body.splitlines(keepends=True)[::2])

    graph = Graph.open(tmp_path / "data", create=True, store=gate.store)
    gate.before = halve
    with pytest.raises(StoreError, match=r"has \d+ statements of .*, of \d+ that were sent"):
        graph.contribute(small(tmp_path / "package"))
    assert graph.store.current is None
    gate.before = lambda passing: None
    assert graph.contribute(tmp_path / "package").new
    assert graph.verify() == []


# Reads are tried again, writes are not.


def test_a_read_is_tried_again_and_a_write_is_not(server: Oxigraph) -> None:
    refusals = [503, 502]

    def refuse(passing: Passing) -> None:
        if refusals:
            passing.status = refusals.pop()

    with gates.before(server.url) as gate:
        engine = Remote(protocol.found(address.of(gate.store)))
        gate.before = refuse
        assert bool(engine.query("ASK {}")) is True
        assert refusals == []
        refusals[:] = [503]
        before = len(gate.seen)
        with pytest.raises(StoreError, match="status 503"):
            engine.change(GRAPH, (), SAID)
        assert [path for _, path in gate.seen[before:]] == ["/update"]


def test_a_store_that_is_not_there_is_named_with_what_to_do() -> None:
    with running() as server:
        engine = Remote(protocol.found(address.of(server.store)))
    for work in (lambda: engine.query("ASK {}"), lambda: engine.count(GRAPH), lambda: engine.remove(GRAPH)):
        with pytest.raises(
            StoreError, match=rf"127\.0\.0\.1:{server.port} does not answer .*See that it runs"
        ):
            work()


# Addresses, and who asks.


@pytest.mark.parametrize("wrong", [
    "http://127.0.0.1:7878", "sparql+ftp://host", "sparql+http://", "sparql+http://host:port", "nothing",
    "sparql+http://host?update=/update", "sparql+http://host?colour=red", "sparql+http://host?seconds=-1",
    "sparql+http://host/#x", "sparql+http://host?update=ftp://a/b&graphs=/c",
])  # fmt: skip
def test_what_is_no_address_of_a_store_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="store"):
        address.of(wrong)


def test_an_address_is_written_as_it_is_read_without_who_asks() -> None:
    said = address.of("sparql+https://ann:p%40ss@host:8890/sparql?update=/auth&graphs=/crud&seconds=30")
    assert (said.user, said.password, said.seconds) == ("ann", "p@ss", 30.0)
    assert str(said) == "sparql+https://host:8890/sparql?update=/auth&graphs=/crud&seconds=30"
    assert address.of(str(said)) == said
    for text in (str(said), repr(said)):
        assert "ann" not in text
        assert "p@ss" not in text


def test_where_no_store_is_found_the_message_says_how_to_name_one(server: Oxigraph) -> None:
    with pytest.raises(StoreError, match=r"No SPARQL store is found .*update=/update&graphs=/data"):
        protocol.found(address.of(f"{server.store}/somewhere/else"))


def test_who_asks_is_told_to_the_store_and_kept_nowhere(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock(passing: Passing) -> None:
        if passing.headers.get("Authorization") != "Basic YW5uOnMzY3IzdA==":
            passing.status, passing.told = 401, {"WWW-Authenticate": 'Basic realm="store"'}

    gate.before = lock
    with pytest.raises(StoreError, match="OPENTIER_STORE_USER"):
        Graph.open(tmp_path / "none", create=True, store=gate.store)
    data = tmp_path / "data"
    graph = Graph.open(data, create=True, store=gate.store.replace("http://", "http://ann:s3cr3t@"))
    assert graph.contribute(small(tmp_path / "package")).new
    assert rows(graph) != []
    monkeypatch.setenv(address.USER, "")
    with pytest.raises(StoreError, match="wants to know who asks"):
        rows(Graph.open(data))
    monkeypatch.setenv(address.VARIABLE, gate.store.replace("http://", "http://ann:s3cr3t@"))
    assert rows(Graph.open(data)) != []
    kept = [file for file in data.rglob("*") if file.is_file() and b"s3cr3t" in file.read_bytes()]
    assert kept == []


# Data directories.


def test_a_contribution_to_a_store_elsewhere_answers_as_one_here(own: Oxigraph, tmp_path: Path) -> None:
    graphs = (
        Graph.open(tmp_path / "here", create=True),
        Graph.open(tmp_path / "there", create=True, store=own.store),
    )
    said = []
    for graph in graphs:
        for number, links in enumerate((6, 9)):
            assert graph.contribute(small(tmp_path / f"{graph.store.path.name}{number}", links=links)).new
        graph.contribute(small(tmp_path / f"{graph.store.path.name}-other", "other"))
        graph.withdraw("other", "a trial")
        found = [rows(graph), json.loads(graph.trace("chain/a0").to_json()), graph.view().described("chain"),
                 rows(graph, "SELECT ?name { ?v dcterms:publisher/foaf:name ?name }"), graph.verify()]  # fmt: skip
        graph.restore_dataset("other")
        found += [rows(graph), graph.verify(), len(graph.view().release.named)]
        said.append(json.loads(json.dumps(found, default=str).replace(str(graph.store.path), "")))
    for each in said:
        each[1].pop("release", None)
        for version in each[2]:
            version.pop("admitted")
    assert said[0] == said[1]
    there = graphs[1].store
    kept = {name for name in own.graphs() if not name.endswith("/shown")}
    assert kept <= {*there.release().named}


def test_what_was_known_on_a_day_is_asked_of_a_store_elsewhere(moved: Graph) -> None:
    release = moved.store.release()
    day = release.versions[0].admitted[:10]
    seen = release.within(Scope.as_known(day))
    found = sparql.answer(seen, ROWS)
    assert isinstance(found, Rows)
    assert len(list(found)) == len(rows(moved)) > 0
    assert list(release.within(Scope.as_known("2001-01-01")).current) == []


def test_of_releases_the_last_one_alone_is_asked(own: Oxigraph, tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True, store=own.store)
    for name in ("one", "two"):
        graph.contribute(small(tmp_path / name, name), Options(match=False))
    assert graph.store.earlier(2).id == graph.store.current
    with pytest.raises(UnknownRelease, match=r"Release 1 is not kept\. Kept are: 2\."):
        graph.store.earlier(1)


def test_what_is_not_public_is_in_no_answer_for_the_public(own: Oxigraph, tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True, store=own.store)
    graph.contribute(small(tmp_path / "one", "one"))
    graph.contribute(small(tmp_path / "two", "two"), Options(visibility="restricted"))
    assert graph.verify() == []
    every = "SELECT ?g ?s { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    for reader, sees in ((PUBLIC, False), (OWNER, True)):
        found = sparql.answer(graph.view(reader).release, every)
        assert isinstance(found, Rows)
        assert any("/two" in str(term) for row in found for term in row) is sees
    assert any("/two" in name for name in own.graphs())


def test_a_query_says_how_many_graphs_were_put_together(moved: Graph) -> None:
    release = moved.store.release()
    assert sparql.prepare(release, ROWS).united == len(release.parts)


def test_a_data_directory_moves_to_a_store_and_back_and_a_backup_needs_none(
    own: Oxigraph, directory: Path, tmp_path: Path, call: Command
) -> None:
    before = rows(Graph.open(directory))
    said = call("--store", own.store, "trace", "example/aurora", "--data", str(directory))
    assert (said.code, "opentier --store" in said.err) == (2, True)
    assert call("--store", own.store, "move", "--data", str(directory), "--quiet").code == 0
    graph = Graph.open(directory)
    assert isinstance(graph.store.release().engine, Divided)
    assert rows(graph) == before
    assert graph.verify() == []
    graph.backup(tmp_path / "backup.tar")
    assert call("move", "--data", str(directory), "--quiet").code == 0
    back, restored = Graph.open(directory), Graph.restore(tmp_path / "backup.tar", tmp_path / "restored")
    own.end()
    for each in (back, restored):
        assert rows(each) == before
        assert each.verify() == []
        assert json.loads((each.store.path / "opentier.json").read_text("utf-8")).keys() == {
            "format",
            "base",
            "hashes",
        }


def test_the_command_line_makes_a_directory_whose_triples_are_elsewhere(
    own: Oxigraph, tmp_path: Path, command: Command
) -> None:
    data, path = str(tmp_path / "data"), str(small(tmp_path / "package"))
    assert command("--store", own.store, "contribute", path, "--data", data).code == 0
    assert len(rows(Graph.open(data))) == 3
    assert own.graphs()[NAMES.version("chain", 1)] > 0
    own.end()
    gone = command("query", "-", "--data", data, stdin=ROWS)
    assert gone.code == 1
    assert "does not answer" in gone.err
    assert "Traceback" not in gone.err
    assert [version.number for version in Graph.open(data).view().versions("chain")] == [
        1
    ]  # that is kept here


def test_a_store_that_lost_its_data_is_not_answered_from(tmp_path: Path) -> None:
    with running() as first:
        graph = Graph.open(tmp_path / "data", create=True, store=first.store)
        graph.contribute(small(tmp_path / "package"))
        port = first.port
    second = Oxigraph(port=port)
    try:
        again = Graph.open(tmp_path / "data")
        with pytest.raises(StoreError, match="holds the data of no data directory"):
            rows(again)
        with pytest.raises(StoreError, match="holds the data of no data directory"):
            again.contribute(small(tmp_path / "more", "more"))
        assert any("holds the data of no" in fault.what for fault in again.verify())
    finally:
        second.end()


def test_two_data_directories_do_not_share_a_store(own: Oxigraph, tmp_path: Path) -> None:
    one = Graph.open(tmp_path / "one", create=True, store=own.store)
    one.contribute(small(tmp_path / "package"))
    two = Graph.open(tmp_path / "two", create=True, store=own.store)
    with pytest.raises(StoreError, match="holds the data of another data directory"):
        two.contribute(tmp_path / "package")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    one.contribute(small(tmp_path / "more", "more"))
    with pytest.raises(StoreError, match="shows another release"):
        Graph.open(tmp_path / "copy").contribute(small(tmp_path / "third", "third"))
    assert one.verify() == []


def test_a_directory_is_opened_with_its_own_store_alone(own: Oxigraph, tmp_path: Path) -> None:
    data = tmp_path / "data"
    Graph.open(data, create=True, store=own.store)
    for same in (own.store, f"{own.store}/", f"{own.store}/query?update=/update&graphs=/store"):
        Graph.open(data, store=same)
    with pytest.raises(UsageError, match=r"are in the store .*move them"):
        Graph.open(data, store="sparql+http://127.0.0.1:9")
    with pytest.raises(UsageError, match="no address of a store"):
        Graph.open(data, store="http://127.0.0.1:9")


def test_what_the_store_shows_of_a_release_is_checked_and_made_anew(own: Oxigraph, tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True, store=own.store)
    graph.contribute(small(tmp_path / "package"))
    said = Triple(IRI("urn:s"), IRI("urn:p"), IRI("urn:o"))
    engine_of(own).change(NAMES.catalogue, (), [said])
    [fault] = graph.verify()
    assert (fault.where, fault.derived, "catalogue" in fault.what) == ("default graph", True, True)
    assert graph.repair([fault]) == [fault]
    assert graph.verify() == []
    assert list(engine_of(own).match(NAMES.catalogue, IRI("urn:s"))) == []


# Writers that are killed.


def test_a_writer_killed_at_any_request_leaves_the_release_as_it_was(
    gate: Gate, own: Oxigraph, tmp_path: Path
) -> None:
    store = Store.open(tmp_path / "data", create=True, store=gate.store)
    contribute(small(tmp_path / "first"), store)
    new, number = small(tmp_path / "second", links=9), 2
    places = 0
    for place in range(100):
        written, when = divmod(place, 2)
        with worker(store, new, tmp_path / "scratch") as process:
            left = [written]

            def fatal(
                passing: Passing, pid: int | None = process.process.pid, left: list[int] = left
            ) -> None:
                if passing.writes:
                    left[0] -= 1
                    if left[0] == -1:
                        assert pid is not None
                        os.kill(pid, signal.SIGKILL)

            gate.before, gate.after = (fatal, _nothing) if when == 0 else (_nothing, fatal)
            go(process)
            said = [each.split()[0] for each in told(process)]
            process.process.join(PATIENCE if "admitted" not in said else 0)
        gate.before = gate.after = _nothing
        if "admitted" in said:
            break
        places += 1
        graph = Graph.open(store.path)
        assert graph.view().release.current["chain"].number == number - 1
        assert sum("/chain/" in buyer for buyer, _ in rows(graph)) == 3
        contribute(small(tmp_path / f"beside{place}", f"beside{place}"), store)
        assert graph.verify() == []
        assert {name for name in own.graphs() if not name.endswith("/shown")} <= {*store.release().named}
        assert not store.notes.begun
    assert places >= 10
    assert Graph.open(store.path).view().release.current["chain"].number == number


def told(process: Any) -> Iterator[str]:
    """Yield what a process says until it ends, or has nothing more to do."""
    for said in process.told():
        yield said
        if said.startswith("admitted"):
            return


def _nothing(passing: Passing) -> None:
    """Change nothing."""


# The service.


@pytest.fixture(scope="module")
def clients(moved: Graph, admitted: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """Return clients of the service over the same datasets here and elsewhere."""
    with TestClient(create_app(Graph.open(admitted))) as here, TestClient(create_app(moved)) as there:
        yield here, there


def test_what_asks_the_api_runs_over_a_store_elsewhere_too_or_says_why_not() -> None:
    files = {path.stem.removeprefix("test_"): path for path in Path(__file__).parent.glob("test_*.py")}
    ask = re.compile(r"create_app\(|: TestClient|: Service|serving\(")
    asking = {name for name, path in files.items() if ask.search(path.read_text("utf-8"))}
    apart = {name for name in asking for pattern in APART if fnmatch(name, pattern)}
    assert {*ASKING} <= files.keys()
    assert asking - apart <= {*ASKING}, "name it in tests/elsewhere.py: in ASKING, or in APART with why"
    assert not apart & {*ASKING}
    assert not [pattern for pattern in APART if not any(fnmatch(name, pattern) for name in asking)]


@pytest.mark.parametrize("path", [path for path in READ if path not in ("/metrics", "/openapi.json", "/")])
def test_every_route_answers_as_it_does_over_the_embedded_store(
    clients: tuple[TestClient, TestClient], path: str, moved: Graph, admitted: Path
) -> None:
    releases = [str(Graph.open(admitted).store.current), str(moved.store.current)]
    answers = [client.get(asked(path), headers={"Accept": "application/json"}) for client in clients]
    said = [
        re.sub(r"urn:uuid:[\w-]+", "INSTANCE", re.sub(rf"\b{release}\b", "RELEASE", each.text))
        for each, release in zip(answers, releases, strict=True)
    ]
    assert answers[0].status_code == answers[1].status_code
    assert alike(said[0].splitlines()) == alike(said[1].splitlines())


def test_the_service_says_that_graphs_are_put_together_and_its_limit_ends_the_query(
    moved: Graph, admitted: Path, tmp_path: Path
) -> None:
    place = moved.store.release().engine
    assert isinstance(place, Divided)
    data = shutil.copytree(admitted, tmp_path / "data")
    left: list[bytes] = []
    with running() as server, gates.before(server.url) as gate:
        move(data, gate.store)
        with TestClient(create_app(Graph.open(data), Limits(seconds=2.0, workers=1))) as client:
            answer = client.get("/sparql", params={"query": ROWS})
            assert answer.status_code == 200
            assert "graphs put together" in answer.headers["OpenTier-United"]

            def wait(passing: Passing) -> None:
                if b"runaway" in passing.body:
                    passing.line.settimeout(PATIENCE)
                    left.append(passing.line.recv(1))

            gate.before = wait
            late = client.get("/sparql", params={"query": "SELECT ?runaway { ?runaway a ot:SupplyLink }"})
            assert late.status_code == 504
            assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    assert left == [b""]  # the line was closed: the store may give up


def test_a_service_whose_store_ends_says_so_and_comes_back(
    admitted: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = shutil.copytree(admitted, tmp_path / "data")
    with running(tmp_path / "store") as server:
        port = server.port
        move(data, server.store)
    with TestClient(create_app(Graph.open(data))) as client:
        answer = client.get("/sparql", params={"query": ROWS})
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "does not answer" in caplog.text
        assert str(port) not in answer.text
        again = Oxigraph(tmp_path / "store", port)
        try:
            assert client.get("/sparql", params={"query": ROWS}).status_code == 200
        finally:
            again.end()


def test_what_is_said_of_an_iri_takes_a_few_requests_however_many_name_it(
    admitted: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(admitted, tmp_path / "data")
    with running() as server, gates.before(server.url) as gate:
        move(data, gate.store)
        with TestClient(create_app(Graph.open(data), local=True)) as client:
            for path, status in (
                ("/id/dataset/example/1", 200), ("/id/country/CN", 200), ("/ns/SupplyLink", 200), ("/id/none", 404),
            ):  # fmt: skip
                for accept in ("text/turtle", "text/html"):
                    gate.seen.clear()
                    answer = client.get(path, headers={"accept": accept})
                    assert answer.status_code == status
                    assert len(gate.seen) <= 20, (path, accept)
            assert gate.seen


def test_kinds_of_answers_are_those_of_the_engine(moved: Graph) -> None:
    kinds = {
        "SELECT * { ?s a ot:SupplyLink }": Rows,
        "ASK { ?s a ot:SupplyLink }": YesNo,
        "DESCRIBE ot:buyer": Triples,
    }
    for text, kind in kinds.items():
        assert isinstance(moved.query(text), kind)
    with pytest.raises(OpenTierError):
        moved.query("SELECT * FROM <urn:nowhere> { ?s ?p ?o }")


def test_what_has_parts_without_a_name_is_described_as_over_the_embedded_store(
    moved: Graph, admitted: Path
) -> None:
    for iri in (f"{NAMES.base}dataset/example/1", f"{PREFIXES['ot']}buyer"):
        there, here = (
            about.about(graph.view().release, iri, "http://x/") for graph in (moved, Graph.open(admitted))
        )
        assert there is not None
        assert here is not None
        assert (len(there.own), there.total, len(there.kinds)) == (
            len(here.own),
            here.total,
            len(here.kinds),
        )
        assert any(isinstance(said.object, Blank) for said in there.own) or "ns#" in iri


# The guide.


def test_the_guide_has_the_addresses_that_are_known_and_others_that_are_read() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "remote.md").read_text("utf-8")
    table = dict(re.findall(r"^\| ([A-Z]\w+) \| (.*) \|$", guide, re.MULTILINE))
    for product, parts in address.PRODUCTS.items():
        assert [part.strip("/") for part in re.findall(r"`([^`]+)`", table.pop(product))] == [
            *filter(None, parts)
        ]
    assert table == {}
    for said in re.findall(r"sparql\+https?://[^`\s\"]+(?<![.,])", guide):
        if "..." not in said and "host:port" not in said:
            assert address.of(said).query.startswith("http")
