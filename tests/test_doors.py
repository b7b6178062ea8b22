"""The doors: what no file may bring in, whatever carries it, and that both doors say the same of it."""

from __future__ import annotations

import io
import json
import os
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.metadata import MAX_DATASET
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.identity.judgements import admitted
from opentier.graph.intake.bounds import MAX_COLUMNS, MAX_VALUE
from opentier.graph.model.names import OT
from opentier.graph.model.tables import TABLES
from opentier.graph.query import forms
from opentier.graph.report.report import ContributionError, Finding, Report
from opentier.graph.vocabulary import documents
from tests.broken import described, text_of

if TYPE_CHECKING:
    from tests.conftest import Command

#: Seconds that a door may take for a file of a few megabytes, and how many times as long a test lets it.
PROMISED, ROOM = 2, 10
FREE = Options(licence="CC0-1.0")
HEAD = """@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @base <https://w3id.org/opentier/id/odd/> .
<a> a ot:Actor ; rdfs:label "A" . <b> a ot:Actor ; rdfs:label "B" . <c> a ot:Actor ; rdfs:label "C" .
"""
#: Characters that XML cannot hold; files of UTF-8 cannot hold halves of surrogate pairs.
ILLEGAL = "\x01\x08\x0b\x0c\x0e\x1f\ufffe\uffff"
PREFIXES = """PREFIX ot: <https://w3id.org/opentier/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
Rows = list[list[str]]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph.open(tmp_path / "data", create=True)


def package(folder: Path, tables: dict[str, Rows], **more: object) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(text_of(rows), "utf-8")
    descriptor = {**described(tables), **more}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


def turtle(folder: Path, text: str) -> Path:
    path = folder / "odd.ttl"
    path.write_text(HEAD + text, "utf-8")
    return path


def both(graph: Graph, path: Path, options: Options | None = None) -> Report:
    """Return the report of both doors, which must agree."""
    seen = graph.validate(path, options)
    try:
        said = graph.contribute(path, options).report
    except ContributionError as refused:
        said = refused.report
    assert said.to_text() == seen.to_text()
    return seen


def blocking(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.blocks]


def answer(graph: Graph, text: str, format: str) -> bytes:
    out = io.BytesIO()
    forms.write(graph.query(PREFIXES + text), format, out)
    return out.getvalue()


# --- Characters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_no_cell_of_any_table_holds_what_no_xml_can(table: str, graph: Graph, tmp_path: Path) -> None:
    columns = [column.name for column in TABLES[table]]
    rows = [columns, *([f"x{letter}y" for _ in columns] for letter in ILLEGAL)]
    path = package(tmp_path / "package", {table: rows})
    report = both(graph, path)
    found = {(one.row, one.column) for one in blocking(report) if "no XML" in one.message}
    assert found == {(row, column) for row in range(2, len(rows) + 1) for column in columns}
    for row, letter in enumerate(ILLEGAL, 2):
        assert all(
            f"U+{ord(letter):04X}" in one.message
            for one in blocking(report)
            if one.row == row and "no XML" in one.message
        )


@pytest.mark.parametrize("letter", ILLEGAL, ids=lambda letter: f"U+{ord(letter):04X}")
@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld"])
def test_no_literal_of_rdf_holds_what_no_xml_can(
    suffix: str, letter: str, graph: Graph, tmp_path: Path
) -> None:
    path, iri = tmp_path / f"odd.{suffix}", "https://w3id.org/opentier/id/odd/a"
    kind, label = "https://w3id.org/opentier/ns#Actor", "http://www.w3.org/2000/01/rdf-schema#label"
    escaped = f"Beta\\u{ord(letter):04X}Mills"
    if suffix == "jsonld":
        path.write_text(f'{{"@id": "{iri}", "@type": "{kind}", "{label}": "{escaped}"}}', "utf-8")
    else:
        of_kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        path.write_text(f'<{iri}> <{of_kind}> <{kind}> .\n<{iri}> <{label}> "{escaped}" .\n', "utf-8")
    (finding,) = blocking(both(graph, path, FREE))
    assert f"U+{ord(letter):04X}" in finding.message
    assert finding.subject == iri


@pytest.mark.parametrize("letter", "\u202a\u202e\u2066\u2069", ids=lambda letter: f"U+{ord(letter):04X}")
def test_a_name_that_is_turned_round_is_warned_of(letter: str, graph: Graph, tmp_path: Path) -> None:
    name = f"Beta {letter}lliM"
    tables = {"actors": [["id", "name"], ["a", name]]}
    for path, options in (
        (package(tmp_path / "package", tables), None),
        (turtle(tmp_path, f'<d> a ot:Actor ; rdfs:label "{name}" .'), FREE),
    ):
        report = both(graph, path, options)
        assert report.conforms
        (finding,) = [one for one in report.findings if f"U+{ord(letter):04X}" in one.message]
        assert finding.severity == "warning"
        assert "not what is stored" in finding.message


def test_names_of_every_script_are_kept_letter_by_letter(graph: Graph, tmp_path: Path) -> None:
    name = "شركة النسيج\u200f 新疆厂 가 🧵👩\u200d🌾 e\u0301 می\u200cخواهم"
    report = both(graph, package(tmp_path / "package", {"actors": [["id", "name"], ["a", name]]}))
    assert report.findings == []
    question = "SELECT ?name { ?a a ot:Actor ; rdfs:label ?name }"
    assert json.loads(answer(graph, question, "json"))["results"]["bindings"][0]["name"]["value"] == name
    assert name in "".join(ElementTree.fromstring(answer(graph, question, "xml")).itertext())


def test_what_is_not_seen_in_an_id_or_a_header_is_named_and_left_out(graph: Graph, tmp_path: Path) -> None:
    header = package(tmp_path / "header", {"actors": [["id", "\u200bname"], ["a", "A"]]})
    (finding,) = both(graph, header).findings
    assert (finding.severity, finding.row) == ("warning", 1)
    assert "U+200B" in finding.message
    links = [["buyer", "supplier"], ["a", "b\u200b"]]
    link = package(
        tmp_path / "link", {"actors": [["id", "name"], ["a", "A"], ["b", "B"]], "supply_links": links}
    )
    report = both(graph, link)
    assert report.conforms
    (finding,) = (one for one in report.findings if one.severity == "warning")
    assert (finding.row, finding.column) == (2, "supplier")
    assert "U+200B" in finding.message
    actor = package(tmp_path / "actor", {"actors": [["id", "name"], ["b\u2060", "B"]]})
    (finding,) = both(graph, actor).findings
    assert (finding.severity, finding.row, finding.column) == ("warning", 2, "id")
    assert "U+2060" in finding.message


@pytest.mark.parametrize("word", ["title", "version", "description", "homepage"])
def test_what_is_said_of_a_package_holds_no_control_characters(
    word: str, graph: Graph, tmp_path: Path
) -> None:
    tables = {"actors": [["id", "name"], ["a", "A"]]}
    for number, letter in enumerate("\x01\x1b\x85\uffff"):
        path = package(tmp_path / str(number), tables, **{word: f"2024{letter}01"})
        assert any(f"U+{ord(letter):04X}" in one.message for one in blocking(both(graph, path)))


def test_a_licence_on_several_lines_is_kept_on_one(graph: Graph, tmp_path: Path) -> None:
    tables = {"actors": [["id", "name"], ["a", "A"]]}
    path = package(tmp_path / "package", tables, licenses=[{"name": "CC0\n\t 1.0"}], title="A\r\nprobe")
    assert both(graph, path).conforms
    said = "?d a ot:DatasetVersion ; dcterms:license ?licence ; dcterms:title ?title"
    question = f"SELECT ?licence ?title {{ GRAPH ?g {{ {said} }} }}"
    (row,) = json.loads(answer(graph, question, "json"))["results"]["bindings"]
    assert (row["licence"]["value"], row["title"]["value"]) == ("CC0 1.0", "A probe")
    (finding,) = blocking(both(graph, path, Options(licence="CC0\x1b[2J")))
    assert "U+001B" in finding.message


# --- What is opened ----------------------------------------------------------------------------------------------


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listener(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


@pytest.mark.parametrize("adapter", ["", "sayari", "ilab"])
@pytest.mark.parametrize("name", ["f.ttl", "f.zip", "f.csv", "datapackage.json"])
@pytest.mark.parametrize("make", [pipe, device, listener])
def test_only_files_and_folders_are_read(
    make: Callable[[Path], None], name: str, adapter: str, call: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    make(folder / name)
    words = ["--from", adapter] if adapter else []
    data = str(tmp_path / "data")
    for command in ("validate", "contribute"):
        run = call(command, str(folder / name), *words, "--licence", "CC0-1.0", "--data", data)
        assert run.code == 2
        assert "neither a file nor a folder" in run.err


@pytest.mark.parametrize("make", [pipe, device, listener])
def test_a_package_names_files_only(make: Callable[[Path], None], graph: Graph, tmp_path: Path) -> None:
    path = package(tmp_path / "p", {"actors": [["id", "name"]]})
    (path / "actors.csv").unlink()
    make(path / "actors.csv")
    assert blocking(both(graph, path))
    (path / "datapackage.json").unlink()
    make(path / "datapackage.json")
    (finding,) = blocking(both(graph, path))
    assert "no datapackage.json" in finding.message


def test_a_path_that_no_file_has_is_refused_in_words(graph: Graph) -> None:
    for path in ("x" * 5000, "x\0y.ttl", "x\udcff.ttl"):
        with pytest.raises(UsageError):
            graph.validate(path)


# --- How much ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [1, 2])
def test_a_row_of_millions_of_cells_is_refused_with_their_number(
    row: int, graph: Graph, tmp_path: Path
) -> None:
    path = package(tmp_path / "package", {"actors": [["id", "name"], ["a", "A"]]})
    head = "" if row == 1 else "id,name\n"
    (path / "actors.csv").write_text(f"{head}{',' * 2_000_000}\n", "utf-8")
    begin = time.monotonic()
    (finding,) = blocking(graph.validate(path))
    assert time.monotonic() - begin < PROMISED * ROOM
    assert (finding.file, finding.row) == ("actors.csv", row)
    assert "2,000,001" in finding.message


@pytest.mark.parametrize("labels", [[f"col{n}" for n in range(300)], ["name"] + ["x", "y"] * 4000])
def test_many_unknown_columns_are_few_findings(labels: list[str], graph: Graph, tmp_path: Path) -> None:
    assert len(labels) < MAX_COLUMNS
    header = ["id", *labels]
    path = package(tmp_path / "package", {"actors": [header, ["a"] * len(header)]})
    found = blocking(both(graph, path))
    assert 0 < len(found) <= 5
    assert len(Report(findings=found).to_text()) < 3000


def test_300_unknown_columns_are_one_finding_with_their_number(graph: Graph, tmp_path: Path) -> None:
    header = ["id", "name", *(f"col{n}" for n in range(300))]
    path = package(tmp_path / "package", {"actors": [header, ["a"] * len(header)]})
    (finding,) = blocking(both(graph, path))
    assert "300 columns" in finding.message
    assert "col0" in finding.message


def test_a_long_cell_is_read_and_an_endless_one_refused(graph: Graph, tmp_path: Path) -> None:
    rows = [["id", "name", "note"], ["a", "A", "x " * 100_000]]
    assert both(graph, package(tmp_path / "long", {"actors": rows})).conforms
    rows[1][2] = "x" * 20_000_000
    (finding,) = blocking(both(graph, package(tmp_path / "endless", {"actors": rows})))
    assert (finding.file, finding.row) == ("actors.csv", 2)
    assert f"{MAX_VALUE:,} characters" in finding.message


def test_the_name_of_a_dataset_is_bounded(graph: Graph, tmp_path: Path) -> None:
    tables = {"actors": [["id", "name"], ["a", "A"]]}
    assert both(graph, package(tmp_path / "long", tables, name="x" * MAX_DATASET)).conforms
    for number, many in enumerate((MAX_DATASET + 1, 5000)):
        path = package(tmp_path / str(number), tables, name="x" * many)
        (finding,) = blocking(both(graph, path))
        assert finding.column == "name"
        assert f"{many:,} characters" in finding.message
    found = blocking(both(graph, turtle(tmp_path, ""), Options(dataset="y" * 5000, licence="CC0-1.0")))
    assert any("5,000 characters" in one.message for one in found)


# --- Both doors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding",
    [
        "idna",
        "punycode",
        "unicode_escape",
        "raw-unicode-escape",
        "rot13",
        "hex",
        "zlib",
        "utf-7",
        "undefined",
        "x\0",
    ],
)
def test_an_encoding_that_is_none_of_text_is_refused(encoding: str, graph: Graph, tmp_path: Path) -> None:
    path = package(tmp_path / "package", {"actors": [["id", "name"], ["a", "A"]]})
    resources = [{"name": "actors", "path": "actors.csv", "encoding": encoding}]
    descriptor = {**described(["actors"]), "resources": resources}
    (path / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    (finding,) = blocking(both(graph, path))
    assert "encoding" in finding.message


@pytest.mark.filterwarnings(
    "ignore:Duplicate name:UserWarning"
)  # zipfile itself, which writes it all the same
@pytest.mark.parametrize("again", ["actors.csv", "./actors.csv"])
def test_a_zip_that_holds_a_member_twice_is_refused(again: str, graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", json.dumps(described(["actors"])))
        archive.writestr("actors.csv", "id,name\na,A\n")
        archive.writestr(again, "id,name\nb,B\n")
    (finding,) = blocking(both(graph, path))
    assert finding.file == "actors.csv"
    assert "twice" in finding.message


LINK = "<supply-link/1> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ; ot:{0} {1} ."
JUDGED = """<judgement/{0}{1}> a ot:IdentityJudgement ; ot:left <{0}> ; ot:right <{1}> ;
 ot:judgement ot:judgement-{2} .
