"""The adapter of public contracts (OCDS 1.1) on small documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source
from opentier.graph.contribution.submission import Options
from tests.test_adapters_ownership import found, kept, read, reads_again, table, words

CITY = {
    "id": "1", "name": "City Hall", "roles": ["buyer"], "identifier": {"scheme": "GB-LAC", "id": "E09"},
    "address": {
        "streetAddress": "1 Road", "locality": "Town", "postalCode": "T1", "region": "Shire",
        "countryName": "United Kingdom",
    },
    "contactPoint": {"name": "Zuleika Dobson", "email": "zuleika@town.example"},
}  # fmt: skip
FIRM = {
    "id": "2",
    "name": "Firm",
    "identifier": {"scheme": "GB-COH", "id": "01234567"},
    "address": {"country": "GB"},
}
OTHER = {"id": "3", "name": "Other Firm", "address": {"countryName": "Namibia"}}
AWARD = {
    "id": "a1",
    "status": "active",
    "date": "2024-03-04T10:00:00Z",
    "title": "Gloves",
    "value": {"amount": 1.50e3, "currency": "GBP"},
    "suppliers": [{"id": "2", "name": "Firm"}],
    "contractPeriod": {"startDate": "2024-04-01T00:00:00Z", "endDate": "2025-03-31"},
    "items": [{"id": "i", "classification": {"scheme": "HS", "id": "401519"}, "quantity": 10}],
}


def release(*awards: object, **said: object) -> dict[str, Any]:
    usual = {
        "ocid": "ocds-x-1",
        "id": "r1",
        "date": "2024-05-01T00:00:00Z",
        "tag": ["award"],
        "buyer": {"id": "1", "name": "City Hall"},
    }
    return {**usual, "parties": [CITY, FIRM, OTHER], "awards": list(awards or [AWARD]), **said}


def package(*releases: object, **said: object) -> dict[str, Any]:
    usual = {
        "uri": "https://x.example/p",
        "version": "1.1",
        "publishedDate": "2024-06-01T00:00:00Z",
        "license": "CC0-1.0",
    }
    return {**usual, "publisher": {"name": "Town"}, "releases": list(releases), **said}


def ocds(folder: Path, *documents: object) -> Source:
    path = folder / "contracts of today"
    path.write_text("\n".join(map(json.dumps, documents)), "utf-8")
    return read("ocds", path)


def unsaid(source: Source) -> list[str]:
    """Return what is told, without what is told of identifiers."""
    return [each.message for each in source.report.sorted() if each.column != "identifiers"]


def test_an_award_is_a_supply_link_from_its_supplier_to_the_buyer(tmp_path: Path) -> None:
    source = ocds(tmp_path, package(release()))
    assert unsaid(source) == []
    city, firm = table(source, "actors")
    assert (city["id"], city["name"], city["country"], city["address"]) == (
        "gb-lac-E09",
        "City Hall",
        "GB",
        "1 Road, T1 Town, Shire",
    )
    assert (firm["id"], firm["country"]) == ("gb-coh-01234567", "GB")
    assert "01234567" in firm.get("identifiers", "") + firm.get("note", "")
    assert table(source, "supply_links") == [
        {
            "buyer": city["id"], "supplier": firm["id"], "product": "401519", "start_date": "2024-04-01",
            "end_date": "2025-03-31", "observed_date": "2024-03-04", "value": "1500", "currency": "GBP",
            "source": "ocds-x-1, award a1",
        }
    ]  # fmt: skip
    assert (source.edition, source.spec["licence"], source.spec["publisher"]) == (
        "2024-06-01",
        "CC0-1.0",
        "Town",
    )
    everywhere = words(source) + "".join(kept(source).values())
    assert "Dobson" not in everywhere
    assert "zuleika" not in everywhere
    assert reads_again(source, "ocds", tmp_path / "again")


def test_a_value_of_several_suppliers_is_not_parted(tmp_path: Path) -> None:
    both = {
        **AWARD,
        "suppliers": [{"id": "2"}, {"id": "3"}],
        "items": [{"classification": {"scheme": "CPV", "id": "18424300"}}],
    }
    links = table(ocds(tmp_path, package(release(both))), "supply_links")
    assert [link["supplier"] for link in links] == ["gb-coh-01234567", "other-firm-na"]
    assert not any({"value", "currency", "product"} & set(link) for link in links)
    note = "The award is worth 1500 GBP for all its suppliers together. Classified as CPV 18424300."
    assert {link["note"] for link in links} == {note}


@pytest.mark.parametrize(
    "party",
    [
        {"identifier": {"scheme": "BR-CPF", "id": "12345678909"}},
        {"identifier": {"scheme": "COL-IDCARD", "id": "1234567"}},
        {"identifier": {"scheme": "MX-RFC", "id": "DOZU560524AB1"}},
        {"details": {"scale": "selfEmployed"}},
    ],
)
def test_a_supplier_that_is_a_person_is_never_held(tmp_path: Path, party: dict[str, Any]) -> None:
    person = {"id": "9", "name": "Zuleika Dobson", **party}
    both: dict[str, Any] = {**AWARD, "suppliers": [{"id": "9", "name": "Zuleika Dobson"}, {"id": "2"}]}
    source = ocds(
        tmp_path, package(release({**both, "suppliers": both["suppliers"][:1]}, parties=[CITY, person]))
    )
    assert [each.column for each in found(source, "refused")] == ["/awards/0/suppliers/0"]
    assert source.tables == {} or table(source, "supply_links") == []
    assert "Dobson" not in words(source)
    source = ocds(tmp_path, package(release(both, parties=[CITY, FIRM, person])))
    assert [each.column for each in found(source, "warning") if each.column != "identifiers"] == [
        "/awards/0/suppliers/0"
    ]
    (link,) = table(source, "supply_links")
    assert (link["supplier"], "value" in link) == ("gb-coh-01234567", False)
    assert "Dobson" not in words(source) + "".join(kept(source).values())
    assert reads_again(source, "ocds", tmp_path / "again")


def test_a_company_with_a_tax_number_that_people_have_too_is_held(tmp_path: Path) -> None:
    firm = {"id": "2", "name": "Firma", "identifier": {"scheme": "MX-RFC", "id": "CPL211105123"}}
    assert len(table(ocds(tmp_path, package(release(parties=[CITY, firm]))), "supply_links")) == 1


def test_releases_of_one_process_are_read_together_the_newest_last(tmp_path: Path) -> None:
    contract = {
        "id": "c",
        "awardID": "a1",
        "status": "active",
        "period": {"startDate": "2024-08-01"},
        "title": "x",
    }
    changed = {"id": "a1", "value": {"amount": 2000, "currency": "EUR"}}
    later = release(changed, date="2024-07-01T00:00:00Z", parties=[], contracts=[contract])
    first = release({name: value for name, value in AWARD.items() if name != "contractPeriod"})
    source = ocds(tmp_path, package(later, first), package(release(ocid="ocds-x-2")))
    assert unsaid(source) == []
    one, two = table(source, "supply_links")
    assert (one["value"], one["currency"], one["start_date"], one["observed_date"]) == (
        "2000",
        "EUR",
        "2024-08-01",
        "2024-03-04",
    )
    assert two["source"] == "ocds-x-2, award a1"
    assert source.report.counts()["rows"] == 3


def test_of_a_record_the_compiled_release_is_read(tmp_path: Path) -> None:
    old = release({**AWARD, "status": "pending"})
    compiled = {
        "ocid": "ocds-x-1",
        "compiledRelease": release(),
        "releases": [old],
        "versionedRelease": {"anything": 1},
    }
    loose = {"ocid": "ocds-x-2", "releases": [release(ocid="ocds-x-2")]}
    elsewhere = {
        "ocid": "ocds-x-3",
        "releases": [{"url": "https://x.example/r", "date": "2024-01-01T00:00:00Z", "tag": ["award"]}],
    }
    whole = {**package(), "records": [compiled, loose, elsewhere]}
    del whole["releases"]
    for documents in (
        [whole],
        [compiled, loose, elsewhere],
        [release(), release(ocid="ocds-x-2"), elsewhere],
    ):
        source = ocds(tmp_path, *documents)
        assert found(source, "error") == []
        assert [(each.row, each.message) for each in found(source, "refused")] == [
            (3, "The release stands elsewhere.")
        ]
        assert [link["source"] for link in table(source, "supply_links")] == [
            "ocds-x-1, award a1",
            "ocds-x-2, award a1",
        ]


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        (release({**AWARD, "status": "cancelled"}), "/awards/0/status", "cancelled"),
        (release({**AWARD, "status": "mislaid"}), "/awards/0/status", "mislaid"),
        (release(contracts=[{"id": "c", "awardID": "a1", "status": "cancelled"}]), "/contracts", "cancelled"),
        (release({**AWARD, "suppliers": []}), "/awards/0/suppliers", None),
        (release(buyer=None), "/buyer", None),
        (release(awards=None), None, None),
        (release(ocid=""), "/ocid", None),
    ],
)  # fmt: skip
def test_what_holds_no_award_is_left_out_with_the_reason(
    tmp_path: Path, said: Any, column: str | None, value: str | None
) -> None:
    source = ocds(tmp_path, package({**said, "ocid": said["ocid"] and "ocds-x-9"}, release()))
    (refused,) = found(source, "refused")
    assert (refused.row, refused.column, refused.value) == (1, column, value)
    assert len(table(source, "supply_links")) == 1


def test_what_is_half_wrong_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    tender = {
        "procuringEntity": {"id": "1", "name": "City Hall"},
        "title": "anything",
        "tenderers": [{"name": "not read"}],
    }
    worth = {**AWARD, "value": {"amount": 5, "currency": "XXY"}}
    source = ocds(
        tmp_path,
        package(release(worth, {**AWARD, "id": "a2", "status": "pending"}, buyer=None, tender=tender)),
    )
    assert [(each.severity, each.column) for each in source.report.sorted() if each.column != "identifiers"] == [
        ("warning", "/awards/0/value"), ("warning", "/awards/1/status"), ("warning", "/buyer"),
    ]  # fmt: skip
    (link,) = table(source, "supply_links")
    assert (link["buyer"], "value" in link) == ("gb-lac-E09", False)


@pytest.mark.parametrize(
    ("said", "column", "words_"),
    [
        (package(release(mood="fine")), "/mood", "of release, first in record 1"),
        (package(release({**AWARD, "suppliers": [{"mood": "fine"}]})), "/awards/0/suppliers/0/mood", "of release"),
        (package(release(), mood="fine"), "/mood", "of package"),
        (package(release(), version="1.0"), None, "OCDS '1.0'; 1.1 is read"),
        ({"releases": [release()]}, None, "OCDS '1.0'; 1.1 is read"),
        ({"some": "thing"}, None, "neither releases nor records"),
    ],
)  # fmt: skip
def test_an_unread_property_and_another_version_are_errors(
    tmp_path: Path, said: Any, column: str | None, words_: str
) -> None:
    error = found(ocds(tmp_path, said), "error")[0]
    assert error.column == column
    assert words_ in error.message


def test_contracts_go_into_a_store(tmp_path: Path) -> None:
    path = tmp_path / "contracts.json"
    path.write_text(json.dumps(package(release())), "utf-8")
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(path, Options(adapter="ocds")).new
