"""The adapter of statements under the United Kingdom's Modern Slavery Act (uk-statements)."""

from __future__ import annotations

import json
import re
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source
from tests.foreign import cells, header, raw, read, told, write

STATEMENTS, COMPANIES = "statements_audit.redacted.csv", "companies_audit.csv"
NUMBERS = "companies_house_numbers_upload_v1.csv"
STATEMENT = {
    "url": "https://example.org/statement",
    "date_seen": "43657",
    "approved_by_board": "Yes",
    "signed_by_director": "No",
    "link_on_front_page": "TRUE",
    "published": "t",
    "first_year_covered": "2018",
    "last_year_covered": "2019",
    "company_id": "NEW1",
}
COMPANY = {"id": "NEW1", "name": "Invented Ltd", "country_id": "1533", "company_number": "01234567"}


def registry(
    folder: Path,
    statements: list[dict[str, str]],
    companies: list[dict[str, str]] | None = None,
    numbers: list[tuple[str, str]] | None = None,
) -> Source:
    """Read a registry of statements and companies, each with what it says beside an invented one."""
    said = [COMPANY] if companies is None else [{**COMPANY, **company} for company in companies]
    write(
        folder / STATEMENTS,
        header("uk-statements", STATEMENTS),
        [{**STATEMENT, **each} for each in statements],
    )
    write(folder / COMPANIES, header("uk-statements", COMPANIES), said)
    write(folder / NUMBERS, header("uk-statements", NUMBERS), numbers or [])
    return read("uk-statements", folder)


def test_a_statement_is_a_disclosure_of_a_company_under_the_act(tmp_path: Path) -> None:
    source = registry(tmp_path, [{}])
    assert told(source) == []
    assert cells(source, "disclosures") == [
        {
            "party": "company-new1",
            "law": "laws/uk-msa-2015",
            "year": "2019",
            "period_end": "2019",
            "url": "https://example.org/statement",
            "elements": "approved by the board|linked from the front page",
            "retrieved": "2019-07-11",
            "note": "Covers 2018 and 2019.",
            "source": "Modern Slavery Registry (BHRRC), audit of 2019 and 2020",
        }
    ]
    (company,) = cells(source, "actors")
    assert (company["id"], company["country"]) == ("company-new1", "GB")
    assert company["identifiers"] == "gb-coh:01234567"


@pytest.mark.parametrize("number", ["1234567", "98221", "2404"])
def test_lost_zeros_of_a_company_number_are_restored_with_a_warning(tmp_path: Path, number: str) -> None:
    source = registry(tmp_path, [{}], [{"company_number": number}])
    (finding,) = told(source)
    assert (finding.severity, finding.file, finding.value) == ("warning", COMPANIES, number)
    assert cells(source, "actors")[0]["identifiers"] == f"gb-coh:{number:0>8}"


@pytest.mark.parametrize("number", ["SC012345", "IP12345R", "SP1234RS", "R0001234"])
def test_numbers_with_a_prefix_stand_as_they_are(tmp_path: Path, number: str) -> None:
    source = registry(tmp_path, [{}], [{"company_number": number}])
    assert told(source) == []
    assert cells(source, "actors")[0]["identifiers"] == f"gb-coh:{number}"


def test_the_number_of_a_charity_is_no_company_number(tmp_path: Path) -> None:
    source = registry(tmp_path, [{}], [{"company_number": "CHASC012345"}])
    (company,) = cells(source, "actors")
    assert "identifiers" not in company
    assert company["note"] == "Number in the register of charities: SC012345."


@pytest.mark.parametrize("number", ["123456789", "ABC12345"])
def test_what_is_no_number_stands_in_a_note_with_a_warning(tmp_path: Path, number: str) -> None:
    source = registry(tmp_path, [{}], [{"company_number": number}])
    assert [(found.severity, found.value) for found in told(source)] == [("warning", number)]
    assert "identifiers" not in cells(source, "actors")[0]


def test_two_rows_of_a_company_give_it_both_numbers(tmp_path: Path) -> None:
    source = registry(tmp_path, [{}], [{}, {"company_number": "SC012345"}])
    assert [(found.severity, found.row) for found in told(source)] == [("warning", 3)]
    assert [company["identifiers"] for company in cells(source, "actors")] == [
        "gb-coh:01234567|gb-coh:SC012345"
    ]


