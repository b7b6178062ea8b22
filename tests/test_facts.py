"""The shipped reference data, row by row, against the tables of the founding documents' facts (`shared`).

What differs on purpose stands here with its reason; every other difference fails, and so does a reason that nothing
needs any longer. Without the tables (`shared/facts`) there is nothing to compare with, and the tests are skipped.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path

import pytest
from rdflib import DCTERMS, SKOS, URIRef
from rdflib.term import Node

from opentier.graph.model.names import OT
from opentier.graph.vocabulary import documents

DATASETS = Path(str(files("opentier.graph") / "datasets"))
Row = dict[str, str]
Differences = dict[tuple[str, str], str]

#: The documents by the codes that the tables have for them.
TITLES = {
    "000": "2025 outcome document on government-held forced-labour data",
    "001": "2020 report to US customs",
    "002": "2021 UN background paper on procurement",
    "003": "2017 OSCE workshop report",
    "004": "Concept note of the OSCE project on supply chains (about 2016)",
}
_CODE = re.compile(r"\b(00[0-4])_\w+\.txt")

PAYS = "who pays stands apart, as a funder"
LACKS = "the table lacks what the directory has; added by hand, and the note of the row says so"
PERSON = "a natural person, who is left out"
INITIATIVES: Differences = {
    ("13", "organisers"): PAYS,
    ("60", "organisers"): PAYS,
    ("17", "organisers"): PERSON,
    **{(row, "organisers"): LACKS for row in ("19", "43", "71", "75")},
    **{(row, "tools"): LACKS for row in ("3", "4", "23", "34", "41", "51", "52", "76", "91")},
}
BY_HAND = "a web address added by hand, and the note of the row says so"
REGISTERS: Differences = {
    **{
        (id, "website"): BY_HAND
        for id in (
            "uk-ms-registry", "us-ilab-tvpra", "us-rst", "us-wro", "us-uflpa-list", "oar", "gsi", "apsca", "uk-glaa",
            "un-globalcompact",
        )
    },
    ("br-dirty-list", "publisher"): "its name since 2023",
    ("uk-glaa", "publisher"): "who took over in 2026",
}  # fmt: skip
LAWS = {
    ("eu-csddd-2024", "title"): "the Directive as amended",
    ("br-penal-149", "title"): "with its place in the law",
    ("ua-mediators", "id"): "a draft of 2017 is no law",
    ("coe-thb", "jurisdiction"): "codes are in capitals",
    ("coe-cm-rec-2016-3", "jurisdiction"): "codes are in capitals",
}


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shipped(dataset: str, table: str) -> list[Row]:
    return read(DATASETS / dataset / f"{table}.csv")


@pytest.fixture(scope="session")
def facts(shared: Path) -> Callable[[str], list[Row]]:
    """Return what reads one of the tables."""
    if not (shared / "facts").is_dir():
        pytest.skip("the tables of facts are not here")
    return lambda name: read(shared / "facts" / f"{name}.csv")


def differing(
    ours: Mapping[str, Row], theirs: Mapping[str, Row], fields: Mapping[str, str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what differs: by key and field of ours, what both say."""
    missing = {(key, "id"): ("", key) for key in theirs.keys() - ours.keys()}
    return missing | {
        (key, mine): (ours[key][mine], row[other])
        for key, row in theirs.items()
        if key in ours
        for mine, other in fields.items()
        if ours[key][mine] != row[other]
    }


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def by(rows: Iterable[Row], key: str) -> dict[str, Row]:
    found = {row[key]: row for row in rows}
    assert found
    return found


def assert_sources(ours: Mapping[str, Row], theirs: Mapping[str, Row]) -> None:
    """Assert that each row names the documents that the table names, by title, and none by its code."""
    for key, row in theirs.items():
        if key not in ours:
            continue
        said = ours[key]["source"]
        assert not _CODE.search(said), key
        for code in _CODE.findall(f"{row['source']} {row.get('source_locator', '')}"):
            assert TITLES[code] in said, (key, code, said)


