"""The pages of records, of every table; what each says, from where, and what rests on it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.api.linked.shown import Shown
from opentier.graph import Graph
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from tests.browsing import BROWSER, Visit

LAW, INITIATIVE = "/id/laws/law/au-msa-2018", "/id/initiatives/initiative/a21"
LINK, GONE = "/id/example/supply-link/sl-002", "/id/example/supply-link/sl-026"
INCIDENT = "/id/example/incident/inc-klang-fees"
DOCUMENT, NEXT = "/id/example/evidence/ev-bl-kingfisher", "/id/example/evidence/ev-trade-portal"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def shown(client: TestClient, address: str) -> tuple[str, str]:
    """Return a page, and what stands in it before all statements, as words."""
    page = client.get(address, headers=BROWSER).text
    first = page[page.index("<main") : re.search("All statements|What is said", page).start()]  # type: ignore[union-attr]
    return page, " ".join(unescape(re.sub(r"<[^>]+>", " ", first)).split())


def test_a_law_says_whom_it_is_of_since_when_and_what_it_demands(client: TestClient) -> None:
    page, said = shown(client, LAW)
    assert "A law of Australia: reporting." in said
    assert "Applies from 1 January 2019." in said
    assert "This is no legal advice." in said
    assert "Publish an annual modern slavery statement in the public register : report." in said
    assert "Source: laws , version 1, CC0-1.0" in said
    assert 'href="/datasets/laws"' in page


def test_an_initiative_says_where_it_works_and_that_nobody_has_checked_it_again(client: TestClient) -> None:
    page, said = shown(client, INITIATIVE)
    assert "Where: Asia , Europe , Global ," in said
    assert "As its source printed it" in said
    assert "directory of initiatives, Appendix A, row 1" in said
    assert '<a href="https://www.a21.org/"' in page


def test_a_link_leads_to_its_ends_its_documents_and_its_traces(client: TestClient) -> None:
    page, said = shown(client, LINK)
    assert "Aurora Apparel Imports (invented) buys from Kingfisher Knitwear (invented)" in said
    assert "Confidence of this link: 0.95." in said
    for there in (
        "/id/example/aurora",
        "/id/example/kingfisher-knitwear",
        DOCUMENT,
        "/trace?actor=example/aurora",
    ):
        assert f'href="{there}"' in page
        assert client.get(there, headers=BROWSER).status_code == 200


def test_a_link_that_was_taken_back_says_so_and_why(client: TestClient) -> None:
    page, said = shown(client, GONE)
    assert "Withdrawn 15 September 2023, by blue-heron-knit: the report mixed up two spinners" in said
    assert 'href="/id/example/supply-link/sl-020"' in page


def test_a_document_says_which_records_rest_on_it_and_what_derives_from_it(client: TestClient) -> None:
    page, said = shown(client, DOCUMENT)
    assert "A document: bill of lading; retrieved on 2 May 2024." in said
    assert "Supply links: 1" in said
    assert f'href="{LINK}"' in page
    assert f'href="{NEXT}"' in page
    assert "It derives from another document, and corroborates nothing" in shown(client, NEXT)[1]


def test_a_program_still_gets_what_is_said(client: TestClient) -> None:
    for address in (LAW, INITIATIVE, LINK, DOCUMENT):
        assert client.get(address).headers["content-type"] == "application/ld+json"
        assert client.get(f"{address}.ttl", headers=BROWSER).headers["content-type"].startswith("text/turtle")


def test_pages_of_records_break_no_rule(visit: Visit) -> None:
    for address in (LAW, INITIATIVE, LINK, DOCUMENT):
        visit.to(address)
        visit.look()


def test_a_record_without_a_name_is_called_by_what_it_is_about(admitted: Path) -> None:
    """Of all records of the example only identifiers are called by their ids."""
    view = Graph.open(admitted).view()
    shown, base = Shown(view, "/"), view.release.names.base
    subjects = {
        said.subject
        for graph in view.release.graphs
        for said in view.release.engine.match(graph)
        if isinstance(said.subject, IRI) and said.subject.value.startswith(f"{base}example/")
    }
    called = {iri.value.removeprefix(base): shown.label(iri.value) for iri in sorted(subjects, key=str)}
    assert [id for id, name in called.items() if name == id] == []
    assert called["example/incident/inc-quiet-river"] == "Incident: Quiet River Yarn (invented), China"
    link = "Blue Heron Knit Fabrics (invented) buys from Quiet River Yarn (invented)"
    assert called["example/supply-link/sl-026"] == link
    assert (
        called["example/designation/d-uflpa-region"] == "Presumption of forced labour: goods made in Xinjiang"
    )


def test_a_record_of_every_kind_says_what_it_says_and_from_where(client: TestClient, graph: Graph) -> None:
    release = graph.view().release
    first: dict[str, str] = {}
    for each in release.graphs:
        for triple in release.engine.match(each, None, expand("rdf:type")):
            kind, subject = str(triple.object.value), triple.subject.value
            first[kind] = min(first.get(kind, subject), subject)
    there = {
        name: first[kind]
        for name, table in TABLES.items()
        if (kind := expand(table.rdf_class)) in first and name not in ("actors", "products", "terms")
    }
    assert len(there) >= 25
    for name, iri in there.items():
        page, said = shown(client, f"/id/{iri.removeprefix(release.names.base)}")
        assert "What it says" in said, name
        assert re.search(r"Source: [\w-]+ (?:, version|v)", said), name
        assert "All statements" in page, name


def test_an_incident_is_no_listing_and_leads_to_its_site(client: TestClient) -> None:
    page, said = shown(client, INCIDENT)
    assert "no trace counts it as an exposure" in said
    assert '">Mangosteen Garments Klang Unit (invented)</a>' in page.replace('" dir="auto', "")
    assert 'href="/reply?to=example/incident/inc-klang-fees"' in page
    assert "Evidence audit: Social audit of the Klang unit" in said


def test_a_listing_says_what_its_list_says_and_what_became_of_it(client: TestClient) -> None:
    _, said = shown(client, "/id/example/designation/d-advisory-fig-grove")
    assert "no longer in force" in said
    assert "It names Fig Grove Yarn (invented)" in said
    assert "Effect advisory" in said
    assert "Status changes: 2" in said