"""
LEI = """<https://w3id.org/opentier/id/identifier/lei/EXMP00AURORAEXMP0190> a adms:Identifier ;
 skos:notation "EXMP00AURORAEXMP0190" ; ot:identifierScheme ot:identifier-scheme-lei .
<{0}> adms:identifier <https://w3id.org/opentier/id/identifier/lei/EXMP00AURORAEXMP0190> .
<{1}> adms:identifier <https://w3id.org/opentier/id/identifier/lei/EXMP00AURORAEXMP0190> .
"""
UNREADABLE = {
    "a year before our era": (LINK.format("startDate", '"-0038"^^xsd:gYear'), "supply-link/1"),
    "the year 0": (LINK.format("startDate", '"0000"^^xsd:gYear'), "supply-link/1"),
    "a year with a zone": (LINK.format("startDate", '"2020Z"^^xsd:gYear'), "supply-link/1"),
    "a day with a zone": (LINK.format("endDate", '"2020-02-03+01:00"^^xsd:date'), "supply-link/1"),
    "a month with a zone": (LINK.format("observedDate", '"2020-02Z"^^xsd:gYearMonth'), "supply-link/1"),
    "a year of five digits": (LINK.format("endDate", '"20000"^^xsd:gYear'), "supply-link/1"),
    "a confidence above one": (LINK.format("confidence", '"1.5"^^xsd:decimal'), "supply-link/1"),
    "a confidence of 5,000 digits": (LINK.format("confidence", f"0.{'1' * 5000}"), "supply-link/1"),
    "judgements against each other": (
        JUDGED.format("a", "b", "positive") + JUDGED.format("b", "c", "positive") + JUDGED.format("a", "c", "negative"),
        "odd/a and odd/c",
    ),
    "a judgement against an identifier": (
        LEI.format("a", "b") + JUDGED.format("a", "b", "negative"),
        "odd/a and odd/b",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_no_index_can_read_is_found_by_both_doors_at_its_subject(
    name: str, graph: Graph, tmp_path: Path
) -> None:
    text, subject = UNREADABLE[name]
    (finding,) = blocking(both(graph, turtle(tmp_path, text), FREE))
    assert finding.file == "odd.ttl"
    assert subject in f"{finding.subject}: {finding.message}"


def test_of_judgements_in_rdf_and_in_tables_on_one_pair_one_counts(graph: Graph, tmp_path: Path) -> None:
    rows = [["left", "right", "judgement"], ["a", "b", "positive"]]
    actors = [["id", "name"], ["a", "A"], ["b", "B"]]
    first = package(tmp_path / "first", {"actors": actors, "identity_judgements": rows})
    assert both(graph, first).conforms
    text = JUDGED.format(
        "https://w3id.org/opentier/id/probe/a", "https://w3id.org/opentier/id/probe/b", "negative"
    )
    text = text.replace(
        "<judgement/https://w3id.org/opentier/id/probe/ahttps://w3id.org/opentier/id/probe/b>", "<j>"
    )
    a, b = (f"https://w3id.org/opentier/id/probe/{local}" for local in "ab")
    assert admitted(graph.view().release).joined().find(a) == admitted(graph.view().release).joined().find(b)
    assert both(graph, turtle(tmp_path, text), FREE).conforms
    joined = admitted(graph.view().release).joined()
    assert joined.find(a) != joined.find(b)  # the negative one, where neither is the later


def test_an_id_is_no_longer_than_an_iri_may_be(graph: Graph, tmp_path: Path) -> None:
    rows = [["id", "name"], ["\u00e9" * 200_000, "A"]]
    (finding,) = blocking(both(graph, package(tmp_path / "p", {"actors": rows})))
    assert (finding.file, finding.row, finding.column) == ("actors.csv", 2, "id")


@pytest.mark.parametrize("said", ["0_1", "\u0661", "NaN", "Infinity", "1e99999", "0x1", "."])
def test_a_number_is_written_with_digits_and_a_point(said: str, graph: Graph, tmp_path: Path) -> None:
    rows = [["buyer", "supplier", "quantity"], ["a", "b", said]]
    actors = [["id", "name"], ["a", "A"], ["b", "B"]]
    (finding,) = blocking(both(graph, package(tmp_path / "p", {"actors": actors, "supply_links": rows})))
    assert (finding.row, finding.column) == (2, "quantity")
    text = LINK.format("quantity", f'"{said}"^^xsd:decimal')
    (finding,) = blocking(both(graph, turtle(tmp_path, text), FREE))
    assert finding.subject == "https://w3id.org/opentier/id/odd/supply-link/1"


def test_a_number_of_more_digits_than_any_quantity_is_refused(graph: Graph, tmp_path: Path) -> None:
    rows = [["buyer", "supplier", "confidence"], ["a", "b", f"0.{'1' * 5000}"]]
    actors = [["id", "name"], ["a", "A"], ["b", "B"]]
    (finding,) = blocking(both(graph, package(tmp_path / "p", {"actors": actors, "supply_links": rows})))
    assert (finding.file, finding.row, finding.column) == ("supply_links.csv", 2, "confidence")


@pytest.mark.parametrize("said", ['"2021"^^xsd:gYear', '"2021-02"^^xsd:gYearMonth', '"2021-02-03"^^xsd:date'])
def test_a_date_of_rdf_is_kept_with_its_precision(said: str, graph: Graph, tmp_path: Path) -> None:
    assert both(graph, turtle(tmp_path, LINK.format("startDate", said)), FREE).conforms
    found = answer(graph, "CONSTRUCT { ?l ot:startDate ?d } { ?l ot:startDate ?d }", "ntriples").decode()
    assert said.partition("^")[0] in found


# --- Classes and terms of RDF ------------------------------------------------------------------------------------

CHAIN = """
<mill> a {kind} ; rdfs:label "Mill" ; ot:country "CN" .
<buyer> a {kind} ; rdfs:label "Buyer" .
<supply-link/1> a ot:SupplyLink ; ot:buyer <buyer> ; ot:supplier <mill> .
<designation/1> a {list} ; rdfs:label "A list" ; ot:authority "An authority" ; ot:target <mill> ;
  ot:listingDate "2020-01-01"^^xsd:date .
