"""Statements under the Modern Slavery Act of the United Kingdom: a disclosure each, and their companies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from opentier.graph.contribution.foreign import Source, SourceRow
from opentier.graph.model.cells import CellError, url
from opentier.graph.report.report import Where

STATEMENTS, COMPANIES = "statements_audit.redacted.csv", "companies_audit.csv"
NUMBERS = "companies_house_numbers_upload_v1.csv"
#: The day that spreadsheets number 0, and the days between which a statement can have been seen.
_ZERO, _FIRST, _LAST = date(1899, 12, 30), date(2015, 10, 29), date(2030, 12, 31)
_NUMBER = re.compile(r"[0-9]{8}|[A-Z][0-9]{7}|[A-Z]{2}(?:[0-9]{6}|[0-9]{5}[A-Z]|[0-9]{4}[A-Z]{2})")
_CHARITY = re.compile(r"CHA((?:SC)?\d+)")


@dataclass
class Company:
    """A company of the registry: where it first stands, and what is known of it."""

    where: Where
    name: str
    country: str = "GB"
    numbers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def convert(source: Source) -> None:
    """Emit the companies, then their statements."""
    companies: dict[str, Company] = {}
    for row in source.rows(COMPANIES):
        _company(source, row, companies)
    numbers: dict[str, list[tuple[Where, str]]] = {}
    for row in source.rows(NUMBERS):
        key, number = row["Modern Slavery Registry ID"], row["Companies House Number"]
        if not key or not _NUMBER.fullmatch(number):
            advice = "Compare it with Companies House."
            source.refuse(
                row.where, "A row is an id and a company number of eight characters.", advice, value=number
            )
            continue
        if numbers.setdefault(key, []):
            source.warn(
                row.where, "This id has several numbers; all are kept.", "Compare them.", value=number
            )
        numbers[key].append((row.where, number))
    for row in source.rows(STATEMENTS):
        _statement(source, row, companies, numbers)
    for key, company in companies.items():
        source.emit(
            "actors", company.where, id=_id(key), name=company.name, kind="organisation", country=company.country,
            identifiers="|".join(dict.fromkeys(company.numbers)), note=" ".join(dict.fromkeys(company.notes)),
            source=source.spec["disclosure"]["source"],
        )  # fmt: skip


def _id(key: str) -> str:
    return f"company-{key.lower()}"


def _company(source: Source, row: SourceRow, companies: dict[str, Company]) -> None:
    """Take a company; a second row of one adds its number."""
    key, name = row["id"], " ".join(row["name"].split())
    code = source.lookup("countries", row["country_id"])
    if not key or not name:
        source.refuse(row.where, "A company has an id and a name.", "Complete it.", value=key)
        return
    if code is None:
        advice = "Add it to the lookup `countries` of adapters/uk_statements.toml."
        value = row["country_id"]
        source.refuse(row.where, "This country is not known.", advice, column="country_id", value=value)
        return
    known = companies.setdefault(key, Company(row.where, name, code))
    if known.where != row.where:
        advice = "Nothing to do, where both numbers are right."
        source.warn(
            row.where, "This company comes again; its number is added.", advice, column="id", value=key
        )
    number, note = _number(source, row)
    known.numbers += [f"gb-coh:{number}"] if number else []
    known.notes += [note] if note else []


def _number(source: Source, row: SourceRow) -> tuple[str, str]:
    """Return the company number of a row, zeros restored, or the note on one of another register."""
    said = row["company_number"]
    plain = re.sub(r"[\s#]", "", said).upper()
    if not plain:
        source.warn(row.where, "No company number is stated.", "Nothing to do.", column="company_number")
        return "", ""
    if charity := _CHARITY.fullmatch(plain):
        return "", f"Number in the register of charities: {charity[1]}."
    whole = plain.zfill(8) if plain.isdigit() else plain
    if not _NUMBER.fullmatch(whole):
        message = "This is no company number; it stands in a note."
        source.warn(
            row.where, message, "Compare it with Companies House.", column="company_number", value=said
        )
        return "", f"Number as stated: {said}."
    if whole != said:
        message = f"The number lost leading zeros; it is read as {whole}."
        source.warn(row.where, message, "Keep the column as text.", column="company_number", value=said)
    return whole, ""


def _statement(
    source: Source,
    row: SourceRow,
    companies: dict[str, Company],
    numbers: Mapping[str, list[tuple[Where, str]]],
) -> None:
    where, key = row.where, row["company_id"]
    try:
        address = url(row["url"])
    except CellError as error:
        source.refuse(where, error.message, error.advice, column="url", value=row["url"])
        return
    if row["published"] != "t":
        message = "The registry did not publish this statement."
        source.refuse(where, message, "Nothing to do.", column="published", value=row["published"])
        return
    elements = _elements(source, row)
    if elements is None or not _known(source, row, companies, numbers):
        return
    year, first = row["last_year_covered"], row["first_year_covered"]
    if not (re.fullmatch(r"(20\d\d)?", year) and re.fullmatch(r"(20\d\d)?", first) and first <= year):
        value = f"{first}, {year}"
        source.refuse(where, "These are no years that a statement covers.", "Correct them.", value=value)
        return
    note = f"Covers {first} and {year}." if first != year else ""
    if not year:
        source.warn(where, "The statement has no year.", "Look it up.", column="last_year_covered")
    source.emit(
        "disclosures", where, party=_id(key), year=year, period_end=year, url=address, elements="|".join(elements),
        retrieved=_seen(source, row), note=note, **source.spec["disclosure"],
    )  # fmt: skip


def _known(
    source: Source,
    row: SourceRow,
    companies: dict[str, Company],
    numbers: Mapping[str, list[tuple[Where, str]]],
) -> bool:
    """Return whether the company of a statement is known, by its name or by its number alone."""
    key = row["company_id"]
    if key in companies:
        return True
    if key not in numbers:
        advice = "Get the registry's list of companies, if there is one."
        message = "No file has a name or a number of this company."
        source.refuse(row.where, message, advice, column="company_id", value=key)
        return False
    found = [number for _, number in numbers[key]]
    message = "No file has the name of this company; it goes in under its number."
    source.warn(row.where, message, "Look it up at Companies House.", column="company_id", value=key)
    name = f"GB company {found[0]}"
    companies[key] = Company(numbers[key][0][0], name, numbers=[f"gb-coh:{each}" for each in found])
    return True


def _elements(source: Source, row: SourceRow) -> list[str] | None:
    """Return what the registry found in a statement, or nothing where an answer is not known."""
    found = []
    for column, element in source.spec["elements"].items():
        answer = source.lookup("answers", row[column])
        if answer is None:
            advice = "Add it to the lookup `answers` of adapters/uk_statements.toml."
            source.refuse(row.where, "This answer is not known.", advice, column=column, value=row[column])
            return None
        found += [element] if answer else []
    return found


def _seen(source: Source, row: SourceRow) -> str:
    """Return the day of a spreadsheet's number, or nothing after a warning."""
    text = row["date_seen"]
    if re.fullmatch(r"\d{5}", text):
        day = _ZERO + timedelta(days=int(text))
        if _FIRST <= day <= _LAST:
            return day.isoformat()
    source.warn(
        row.where, "This is no day of a spreadsheet.", "It is left out.", column="date_seen", value=text
    )
    return ""
