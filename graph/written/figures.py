"""Numbers: the decimal that a text means; where it may mean another one, or several, it is refused with both."""

from __future__ import annotations

import re
from decimal import Decimal

from opentier.graph.written.faults import CellError

#: Characters of a number; more of them than any quantity has are of no use, and slow to reckon with.
MAX_NUMBER = 100
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_EXPONENT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)e[+-]?\d{1,2}", re.IGNORECASE | re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([, .'’_\u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_TWOFOLD = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
_PARTED = re.compile(
    r"(?P<whole>[+-]?[1-9]\d{0,2}(?P<mark>[, .'’_\u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*)"
    r"(?:(?!(?P=mark))[.,](?P<rest>\d+))?",
    re.ASCII,
)
_CENTS = re.compile(r"[.,](\d{1,2})$", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_RANGE = re.compile(
    r"\d[\d., ]*\s*(?:-|–|—|\bto\b|\.\.)\s*\d[\d., ]*\s*%?|[<>≤≥~]\s*=?\s*\d.*|\d[\d., ]*\s*\+", re.ASCII
)
_POINT = "Use digits and a decimal point."


def read(text: str) -> str:
    """Return a decimal number without exponent.

    Raises
    ------
    CellError
        If it is none, or may be read in more than one way.
    """
    if len(text) > MAX_NUMBER:
        raise CellError(f"This has more than {MAX_NUMBER} characters.", "Use fewer digits.")
    if not _NUMBER.fullmatch(text.strip()):
        raise CellError("This is not a number.", _advice(text.strip()))
    value = Decimal(text)
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise CellError("This is not a usable number.", _POINT)
    return format(value, "f")


def typed(text: str, *, thousandths: bool = True) -> str:
    """Return a number that a person typed, of which nothing else shows what its point or comma is.

    Thousands may be parted, where nothing but that can be meant: 3 000, 1'200, 1.250.000, 1,250.50.

    Parameters
    ----------
    thousandths
        Whether there may be three digits of a fraction; where not, 3.000 and 3,000 are three thousand.

    Raises
    ------
    CellError
        If it is none, or may be read in two ways: 3.000, 3,000.
    """
    text = text.strip()
    if thousandths and (sign := twofold(text)):
        whole = text.replace(sign, "")
        fraction = plain(text.replace(sign, "."))
        name = "point" if sign == "." else "comma"
        raise CellError(
            f"This may be read in two ways, by what its {name} is.",
            f"Write {whole} if it parts the thousands, {fraction} if it begins a fraction.",
        )
    if found := _PARTED.fullmatch(text):
        text = found["whole"].replace(found["mark"], "") + (f".{found['rest']}" if found["rest"] else "")
    return read(text)


def plain(text: str) -> str:
    """Return a number of digits and a point without the zeros that end its fraction."""
    return format(Decimal(text).normalize(), "f")


def twofold(text: str) -> str:
    """Return the sign in a number that may part its thousands or begin its fraction (3.000, 3,000); else nothing."""
    found = _TWOFOLD.fullmatch(text)
    return found[1] if found else ""


def is_range(text: str) -> bool:
    """Return whether a text gives the ends of a range: 1-50, 25-50 %, 10000+."""
    return bool(_RANGE.fullmatch(text.strip()))


def _advice(text: str) -> str:
    """Return how to write what a text may mean."""
    if text.endswith("%") and _NUMBER.fullmatch(text[:-1].strip()):
        return f"Leave the % out: write {text[:-1].strip()}."
    if _EXPONENT.fullmatch(text):
        return f"Write it out: {format(Decimal(text), 'f')}, if no spreadsheet has rounded it."
    if is_range(text):
        return "Give one number: the ends of a range have columns of their own."
    if _GROUPED.fullmatch(text):
        whole, cents = _parts(text)
        other = f" or {text.replace(',', '.')}, whichever is" if _COMMA.fullmatch(text) else ", if that is"
        return f"Leave out what parts the thousands: write {whole}{cents}{other} meant."
    if _COMMA.fullmatch(text):
        return f"Use a decimal point: write {text.replace(',', '.')}."
    if re.match(r"[^\d\s.,+-]+\s*\d|\d[\d., ]*\s*[^\d\s.,]+$", text):
        return "Use digits and a decimal point only: signs of currencies and units have columns of their own."
    return _POINT


def _parts(text: str) -> tuple[str, str]:
    """Return the digits of a number before its decimals, and the decimals with their point."""
    cents = _CENTS.search(text)
    whole = text[: cents.start()] if cents else text
    return re.sub(r"[^\d-]", "", whole), f".{cents[1]}" if cents else ""