def test_the_initiatives_are_those_of_the_directory(facts: Callable[[str], list[Row]]) -> None:
    theirs = by(facts("initiatives"), "row")
    rows = shipped("initiatives", "initiatives")
    ours = {row["source"].rpartition("row ")[2]: row for row in rows}
    assert len(ours) == len(rows) == len(theirs) == 92
    found = differing(
        ours,
        theirs,
        same("name", "type", "organisers", "issues", "website")
        | {
            "industry": "centre_of_excellence",
            "geography": "geographic_focus",
            "tools": "named_tools",
            "as_printed": "name_as_printed",
        },
    )
    assert found.keys() == INITIATIVES.keys()
    assert_sources(ours, theirs)
    for row in ("13", "60"):
        both = [ours[row]["organisers"], ours[row]["funders"]]
        assert set("|".join(both).split("|")) == set(theirs[row]["organisers"].split("|"))
    assert {key for key, row in ours.items() if row["funders"]} == {"13", "60"}
    for (row, field), reason in INITIATIVES.items():
        if reason == LACKS:
            assert set(theirs[row][{"tools": "named_tools"}.get(field, field)].split("|")) - {""} < set(
                ours[row][field].split("|")
            )
            assert ours[row]["note"], row


def test_the_registers_are_those_of_the_table_and_what_came_since(
    facts: Callable[[str], list[Row]],
) -> None:
    ours, theirs = by(shipped("registers", "registers"), "id"), by(facts("registers_and_tools"), "id")
    found = differing(ours, theirs, same("name", "kind", "jurisdiction", "publisher", "website"))
    assert found.keys() == REGISTERS.keys()
    assert_sources(ours, theirs)
    for (id, _), reason in REGISTERS.items():
        if reason == BY_HAND:
            assert "The web address is not from the founding document" in ours[id]["note"]
    assert ours.keys() - theirs.keys() == {
        "eu-flr-portal",
        "eu-flr-risk-database",
        "ca-cbsa-forced-labour",
        "mx-stps-resolutions",
    }


def test_what_was_wrong_or_lacking_in_the_registers_is_not_any_longer(
    facts: Callable[[str], list[Row]],
) -> None:
    ours = by(shipped("registers", "registers"), "id")
    errors = {row["row"]: row for row in facts("laws_shipped_errors") if row["file"] == "registers.csv"}
    said = {
        "br-dirty-list": (
            "publisher Ministry of Labour and Employment, ordinance 18/2024, April and October, two years"
        ),
        "us-ilab-tvpra": "204 goods, 82 countries, 2024-09-05",
        "us-ilab-eo13126": "34 products, 25 countries on 2019-03-25; newest not seen",
        "uk-glaa": "Fair Work Agency has taken over in 2026 (Employment Rights Act 2025)",
        "missing": (
            "EU Forced Labour Single Portal (live), EU risk database (announced), Canada CBSA, Mexico STPS resolutions"
        ),
    }
    assert {row: error["right_value"].removeprefix("add ") for row, error in errors.items()} == said
    figures = re.compile(r"\d[\d/-]*\d")
    for id in ("br-dirty-list", "us-ilab-tvpra", "us-ilab-eo13126", "uk-glaa"):
        assert set(figures.findall(said[id])) <= set(figures.findall(ours[id]["note"])), id
    assert ours["br-dirty-list"]["publisher"] == "Ministry of Labour and Employment"
    assert ours["uk-glaa"]["publisher"] == "Fair Work Agency"
    directory = [row["type"] for row in shipped("initiatives", "initiatives")]
    note, kinds = ours["modern-slavery-map"]["note"], ("Initiative", "NGO", "Fund")
    initiatives, organisations, funds = (directory.count(kind) for kind in kinds)
    assert "50 initiatives and 37 organisations on the map" in note
    assert f"{len(directory)} rows: {initiatives} initiatives, {organisations} organisations" in note
    assert f"and {funds} funds" in note


def test_the_data_points_are_those_of_the_table_and_those_by_country(
    facts: Callable[[str], list[Row]],
) -> None:
    ours, theirs = by(shipped("data-points", "data_points"), "id"), by(facts("government_data_points"), "id")
    for row in theirs.values():
        row["evidence_class"] = row["evidence_class"].replace(" ", "-")
    assert differing(ours, theirs, same("name", "category", "evidence_class", "holder")) == {}
    assert_sources(ours, theirs)
    held = {id: row for id, row in ours.items() if id not in theirs}
    assert len(held) == 10
    for id, row in held.items():
        assert any(title in row["source"] for title in TITLES.values()), id
        assert row["note"].startswith("By country and agency"), id
        assert not row["indicates"], id  # no document says so


def test_the_practices_are_those_of_the_table(facts: Callable[[str], list[Row]]) -> None:
    ours, theirs = (
        by(shipped("practices", "state_practices"), "country"),
        by(facts("state_practices"), "country"),
    )
    assert ours.keys() == theirs.keys()
    assert differing(ours, theirs, same("practice", "kinds")) == {}
    assert_sources(ours, theirs)
    sources = {row["source"] for row in ours.values()}
    for country, place in {
        "UA": "Ukraine paragraph",
        "NL": "para 27(d)",
        "FI": "Finland paragraph",
        "US": "panels I and II",
        "DE": "para 27(d)",
    }.items():
        assert place in ours[country]["source"]
    assert len(sources) > 8


