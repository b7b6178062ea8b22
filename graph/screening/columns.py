"""The columns of a list: what each is taken for, its first values, and how they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from opentier.graph.contribution.bare import Asked, Survey
from opentier.graph.exposure import words
from opentier.graph.intake import apart, dialects
from opentier.graph.intake.bounds import CROWDED
from opentier.graph.intake.kinds import kind
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model.characters import one_line, tidy
from opentier.graph.report.report import Finding, Report
from opentier.graph.screening import listing
from opentier.graph.screening.entries import LEFT_OUT, Entry, entries
from opentier.graph.screening.goods import Goods
from opentier.graph.screening.listing import PRODUCT, READ, Listing
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.written import countries, hs
from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import says_nothing

Json = dict[str, Any]
#: Rows that a list may have to be screened in pages.
MOST_ROWS = 50_000
_ELSEWHERE = (
    f"; at most {MOST_ROWS:,} are screened in pages. On the machine: opentier screen FILE --out screened.xlsx"
)
#: Values of a column that are shown, and letters of each.
_SHOWN, _LONG = 3, 80


def look(
    path: Path,
    asked: Asked,
    country: str,
    meant: Mapping[str, str],
    scratch: Path,
    directory: Callable[[], Directory] | None = None,
) -> Json:
    """Return what a list is taken for as a JSON object; of one that cannot be read it has why, as ``error``.

    Parameters
    ----------
    directory
        Gives what knows the products of the data, where words are held against them.

    Raises
    ------
    UsageError
        If what is said of it does not fit.
    """
    report = Report()
    looked = listing.look(path, asked, scratch, report)
    sheets = list(_sheets(path, scratch))
    if any(each.message == CROWDED for each in report.findings):
        return {"error": f"The list has more than {MOST_ROWS:,} rows{_ELSEWHERE}", "sheets": sheets}
    if looked is None or report.blocking:
        return {"error": _refused(report), "sheets": sheets, "text": kind(path) == "text"}
    place, survey = looked
    many = len(survey.rows)
    if many > MOST_ROWS:
        return {"error": f"The list has {many:,} rows{_ELSEWHERE}", "sheets": sheets}
    rows = [(where.row or 0, cells) for where, cells in survey.rows]
    known = Listing(survey, [], list(survey.labels), rows, kind(place) == "sheets")
    read = list(entries(known, country, report, meant=meant))
    return {
        "written": _written(place, asked, survey, sheets),
        "row": survey.where.row,
        "rows": many,
        "sheets": sheets,
        "labels": [label for label in survey.labels if label],
        "samples": {label: [_short(each) for each in of[:_SHOWN]] for label, of in survey.samples.items()},
        "columns": {name: list(at) for name, at in survey.mapped.headers.items()},
        "read": {
            name: _read(survey, read, name, directory) for name in READ if name in survey.mapped.headers
        },
        "doubts": list(_doubts(survey, meant)),
        "unread": unread(report, known),
        "unnamed": sum(not each.party.called for each in read),
    }


def _refused(report: Report) -> str:
    """Return why a list cannot be read, where that is, and what to do; not what is typed on a command line."""
    found = next((each for each in report.sorted() if each.blocks), None)
    if found is None:
        return "The file cannot be read."
    where = f"Row {found.where.row}: " if found.where.row else ""
    return f"{where}{found.message} {_advice(found)}".rstrip()


def _advice(found: Finding) -> str:
    """Return what to do about a finding, but where that is typed on a command line."""
    return "" if "--" in found.advice else found.advice


def unread(report: Report, listing: Listing) -> list[Json]:
    """Return what of a list is not understood, by kind; of what is read with a `doubt`, what to do about that."""
    left = [
        {"column": None, "count": 1, "message": said, "value": None, "doubt": ""} for said in listing.unread()
    ]
    return left + [
        {"column": each.first.column, "count": each.count, "message": each.message, "value": each.first.value}
        | ({} if LEFT_OUT in each.first.message else {"doubt": _advice(each.first)})
        for each in report.kinds()
        if each.first.severity == "warning"
    ]


def _sheets(path: Path, scratch: Path) -> Iterator[str]:
    if kind(path) == "sheets":
        try:
            yield from apart.sheets(path, scratch)
        except Unreadable:
            return  # reading the one that is meant says why


def _written(place: Path, asked: Asked, survey: Survey, sheets: list[str]) -> Json:
    """Return how a list is written."""
    found = kind(place)
    if found == "text":
        known = dialects.written(place, asked.encoding)
        return {
            "kind": "text", "encoding": known.encoding, "parted": dialects.DELIMITERS[known.delimiter],
            "guessed": known.guessed,
        }  # fmt: skip
    sheet = survey.where.file.partition(", sheet ")[2]
    return {"kind": found, "sheet": sheet if len(sheets) > 1 else ""}


def _read(
    survey: Survey, read: list[Entry], name: str, directory: Callable[[], Directory] | None
) -> list[Json]:
    """Return the first values of one of our columns, each with what it is understood as; nothing where it is not."""
    reader, found = survey.mapped.reader(survey.labels), dict[str, str]()
    for (_, cells), entry in zip(survey.rows, read, strict=True):
        text = reader(cells).get(name, "")
        if text and text not in found:
            found[text] = _product(entry, directory) if name == PRODUCT else _understood(entry, name)
            if len(found) == _SHOWN:
                break
    return [{"value": _short(text), "read": _short(said)} for text, said in found.items()]


def _understood(entry: Entry, name: str) -> str:
    party = entry.party
    if name in ("name", "also_known_as"):
        return party.called[0] if party.called else ""
    if name == "country":
        return words.country_and_code(party.countries[0]) if party.countries else ""
    if name == "region":
        return words.region(party.regions[0]) if party.regions else ""
    if name in ("lat", "lon"):
        return f"{party.position[name == 'lon']:g}" if party.position else ""
    if name == "address":
        return party.address
    if name == "id":
        return entry.id
    return ", ".join(
        each for each in party.identifiers if name == "identifiers" or each.startswith(f"{name}:")
    )


def _product(entry: Entry, directory: Callable[[], Directory] | None) -> str:
    """Return what a product is understood as; nothing where it is no code, and no product of the data."""
    text = entry.product
    if directory is not None and not says_nothing(text) and not hs.meant(text):
        known = Goods(directory(), Parameters(), "", Report()).of(entry)
        return ", ".join(words.goods(good.product.label) or "" for good in known)
    if not hs.meant(text):
        return text
    try:
        return words.goods(f"hs:{hs.read(text)}") or ""
    except CellError:
        return ", ".join(words.goods(f"hs:{hs.bare(part)}") or "" for part in hs.several(text))


def _doubts(survey: Survey, meant: Mapping[str, str]) -> Iterator[Json]:
    """Yield what stands for a country and may be several, or none: how often, what it may be, and is read as."""
    reader = survey.mapped.reader(survey.labels)
    texts = Counter(
        text for _, cells in survey.rows if (text := tidy(reader(cells).get("country", ""), True)[0])
    )
    named = countries.only_names(texts)
    for text, many in texts.items():
        codes = ["", text.upper()] if text.upper() == countries.NAMIBIA else countries.several(text)
        if codes:
            usual = ("" if named else countries.NAMIBIA) if "" in codes else None
            choices = [{"code": code, "name": words.country(code) if code else ""} for code in codes]
            yield {"text": text, "count": many, "choices": choices, "read": meant.get(text, usual)}


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
