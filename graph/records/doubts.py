"""Doubts: what can be read in each record, and is likely to be meant otherwise. Nothing here keeps a record out."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.records.records import Record, Records
from opentier.graph.report.report import Report

_NAMES = re.compile(
    r"\b(?:also known as|formerly(?: known as)?|doing business as|trading as)\b"
    r"|\b[afd]\.?/?k\.?/?a\b\.?|\bd/b/a\b|;|\|",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]?);", re.IGNORECASE)
#: Columns of days that have been when they are told of.
_PAST = ("observed_date", "retrieved", "listing_date")
_SHARES = ("share_exact", "share_minimum", "share_maximum")
_PERCENT = Decimal(100)


def tell(records: Records, created: str, report: Report) -> None:
    """Warn of what is doubtful in records.

    Parameters
    ----------
    created
        When the package says that it was made: what it tells of cannot have been later.
    """
    made = created[:10] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", created[:10]) else ""
    for table in records.columns:
        _texts(records, table, report)
        _days(records, table, made, report)
    if records.has("actors", "lat", "lon"):
        for record in records.of("actors", 'TRY_CAST("lat" AS DOUBLE) = 0 AND TRY_CAST("lon" AS DOUBLE) = 0'):
            message = "The coordinates are 0, 0: a place in the Atlantic, where nobody is."
            _warn(record, report, message, "Leave both cells empty where they are not known.", "lat")
    _shared(records, report)
    _fractions(records, report)
    _sums(records, report)


def _texts(records: Records, table: str, report: Report) -> None:
    """Warn of markup, in the first text of a record that has any, and else of several names in one cell."""
    texts = [column for column in records.columns[table] if column.kind == "text"]
    for column in texts:
        said = f"array_to_string(\"{column.name}\", ' ')" if column.many else f'"{column.name}"'
        earlier = texts[: texts.index(column)]
        for record in records.of(table, f"(contains({said}, '<') OR contains({said}, '&'))"):
            if any(_marked(record, each.name) for each in earlier):
                continue
            if found := _marked(record, column.name):
                message = f"The text holds markup ({found[:40]}): it is kept and shown as it stands."
                _warn(record, report, message, "Write it as plain text.", column.name)
    if table == "actors" and records.has("actors", "name"):
        suspected = (
            "regexp_matches(\"name\", '(?i)known as|formerly|business as|trading as|k\\.?/?a|b/a|;|\\|')"
        )
        for record in records.of("actors", suspected):
            if (several := _NAMES.search(record.values["name"][0])) and not any(
                _marked(record, each.name) for each in texts
            ):
                message = f"This looks like several names in one cell ({several[0]})."
                advice = "Put the others into also_known_as, with bars between them."
                _warn(record, report, message, advice, "name")


def _marked(record: Record, column: str) -> str:
    """Return the first markup in a column of a record."""
    return next((found[0] for text in record.values.get(column, ()) if (found := _MARKUP.search(text))), "")


def _days(records: Records, table: str, made: str, report: Report) -> None:
    for name in _PAST:
        if made and records.has(table, name):
            for record in records.of(table, f'"{name}" > left(?, length("{name}"))', [made]):
                message = f"This day lies after the package was made ({made})."
                _warn(record, report, message, "Correct the date, or created in datapackage.json.", name)
    if table == "designations" and records.has(table, "status", "delisting_date"):
        over = '"status" = \'active\' AND "delisting_date" <= coalesce(nullif(?, \'\'), "delisting_date")'
        for record in records.of(table, over, [made]):
            (end,) = record.values["delisting_date"]
            message = f"The status is active, but the entry was taken off the list ({end})."
            _warn(record, report, message, "Correct one of the two.", "status")


def _shared(records: Records, report: Report) -> None:
    """Tell of actors that an identifier of theirs makes one."""
    for table, columns in records.columns.items():
        if not any(column.name == "identifiers" for column in columns):
            continue
        each = f'SELECT unnest("identifiers") AS identifier, "at", ("file", "row", "focus") AS place FROM "{table}"'
        text = f'SELECT identifier, count(*), min("at"), arg_min(place, "at") FROM ({each})'
        schemes = list(STRONG_SCHEMES)
        text += " WHERE split_part(identifier, ':', 1) IN (SELECT unnest(?)) GROUP BY 1 HAVING count(*) > 1 ORDER BY 3"
        for identifier, count, _, place in records.staged.rows(text, [schemes]):
            message = f"{count:,} actors have this identifier: each counts as the others."
            advice = "Say negative in identity_judgements of those that are not one."
            where = records.staged.where(*place)
            report.add("info", where, message, advice, column="identifiers", value=identifier)


def _fractions(records: Records, report: Report) -> None:
    """Warn where every share of a package is at most 1: percentages are asked for."""
    stated = [name for name in _SHARES if records.has("ownership_links", name)]
    if not stated:
        return
    numbers = [f'TRY_CAST("{name}" AS DOUBLE)' for name in stated]
    ((most,),) = records.staged.rows(
        f'SELECT greatest({", ".join(f"max({each})" for each in numbers)}) FROM "ownership_links"'
    )
    if not most or most > 1:
        return
    some = " OR ".join(f"{each} <> 0" for each in numbers)
    for link in records.of(
        "ownership_links", f'"at" = (SELECT min("at") FROM "ownership_links" WHERE {some})'
    ):
        name, share = next((name, share) for name in stated if (share := _number(link, name)))
        message = f"Every share of this package is at most 1: {share} is read as {share} %, not as {share * 100:g} %."
        _warn(link, report, message, "Give percentages, from 0 to 100.", name)


def _sums(records: Records, report: Report) -> None:
    """Warn where the owners of one asset hold more than all of it on one day."""
    stated = [name for name in _SHARES[:2] if records.has("ownership_links", "asset", name)]
    if not stated:
        return
    share = f"coalesce({', '.join(f'TRY_CAST({chr(34)}{name}{chr(34)} AS DOUBLE)' for name in stated)})"
    by = '"asset", "interest"' if records.has("ownership_links", "interest") else '"asset"'
    most = f'"asset" IN (SELECT "asset" FROM "ownership_links" GROUP BY {by} HAVING sum({share}) > 100)'
    owned: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records.of("ownership_links", most):
        owned[record.values["asset"]].append(record)
    for links in owned.values():
        _sum(links, report)


def _sum(links: list[Record], report: Report) -> None:
    by_interest = defaultdict(list)
    for link in links:
        share = _number(link, "share_exact") or _number(link, "share_minimum")
        if share:
            by_interest[link.values.get("interest")].append((link, share))
    for held in by_interest.values():
        for link, _ in held:
            day = _span(link)[0]
            total = sum(
                (share for other, share in held if _span(other)[0] <= day <= _span(other)[1]), Decimal(0)
            )
            if total > _PERCENT:
                message = f"The owners of this asset hold {total.normalize():f} % of it at the same time."
                advice = "Correct the shares, or the dates of those that ended."
                _warn(link, report, message, advice, "share_exact")
                return


def _span(link: Record) -> tuple[int, int]:
    (start,), (end,) = (link.values.get(name, ("",)) for name in ("start_date", "end_date"))
    return first_day(start) if start else EVER, last_day(end) if end else NEVER


def _number(record: Record, name: str) -> Decimal | None:
    (value,) = record.values.get(name, ("",))
    return Decimal(value) if value else None


def _warn(record: Record, report: Report, message: str, advice: str, column: str) -> None:
    value = "|".join(record.values.get(column, ())) or None
    report.add("warning", record.where, message, advice, column=column, value=value)
