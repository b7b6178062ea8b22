"""The adapter of Open Supply Hub: facilities of lists, of its download and of its interface."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source
from opentier.graph.contribution.submission import Options
from tests.foreign import cells, raw, read, told, write

COLUMNS = ("country", "name", "address", "sector", "lat", "lng")
ROW = ("Viet Nam", "Invented Mill", "1 Mill Road, Hanoi", "Apparel", "21.1", "105.8")
OS_ID = "VN2021250D1DTN7"


def listed(
    folder: Path, *rows: Sequence[str], columns: Sequence[str] = COLUMNS, name: str = "list.csv"
) -> Source:
    return read("osh", write(folder / name, columns, rows))


def feature(**said: Any) -> dict[str, Any]:
    """Return a feature as the interface gives it, with what is said beside that of an invented facility."""
    properties = {
        "name": "Invented Mill",
        "address": "1 Mill Road, Hanoi",
        "country_code": "VN",
        "os_id": OS_ID,
        "country_name": "Vietnam",
        "has_approved_claim": True,
        "is_closed": None,
    }
    place = {"type": "Point", "coordinates": [105.8, 21.1]}
    return {"id": OS_ID, "type": "Feature", "geometry": place, "properties": {**properties, **said}}


def page(folder: Path, *features: dict[str, Any], **more: Any) -> Source:
    """Read a page of the interface."""
    said = {
        "type": "FeatureCollection",
        "count": 1,
        "next": None,
        "previous": None,
        "features": list(features),
    }
    path = folder / "facilities.json"
    path.write_text(
        json.dumps({**said, "extent": [1, 2, 3, 4], "params": {"detail": False}, **more}), "utf-8"
    )
    return read("osh", path)


MILL = {
    "id": "facility-invented-mill-vn",
    "name": "Invented Mill",
    "kind": "facility",
    "country": "VN",
    "address": "1 Mill Road, Hanoi",
    "lat": "21.1",
    "lon": "105.8",
    "sector": "Apparel",
    "source": "Open Supply Hub",
}


@pytest.mark.parametrize("country", ["Viet Nam", "VN", "VIETNAM", "VNM"])
def test_a_row_of_a_list_is_a_facility(tmp_path: Path, country: str) -> None:
    source = listed(tmp_path, (country, *ROW[1:]))
    assert told(source) == []
    assert cells(source, "actors") == [MILL]
    assert list(source.tables) == ["actors"]


def test_a_feature_of_the_interface_is_a_facility_with_its_os_id(tmp_path: Path) -> None:
    source = page(tmp_path, feature())
    assert told(source) == []
    (mill,) = cells(source, "actors")
    assert (mill["id"], mill["identifiers"]) == (OS_ID, f"os-id:{OS_ID}")
    assert (mill["country"], mill["lat"], mill["lon"]) == ("VN", "21.1", "105.8")


def test_a_detailed_feature_is_read_without_the_people_and_firms_that_named_it(tmp_path: Path) -> None:
    person = "Fulana de Tal"
    source = page(
        tmp_path,
        feature(
            other_names=["Old Mill", "Mill | Sons"],
            is_closed=True,
            new_os_id="VN2022250D1DTN8",
            contributors=[{"id": 1, "name": person, "is_verified": False, "list_name": f"List of {person}"}],
            claim_info={"contact": {"name": person, "email": "f@example.org"}, "owner": person},
            extended_fields={"parent_company": [{"value": {"name": person}, "contributor_name": person}]},
            created_from={"contributor": person},
            activity_reports=[{"reported_by_contributor": person}],
        ),
    )
    assert told(source) == []
    (mill,) = cells(source, "actors")
    assert mill["also_known_as"] == "Old Mill|Mill Sons"
    assert mill["note"] == "Open Supply Hub says that it is closed. Its OS ID is VN2022250D1DTN8 now."
    assert list(source.tables) == ["actors"]
    assert person not in json.dumps(cells(source, "actors"))


def test_a_row_of_the_download_is_a_facility_with_its_os_id(tmp_path: Path) -> None:
    row = {
        "os_id": OS_ID,
        "contribution_date": "2024-05-01",
        "name": "Invented Mill",
        "address": "1 Mill Road",
        "country_code": "VN",
        "country_name": "Vietnam",
        "lat": "21.1",
        "lng": "105.8",
        "sector": "Apparel|Home",
        "contributor (list)": "Big Brand (2024)",
        "number_of_workers": "100-250|120",
        "parent_company": "Fulana de Tal",
        "is_closed": "True",
        "claim_contact_person": "Fulana de Tal",
    }
    source = read("osh", write(tmp_path / "facilities.csv", list(row), [row]))
    assert told(source) == []
    (mill,) = cells(source, "actors")
    assert (mill["identifiers"], mill["sector"]) == (f"os-id:{OS_ID}", "Apparel, Home")
    assert (mill["workers_min"], mill["workers_max"]) == ("100", "250")
    assert "closed" in mill["note"]
    text = json.dumps([row.cells for rows in source.tables.values() for row in rows])
    assert "Fulana" not in text
    assert "Big Brand" not in text


def test_only_a_list_that_names_its_buyer_says_who_buys(tmp_path: Path) -> None:
    source = listed(tmp_path, (*ROW, "Big Brand"), (*ROW, ""), columns=(*COLUMNS, "buyer"))
    assert told(source) == []
    (link,) = cells(source, "supply_links")
    assert (link["buyer"], link["supplier"], link["declared_by"]) == (
        "buyer-big-brand",
        MILL["id"],
        "Big Brand",
    )


def test_a_facility_that_comes_again_is_one_and_one_elsewhere_is_another(tmp_path: Path) -> None:
    listed(tmp_path, ROW, ("VN", "INVENTED  MILL", "1 Mill Road Hanoi", "Apparel", "", ""), name="a.csv")
    listed(
        tmp_path, ("VN", "Invented Mill", "2 Other Road", "Apparel", "", ""), columns=COLUMNS, name="b.csv"
    )
    source = read("osh", tmp_path)
    assert [actor["id"] for actor in cells(source, "actors")] == [MILL["id"], f"{MILL['id']}-2"]
    assert source.report.counts() == {"rows": 3, "accepted": 3, "warned": 0, "refused": 0}


def test_a_facility_of_a_list_is_the_one_of_that_name_and_address_that_has_an_os_id(tmp_path: Path) -> None:
    page(tmp_path, feature())
    listed(tmp_path, ROW)
    (mill,) = cells(read("osh", tmp_path), "actors")
    assert mill["id"] == OS_ID


@pytest.mark.parametrize(
    ("row", "column"),
    [(("Atlantis", *ROW[1:]), "country"), (("", *ROW[1:]), "country"), (("VN", "", *ROW[2:]), None)],
)
def test_a_row_without_a_name_or_a_country_is_left_out(
    tmp_path: Path, row: Sequence[str], column: str | None
) -> None:
    source = listed(tmp_path, row, ROW)
    (finding,) = told(source)
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, column)
    assert len(cells(source, "actors")) == 1


@pytest.mark.parametrize("os_id", ["VN1", "vn2021250d1dtn7", "2021250D1DTN7VN"])
def test_what_is_no_os_id_is_left_out(tmp_path: Path, os_id: str) -> None:
    (finding,) = told(page(tmp_path, feature(os_id=os_id)))
    assert (finding.severity, finding.row, finding.value) == ("refused", 1, os_id)


def test_what_a_cell_cannot_hold_is_left_out_with_a_warning(tmp_path: Path) -> None:
    columns = (*COLUMNS, "number_of_workers")
    rows = [
        (*ROW[:4], "91", "105.8", ""),
        (*ROW[:4], "21,1", "105,8", ""),
        (*ROW, "many"),
        ("VN", "Mill \ufffd", *ROW[2:], "12"),
    ]
    found = told(listed(tmp_path, *rows, columns=columns))
    assert [(each.severity, each.row, each.column) for each in found] == [
        ("warning", 2, "lat"),
        ("warning", 3, "lat"),
        ("warning", 4, "number_of_workers"),
        ("warning", 5, None),
    ]


def test_an_unknown_column_or_property_is_an_error(tmp_path: Path) -> None:
    (finding,) = told(listed(tmp_path, (*ROW, "46"), columns=(*COLUMNS, "shoe_size")))
    assert (finding.severity, finding.row, finding.column) == ("error", 1, "shoe_size")
    (finding,) = told(page(tmp_path, feature(shoe_size=46)))
    assert (finding.severity, finding.row, finding.column) == ("error", None, "/properties/shoe_size")
    (finding,) = told(page(tmp_path, feature(), shoes=1))
    assert finding.severity == "error"


def test_a_document_that_is_none_of_open_supply_hub_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"type": "Topology"}', "utf-8")
    (finding,) = read("osh", path).report.findings
    assert finding.severity == "error"


@pytest.mark.parametrize("form", ["list", "download", "page"])
def test_what_is_kept_of_a_file_names_no_person_either(tmp_path: Path, form: str) -> None:
    person, data = "Fulana de Tal", tmp_path / "data"
    path = tmp_path / ("facilities.json" if form == "page" else "facilities.csv")
    if form == "page":
        page(tmp_path, feature(claim_info={"contact": {"name": person}}, contributors=[{"name": person}]))
    elif form == "list":
        write(path, (*COLUMNS, "contact_person"), [(*ROW, person)])
    else:
        row = {"os_id": OS_ID, "name": "Mill", "country_code": "VN", "contributor (list)": person}
        write(path, ("os_id", "name", "address", "country_code", "lat", "lng", "contributor (list)"), [row])
    graph = Graph.open(data, create=True)
    assert graph.contribute(path, Options(adapter="osh")).new
    assert not graph.contribute(path, Options(adapter="osh")).new
    (archive,) = data.rglob("original.zip")
    with zipfile.ZipFile(archive) as opened:
        kept = opened.read(path.name).decode()
    assert "Mill" in kept
    assert person not in kept


def test_the_real_lists_are_read_to_their_last_rows(shared: Path) -> None:
    folder = shared / "data" / "osh_facilities"
    lists = {path.name: raw(path) for path in sorted(folder.glob("*.csv"))}
    tested = json.loads((folder / "oar_facilities.json").read_text("utf-8"))
    source = read("osh", folder)
    assert source.report.conforms
    assert source.report.counts() == {"rows": 2058, "accepted": 2058, "warned": 0, "refused": 0}
    assert (len(lists), sum(map(len, lists.values())), len(tested)) == (28, 1895, 163)
    actors = cells(source, "actors")
    with_id = {actor["identifiers"] for actor in actors if "identifiers" in actor}
    assert with_id == {f"os-id:{facility['pk']}" for facility in tested}
    names = {" ".join(row[1].split()).lower() for rows in lists.values() for row in rows}
    assert {actor["name"].lower() for actor in actors} >= names
    assert not source.tables.keys() - {"actors"}
