"""The adapter of WikiRate: relationships, supplier lists, seats and lists of companies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from opentier.graph.contribution.foreign import Source
from tests.foreign import cells, header, raw, read, told, write

BRANDS, TEA = "has_brands_2021.json", "tea_companies.json"
SUPPLIERS, SEATS = "tier1_suppliers_2018.csv", "brand_hq_addresses_2018.csv"
BRAND, SUPPLIED = "Commons+Has Brands", "Commons+Supplied By"


def answer(
    question: str = BRAND, subject: str = "Firm", other: str = "Brand", year: int = 2020, **more: Any
) -> dict[str, Any]:
    return {
        "id": 1,
        "name": f"{question}+{subject}+{year}+{other}",
        "type": "Relationship",
        "url": "https://example.org/answer",
        "year": year,
        "subject_company": subject,
        "object_company": other,
        "subject_company_id": len(subject),
        "object_company_id": 100 + len(other),
        **more,
    }


def answers(folder: Path, *items: dict[str, Any], name: str = BRANDS, **page: Any) -> Source:
    (folder / name).write_text(json.dumps({"items": items, **page}), "utf-8")
    return read("wikirate", folder / name)


def suppliers(folder: Path, *rows: Sequence[str]) -> Source:
    return read("wikirate", write(folder / SUPPLIERS, header("wikirate", SUPPLIERS), rows))


def test_a_brand_of_a_company_is_owned_without_a_share(tmp_path: Path) -> None:
    source = answers(tmp_path, answer(), answer(year=2019), answer(year=2020, id=3))
    assert told(source) == []
    (link,) = cells(source, "ownership_links")
    assert (link["owner"], link["asset"], link["interest"]) == ("company-4", "company-105", "other")
    assert link["note"] == "Answered for 2019, 2020."
    assert "no share" in link["unspecified_reason"]
    assert source.report.counts() == {"rows": 3, "accepted": 3, "warned": 0, "refused": 0}


@pytest.mark.parametrize(
    ("question", "buyer", "supplier"),
    [(SUPPLIED, "company-4", "company-104"), ("Commons+Supplier of", "company-104", "company-4")],
)
def test_who_supplies_whom_is_observed_in_the_year_of_the_answer(
    tmp_path: Path, question: str, buyer: str, supplier: str
) -> None:
    source = answers(tmp_path, answer(question, other="Mill"), name="relationships.json")
    assert told(source) == []
    (link,) = cells(source, "supply_links")
    assert (link["buyer"], link["supplier"], link["observed_date"]) == (buyer, supplier, "2020")
    assert link["source"].startswith("WikiRate: Suppl")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"name": "Commons+Has Owner+A+2020+B"}, "question"),
        ({"type": "Answer"}, "question"),
        ({"year": "20"}, "two companies"),
        ({"subject_company": ""}, "two companies"),
        ({"object_company_id": None}, "two companies"),
    ],
)
def test_an_answer_of_another_kind_is_left_out(tmp_path: Path, said: dict[str, Any], message: str) -> None:
    source = answers(tmp_path, {**answer(), **said}, answer())
    (finding,) = told(source)
    assert (finding.severity, finding.row) == ("refused", 1)
    assert message in finding.message
    assert len(cells(source, "ownership_links")) == 1


def test_an_unknown_property_is_an_error(tmp_path: Path) -> None:
    (finding,) = told(answers(tmp_path, answer(), answer(shoe_size=46)))
    assert (finding.severity, finding.row, finding.column) == ("error", None, "/shoe_size")
    assert "first in record 2" in finding.message
    (finding,) = told(answers(tmp_path, answer(), shoes=[46]))
    assert finding.severity == "error"


def test_a_company_that_has_itself_as_a_brand_is_kept(tmp_path: Path) -> None:
    source = answers(tmp_path, {**answer(other="Firm"), "object_company_id": 4})
    (link,) = cells(source, "ownership_links")
    assert link["owner"] == link["asset"] == "company-4"


def test_comments_of_volunteers_are_never_read(tmp_path: Path) -> None:
    source = answers(tmp_path, answer(comments="Fulana de Tal wrote this", value="Commerce"))
    assert told(source) == []
    assert "Fulana" not in json.dumps([row.cells for rows in source.tables.values() for row in rows])
    kept = source.find(BRANDS).read_text("utf-8")
    assert "Commons+Has Brands" in kept
    assert "Fulana" not in kept


def test_a_supplier_of_a_list_has_its_address_country_and_point(tmp_path: Path) -> None:
    row = ("Firm", "1 Mill Road, Hanoi, VIETNAM", "Mill Co", "Tier 1 Supplier", "[21.1, 105.8]")
    source = suppliers(tmp_path, row, ("Firm", "2 Road, Dhaka", "Other Mill", "Tier 1 Supplier", ""))
    assert told(source) == []
    actors = {actor["id"]: actor for actor in cells(source, "actors")}
    assert actors["supplier-mill-co"] == {
        "id": "supplier-mill-co",
        "name": "Mill Co",
        "kind": "facility",
        "address": "1 Mill Road, Hanoi, VIETNAM",
        "country": "VN",
        "lat": "21.1",
        "lon": "105.8",
    }
    assert "country" not in actors["supplier-other-mill"]
    first = cells(source, "supply_links")[0]
    assert (first["buyer"], first["declared_tier"], first["observed_date"]) == ("company-firm", "1", "2018")


@pytest.mark.parametrize("address", ["Macon, Georgia", "Stuart, VA", "Zhejiang", "1 Road, CA"])
def test_a_country_is_taken_of_an_address_only_where_it_can_be_nothing_else(
    tmp_path: Path, address: str
) -> None:
    source = suppliers(tmp_path, ("Firm", address, "Mill", "Tier 1 Supplier", ""))
    assert not any("country" in actor for actor in cells(source, "actors"))


def test_two_suppliers_of_one_name_at_two_places_are_two(tmp_path: Path) -> None:
    rows = [
        (buyer, f"{road}, India", "Mill", "Tier 1 Supplier", "")
        for buyer, road in (("A", "1"), ("B", "1"), ("B", "2"))
    ]
    links = cells(suppliers(tmp_path, *rows), "supply_links")
    assert [link["supplier"] for link in links] == ["supplier-mill", "supplier-mill", "supplier-mill-2"]


def test_what_a_list_says_in_an_unknown_form_is_told(tmp_path: Path) -> None:
    source = suppliers(
        tmp_path,
        ("Firm", "1 Road, India", "Mill", "Tier 9 Supplier", ""),
        ("Firm", "1 Road, India", "Mill", "Tier 1 Supplier", "21.1;105.8"),
        ("Firm", "AtatÃ¼rk Cad., Turkey", "Lin A.Å\x9e.", "Tier 1 Supplier", ""),
        ("Firm", "BahÎ\x93Â§e, Turkey", "Mill", "Tier 1 Supplier", ""),
    )
    found = [(finding.severity, finding.row, finding.column) for finding in told(source)]
    assert found == [
        ("refused", 2, "supplier_tier"),
        ("warning", 3, "supplier_latlon"),
        ("warning", 4, "supplier_address"),
        ("warning", 4, "supplier_name"),
        ("warning", 5, "supplier_address"),
    ]
    said = {
        actor["name"]: actor.get("address")
        for actor in cells(source, "actors")
        if actor["kind"] == "facility"
    }
    assert said["Lin A.Ş."] == "Atatürk Cad., Turkey"
    assert {actor.get("address") for actor in cells(source, "actors")} >= {"Bahçe, Turkey"}


def test_a_persons_name_beside_a_firms_is_not_held(tmp_path: Path) -> None:
    source = suppliers(
        tmp_path, ("Firm", "1 Road, Turkey", "Kaya Tekstil - Murat Kaya", "Tier 1 Supplier", "")
    )
    assert "Murat" not in json.dumps([row.cells for rows in source.tables.values() for row in rows])
    assert "Murat" not in source.report.to_json()


def test_a_folder_names_one_company_once_whichever_file_names_it(tmp_path: Path) -> None:
    answers(tmp_path, answer(subject="Firm"))
    suppliers(tmp_path, ("Firm", "1 Road, India", "Mill", "Tier 1 Supplier", ""))
    write(
        tmp_path / SEATS, header("wikirate", SEATS), [("Firm", "2 Street, Stockholm SWEDEN", "[59.3, 18.1]")]
    )
    tea = [
        {"id": 0, "name": "All", "discloses": True},
        {"id": 4, "name": "Firm", "country": "Sweden", "discloses": False},
    ]
    (tmp_path / TEA).write_text(json.dumps(tea), "utf-8")
    source = read("wikirate", tmp_path)
    (finding,) = told(source)
    assert (finding.severity, finding.file, finding.row) == ("refused", TEA, 1)
    (firm,) = [actor for actor in cells(source, "actors") if actor["name"] == "Firm"]
    assert (firm["id"], firm["country"], firm["lat"]) == ("company-4", "SE", "59.3")
    assert cells(source, "supply_links")[0]["buyer"] == "company-4"


def test_the_real_folder_is_read_to_its_last_row(shared: Path) -> None:
    folder = shared / "data" / "wikirate_apparel"
    items = json.loads((folder / BRANDS).read_text("utf-8"))["items"]
    tea = json.loads((folder / TEA).read_text("utf-8"))
    lists, seats = raw(folder / SUPPLIERS), raw(folder / SEATS)
    source = read("wikirate", folder)
    assert source.report.conforms
    counts = source.report.counts()
    assert counts["rows"] == len(items) + len(tea) + len(lists) + len(seats) == 1135 + 68 + 431 + 22
    assert counts["refused"] == sum(company["id"] == 0 for company in tea) == 1
    pairs = {(item["subject_company_id"], item["object_company_id"]) for item in items}
    assert len(cells(source, "ownership_links")) == len(pairs) == 968
    assert len(cells(source, "supply_links")) == len(lists)
    firms = {item[f"{end}_company"] for item in items for end in ("subject", "object")}
    firms |= {company["name"] for company in tea if company["id"]} | {row[0] for row in (*lists, *seats)}
    named = [actor for actor in cells(source, "actors") if actor["kind"] == "organisation"]
    assert {actor["name"] for actor in named} == firms
    assert len(named) == len(firms)
    facilities = {(row[2], row[1]) for row in lists}
    assert sum(actor["kind"] == "facility" for actor in cells(source, "actors")) <= len(facilities)
    assert not any(
        0x80 <= ord(letter) < 0xA0
        for row in source.tables["actors"]
        for text in row.cells.values()
        for letter in text
    )