"""
ACTORS = sorted(kind for kind, ups in documents.above().items() if f"{OT}Actor" in ups)
#: Listings of a party; those of goods and places need more than a target.
LISTS = [f"{OT}{kind}" for kind in ("Conviction", "EnforcementAction", "EntityListing", "ExclusionDecision")]


@pytest.mark.parametrize(
    ("kind", "listed"),
    [*((kind, f"{OT}EntityListing") for kind in ACTORS), *((f"{OT}Organisation", kind) for kind in LISTS)],
)
def test_a_record_that_names_only_a_narrower_class_is_traced_like_any_other(
    kind: str, listed: str, graph: Graph, tmp_path: Path
) -> None:
    assert len(ACTORS) > 5
    assert f"{OT}Designation" in documents.above()[listed]
    path = turtle(tmp_path, CHAIN.format(kind=f"<{kind}>", list=f"<{listed}>"))
    report = both(graph, path, Options(licence="CC0-1.0"))
    assert blocking(report) == []
    found = graph.trace(f"{report.dataset}/buyer")
    assert [actor.name for _, actor in found.reached] == ["Mill"]
    assert [exposure.reason for exposure in found.exposures] == ["direct"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("a ot:SupplyLink", "a ot:SuplyLink"),
        ("a ot:SupplyLink", "a <https://w3id.org/opentier/ontology#SupplyLink>"),
        ("ot:supplier <mill>", "ot:supplier <mill> ; ot:confidance 0.1"),
        ('ot:country "CN"', 'ot:country "CN" ; ot:endDat "2010"^^xsd:gYear'),
    ],
)
def test_a_term_that_the_vocabulary_does_not_have_is_refused_with_what_is_near(
    right: str, wrong: str, graph: Graph, tmp_path: Path
) -> None:
    text = CHAIN.format(kind="ot:Organisation", list="ot:EntityListing")
    assert right in text
    found = blocking(both(graph, turtle(tmp_path, text.replace(right, wrong)), Options(licence="CC0-1.0")))
    assert found
    assert any(
        "The vocabulary has no" in one.message or "no class of the model" in one.message for one in found
    )
