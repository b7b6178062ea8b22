"""The store: which versions one sees of it, what its engine says when files are damaged, and RDF in our own terms."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import QueryError, StoreError
from opentier.graph.law.initiatives import Initiatives
from opentier.graph.model import formats
from opentier.graph.model.names import OT, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Triple
from opentier.graph.network.survey import survey
from opentier.graph.query import about, forms, jsonld, sparql
from opentier.graph.report.report import Report, Where
from opentier.graph.store import catalogue, durable
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.store.scope import CURRENT, Scope
from opentier.graph.triples import embedded
from opentier.graph.triples.engine import DEFAULT, Rows, Triples, YesNo
from opentier.graph.vocabulary import documents, syntax
from tests.conftest import PATIENCE
from tests.test_atomicity import package

LINKS = "SELECT ?link { ?link a ot:SupplyLink }"
NAMED = "SELECT DISTINCT ?graph { GRAPH ?graph { ?s a ot:SupplyLink } }"
MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"


# Scope.


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release with two versions of one dataset, of Monday and of Wednesday, and one of another, of Tuesday."""
    folder = tmp_path_factory.mktemp("scope")
    graph = Graph.open(folder / "data", create=True)
    for part, name, links in (("one", "chain", 3), ("other", "other", 2), ("two", "chain", 5)):
        assert graph.contribute(package(folder / part, name, links), Options(match=False)).new
    found = graph.store.release()
    days = {("chain", 1): MONDAY, ("other", 1): TUESDAY, ("chain", 2): WEDNESDAY}
    found.versions = [
        replace(version, admitted=f"{days[version.dataset, version.number]}T23:59:59Z")
        for version in found.versions
    ]
    return found


def column(release: Release, text: str) -> list[str]:
    found = sparql.answer(release, text)
    assert isinstance(found, Rows)
    return [term.value for (term,) in found if term is not None]


@pytest.mark.parametrize(
    ("scope", "versions", "links"),
    [
        (CURRENT, {"chain": 2, "other": 1}, 7),
        (Scope.as_known("2026-03-01"), {}, 0),
        (Scope.as_known(MONDAY), {"chain": 1}, 3),
        (Scope.as_known(TUESDAY), {"chain": 1, "other": 1}, 5),
        (Scope.as_known(WEDNESDAY), {"chain": 2, "other": 1}, 7),
        (CURRENT.leaving_out("chain"), {"other": 1}, 2),
        (Scope.as_known(TUESDAY).leaving_out("other"), {"chain": 1}, 3),
        (CURRENT.of("chain"), {"chain": 2}, 5),
    ],
)
def test_queries_records_and_the_survey_see_the_versions_of_a_scope(
    release: Release, scope: Scope, versions: dict[str, int], links: int
) -> None:
    seen = release.within(scope)
    assert {name: version.number for name, version in seen.current.items()} == versions
    assert len(column(seen, LINKS)) == links
    assert len(seen.records("supply_links")) == links
    network = survey(seen)
    assert len(list(network.arcs)) == links
    assert {iri.split("/")[-2] for iri in network.actors} == set(versions)
    assert network.versions == seen.current
    for dataset in ("chain", "other"):
        iri = f"{release.names.base}{dataset}/a0"
        assert seen.described([iri, f"{iri}-unknown"]) == ({iri} if dataset in versions else set())
        assert (seen.known(iri), seen.known(f"{iri}-unknown")) == (dataset in versions, False)
        told = about.about(seen, f"{release.names.base}{dataset}/a0", "http://localhost/")
        assert (told is not None and told.then is None) == (dataset in versions)


def test_a_version_that_came_later_is_no_named_graph_of_what_was_known_before(release: Release) -> None:
    def graphs(scope: Scope) -> set[str]:
        return set(column(release.within(scope), NAMED))

    iris = {(version.dataset, version.number): version.iri for version in release.versions}
    assert graphs(CURRENT) == set(iris.values())
    assert graphs(Scope.as_known(TUESDAY)) == {iris["chain", 1], iris["other", 1]}
    assert release.names.derived in release.named
    assert release.names.derived not in release.within(Scope.as_known(TUESDAY)).named


