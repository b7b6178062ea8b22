"""One cell: what it says in canonical form, or why it cannot be read."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pycountry
from stdnum import ean, imo, lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from opentier.graph.model import regions
from opentier.graph.model.faults import CellError as CellError
from opentier.graph.model.faults import SeveralMeant as SeveralMeant
from opentier.graph.model.tables import SCHEMES, STRONG_SCHEMES, Column

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ].*)?", re.ASCII)
_HS = re.compile(r"\d{2}(?:\d{2}(?:\d{2})?)?")
_HS_LIKE = re.compile(r"(?=(?:\D*\d){2})[\d. ]+")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.IGNORECASE)
#: Characters of a number; more of them than any quantity has are of no use, and slow to reckon with.
MAX_NUMBER = 100
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_YEARS, _SECTOR = (
    re.compile(r"([1-9])(?:-of-([1-9]))?", re.ASCII),
    re.compile(r"(\d\d)(?:-(\d\d))?", re.ASCII),
)
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


#: Everyday names of several countries, each with their codes; ISO calls one of them so, or none.
_SHARED_NAMES = {
    "congo": ("CD", "CG"), "the congo": ("CD", "CG"), "korea": ("KP", "KR"), "virgin islands": ("VG", "VI"),
    "saint martin": ("MF", "SX"), "st. martin": ("MF", "SX"), "st martin": ("MF", "SX"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a code or a name."""
    text = " ".join(text.split())  # a line break inside a name is a space
    if several := _SHARED_NAMES.get(text.casefold()):
        known: Any = pycountry.countries
        listed = " or ".join(f"{code} ({known.get(alpha_2=code).name})" for code in several)
        raise SeveralMeant("Several countries are called so.", f"Give {listed}.")
    if len(text) in (2, 3) and text.isascii():
        lookup: Any = pycountry.countries.get
        found = lookup(**{f"alpha_{len(text)}": text.upper()})
        if found:
            return str(found.alpha_2)
    try:
        return str(pycountry.countries.lookup(text).alpha_2)
    except LookupError:
        raise CellError(
            "No country has this code or name.", "Give an ISO 3166-1 code such as CN or CHN."
        ) from None


def date(text: str) -> str:
    """Return an ISO 8601 day, month or year; its precision is kept."""
    match = _DATE.fullmatch(text)
    if match is None:
        loose = _LOOSE_DATE.fullmatch(text)
        match = _DATE.fullmatch("-".join(loose.groups())) if loose else None
    if match is None:
        raise CellError("This is not a date.", "Write YYYY-MM-DD, YYYY-MM or YYYY.")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if not 1500 <= year <= 2100:
        raise CellError("The year is impossible.", "Years run from 1500 to 2100.")
    if month is not None and not 1 <= month <= 12:
        raise CellError("There is no such month.", "Write YYYY-MM-DD, YYYY-MM or YYYY.")
    if month and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise CellError("There is no such day.", "Check day and month.")
    return match.group(0)


def hs(text: str) -> str:
    """Return HS digits: 2, 4 or 6; longer national codes are cut to 6."""
    digits = re.sub(r"[ .]", "", text)
    if digits.isascii() and digits.isdigit() and len(digits) > 6 and len(digits) % 2 == 0:
        digits = digits[:6]
    if not digits.isascii() or not _HS.fullmatch(digits):
        raise CellError("This is not an HS code.", "Give 2, 4 or 6 digits; did it lose a leading zero?")
    if digits[:2] in ("00", "77"):
        raise CellError("The HS has no such chapter.", "Look the code up; did it lose a leading zero?")
    return digits


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


def is_hs(text: str) -> bool:
    """Return whether a text is an HS code of 2, 4 or 6 digits as it stands."""
    return bool(_HS.fullmatch(text)) and text.isascii()


def looks_like_hs(text: str) -> bool:
    """Return whether a product cell is meant as an HS code rather than as text."""
    return bool(_HS_LIKE.fullmatch(text))


