"""RDF as it is contributed: what becomes of what no table says, of blank nodes, languages, graphs, and of our own."""

from __future__ import annotations

import gzip
import json
import os
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from opentier.graph import Graph
from opentier.graph.admission import admission
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.identity.judgements import admitted
from opentier.graph.model.names import PREFIXES, Names
from opentier.graph.records import checking, lines
from opentier.graph.report.report import Finding, Report
from opentier.graph.vocabulary import syntax
from tests.broken import BASE, LEI, NAME, Rows, write
from tests.test_rdf_rows import contributed, counted

if TYPE_CHECKING:
    from tests.conftest import Command

FREE = Options(dataset=NAME, licence="CC0-1.0")
OWN = f"{BASE}{NAME}/"
HEAD = (
    "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    + f"""@base <{OWN}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<a> a ot:LegalEntity ; rdfs:label "A" . <b> a ot:Facility ; rdfs:label "B" .
"""
)
LINK = "<supply-link/l> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ; %s ."


def file(folder: Path, text: str, name: str = f"{NAME}.ttl") -> Path:
    (folder / name).write_text(HEAD + text, "utf-8")
    return folder / name


def report(folder: Path, text: str) -> Report:
    return admission.validate(file(folder, text), FREE, None, lambda stage, done, total: None)


def read(found: Report) -> list[Finding]:
    """Return what reading found, without what shapes did."""
    return [finding for finding in found.sorted() if finding.rule is None]


def only(found: Report, severity: str) -> Finding:
    (finding,) = [finding for finding in read(found) if finding.severity == severity]
    return finding


# --- What a table refuses is refused of a subject -----------------------------------------------------------------

CELLS = {
    "a country that is none": (
        "actors", "country", "ZZ", f'<c> a ot:Actor ; rdfs:label "C" ; ot:country <{BASE}country/ZZ> .'
    ),
    "a country that is none, as a text": (
        "actors", "country", "ZZ", '<c> a ot:Actor ; rdfs:label "C" ; ot:country "ZZ" .'
    ),
    "a wrong LEI": (
        "actors", "identifiers", f"lei:{LEI[:-1]}9",
        f'<c> a ot:Actor ; rdfs:label "C" ; adms:identifier [ a adms:Identifier ; skos:notation "{LEI[:-1]}9" ;'
        " ot:identifierScheme ot:identifier-scheme-lei ] .",
    ),
    "a year far ahead": ("supply_links", "start_date", "2082", LINK % 'ot:startDate "2082"^^xsd:gYear'),
    "HS digits of an odd number": ("supply_links", "product", "61091", LINK % f"ot:product <{BASE}hs/61091>"),
    "an HS chapter that is none": ("supply_links", "product", "779999", LINK % f"ot:product <{BASE}hs/779999>"),
    "an HS code that no edition has": ("supply_links", "product", "619999", LINK % f"ot:product <{BASE}hs/619999>"),
    "a number with a thousands sign": ("supply_links", "quantity", "1,000", LINK % 'ot:quantity "1,000"^^xsd:decimal'),
    "a code of no scheme": ("supply_links", "kind", "gift", LINK % "ot:linkKind ot:link-kind-gift"),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_what_a_cell_is_told_of_is_told_of_a_subject(name: str, tmp_path: Path) -> None:
    table, column, value, text = CELLS[name]
    actors: Rows = [["id", "name", "kind"], ["a", "A", "legal-entity"], ["b", "B", "facility"]]
    links: Rows = [["id", "buyer", "supplier"], ["l", "a", "b"]]
    rows = {"actors": actors, "supply_links": links}
    if table == "actors":
        rows = {"actors": [[*actors[0], column], *([*row, ""] for row in actors[1:]), ["c", "C", "", value]]}
    else:
        rows["supply_links"] = [[*links[0], column], [*links[1], value]]
    ours, _ = contributed(write(tmp_path / "package", rows, NAME), Options())
    theirs, _ = contributed(file(tmp_path, text), FREE)
    assert counted(theirs) == counted(ours)
    (finding,) = read(theirs)
    assert finding.severity == ("warning" if value == "619999" else "error")
    assert finding.subject == OWN + ("c" if table == "actors" else "supply-link/l")


# --- What has no place in the tables ------------------------------------------------------------------------------

PLACELESS = {
    "a term that the vocabulary does not have": ("<a> ot:confidance 1 .", "a", "The vocabulary has no ot:confidance"),
    "a class that the vocabulary does not have": ("<c> a ot:Aktor .", "c", "The vocabulary has no ot:Aktor"),
    "a term of another record": ("<a> ot:buyer <b> .", "a", "A record of actors has no ot:buyer"),
    "a term that nobody reads": ("<a> ot:buyerOf <l> .", "a", "Nobody reads ot:buyerOf"),
    "somebody else's class": ("<c> a foaf:Document .", "c", "no class of the model"),
    "a thing without a class": ('<c> rdfs:label "C" .', "c", "no class"),
    "a thing of two classes": ('<c> a ot:Mine , ot:PublicBody ; rdfs:label "C" .', "c", "at once"),
    "a shape": ("<c> a sh:NodeShape ; sh:targetClass ot:Actor .", "c", "no class of the model"),
    "a constraint on a record": ("<a> sh:maxCount 1 .", "a", "vocabularies and shapes"),
    "an import": ("<a> owl:imports <https://example.org/more> .", "a", "vocabularies and shapes"),
    "that two are the same": ("<a> owl:sameAs <b> .", "a", "vocabularies and shapes"),
    "another dataset's record": (f'<{BASE}others/x> a ot:Actor ; rdfs:label "X" .', f"{BASE}others/x", "not a record"),
    "a record beyond the dataset": (
        f'<{OWN}../others/x> a ot:Actor ; rdfs:label "X" .', "../others/x", "leads elsewhere"
    ),
    "a record beyond it, hidden": (f'<{OWN}%2e%2E/x> a ot:Actor ; rdfs:label "X" .', "%2e%2E/x", "leads elsewhere"),
    "a record whose IRI is no text": (f'<{OWN}%FF> a ot:Actor ; rdfs:label "X" .', "%FF", "not UTF-8"),
    "a country that is none": (
        f'<{BASE}country/ZZ> a ot:Country ; rdfs:label "Z" .', f"{BASE}country/ZZ", "not a record"
    ),
    "a code of the HS that is none": (f"<{BASE}hs/61091> a ot:Product .", f"{BASE}hs/61091", "odd number of digits"),
    "an identifier without a value": ("<c> a adms:Identifier .", "c", "without one scheme and one value"),
    "two values for one": ('<a> ot:address "1 Mill Rd" , "2 Mill Rd" .', "a", "It says 2 of these"),
    "a thing for a text": ("<a> ot:address <b> .", "a", "a text belongs here"),
    "a text for a record": (LINK.replace("<a>", '"a"') % "ot:crucial true", "supply-link/l", "named by its IRI"),
    "a value of another datatype": ('<a> ot:address "x"^^xsd:base64Binary .', "a", "base64Binary cannot stand here"),
    "an authority by no name": (
        f"<d> a ot:EntityListing ; ot:target <b> ; ot:authority <{BASE}authority/nobody> .", "d", "names no authority"
    ),
    "an identifier that is described as another": (
        f'<a> adms:identifier <{BASE}identifier/lei/{LEI}> . <{BASE}identifier/lei/{LEI}> a adms:Identifier ;'
        ' skos:notation "other" ; ot:identifierScheme ot:identifier-scheme-lei .', "a", "is described as lei:other",
    ),
    "a person in what others say": (
        "<a> foaf:maker [ a foaf:Person ] .", "_:", "names no person"
    ),
    "a thing without a name that no table has": ("[] a foaf:Document .", "_:", "no class of the model"),
    "a person": ('<c> a ot:Actor , foaf:Person ; rdfs:label "C" .', "c", "names no person"),
    "an address of a person": ("<a> foaf:mbox <mailto:a@example.org> .", "a", "no person's data"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACELESS)
def test_what_no_table_has_a_place_for_is_refused_with_its_subject(name: str, tmp_path: Path) -> None:
    text, subject, message = PLACELESS[name]
    blocking = [finding for finding in report(tmp_path, text).findings if finding.blocks]
    assert len(blocking) == 1, blocking
    assert message in blocking[0].message
    if subject == "_:":
        assert str(blocking[0].subject).startswith("_:")
    else:
        assert blocking[0].subject == (subject if subject.startswith(BASE) else OWN + subject)


def test_what_others_say_of_a_record_is_kept_out_and_counted_in_one_warning(tmp_path: Path) -> None:
    text = """<a> foaf:page <https://example.org/a> , <https://example.org/b> ; rdfs:comment "x" ; a foaf:Organization .
        <b> skos:hiddenLabel "Bee" ; foaf:based_near [ foaf:page <https://example.org/c> ] ."""
    found = report(tmp_path, text)
    warning = only(found, "warning")
    assert found.conforms
    assert "7 statements" in warning.message
    assert "3 of <http://xmlns.com/foaf/0.1/page>" in warning.message
    with_it, without = (contributed(file(tmp_path, more), FREE)[1] for more in (text, ""))
    assert with_it == without


def test_what_is_made_of_records_is_taken_where_it_is_as_we_make_it_and_kept_out_where_not(
    tmp_path: Path,
) -> None:
    dates = 'ot:startDate "2020"^^xsd:gYear ; ot:earliestStart "2020-01-01"^^xsd:date'
    more = f"<a> a ot:Organisation , ot:Actor ; ot:country <{BASE}country/DE> . "
    more += f'<{BASE}country/DE> a ot:Country ; rdfs:label "Germany" . '
    assert read(report(tmp_path, more + LINK % dates)) == []
    other = more.replace("Germany", "Alemania") + LINK % dates.replace("2020-01-01", "1999-01-01")
    assert "2 statements" in only(report(tmp_path, other), "warning").message
    same, otherwise = (contributed(file(tmp_path, text), FREE)[1] for text in (more + LINK % dates, other))
    assert same == otherwise != set()


# --- Blank nodes, languages, graphs, and what stands around a file --------------------------------------------------

NESTED = """_:{0} a ot:SupplyLink ; ot:supplier <b> ; ot:buyer <a> ; ot:evidence _:{1} .
_:{1} a ot:Evidence ; ot:evidenceType ot:evidence-type-audit ; prov:wasDerivedFrom [ a ot:Evidence ;
    ot:evidenceType ot:evidence-type-media ; dcterms:title "A paper" ] .
"""


def test_blank_nodes_are_named_by_what_they_say(tmp_path: Path) -> None:
    found, one = contributed(file(tmp_path, NESTED.format("l", "e")), FREE)
    assert read(found) == []
    lines = HEAD.splitlines()[-1], NESTED.format("zz", "b0")
    (tmp_path / "turned").mkdir()
    other = file(tmp_path / "turned", "")
    other.write_text("\n".join([*HEAD.splitlines()[:-1], *lines[::-1]]), "utf-8")
    assert contributed(other, FREE)[1] == one
    assert sum(line.endswith("ns#SupplyLink> .") for line in one) == 1
    evidence = {line.split()[0] for line in one if line.endswith("ns#Evidence> .")}
    assert len(evidence) == 2
    assert all(iri.startswith(f"<{OWN}evidence/") for iri in evidence)


def test_a_link_without_an_iri_has_the_one_that_the_same_row_has(tmp_path: Path) -> None:
    rows = {"actors": [["id", "name", "kind"], ["a", "A", "legal-entity"], ["b", "B", "facility"]],
            "supply_links": [["buyer", "supplier", "product"], ["a", "b", "52"]]}  # fmt: skip
    _, ours = contributed(write(tmp_path / "package", rows, NAME), Options())
    text = f"[] a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ; ot:product <{BASE}hs/52> ."
    assert contributed(file(tmp_path, text), FREE)[1] == ours
    assert ours


def test_names_in_two_languages_are_both_found(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    text = '<c> a ot:Mine ; rdfs:label "Spinnerei C"@de , "纺纱厂"@zh , "C Mill"@en-GB . ' + LINK.replace(
        "<b>", "<c>"
    )
    found = graph.contribute(file(tmp_path, text % 'skos:note "ein Hinweis"@de'), FREE).report
    assert "4 texts" in only(found, "info").message
    assert graph.view().index.actors[f"{OWN}c"].name == "C Mill"
    for name in ("纺纱厂", "Spinnerei C", "C Mill"):
        assert graph.trace(name).trace.root == f"{OWN}c"


def test_a_bar_in_a_name_parts_nothing(tmp_path: Path) -> None:
    _, lines = contributed(file(tmp_path, '<a> skos:altLabel "A|B" , "C" .'), FREE)
    names = {line.split(" ", 2)[2] for line in lines if "altLabel" in line}
    assert names == {'"A|B" .', '"C" .'}


def test_named_graphs_are_read_as_one_and_told(tmp_path: Path) -> None:
    body = HEAD + 'GRAPH <urn:g> { <c> a ot:Mine ; rdfs:label "C" } GRAPH <urn:h> { <c> ot:country "DE" }'
    path = tmp_path / f"{NAME}.trig"
    path.write_text(body, "utf-8")
    found, lines = contributed(path, FREE)
    assert "2 named graphs" in only(found, "info").message
    plain = file(tmp_path, '<c> a ot:Mine ; rdfs:label "C" ; ot:country "DE" .')
    assert lines == contributed(plain, FREE)[1]


@pytest.mark.parametrize("suffix", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
def test_a_compressed_file_is_read(suffix: str, tmp_path: Path) -> None:
    triples = syntax.read(HEAD, "turtle")
    formats = {
        "ttl": "turtle",
        "nt": "ntriples",
        "nq": "nquads",
        "trig": "trig",
        "rdf": "rdfxml",
        "jsonld": "jsonld",
    }
    data = syntax.write(triples, formats[suffix])
    (tmp_path / f"{NAME}.{suffix}.gz").write_bytes(gzip.compress(data))
    found = submission.read(tmp_path / f"{NAME}.{suffix}.gz", Options(licence="CC0-1.0"), tmp_path)
    assert (found.metadata.dataset, found.report.findings) == (NAME, [])
    assert [(row.cells["id"], row.cells["kind"]) for row in found.tables["actors"]] == [
        ("a", "legal-entity"),
        ("b", "facility"),
    ]


def test_a_broken_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.ttl.gz"
    path.write_bytes(gzip.compress(os.urandom(4000))[:2000])
    assert (
        "broken"
        in only(admission.validate(path, FREE, None, lambda stage, done, total: None), "error").message
    )


def test_numbers_of_json_are_read_as_they_are_written(tmp_path: Path) -> None:
    terms = {"@vocab": "https://w3id.org/opentier/ns#", "@base": OWN}
    link = {"@id": "supply-link/l", "@type": "SupplyLink", "buyer": {"@id": "a"}, "supplier": {"@id": "b"}}
    label = PREFIXES["rdfs"] + "label"
    actors = [{"@id": local, "@type": "Actor", label: local} for local in "ab"]
    document = {
        "@context": terms,
        "@graph": [*actors, {**link, "share": 12.5, "confidence": 0.05, "shipments": 3}],
    }
    path = tmp_path / f"{NAME}.jsonld"
    path.write_text(json.dumps(document), "utf-8")
    found = submission.read(path, FREE, tmp_path)
    (row,) = found.tables["supply_links"]
    assert {name: row.cells[name] for name in ("share", "confidence", "shipments")} == {
        "share": "12.5", "confidence": "0.05", "shipments": "3",
    }  # fmt: skip


def test_a_record_under_another_iri_is_told_which_it_gets(tmp_path: Path) -> None:
    text = "<links/1> a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ."
    found, lines = contributed(file(tmp_path, text), FREE)
    assert f"{OWN}links/1 is {OWN}supply-link/links%2F1" in only(found, "info").message
    assert any(line.startswith(f"<{OWN}supply-link/links%2F1> ") for line in lines)


def test_one_id_in_two_tables_is_two_records(tmp_path: Path) -> None:
    text = """<incident/x> a ot:Incident ; ot:evidentiaryStatus ot:evidentiary-status-alleged ; ot:facility <b> ;
            ot:indicator ot:indicator-debt-bondage ; ot:evidence <evidence/x> .
        <evidence/x> a ot:Evidence ; ot:evidenceType ot:evidence-type-media .
        <response/r> a ot:Response ; ot:respondsTo <incident/x> ; ot:party <a> ; dcterms:date "2024"^^xsd:gYear ."""
    found, lines = contributed(file(tmp_path, text), FREE)
    assert [one for one in found.findings if one.blocks] == []
    (line,) = [line for line in lines if "ns#respondsTo>" in line]
    assert line.endswith(f"<{OWN}incident/x> .")


def test_the_document_of_the_guide_is_admitted(tmp_path: Path) -> None:
    guide = Path(__file__).parents[1] / "docs" / "contributing-data.md"
    text = guide.read_text("utf-8").partition("```turtle\n")[2].partition("```")[0]
    (tmp_path / "my-dataset.ttl").write_text(text, "utf-8")
    found, lines = contributed(tmp_path / "my-dataset.ttl", Options(licence="CC0-1.0"))
    assert [one.message for one in read(found)] == [
        "2 texts are kept without the language that they are marked with."
    ]
    assert len(lines) > 20


# --- Our own --------------------------------------------------------------------------------------------------------

SHIPPED = sorted(
    item.name for item in files("opentier.graph").joinpath("datasets").iterdir() if item.is_dir()
)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_written_of_a_dataset_is_read_back_as_it_was(name: str, tmp_path: Path) -> None:
    with as_file(files("opentier.graph") / "datasets" / name) as package:
        found = submission.read(package, Options(), tmp_path)
    first = checking.check(found, Names(), set)
    file = tmp_path / f"{found.metadata.dataset}.nt"
    lines.write(first, Names(), file)
    again = submission.read(file, Options(licence="CC0-1.0"), tmp_path)
    second = checking.check(again, Names(), set)
    assert [one for one in again.report.findings if "kept out" in one.message or one.blocks] == []
    lines.write(second, Names(), tmp_path / "again.nt")
    assert set((tmp_path / "again.nt").read_text("utf-8").splitlines()) == set(
        file.read_text("utf-8").splitlines()
    )
    assert len(second) == len(first)


def test_a_version_of_the_store_is_contributed_to_another_as_it_is(tmp_path: Path) -> None:
    one, other = (Graph.open(tmp_path / name, create=True) for name in ("one", "other"))
    rows = {
        "actors": [["id", "name", "country", "region", "identifiers"],
                   ["a|1", "A", "IN", "Old Quarter", "kbo:1/2"], ["b", "B", "", "CN-XJ", f"lei:{LEI}"]],
        "supply_links": [["buyer", "supplier", "product", "start_date"], ["a|1", "b", "raw cotton", "2020-02"]],
        "designations": [["id", "kind", "authority", "law", "target"],
                         ["d", "import-order", "CBP", "19 U.S.C. 1307", "b"]],
        "retractions": [["record", "reason", "date"], ["d", "a mistake", "2024"]],
    }  # fmt: skip
    assert one.contribute(write(tmp_path / "package", rows, NAME)).report.conforms
    (version,) = one.view().release.graphs
    said = set(one.view().release.engine.match(version))
    (tmp_path / f"{NAME}.nq").write_bytes(syntax.write(said, "nquads"))
    report = other.contribute(tmp_path / f"{NAME}.nq", FREE).report
    assert [one for one in report.findings if "kept out" in one.message] == []
    assert set(other.view().release.engine.match(version)) == said


# --- Schemes of identifiers -------------------------------------------------------------------------------------------


def test_an_identifier_of_another_scheme_is_kept_told_of_once_found_and_joins_nobody(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    rows = {"actors": [["id", "name", "identifiers"], ["a", "A", "KBO:0403.170.701|kbo:2"],
                       ["b", "B", "kbo:0403.170.701"], ["c", "C", "maker-code:Ä/7 b"]],
            "supply_links": [["buyer", "supplier"], ["a", "c"]]}  # fmt: skip
    found = graph.contribute(write(tmp_path / "package", rows, NAME)).report
    warned = [(one.row, one.column, one.value) for one in found.sorted() if one.severity == "warning"]
    assert warned == [(2, "identifiers", "kbo:0403.170.701"), (4, "identifiers", "maker-code:Ä/7 b")]
    view = graph.view()
    assert set(view.index.actors[f"{OWN}a"].identifiers) == {
        f"{BASE}identifier/kbo/0403.170.701", f"{BASE}identifier/kbo/2",
    }  # fmt: skip
    for text in ("maker-code:Ä/7 b", "MAKER-CODE:ä/7 B"):
        assert graph.trace(text).trace.root == f"{OWN}c"
    judged = admitted(view.release)
    assert judged.identified == []
    assert judged.joined().find(f"{OWN}a") != judged.joined().find(f"{OWN}b")
    scheme = ox.NamedNode(f"{BASE}identifier-scheme/kbo")
    (version,) = view.release.graphs
    said = view.release.engine.match(version, None, "https://w3id.org/opentier/ns#identifierScheme")
    assert scheme.value in {one.object.value for one in said}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("CNPJ:11.222.333/0001-81", "cnpj:11222333000181"), ("gb-coh:sc 123456", "gb-coh:SC123456"),
        ("siren:552 008 443", "siren:552008443"), ("siret:73282932000074", "siret:73282932000074"),
        ("gstin:27AAPFU0939F1ZV", "gstin:27AAPFU0939F1ZV"), ("ogrn:1022200525819", "ogrn:1022200525819"),
        ("jcn:5835678256246", "jcn:5835678256246"), ("abn:83 914 571 673", "abn:83914571673"),
        ("bic:AGRIFRPP", "bic:AGRIFRPP"),
    ],
)  # fmt: skip
def test_a_known_scheme_is_checked(text: str, kept: str, tmp_path: Path) -> None:
    wrong = kept[:-1] + ("0" if kept[-1] != "0" else "1")
    if kept.startswith(("gb-coh", "bic")):
        wrong = kept[:-3]
    rows = {"actors": [["id", "name", "identifiers"], ["a", "A", text], ["b", "B", wrong]]}
    found = submission.read(write(tmp_path / "package", rows, NAME), Options(), tmp_path)
    (record,) = checking.check(found, Names(), lambda iris: set())
    assert record.values["identifiers"] == (kept,)
    error = only(found.report, "error")
    assert (error.row, error.column) == (3, "identifiers")


# --- The report -------------------------------------------------------------------------------------------------------


def test_the_report_names_the_subject_in_every_form(tmp_path: Path, call: Command) -> None:
    path = file(
        tmp_path,
        f'<c> a ot:Actor ; rdfs:label "C" ; ot:country <{BASE}country/TR> ; adms:identifier "kbo:7" .',
    )
    words = ("--dataset", NAME, "--licence", "CC0-1.0", "--data", str(tmp_path / "data"))
    run = call("contribute", str(path), *words)
    assert run.code == 0, run.err
    assert f"{OWN}c [identifiers] 'kbo:7': The scheme 'kbo' is not known" in " ".join(run.out.split())
    (folder,) = (tmp_path / "data").rglob("report.json")
    (finding,) = [
        one for one in json.loads(folder.read_text("utf-8"))["findings"] if one["severity"] == "warning"
    ]
    assert (finding["file"], finding["row"], finding["subject"]) == (path.name, None, f"{OWN}c")
    assert f"{path.name}:{OWN}c [identifiers] 'kbo:7'" in folder.with_suffix(".txt").read_text("utf-8")
    said = syntax.read(folder.with_suffix(".ttl").read_bytes(), "turtle")
    focus = {one.object.value for one in said if one.predicate.value == PREFIXES["sh"] + "focusNode"}
    assert focus == {f"{OWN}c"}


def test_the_same_row_twice_is_told_with_the_subject_that_was_first(tmp_path: Path) -> None:
    link = "_:{} a ot:SupplyLink ; ot:buyer <a> ; ot:supplier <b> ."
    warning = only(contributed(file(tmp_path, link.format("x") + link.format("y")), FREE)[0], "warning")
    assert "This row says the same as _:" in warning.message
    assert f"in {NAME}.ttl; it is kept once" in warning.message
