"""One cell: what it says in canonical form, or why it cannot be read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal

import pycountry

from opentier.graph.model import dates, identifiers, regions
from opentier.graph.model.tables import Column
from opentier.graph.written import countries, days, figures, hs
from opentier.graph.written.faults import CellError as CellError
from opentier.graph.written.faults import SeveralMeant as SeveralMeant

_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.IGNORECASE)
_YEARS, _SECTOR = (
    re.compile(r"([1-9])(?:-of-([1-9]))?", re.ASCII),
    re.compile(r"(\d\d)(?:-(\d\d))?", re.ASCII),
)
#: Columns of one number, and those of the ends of its range.
_ENDS = {
    "share_exact": "share_minimum and share_maximum", "share_minimum": "share_minimum and share_maximum",
    "share_maximum": "share_minimum and share_maximum", "workers_min": "workers_min and workers_max",
    "workers_max": "workers_min and workers_max", "population_min": "population_min and population_max",
    "population_max": "population_min and population_max", "fee_min": "fee_min and fee_max",
    "fee_max": "fee_min and fee_max",
}  # fmt: skip
#: Columns of dates that may lie far ahead, by their property, and how many years all others may.
_ENDS_OF_TIME, _AHEAD = (*dates.ENDS, "ot:validTo"), 25
#: What is said of an HS code that the editions which ship do not have.
NO_HEADING = ("The HS of 2007 and of 2022 has no such code.", "Look it up; is it a national one?")
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
country, date, number = countries.read, days.read, figures.read
#: Bodies that make law or instruments beyond one state; INT is an instrument of several states without a body, and the
#: African Union goes by AFU, for AU is Australia.
BODIES = frozenset({"EU", "ILO", "UN", "OECD", "OSCE", "COE", "ASEAN", "AFU", "OAS", "INT"})
_M49 = re.compile(r"\d{3}")


def currency(text: str) -> str:
    """Return an ISO 4217 code."""
    if pycountry.currencies.get(alpha_3=text.upper()) is None:
        raise CellError("This is no currency.", "Give an ISO 4217 code such as EUR.")
    return text.upper()


def jurisdiction(text: str) -> str:
    """Return the code of a country or region, or the short name of an international body."""
    if text.upper() in BODIES:
        return text.upper()
    return place(text)


def place(text: str) -> str:
    """Return the code of a country or region, given by code or name."""
    if looks_like_region(text):
        return regions.read(text.upper()).code
    try:
        return country(text)
    except SeveralMeant:
        raise
    except CellError:
        if code := regions.read(text).code:
            return code
        raise


def looks_like_region(text: str) -> bool:
    """Return whether a cell is written as an ISO 3166-2 code is, in any case."""
    return bool(_REGION.fullmatch(text))


def scope(text: str) -> str:
    """Return the code of a country or region, ``EU``, or ``worldwide``."""
    if text.lower() in ("worldwide", "world", "global"):
        return "worldwide"
    return "EU" if text.upper() == "EU" else place(text)


def area(text: str) -> str:
    """Return ``worldwide``, a UN M49 code of three digits, or the code of a country or region."""
    if text.lower() in ("worldwide", "world", "global"):
        return "worldwide"
    if _M49.fullmatch(text):
        return text
    return place(text)


def rule(text: str) -> str:
    """Return ``any``, ``all``, or how many of a group must hold."""
    if text.lower() in ("any", "all") or (text.isascii() and text.isdecimal() and int(text) > 0):
        return text.lower()
    raise CellError("This is no rule of a group.", "Write any, all, or how many of the group must hold.")


def years(text: str) -> str:
    """Return for how many years running (``2``), or in how many of how many (``1-of-2``)."""
    found = _YEARS.fullmatch(text.lower().replace(" ", "-"))
    if found is None or int(found[1]) > int(found[2] or 9):
        raise CellError(
            "This is no number of years.", "Write how many running (2), or how many of how many (1-of-2)."
        )
    return found[0]


def sector(text: str) -> str:
    """Return a division of ISIC, or a range of divisions."""
    found = _SECTOR.fullmatch(text)
    if found is None or int(found[1]) > int(found[2] or 99):
        raise CellError(
            "This is no division of ISIC.", "Give two digits such as 47, or a range such as 10-33."
        )
    return text


def url(text: str) -> str:
    """Return a web address."""
    if (
        text.lower().startswith(("mailto:", "tel:"))
        or "@" in text.partition("://")[2].partition("/")[0]
        or ("://" not in text and "@" in text.partition("/")[0])
    ):
        raise CellError(
            "This is an address of somebody, not of a page.", "Leave it out: no person's data is kept."
        )
    found = text if "://" in text else f"https://{text}"
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+\.[^\s<>\"{}|\\^`]+", found):
        raise CellError("This is not a web address.", "Give one that starts with https://.")
    return found


def boolean(text: str) -> str:
    """Return ``true`` or ``false``."""
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise CellError("This is neither true nor false.", "Write true or false, or leave the cell empty.")
    return "true" if lowered in _TRUE else "false"


_READERS: dict[str, Callable[[str], str]] = {
    "country": country,
    "date": date,
    "hs": hs.read,
    "identifier": identifiers.read,
    "url": url,
    "decimal": number,
    "integer": number,
    "boolean": boolean,
    "currency": currency,
    "jurisdiction": jurisdiction,
    "scope": scope,
    "area": area,
    "rule": rule,
    "years": years,
    "sector": sector,
}
#: Kinds whose canonical form may differ from what was written without a word about it.
_SILENT = frozenset({"decimal", "integer", "boolean", "identifier"})


def read(column: Column, text: str) -> tuple[str, bool]:
    """Return the canonical form of a cell's value and whether the contributor should be told of the change.

    Raises
    ------
    CellError
        With what is wrong and what to do.
    """
    if column.codes:
        code = text.lower().replace("_", "-").replace(" ", "-")
        if code not in column.codes:
            raise CellError(f"{column.name} has no such code.", f"Use one of: {', '.join(column.codes)}.")
        return code, False
    reader = _READERS.get(column.kind)
    if reader is None:
        return text, False
    if column.name in _ENDS and figures.is_range(text):
        raise CellError("This is a range, not a number.", f"Put its two ends into {_ENDS[column.name]}.")
    value = reader(text)
    if column.kind == "date" and column.term not in _ENDS_OF_TIME:
        _begun(value)
    if column.kind in ("decimal", "integer"):
        _within(column, Decimal(value))
    told = value != text and column.kind not in _SILENT
    if column.kind == "country" and pycountry.countries.get(alpha_3=text.upper()) is not None:
        told = False
    return value, told


def _begun(date: str) -> None:
    """Raise CellError for a date that is not of an end and lies a lifetime ahead: digits were exchanged."""
    if int(date[:4]) > datetime.date.today().year + _AHEAD:
        raise CellError("The year lies far ahead.", "Correct it; only what ends may end so late.")


def doubt(column: Column, value: str) -> tuple[str, str] | None:
    """Return what is doubtful about a canonical value, and what to do; None where nothing is."""
    if column.kind == "date" and days.doubted(value):
        return "This day often stands for one that nobody knows.", "Leave the cell empty, if it does here."
    if column.kind == "hs" and not hs.known(value):
        return NO_HEADING
    return None


def _within(column: Column, value: Decimal) -> None:
    if column.kind == "integer" and value != value.to_integral_value():
        raise CellError("This is not a whole number.", "Give a whole number.")
    if column.minimum is not None and value < Decimal(str(column.minimum)):
        raise CellError(
            f"{column.name} is at least {column.minimum:g}.", "Correct the value, or leave the cell empty."
        )
    if column.maximum is not None and value > Decimal(str(column.maximum)):
        raise CellError(
            f"{column.name} is at most {column.maximum:g}.", "Correct the value, or leave the cell empty."
        )