def test_a_query_reaches_no_graph_beyond_its_scope(release: Release) -> None:
    first, second = (version.iri for version in release.versions if version.dataset == "chain")
    before = release.within(Scope.as_known(TUESDAY))
    assert len(column(release, f"SELECT ?link FROM <{first}> {{ ?link a ot:SupplyLink }}")) == 3
    with pytest.raises(QueryError, match="leave FROM away"):
        sparql.prepare(before, f"SELECT ?link FROM <{second}> {{ ?link a ot:SupplyLink }}")
    for graphs in ([second], [first, second], [release.names.derived]):
        with pytest.raises(QueryError, match=r"There is no graph .* here"):
            sparql.prepare(before, LINKS, default=graphs)
        with pytest.raises(QueryError, match=r"There is no graph .* here"):
            sparql.prepare(before, LINKS, named=graphs)
    assert sparql.prepare(before, LINKS, default=[first]).default == (first,)
    assert column(before, f"SELECT ?link {{ GRAPH <{second}> {{ ?link a ot:SupplyLink }} }}") == []


def test_a_scope_says_who_may_see_what_in_one_place(release: Release) -> None:
    seen = release.within(CURRENT.hiding(frozenset({"chain"})))
    assert list(seen.current) == ["other"] == [version.dataset for version in seen.versions]
    assert seen.catalogues == []  # it tells of the other one, too
    assert len(column(seen, LINKS)) == len(list(survey(seen).arcs)) == 2


def test_laws_and_initiatives_are_those_of_the_scope(admitted: Path) -> None:
    whole = Store.open(admitted).release()
    assert Initiatives(whole).initiatives
    assert Initiatives(whole.within(CURRENT.leaving_out("initiatives"))).initiatives == []
    assert whole.within(Scope.as_known("1999-12-31")).records("laws") == []


