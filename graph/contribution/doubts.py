"""Doubts: what can be read in each record, and is likely to be meant otherwise. Nothing here keeps a record out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from opentier.graph.contribution.records import Record
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.report.report import Report

_NAMES = re.compile(
    r"\b(?:also known as|formerly(?: known as)?|doing business as|trading as)\b"
    r"|\b[afd]\.?/?k\.?/?a\b\.?|\bd/b/a\b|;|\|",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]?);", re.IGNORECASE)
#: Columns of days that have been when they are told of.
_PAST = ("observed_date", "retrieved", "listing_date")
_PERCENT = Decimal(100)


def tell(records: Iterable[Record], created: str, report: Report) -> None:
    """Warn of what is doubtful in the records of tables.

    Parameters
    ----------
    created
        When the package says that it was made: what it tells of cannot have been later.
    """
    made = created[:10] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", created[:10]) else ""
    owned: dict[str, list[Record]] = defaultdict(list)
    holders: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        _texts(record, report)
        _days(record, made, report)
        for identifier in record.values.get("identifiers", ()):
            holders[identifier].append(record)
        if record.table.name == "actors" and all(_number(record, name) == 0 for name in ("lat", "lon")):
            message = "The coordinates are 0, 0: a place in the Atlantic, where nobody is."
            _warn(record, report, message, "Leave both cells empty where they are not known.", "lat")
        elif record.table.name == "ownership_links":
            owned[record.values["asset"][0]].append(record)
    _shared(holders, report)
    _fractions([link for links in owned.values() for link in links], report)
    for links in owned.values():
        _sum(links, report)


def _texts(record: Record, report: Report) -> None:
    for column in record.table:
        if column.kind != "text":
            continue
        for text in record.values.get(column.name, ()):
            if found := _MARKUP.search(text):
                message = f"The text holds markup ({found[0][:40]}): it is kept and shown as it stands."
                _warn(record, report, message, "Write it as plain text.", column.name)
                return
    if record.table.name == "actors" and (found := _NAMES.search(record.values["name"][0])):
        message = f"This looks like several names in one cell ({found[0]})."
        _warn(record, report, message, "Put the others into also_known_as, with bars between them.", "name")


def _days(record: Record, made: str, report: Report) -> None:
    for name in _PAST:
        (day,) = record.values.get(name, ("",))
        if made and day and day > made[: len(day)]:
            message = f"This day lies after the package was made ({made})."
            _warn(record, report, message, "Correct the date, or created in datapackage.json.", name)
    (status,), (end,) = (record.values.get(name, ("",)) for name in ("status", "delisting_date"))
    if record.table.name == "designations" and status == "active" and end and end <= (made or end):
        message = f"The status is active, but the entry was taken off the list ({end})."
        _warn(record, report, message, "Correct one of the two.", "status")


def _shared(holders: dict[str, list[Record]], report: Report) -> None:
    """Tell of actors that an identifier of theirs makes one."""
    for identifier, actors in holders.items():
        if len(actors) > 1 and identifier.partition(":")[0] in STRONG_SCHEMES:
            message = f"{len(actors):,} actors have this identifier: each counts as the others."
            advice = "Say negative in identity_judgements of those that are not one."
            report.add("info", actors[0].where, message, advice, column="identifiers", value=identifier)


def _fractions(links: list[Record], report: Report) -> None:
    """Warn where every share of a package is at most 1: percentages are asked for."""
    names = ("share_exact", "share_minimum", "share_maximum")
    stated = [(link, name, share) for link in links for name in names if (share := _number(link, name))]
    if stated and all(share <= 1 for _, _, share in stated):
        link, name, share = stated[0]
        message = f"Every share of this package is at most 1: {share} is read as {share} %, not as {share * 100:g} %."
        _warn(link, report, message, "Give percentages, from 0 to 100.", name)


def _sum(links: list[Record], report: Report) -> None:
    """Warn where the owners of one asset hold more than all of it on one day."""
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
                _warn(
                    link,
                    report,
                    message,
                    "Correct the shares, or the dates of those that ended.",
                    "share_exact",
                )
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
