"""Codes of the Harmonized System: which one a text means, and where it means several, or lost a digit on its way.

``hs.csv`` holds the headings, each with the last digits of its subheadings in the edition of 2022, and of those that
only the one of 2007 has; made from the dataset harmonized-system (public domain, PDDL) and a concordance of 2007 (MIT).
"""

from __future__ import annotations

import csv
import io
import re
from functools import lru_cache
from importlib.resources import files

from opentier.graph.written.faults import CellError

CODE = re.compile(r"\d{2}(?:\d{2}(?:\d{2})?)?", re.ASCII)
#: What stands before a code: HS 6109, hs:6109, HS Code: 6109.10, HTS 6109.10.00.
_BEFORE = re.compile(
    r"(?:hs|hts|htsus|hsn|ncm)(?:[ -]?(?:codes?|no|nr|number|heading))?[ .:#]*(?=\d)", re.IGNORECASE
)
_LIKE = re.compile(r"\d[\d. ]*", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?e\+?\d{1,2}", re.IGNORECASE | re.ASCII)
_FLOAT = re.compile(r"(\d+)\.0", re.ASCII)
_BETWEEN = re.compile(r"[,;|/&\n\t+-]+|\band\b", re.IGNORECASE)
#: Digits of a code of the HS, and of the national codes that begin with one.
_HS, _NATIONAL = (2, 4, 6), (8, 10)
_ONE_EACH = "Give each code a row of its own, or separate them by bars where the column takes several."


def read(text: str) -> str:
    """Return HS digits: 2, 4 or 6; national codes of 8 or 10 are cut to 6.

    Raises
    ------
    CellError
        If it is none, is several, or has lost a digit: nothing is guessed, and the likely code is shown.
    """
    code = bare(text)
    if len(found := several(text)) > 1:
        raise CellError(f"These are {len(found)} HS codes: {', '.join(found)}.", _ONE_EACH)
    if _SCIENTIFIC.fullmatch(code):
        raise CellError(
            "A spreadsheet has rounded this number.", "Keep codes as text, and write every digit."
        )
    if not text.isascii() or not _LIKE.fullmatch(code):
        raise CellError("This is not an HS code.", "Give 2, 4 or 6 digits.")
    if trailing := _FLOAT.fullmatch(code):
        raise CellError(
            "This is not an HS code but a decimal number.", f"Write {_likely(trailing[1])}, if that is meant."
        )
    groups = re.split(r"[ .]+", code.strip(" ."))
    digits = "".join(groups)
    if len(digits) % 2:
        trailing_zero = len(groups) > 1 and len(groups[-1]) == 1
        meant, which = (f"{digits}0", "last") if trailing_zero else (f"0{digits}", "leading")
        advice = f"Did it lose a {which} zero? Write {meant}, if that is meant."
        raise CellError("This is not an HS code: it has an odd number of digits.", advice)
    if len(digits) not in (*_HS, *_NATIONAL):
        raise CellError("This is not an HS code.", "Give 2, 4 or 6 digits, or a national code of 8 or 10.")
    if digits[:2] in ("00", "77"):
        raise CellError("The HS has no such chapter.", "Look the code up; did it lose a leading zero?")
    return digits[: _HS[-1]]


def meant(text: str) -> bool:
    """Return whether a text is meant as HS codes rather than as the name of a product."""
    code = bare(text)
    return bool(_LIKE.fullmatch(code) or _SCIENTIFIC.fullmatch(code)) or len(several(text)) > 1


def several(text: str) -> list[str]:
    """Return the codes of a text that holds several, as they are written; nothing where any part is no code."""
    code = bare(text)
    parts = [bare(part.strip()) for part in _BETWEEN.split(code) if part.strip()]
    if len(parts) > 1 and max(map(len, parts)) < 4 and not re.search(r"[,;|\n]", code):
        return []  # 50/50, 12-14
    if len(parts) == 1:
        parts = code.split()
        if any(len(part) < 4 for part in parts):
            return []  # 6109 10 00 is one
    digits = [part.replace(".", "") for part in parts]
    fits = all(each.isascii() and each.isdigit() and len(each) in (*_HS, *_NATIONAL) for each in digits)
    return parts if fits and len(parts) > 1 else []


def bare(text: str) -> str:
    """Return a text without what says that it is an HS code."""
    return _BEFORE.sub("", text.strip(), count=1) if _BEFORE.match(text.strip()) else text.strip()


def is_code(text: str) -> bool:
    """Return whether a text is an HS code of 2, 4 or 6 digits as it stands."""
    return bool(CODE.fullmatch(text))


def codes() -> frozenset[str]:
    """Return the codes of all editions that ship."""
    return frozenset().union(*_editions())


def known(code: str) -> bool:
    """Return whether the editions that ship have a code; those of chapters 98 and 99 are national, and in none."""
    return code[:2] not in ("98", "99") and any(code in codes for codes in _editions())


def earlier(code: str) -> bool:
    """Return whether a code is of an earlier edition that ships, and no longer of the newest."""
    return code in _editions()[1]


def dotted(code: str) -> str:
    """Return a code as people write it: ``6109.10``."""
    return f"{code[:4]}.{code[4:]}" if len(code) > 4 else code


def _likely(digits: str) -> str:
    return digits if len(digits) % 2 == 0 else f"0{digits}"


@lru_cache(maxsize=1)
def _editions() -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes of the newest edition, and those that only an earlier one has."""
    newest, others = set[str](), set[str]()
    text = files("opentier.graph.written").joinpath("hs.csv").read_text("utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        heading = row["heading"]
        for column, codes in (("subheadings", newest), ("earlier", others)):
            if ends := row[column].split():
                codes |= {heading[:2], heading, *(heading + end for end in ends)}
    return frozenset(newest), frozenset(others - newest)