# The engine.


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store whose records lie in files, enough of them for several blocks of each."""
    folder = tmp_path_factory.mktemp("engine")
    lines = (
        f'<urn:x:{number}> <{OT}n> "{number} {"x" * 40}" .\n<urn:x:{number}> a <urn:x:K> .\n'.replace(
            " a ", " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        )
        for number in range(20_000)
    )
    file = folder / "lines.nt"
    file.write_text("".join(lines), "utf-8")
    opened = embedded.writable(folder / "store")
    opened.load("urn:x:g", file)
    opened.flush()
    return folder / "store"


def spoiled(store: Path, folder: Path) -> embedded.Embedded:
    """Return a copy of a store that opens, and has a wrong byte in the middle of every large file of data."""
    embedded.read_only(store).backup(folder)
    for file in folder.glob("*.sst"):
        data = bytearray(file.read_bytes())
        if len(data) < 100_000:
            continue  # the middle of a small one is what is read to open it
        data[len(data) // 2] ^= 1
        file.unlink()  # the copy shares it with the original
        file.write_bytes(data)
    return embedded.read_only(folder)


def test_damage_that_is_met_while_reading_is_an_error_of_the_store(store: Path, tmp_path: Path) -> None:
    opened = spoiled(store, tmp_path / "spoiled")

    def rows() -> object:
        found = opened.query("SELECT * { ?s ?p ?o }", ["urn:x:g"])
        assert isinstance(found, Rows)
        return list(found)

    def triples() -> object:
        found = opened.query("CONSTRUCT WHERE { ?s ?p ?o }", ["urn:x:g"])
        assert isinstance(found, Triples)
        return list(found)

    def written(text: str, format: str) -> object:
        return opened.query(text, ["urn:x:g"]).write(format, io.BytesIO())

    for work in (
        rows,
        triples,
        lambda: written("SELECT * { ?s ?p ?o }", "csv"),
        lambda: written("CONSTRUCT WHERE { ?s ?p ?o }", "turtle"),
        lambda: opened.count("urn:x:g"),
        lambda: list(opened.match("urn:x:g")),
        lambda: list(opened.records("urn:x:g", "urn:x:K", {f"{OT}n": "ot:n"})),
    ):
        with pytest.raises(StoreError, match=r"is damaged, or cannot be read.*opentier verify"):
            work()


def test_what_fails_where_an_answer_is_written_to_is_no_fault_of_the_store(store: Path) -> None:
    class Gone(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raise BrokenPipeError("nobody reads")

    opened = embedded.read_only(store)
    with pytest.raises(BrokenPipeError, match="nobody reads"):
        opened.query("SELECT * { ?s ?p ?o }", ["urn:x:g"]).write("csv", Gone())  # type: ignore[arg-type]


CHANGES: dict[str, Callable[[Path], object]] = {
    "written over": lambda folder: (folder / "file").write_text("new"),
    "written over in its length": lambda folder: (folder / "file").write_text("ole"),
    "replaced": lambda folder: durable.replace(folder / "file", "new"),
    "removed": lambda folder: (folder / "file").unlink(),
    "another file": lambda folder: shutil.copy2(folder / "like", folder / "file"),
    "a name more": lambda folder: (folder / "listed" / "b").touch(),
    "a name less": lambda folder: (folder / "listed" / "a").unlink(),
    "no folder": lambda folder: shutil.rmtree(folder / "listed"),
    "another folder": lambda folder: shutil.move(folder / "other", folder / "missing"),
}


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_what_was_read_of_files_is_read_again_once_they_change(
    tmp_path: Path, name: str, settled: bool
) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "like").write_text("new")
    for each in ("listed", "other"):
        (tmp_path / each).mkdir()
        (tmp_path / each / "a").touch()
    files = [tmp_path / each for each in ("file", "listed", "missing")]
    reads = 0

    def read() -> list[object]:
        nonlocal reads
        reads += 1
        return [
            sorted(path.name for path in file.iterdir()) if file.is_dir()
            else file.read_text() if file.is_file() else None
            for file in files
        ]  # fmt: skip

    known = durable.Unchanged(lambda: files, read)
    if settled:
        time.sleep(0.15)
    before = known.get()
    assert known.get() == before
    assert reads == 1 or not settled
    CHANGES[name](tmp_path)
    changed = known.get()
    assert changed == read() != before


def test_a_store_that_is_not_there_is_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be opened.*opentier verify"):
        embedded.read_only(tmp_path / "nothing")


def test_a_query_that_cannot_be_answered_is_an_error_of_the_query(store: Path) -> None:
    opened = embedded.read_only(store)
    for text in ("SELECT * {", "CLEAR ALL", "SELECT * { ?s nowhere:p ?o }"):
        with pytest.raises(QueryError, match="cannot be answered"):
            opened.query(text)
    with pytest.raises(QueryError, match="named by an IRI"):
        opened.query("ASK {}", ["no iri"])
    found = opened.query("SELECT (TRIPLE(<urn:x:1>, <urn:x:2>, 3) AS ?said) {}")
    assert isinstance(found, Rows)
    with pytest.raises(QueryError, match="a triple is no value here"):
        list(found)


def test_little_is_written_to_the_log_of_a_store_and_much_as_files_of_its_own(tmp_path: Path) -> None:
    """Files that are many and small are made one with all that a store has: each contribution would write it anew."""
    little, much = tmp_path / "little.nt", tmp_path / "much.nt"
    line = '<urn:x:{0}> <urn:x:says> "A text that is said of number {0}, and long enough to fill a file." .\n'
    little.write_text("".join(line.format(number) for number in range(500)))
    much.write_text("".join(line.format(number) for number in range(60_000)))
    engine = embedded.writable(tmp_path / "store")
    empty = set((tmp_path / "store").glob("*.sst"))
    for graph in ("urn:x:one", "urn:x:two", DEFAULT):
        engine.load(graph, little)
    assert set((tmp_path / "store").glob("*.sst")) == empty
    engine.load("urn:x:much", much)
    assert set((tmp_path / "store").glob("*.sst")) > empty
    engine.flush()
    del engine
    again = embedded.read_only(tmp_path / "store")
    counts = {graph: again.count(graph) for graph in ("urn:x:one", "urn:x:two", DEFAULT, "urn:x:much")}
    assert counts == {"urn:x:one": 500, "urn:x:two": 500, DEFAULT: 500, "urn:x:much": 60_000}


def test_answers_are_of_our_own_kinds(store: Path) -> None:
    opened = embedded.read_only(store)
    rows = opened.query('SELECT ?a ?b ?c { VALUES (?a ?c) { (<urn:x:1> "x"@de) } }')
    assert isinstance(rows, Rows)
    assert rows.names == ("a", "b", "c")
    language = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    assert list(rows) == [(IRI("urn:x:1"), None, Literal("x", language, "de"))]
    yes = opened.query("ASK { GRAPH <urn:x:g> { <urn:x:1> a ?kind } }")
    assert isinstance(yes, YesNo)
    assert yes
    graph = opened.query("CONSTRUCT { <urn:x:1> a _:b } {}")
    assert isinstance(graph, Triples)
    [said] = graph
    assert isinstance(said.object, Blank)
    bound = opened.query("SELECT ?s ?kind { ?s a ?kind }", ["urn:x:g"], bound={"s": "urn:x:7"})
    assert isinstance(bound, Rows)
    assert list(bound) == [(IRI("urn:x:7"), IRI("urn:x:K"))]
    with pytest.raises(QueryError, match="cannot be answered"):
        opened.query("SELECT ?kind { ?s a ?kind }", ["urn:x:g"], bound={"s": "urn:x:7"})


# Terms and documents.


@pytest.mark.parametrize("triple", documents.triples("shapes")[::40])
def test_a_triple_is_written_as_the_engine_writes_it(triple: Triple) -> None:
    assert str(triple) == str(syntax.theirs(triple))
    assert syntax.ours(syntax.theirs(triple)) == triple


@pytest.mark.parametrize(
    "text", ['a"b', "a\\b", "a\nb\r\tc", "\x00\x07\x0b\x1f\x7f", "é漢😀", "'", "\u202e", ""]
)
def test_a_text_is_written_as_the_engine_reads_it(text: str) -> None:
    triple = Triple(IRI("urn:x:a"), IRI("urn:x:b"), Literal(text))
    assert syntax.read(f"{triple} .", "ntriples") == [triple]


def test_what_is_no_iri_is_not_written_as_one() -> None:
    for text in ("urn:x:a> <urn:x:b", "urn:x:a b", 'urn:"', "urn:x:{a}", "urn:x:\n"):
        with pytest.raises(ValueError, match="is not an IRI"):
            str(IRI(text))


def triples() -> Iterator[Triple]:
    """Yield triples of every kind that JSON-LD writes in a way of its own."""
    yield from syntax.read(f"""
        @prefix ot: <{OT}> . @prefix x: <urn:x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        x:a a ot:Actor, x:Kind ; ot:buyer x:b, _:c, "no reference" ;
            ot:startDate "2020"^^xsd:gYear, "2020-01-01"^^xsd:date ;
            ot:announced true, "1"^^xsd:boolean ; ot:n 1, 01, 0, -5, 1.50, 1e0, false, "", "text", "Text"@de ;
            x:list (1 "two" (x:three) _:c), () ; <http://www.w3.org/2000/01/rdf-schema#label> "label" .
        _:c x:p _:d . _:d x:p _:c . x:b x:list _:shared . x:d x:list _:shared .
        _:shared <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ;
            <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> () .
    """)


@pytest.mark.parametrize("count", [0, 3])
def test_a_kept_report_says_in_turtle_and_in_json_what_was_found(count: int) -> None:
    report, version = Report("d"), "urn:x:version"
    texts = ['He said "no".\nAnd \\ left', "Größe 大 ", "plain"]
    for number, text in enumerate(texts[:count]):
        where = Where("a table.csv", number or None)
        report.add(("warning", "info", "refused")[number], where, text, "Do it.", column=text[:5], value=text)
    assert Report.from_dict(json.loads(report.to_json())).sorted() == report.sorted()

    def named(local: str) -> IRI:
        return IRI(expand(local))

    node = IRI(f"{version}/report")
    expected = {
        (node, named("rdf:type"), named("sh:ValidationReport")),
        (node, named("rdf:type"), named("ot:ValidationRun")),
        (node, named("sh:conforms"), Literal("true", expand("xsd:boolean"))),
        (node, named("dcterms:subject"), IRI(version)),
    }
    for number, finding in enumerate(report.sorted(), 1):
        result = IRI(f"{node.value}/{number}")
        severity = "sh:Info" if finding.severity == "info" else "sh:Warning"
        expected |= {
            (node, named("sh:result"), result),
            (result, named("rdf:type"), named("sh:ValidationResult")),
            (result, named("sh:resultSeverity"), named(severity)),
            (result, named("sh:resultMessage"), Literal(f"{finding.message} Do it.")),
            (result, named("ot:file"), Literal("a table.csv")),
            (result, named("ot:column"), Literal(str(finding.column))),
            (result, named("ot:cell"), Literal(str(finding.value))),
        }
        if finding.row is not None:
            expected.add((result, named("ot:row"), Literal(str(finding.row), expand("xsd:integer"))))
    assert set(syntax.read("".join(catalogue.report(report, version)))) == expected


def test_json_ld_says_what_the_triples_say() -> None:
    for found in (list(triples()), [*documents.triples("ontology")], [*documents.triples("shapes")], []):
        written = ox.Dataset(ox.parse(jsonld.write(found), format=ox.RdfFormat.JSON_LD))
        meant = ox.Dataset(ox.parse(syntax.write(found, "ntriples"), format=ox.RdfFormat.N_TRIPLES))
        for each in (written, meant):
            each.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert set(written) == set(meant)


def test_json_ld_is_compact_and_lists_stand_where_they_are_named() -> None:
    nodes = {node["id"]: node for node in json.loads(jsonld.write(triples()))["@graph"]}
    about = nodes["urn:x:a"]
    assert about["type"] == ["Actor", "urn:x:Kind"]
    assert about["label"] == "label"
    [listed] = [value["@list"] for value in about["urn:x:list"] if value["@list"]]
    assert listed[:3] == [1, "two", {"@list": [{"id": "urn:x:three"}]}]
    assert {"@list": []} in about["urn:x:list"]
    assert set(nodes) - {node for node in nodes if node.startswith("urn:")} == {
        listed[3]["id"], nodes[listed[3]["id"]]["urn:x:p"]["id"], nodes["urn:x:b"]["urn:x:list"]["id"]
    }  # fmt: skip
    assert "urn:x:b" in about["buyer"]
    assert about["ot:buyer"] == "no reference"


def test_json_ld_is_the_same_in_every_process() -> None:
    text = (
        "import sys; from opentier.graph.query import jsonld; from opentier.graph.vocabulary import documents\n"
        "sys.stdout.buffer.write(jsonld.write(documents.triples('shapes')))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", text], capture_output=True, timeout=PATIENCE, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(made) == 1


# Formats.


def test_a_format_is_declared_once() -> None:
    every = [*formats.ROWS, *formats.GRAPHS, *formats.SETS, *formats.OTHERS, *formats.STANDARDS]
    assert len({format.name for format in every}) == len(every) == len(formats.FORMATS)
    assert len({format.media_type for format in every}) == len(every)
    for group in (formats.ROWS, formats.GRAPHS + formats.SETS):
        names = [format.name for format in group]
        said = [
            word
            for format in group
            for word in {format.name, format.media_type, *format.suffixes, *format.aliases, *format.also}
        ]
        assert len(set(said)) == len(said), "one word means two formats"
        assert [formats.called(word, *names) for word in names] == names
        assert [formats.of_suffix(formats.suffix(name), *names) for name in names] == names
    assert set(forms.FORMATS) <= set(formats.FORMATS)


def test_files_are_read_ahead_and_those_that_are_gone_are_none(tmp_path: Path) -> None:
    files, steps = [tmp_path / f"{number}.sst" for number in range(4)], list[int]()
    for file, size in zip(files, (0, 10, 3 << 20), strict=False):
        file.write_bytes(b"x" * size)
    durable.read_ahead(files, steps.append)
    assert (sum(steps), len(steps)) == (10 + (3 << 20), 4)
