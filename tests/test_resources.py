"""What no dataset owns: places, currencies, authorities, registers and laws as individuals, from tables and RDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pycountry
import pytest

from opentier.graph import Graph
from opentier.graph.contribution import submission
from opentier.graph.contribution.submission import Options
from opentier.graph.model import resources
from opentier.graph.model import tables as model
from opentier.graph.model.names import PREFIXES, Names, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.records import checking, lines
from opentier.graph.report.report import ContributionError
from opentier.graph.triples.engine import Rows
from opentier.graph.vocabulary import individuals

NAMES = Names()
BASE = NAMES.base
FREE = Options(licence="CC0-1.0")
COLUMNS = [
    (table, column)
    for table in model.TABLES.values()
    for column in table
    if column.kind in (*resources.KINDS, "subject")
]
#: A value for each kind of column, and the individual that it means.
MEANT = {
    "country": ("CN", "country/CN"),
    "region": ("CN-XJ", "region/CN-XJ"),
    "jurisdiction": ("EU", "body/EU"),
    "scope": ("worldwide", "area/worldwide"),
    "area": ("202", "area/202"),
    "currency": ("USD", "currency/USD"),
    "subject": ("MY-10", "region/MY-10"),
}
SECTION_307 = (
    "Tariff Act of 1930, Section 307 (19 USC 1307)",
    "Tariff Act of 1930, section 307 (19 U.S.C. 1307)",
    "Tariff Act of 1930 s. 307 (19 U.S.C. 1307)",
    "19 U.S.C. 1307",
    "us-307-1930",
)
TABLES = {
    "actors": [
        ["id", "name", "kind", "country", "region"],
        ["mill", "Mill", "mine", "CN", "CN-XJ"],
        ["shop", "Shop", "legal-entity", "DE", ""],
        ["barn", "Barn", "organisation", "IN", "Old Quarter"],
        ["farm", "Farm", "organisation", "PK", "Old Quarter"],
    ],
    "supply_links": [
        ["buyer", "supplier", "start_date", "end_date", "currency", "value"],
        ["shop", "mill", "2020-06", "2021", "EUR", "10"],
        ["shop", "barn", "", "", "", ""],
    ],
    "designations": [
        ["id", "kind", "authority", "register", "law", "target", "listing_date", "effective_date", "delisting_date"],
        ["one", "import-order", "CBP", "us-wro", SECTION_307[1], "mill", "2019", "2020-02-03", "2022-09"],
        ["two", "import-order", "Norges Bank", "A list", SECTION_307[4], "mill", "2019", "", ""],
    ],
}  # fmt: skip


def package(folder: Path, tables: Mapping[str, list[list[str]]] = TABLES) -> Path:
    """Write tables as a data package and return its folder."""
    folder.mkdir()
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(
            "\n".join(",".join(f'"{c}"' for c in row) for row in rows), "utf-8"
        )
    said = {
        "name": "others", "title": "Others", "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": name, "path": f"{name}.csv"} for name in tables],
    }  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    return folder


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("resources")
    found = Graph.open(folder / "data", create=True)
    assert found.contribute(package(folder / "others")).report.conforms
    return found


def asked(graph: Graph, query: str) -> list[tuple[str, ...]]:
    head = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items())
    found = graph.query(head + query)
    assert isinstance(found, Rows)
    return sorted(tuple("" if term is None else term.value for term in row) for row in found)


@pytest.mark.parametrize(
    ("table", "column"), COLUMNS, ids=[f"{table.name}-{column.name}" for table, column in COLUMNS]
)
def test_a_column_of_the_class_of_things_names_an_individual_with_class_label_and_code(
    table: model.Table, column: model.Column
) -> None:
    value, local = MEANT.get(column.kind, ("Norges Bank", f"{column.segment}/norges-bank"))
    meant = (
        resources.meant(column, value, NAMES) if column.kind != "subject" else resources.place(value, NAMES)
    )
    assert meant.iri == BASE + local
    said = individuals.described(meant)
    assert Triple(IRI(meant.iri), IRI(expand("rdf:type")), IRI(expand(meant.kind))) in said
    assert Triple(IRI(meant.iri), IRI(expand("rdfs:label")), Literal(meant.label)) in said
    coded = Triple(IRI(meant.iri), IRI(expand("skos:notation")), Literal(value))
    assert (coded in said) == (column.kind != "named")
    assert (resources.code_of(meant.iri, NAMES) or meant.label) == value


def test_every_country_is_the_same_in_the_table_of_the_union_and_in_wikidata() -> None:
    for country in pycountry.countries:
        found = resources.place(country.alpha_2, NAMES)
        union, item = found.same
        assert union == f"http://publications.europa.eu/resource/authority/country/{country.alpha_3}"
        assert item.startswith("http://www.wikidata.org/entity/Q")
        assert resources.at(found.iri, NAMES) == found


@pytest.mark.parametrize("iri", ["country/XX", "region/CN-QQQ", "currency/XXZ", "country/cn", "authority/CN"])
def test_what_has_no_code_is_no_individual_by_its_iri(iri: str) -> None:
    assert resources.at(BASE + iri, NAMES) is None


@pytest.mark.parametrize("spelling", SECTION_307)
def test_one_law_has_one_name_however_it_is_spelled(spelling: str) -> None:
    law = model.TABLES["designations"].column("law")
    assert law is not None
    found = resources.meant(law, spelling, NAMES)
    assert found.iri == f"{BASE}laws/law/us-307-1930"
    assert found.label == SECTION_307[0]


def test_every_spelling_is_of_a_shipped_record_or_of_a_name() -> None:
    for segment in ("law", "register", "authority"):
        for kept, _ in resources.spelled(segment).values():
            assert (
                not kept
                or kept in (files("opentier.graph") / f"datasets/{segment}s/{segment}s.csv").read_text()
            )


def test_answers_say_texts_and_codes_as_before(graph: Graph) -> None:
    view = graph.view()
    one, two = sorted(view.index.designations, key=lambda each: each.iri)
    assert (one.authority, one.register, one.law) == (
        "U.S. Customs and Border Protection", "Withhold release orders and findings", SECTION_307[0],
    )  # fmt: skip
    assert (two.authority, two.register, two.law) == ("Norges Bank", "A list", SECTION_307[0])
    mill, barn = (view.index.actors[f"{BASE}others/{name}"] for name in ("mill", "barn"))
    assert [(place.country, place.region) for place in mill.places] == [("CN", "CN-XJ")]
    assert [(place.country, place.region) for place in barn.places] == [("IN", "Old Quarter")]
    assert mill.kind == "mine"


def test_a_region_without_a_code_is_one_of_its_country(graph: Graph) -> None:
    found = asked(graph, "SELECT ?name ?region ?label ?c { ?a ot:region ?region ; rdfs:label ?name . "
                         "?region rdfs:label ?label ; ot:country/skos:notation ?c }")  # fmt: skip
    assert found == [
        ("Barn", f"{BASE}region/IN/old-quarter", "Old Quarter", "IN"),
        ("Farm", f"{BASE}region/PK/old-quarter", "Old Quarter", "PK"),
        ("Mill", f"{BASE}region/CN-XJ", "Xinjiang Uygur Zizhiqu", "CN"),
    ]


def test_what_was_printed_is_kept_where_the_label_differs(graph: Graph) -> None:
    found = asked(graph, "SELECT ?d ?p { ?d ot:asPrinted ?p }")
    one, two = (f"{BASE}others/designation/{name}" for name in ("one", "two"))
    assert found == [(one, "CBP"), (one, SECTION_307[1]), (one, "us-wro"), (two, SECTION_307[4])]


def test_dates_keep_their_precision_and_have_bounds_to_the_day(graph: Graph) -> None:
    found = asked(graph, "SELECT ?r ?s ?e { ?r a ot:Record OPTIONAL { ?r ot:earliestStart ?s } "
                         "OPTIONAL { ?r ot:latestEnd ?e } }")  # fmt: skip
    assert sorted(row[1:] for row in found) == sorted(
        [("2020-02-03", "2022-09-30"), ("2019-01-01", ""), ("2020-06-01", "2021-12-31"), ("", "")]
    )
    assert asked(graph, "SELECT ?s { ?r ot:startDate ?s FILTER (datatype(?s) = xsd:gYearMonth) }") == [
        ("2020-06",)
    ]
    live = asked(
        graph,
        """SELECT ?supplier { ?link a ot:SupplyLink ; ot:supplier ?supplier
        OPTIONAL { ?link ot:earliestStart ?s } OPTIONAL { ?link ot:latestEnd ?e }
        FILTER (!BOUND(?s) || ?s <= "2021-07-01"^^xsd:date) FILTER (!BOUND(?e) || ?e >= "2021-07-01"^^xsd:date) }""",
    )
    assert live == [(f"{BASE}others/barn",), (f"{BASE}others/mill",)]


def test_a_record_has_the_classes_above_its_own(graph: Graph) -> None:
    of = "SELECT ?c { <%s> a ?c }"
    assert {row[0].rpartition("#")[2] for row in asked(graph, of % f"{BASE}others/mill")} == {
        "Mine", "Facility", "Actor",
    }  # fmt: skip
    assert {row[0].rpartition("#")[2] for row in asked(graph, of % f"{BASE}others/designation/one")} == {
        "ImportOrder", "Measure", "Designation", "Record",
    }  # fmt: skip
    assert {row[0].rpartition("#")[2] for row in asked(graph, of % f"{BASE}country/CN")} == {
        "Country", "Place", "Jurisdiction",
    }  # fmt: skip


def test_nothing_is_the_same_as_anything_by_owl(graph: Graph) -> None:
    assert asked(graph, "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT * { ?a owl:sameAs ?b }") == []


# --- RDF says the same with texts, with individuals, and with narrower classes alone ----------------------------------

HEAD = (
    "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + f"@base <{BASE}others/> .\n"
)
TEXTS = """
<mill> a ot:Mine ; rdfs:label "Mill" ; ot:country "CN" ; ot:region "CN-XJ" .
<barn> a ot:Organisation ; rdfs:label "Barn" ; ot:country "IN" ; ot:region "Old Quarter" .
<shop> a ot:LegalEntity ; rdfs:label "Shop" ; ot:country "DE" .
<supply-link/1> a ot:SupplyLink ; ot:buyer <shop> ; ot:supplier <mill> ; ot:startDate "2020-06"^^xsd:gYearMonth .
<designation/one> a ot:ImportOrder ; ot:target <mill> ; ot:authority "CBP" ; ot:legalBasis "19 U.S.C. 1307" .
"""
INDIVIDUALS = (
    TEXTS.replace('"CN"', f"<{BASE}country/CN>").replace('"CN-XJ"', f"<{BASE}region/CN-XJ>")
    .replace('"IN"', f"<{BASE}country/IN>").replace('"DE"', f"<{BASE}country/DE>")
    .replace('"19 U.S.C. 1307"', f"<{BASE}laws/law/us-307-1930> ; ot:asPrinted \"19 U.S.C. 1307\"")
)  # fmt: skip


def written(folder: Path, text: str, suffix: str = "ttl") -> set[str]:
    """Return the statements that are written of a file of RDF."""
    path = folder / f"others.{suffix}"
    path.write_text(text, "utf-8")
    found = submission.read(path, FREE, folder)
    read = checking.check(found, NAMES, lambda iris: set())
    assert [finding for finding in found.report.findings if finding.severity != "warning"] == []
    lines.write(read, NAMES, folder / "records.nt")
    return set((folder / "records.nt").read_text("utf-8").splitlines())


def test_texts_and_individuals_in_rdf_say_the_same_and_saying_it_again_changes_nothing(
    tmp_path: Path,
) -> None:
    found = written(tmp_path, HEAD + TEXTS)
    assert len(found) > 50
    assert found == written(tmp_path, HEAD + INDIVIDUALS)
    again = "".join(f"{line}\n" for line in sorted(found))
    assert written(tmp_path, again, "nt") == found


def test_rdf_of_texts_is_admitted_and_read_like_tables(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    (tmp_path / "others.ttl").write_text(HEAD + TEXTS, "utf-8")
    report = graph.contribute(tmp_path / "others.ttl", FREE).report
    assert report.conforms, report.to_text()
    view = graph.view()
    [entry] = view.index.designations
    assert (entry.authority, entry.law) == ("U.S. Customs and Border Protection", SECTION_307[0])
    assert view.index.actors[f"{BASE}others/mill"].kind == "mine"
    assert view.index.actors[f"{BASE}others/barn"].places[0].region == "Old Quarter"
    assert asked(graph, "SELECT ?s { ?r ot:earliestStart ?s }") == [("2020-06-01",)]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('ot:country "DE"', 'ot:country "Nowhereland"', "ISO 3166-1"),
        ('ot:country "DE"', f"ot:country <{BASE}country/XX>", "ISO 3166-1"),
        ('ot:country "DE"', "ot:buyerOf <supply-link/1>", "Say the same of the record, with ot:buyer."),
        ('ot:authority "CBP"', f"ot:authority <{BASE}authority/nobody>", "authority"),
        ('ot:authority "CBP"', f"ot:authority <{BASE}authority/a> . <{BASE}authority/a> a ot:Authority ; "
         'rdfs:label "Another"', "is called Another"),
    ],
)  # fmt: skip
def test_rdf_that_names_no_individual_is_refused_with_what_to_write(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    (tmp_path / "others.ttl").write_text(
        HEAD
        + TEXTS.replace(right, wrong).replace(
            'rdfs:label "Another" ; ot:legalBasis', 'rdfs:label "Another" . <designation/one> ot:legalBasis'
        ),
        "utf-8",
    )
    with pytest.raises(ContributionError) as refused:
        graph.contribute(tmp_path / "others.ttl", FREE)
    assert said in refused.value.report.to_text()


def test_what_rdf_says_of_a_country_is_what_everybody_says(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    more = f'<{BASE}country/DE> a ot:Country ; rdfs:label "Somewhere else" .'
    (tmp_path / "others.ttl").write_text(HEAD + TEXTS + more, "utf-8")
    graph.contribute(tmp_path / "others.ttl", FREE)
    assert asked(graph, f"SELECT ?l {{ <{BASE}country/DE> rdfs:label ?l }}") == [("Germany",)]