def test_a_company_without_a_name_goes_in_under_its_number(tmp_path: Path) -> None:
    source = registry(tmp_path, [{"company_id": "77"}], [], [("77", "SC012345")])
    assert [found.severity for found in told(source)] == ["warning"]
    assert cells(source, "actors")[0]["name"] == "GB company SC012345"


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"company_id": "77"}, "company_id"),
        ({"url": "statement.pdf page 2"}, "url"),
        ({"approved_by_board": "Maybe"}, "approved_by_board"),
        ({"published": "f"}, "published"),
        ({"last_year_covered": "19"}, None),
        ({"first_year_covered": "2020"}, None),
    ],
)
def test_what_is_not_known_leaves_its_row_out(
    tmp_path: Path, said: dict[str, str], column: str | None
) -> None:
    source = registry(tmp_path, [said, {}])
    (finding,) = told(source)
    assert (finding.severity, finding.file, finding.row, finding.column) == ("refused", STATEMENTS, 2, column)
    assert len(cells(source, "disclosures")) == 1


def test_an_unknown_country_leaves_its_company_out(tmp_path: Path) -> None:
    source = registry(tmp_path, [], [{"country_id": "7"}])
    assert [(found.severity, found.column, found.value) for found in told(source)] == [
        ("refused", "country_id", "7")
    ]


def test_a_statement_of_no_year_is_kept_without_one(tmp_path: Path) -> None:
    source = registry(tmp_path, [{"first_year_covered": "", "last_year_covered": ""}])
    assert [found.severity for found in told(source)] == ["warning"]
    assert not {"year", "period_end"} & set(cells(source, "disclosures")[0])


@pytest.mark.parametrize("day", ["1", "11/07/2019", "99999", ""])
def test_a_day_that_is_no_number_of_a_spreadsheet_is_left_out(tmp_path: Path, day: str) -> None:
    source = registry(tmp_path, [{"date_seen": day}])
    assert [(found.severity, found.column) for found in told(source)] == [("warning", "date_seen")]
    assert "retrieved" not in cells(source, "disclosures")[0]


def test_who_signed_or_contributed_is_never_read(tmp_path: Path) -> None:
    person = "Fulana de Tal"
    source = registry(tmp_path, [dict.fromkeys(("approved_by", "signed_by", "contributor_email"), person)])
    assert told(source) == []
    assert not any(
        person in value for rows in source.tables.values() for row in rows for value in row.cells.values()
    )
    kept = source.find(STATEMENTS).read_text("utf-8")
    assert STATEMENT["url"] in kept
    assert person not in kept


def test_a_disclosure_without_a_year_stands_beside_the_act_under_which_it_was_made(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    for table, text in {
        "actors": "id,name,country\nfirm,Invented Ltd,GB\n",
        "actor_facts": "actor,metric,value,currency,year\nfirm,turnover,90000000,GBP,2020\n",
        "disclosures": "party,law,period_end,url\nfirm,laws/uk-msa-2015,2019-03-31,https://example.org/statement\n",
    }.items():
        (tmp_path / "package" / f"{table}.csv").write_text(text, "utf-8")
    tables = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "actor_facts", "disclosures")]
    described = {"name": "filed", "licenses": [{"name": "CC0-1.0"}], "resources": tables}
    (tmp_path / "package" / "datapackage.json").write_text(json.dumps(described), "utf-8")
    graph = Graph.open(tmp_path / "data", create=True)
    with as_file(files("opentier.graph") / "datasets" / "laws") as laws:
        graph.contribute(laws)
    assert graph.contribute(tmp_path / "package").new
    answer = graph.view().obligations("filed/firm")
    (act,) = [law for law in answer["laws"] if law["law"]["iri"].endswith("/uk-msa-2015")]
    assert [(each["year"], each["period_end"]) for each in act["filed"]] == [(None, "2019-03-31")]


def test_the_real_registry_is_read_to_its_last_row(shared: Path) -> None:
    folder = shared / "data" / "uk_ms_registry_bhrrc"
    statements, companies, numbers = (raw(folder / name) for name in (STATEMENTS, COMPANIES, NUMBERS))
    source = read("uk-statements", folder)
    assert source.report.conforms
    counts = source.report.counts()
    assert counts["rows"] == len(statements) + len(companies) + len(numbers) == 5597 + 3642 + 5556
    named = {row[0] for row in companies}
    numbered = {row[0] for row in numbers}
    unknown = sum(row[17] not in named | numbered for row in statements)
    assert counts["refused"] == unknown == 494
    assert len(cells(source, "disclosures")) == len(statements) - unknown
    nameless = {row[17] for row in statements if row[17] not in named and row[17] in numbered}
    assert len(cells(source, "actors")) == len(named) + len(nameless)
    lost = sum(bool(re.fullmatch(r"#?\d{1,7}", row[10])) for row in companies)

    def many(said: str) -> int:
        return sum(kind.count for kind in source.report.kinds() if said in kind.message)

    assert many("lost leading zeros") == lost
    assert many("no year") == sum(not row[16] and row[17] in named | numbered for row in statements)