def test_the_terms_are_those_of_the_table(facts: Callable[[str], list[Row]]) -> None:
    ours, theirs = by(shipped("terms", "terms"), "term"), by(facts("terms_to_harmonise"), "term")
    assert ours.keys() == theirs.keys()
    assert differing(ours, theirs, same("sense", "reference")) == {}
    for term, row in theirs.items():
        code, _, finding = row["source"].partition(" ")
        assert ours[term]["source"] == f"{TITLES[code[:3]]}, {finding}"
    assert "conventions is common knowledge" in ours["child labour"]["note"]


def test_the_laws_and_instruments_are_those_of_the_table(facts: Callable[[str], list[Row]]) -> None:
    ours = by([*shipped("laws", "laws"), *shipped("instruments", "laws")], "id")
    theirs = by(facts("laws"), "id")
    found = differing(ours, theirs, same("title", "jurisdiction", "year"))
    assert found.keys() <= LAWS.keys(), found
    assert_sources(ours, theirs)


def test_the_instruments_that_the_documents_name_are_there() -> None:
    ours = by([*shipped("laws", "laws"), *shipped("instruments", "laws")], "id")
    assert len(shipped("instruments", "laws")) == 8
    for words in (
        "Declaration on Combating All Forms of Human Trafficking",
        "Ministerial Council Decision 6/17",
        "Work Plan to Combat Trafficking in Persons in the Western Hemisphere",
        "United Nations Global Plan of Action",
        "African Union",
        "general recommendation No. 38",
        "Declaration on Fundamental Principles and Rights at Work",
        "operational guidelines for fair recruitment",
        "UNCITRAL Model Law on Public Procurement",
        "CM/Rec(2016)3",
    ):
        (law,) = [row for row in ours.values() if words in row["title"]]
        assert "voluntary" in law["kinds"].split("|"), words
        assert law["year"], words
        assert law["source"], words


# What stands in the vocabulary.


def concepts(scheme: str) -> dict[str, Node]:
    """Return the concepts of a scheme by their English labels."""
    ontology = documents.graph("ontology")
    return {
        str(label): node
        for node in ontology.subjects(SKOS.inScheme, URIRef(f"{OT}{scheme}-scheme"))
        for label in ontology.objects(node, SKOS.prefLabel)
        if getattr(label, "language", "") == "en"
    }


def test_the_indicators_are_the_eleven_of_the_table(facts: Callable[[str], list[Row]]) -> None:
    ontology, known = documents.graph("ontology"), concepts("indicator")
    ours = {
        label
        for label, node in known.items()
        if (URIRef(OT + "indicators-ilo"), SKOS.member, node) in ontology
    }
    rows = facts("ilo_indicators")
    assert ours == {row["name"][0].lower() + row["name"][1:] for row in rows}
    for row in rows:
        node = known[row["name"][0].lower() + row["name"][1:]]
        assert str(ontology.value(node, DCTERMS.source)) == row["source"]


def test_the_principles_of_the_global_compact_are_the_ten_of_the_table(
    facts: Callable[[str], list[Row]],
) -> None:
    ontology, known = documents.graph("ontology"), concepts("global-compact")
    rows = facts("global_compact_principles")
    assert set(known) == {row["principle"] for row in rows}
    for row in rows:
        node = known[row["principle"]]
        assert str(ontology.value(node, SKOS.notation)) == row["number"]
        assert str(ontology.value(node, SKOS.scopeNote)) == f"Group: {row['group']}."
        assert TITLES["002"] in str(ontology.value(node, DCTERMS.source))


def test_barriers_leverage_and_industries_are_those_that_the_tables_list(shared: Path) -> None:
    path = shared / "facts" / "README.md"
    if not path.is_file():
        pytest.skip("the tables of facts are not here")
    text = path.read_text("utf-8")
    barriers = re.search(r"Barriers to sharing \(ten codes\): ([^.]+)\.", text)
    leverage = re.search(r"Leverage \(seven, UN interpretive guide\): ([^.]+)\.", text)
    assert barriers
    assert leverage
    assert set(concepts("barrier")) == set(barriers[1].split("; "))
    said = {words.removesuffix(" and multi-stakeholder initiatives") for words in leverage[1].split("; ")}
    assert set(concepts("leverage")) == said
    named = {row["industry"] for row in shipped("initiatives", "initiatives")}
    assert set(concepts("industry")) - named == {"Machinery", "Pharmaceuticals, Health & Chemicals"}