_CHECKS: dict[str, Callable[[str], str]] = {
    "lei": lei.validate,
    "gln": ean.validate,
    "uscc": uscc.validate,
    "imo": imo.validate,
}


def identifier(text: str) -> str:
    """Return ``scheme:value``, its check digits verified where the scheme has any."""
    scheme, colon, value = (part.strip() for part in text.partition(":"))
    scheme = scheme.lower().replace("_", "-")
    if not colon or not value:
        raise CellError("An identifier is scheme:value.", "For example lei:5493001KJTIIGC8Y1R12.")
    if scheme not in SCHEMES["identifier-scheme"]:
        raise CellError(
            f"No identifier scheme is called {scheme!r}.", f"Use {', '.join(SCHEMES['identifier-scheme'])}."
        )
    if scheme == "duns" and not re.fullmatch(r"[0-9]{9}", value.replace("-", "")):
        raise CellError("A DUNS number has nine digits.", "Did it lose a leading zero?")
    if scheme == "gln" and len(re.sub(r"[ -]", "", value)) != 13:
        raise CellError("A GLN has thirteen digits.", "Did it lose a leading zero?")
    if scheme in _CHECKS:
        try:
            value = _CHECKS[scheme](value)
        except ValidationError as error:
            raise CellError(
                f"This is no valid {scheme.upper()}: {error}", "Compare it with its register."
            ) from None
    return f"{scheme}:{value.replace('-', '') if scheme == 'duns' else value}"


#: What people write who have no identifier, without blanks and signs.
_NONE = frozenset({
    "unknown", "na", "none", "null", "nil", "notavailable", "notapplicable", "notknown", "notprovided", "missing",
    "tbd", "tbc", "pending", "unbekannt", "inconnu", "desconocido", "desconhecido", "nodata",
})  # fmt: skip
#: What is said of an identifier that is none.
FILLER = "This is a filler, not an identifier: it is left out."
#: From how many equal characters on a number of a scheme that joins nobody is a filler.
_EQUAL = 5


def filler(text: str) -> bool:
    """Return whether an identifier stands for none: one sign over and over, its check digit right or not, or a word."""
    scheme, colon, value = text.rpartition(":")
    signs = "".join(sign for sign in value.casefold() if sign.isalnum())
    if signs in _NONE or (not signs and value.strip()):
        return True
    strong = scheme.strip().lower().replace("_", "-") in STRONG_SCHEMES
    return bool(colon) and len(set(signs)) == 1 and (strong or len(signs) >= _EQUAL)


def url(text: str) -> str:
    """Return a web address."""
    found = text if "://" in text else f"https://{text}"
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+\.[^\s<>\"{}|\\^`]+", found):
        raise CellError("This is not a web address.", "Give one that starts with https://.")
    return found


def number(text: str) -> str:
    """Return a decimal number without exponent."""
    if len(text) > MAX_NUMBER:
        raise CellError(f"This has more than {MAX_NUMBER} characters.", "Use fewer digits.")
    if not _NUMBER.fullmatch(text.strip()):
        raise CellError("This is not a number.", "Use digits and a decimal point.")
    value = Decimal(text)
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise CellError("This is not a usable number.", "Use digits and a decimal point.")
    return format(value, "f")


def boolean(text: str) -> str:
    """Return ``true`` or ``false``."""
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise CellError("This is neither true nor false.", "Write true or false, or leave the cell empty.")
    return "true" if lowered in _TRUE else "false"


_READERS: dict[str, Callable[[str], str]] = {
    "country": country,
    "date": date,
    "hs": hs,
    "identifier": identifier,
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
    value = reader(text)
    if column.kind in ("decimal", "integer"):
        _within(column, Decimal(value))
    told = value != text and column.kind not in _SILENT
    if column.kind == "country" and len(text) == 3:
        told = False
    return value, told


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
