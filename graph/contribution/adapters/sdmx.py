"""SDMX-CSV, 1.0 to 2.1, and the CSV of ILOSTAT: statistics of places as observations.

The forms are those of the SDMX-CSV field guides (https://github.com/sdmx-twg/sdmx-csv); codes are those of the SDMX
cross-domain code lists and of ILOSTAT.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import pycountry

from opentier.graph.contribution.adapters import messages
from opentier.graph.contribution.foreign import Source, SourceRow
from opentier.graph.model import cells
from opentier.graph.model.cells import CellError
from opentier.graph.model.tables import SCHEMES
from opentier.graph.report.report import Where

#: Who made a message that has our own code lists, and what stands there for all of a dimension.
AGENCY, ALL, UNSAID = "OPENTIER", "_T", "_X"
_AGE = re.compile(r"(?:AGE_[A-Z0-9]+_)?Y?_?(?:(GE|LT|LE)_?)?(\d{1,3})(?:[-T](\d{1,3}))?", re.ASCII)
_SECTION = re.compile(r"(?:ECO_ISIC4_|ISIC4_)?([A-U](?:\d{2,4})?|[A-U]-[A-U]|\d\d(?:-\d\d)?)", re.ASCII)
#: The first division of each section of ISIC, revision 4.
_FIRST = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTU",
        (1, 5, 10, 35, 36, 41, 45, 49, 55, 58, 64, 68, 69, 77, 84, 85, 86, 90, 94, 97, 99),
        strict=True,
    )
)
_AREA = re.compile(r"[A-Z]{2,3}|[A-Z]{2}-[A-Z0-9]{1,3}|\d{3}|worldwide", re.ASCII)
_MONTH = re.compile(r"(\d{4})-?M(\d{2})", re.ASCII)
_YEAR = re.compile(r"(\d{4})-?A1", re.ASCII)
#: What stands for a value that is not there.
_NONE = frozenset({"", "NaN", "#N/A"})
#: What each column of a classification is of.
_SECTORS, _NOTES = (
    ("ECO", "ACTIVITY", "SECTOR"),
    ("COMMENT_OBS", "NOTE_INDICATOR", "NOTE_CLASSIF", "NOTE_SOURCE"),
)
_AS_THEY_ARE = ("method", "sample_size", "population", "retrieved")


class Unmapped(Exception):
    """A cell of a row means nothing here: which column, its code, what is wrong and what to do."""

    def __init__(self, column: str, code: str, message: str = "", advice: str = "") -> None:
        super().__init__(code)
        self.column, self.code = column, code
        self.message = message or f"{column} {code} has no counterpart here."
        self.advice = advice or "Add it to the lookups of adapters/sdmx.toml, if one means the same."


def convert(source: Source) -> None:
    """Emit an observation for each row that can be read, and tell how many rows each other code has."""
    files = source.names("*.csv")
    unmapped: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[Where, Unmapped]] = {}
    for name in files:
        for row in messages.rows(source, name):
            try:
                _observation(source, row)
            except Unmapped as error:
                key = error.column, error.code
                unmapped[key] += 1
                first.setdefault(key, (row.where, error))
                source.refuse(row.where, error.message, error.advice, column=error.column, value=error.code)
    for (column, code), count in sorted(unmapped.items()):
        where, why = first[column, code]
        if count > 1:
            message = (
                f"{count:,} rows have {column} {code!r}, which is not read: the first is row {where.row:,}."
            )
            source.report.add("info", where, message, why.advice, column=column, value=code)


class _Cells:
    """The cells of one row, by what they fill."""

    def __init__(self, source: Source, row: SourceRow) -> None:
        self.source, self.row = source, row
        self.structure = row.get("STRUCTURE_ID") or row.get("DATAFLOW") or ""
        self.own = self.structure.startswith(f"{AGENCY}:")
        self.given: dict[str, str] = dict(row)
        for name in ("CLASSIF1", "CLASSIF2", "CLASSIF3"):
            if code := self.code(name):
                kind = source.lookup("classifications", code.partition("_")[0])
                if kind is None and not code.endswith("_TOTAL"):
                    raise Unmapped(name, code)
                self.given[kind or name] = code

    def text(self, name: str) -> str:
        """Return a cell as it is."""
        return self.given.get(name, "")

    def code(self, name: str) -> str:
        """Return the code of a cell, without what it is called (labels=both)."""
        text = self.given.get(name, "")
        return text if self.own else text.partition(messages.NAMED)[0].strip()

    def of(self, what: str) -> tuple[str, str]:
        """Return the column that fills something, and its code."""
        name = next(name for name in self.source.spec["fills"][what] if name in self.row)
        return name, self.code(name)


def _observation(source: Source, row: SourceRow) -> None:
    """Emit the observation of a row."""
    said = _Cells(source, row)
    _told(source, row)
    if said.code("ACTION") == "D":
        advice = "Contribute what is left: it takes the place of the version before."
        raise Unmapped("ACTION", "D", "The row deletes an observation.", advice)
    for name in ("CONF_STATUS", "OBS_CONF"):
        if source.lookup("free", said.code(name)) is None:
            message = "The observation is not free for publication."
            raise Unmapped(name, said.code(name), message, "Ask who publishes it.")
    indicator, meant = _indicator(said)
    age, oldest = _age(said)
    if "oldest" in meant and (oldest is None or oldest > meant["oldest"]):
        message = f"{indicator} is read up to an age of {meant['oldest']} alone."
        raise Unmapped(
            "AGE", said.code("AGE"), message, "Nothing to do: older ages mean something else here."
        )
    status = _status(said)
    shift = _shift(said, meant)
    value, lower, upper = (
        _number(said, name, shift) for name in (said.of("value")[0], "LOWER_BOUND", "UPPER_BOUND")
    )
    unit = ", ".join(filter(None, (_unit(said, meant), _sex(said), age)))
    notes = [said.text(name) for name in _NOTES] + [status]
    if not value and not any(notes):
        notes.append("No value is stated.")
    source.emit(
        "observations", row.where, indicator=indicator, area=_area(said), period=_period(said), value=value, unit=unit,
        lower=lower, upper=upper, sector=_sector(said), product=_product(said), source=_source(said),
        note=" ".join(filter(None, notes)), **{name: said.text(name.upper()) for name in _AS_THEY_ARE},
    )  # fmt: skip


def _told(source: Source, row: SourceRow) -> None:
    """Take what a message says of itself as a whole."""
    for name, column in (("licence", "LICENCE"), ("publisher", "PUBLISHER"), ("title", "STRUCTURE_NAME")):
        if text := row.get(column):
            source.about.setdefault(name, text)


def _indicator(said: _Cells) -> tuple[str, Mapping[str, Any]]:
    """Return the indicator of ours, and what the lookup says of it."""
    name, code = said.of("indicator")
    if code in SCHEMES["indicator"]:
        return code, {}
    flow = re.sub(r"\(.*", "", said.structure.partition(":")[2]).removeprefix("DF_")
    for each in (code, re.sub(r"_[AQM]$", "", code), flow):
        if found := said.source.lookup("indicators", each):
            return found["indicator"], found
    raise Unmapped(name, code)


def _area(said: _Cells) -> str:
    name, code = said.of("area")
    if found := said.source.lookup("areas", code):
        return str(found)
    countries = pycountry.countries
    if code.isdigit() and (country := countries.get(numeric=code)):
        return str(country.alpha_2)
    try:
        if _AREA.fullmatch(code):
            return cells.area(code)
    except CellError:
        pass
    raise Unmapped(name, code)


def _period(said: _Cells) -> str:
    name, text = said.of("period")
    if found := _MONTH.fullmatch(text):
        text = f"{found[1]}-{found[2]}"
    elif found := _YEAR.fullmatch(text):
        text = found[1]
    try:
        return cells.date(text)
    except CellError:
        message = f"{name} {text} is no day, month or year."
        raise Unmapped(name, text, message, "Quarters, weeks and ranges have no place here.") from None


def _number(said: _Cells, name: str, shift: int) -> str:
    """Return a number with the power of ten of its unit, empty where it is missing."""
    text = said.text(name)
    if text in _NONE:
        return ""
    try:
        found = Decimal(text)
        if found.is_finite():
            return text if not shift and "e" not in text.lower() else format(found.scaleb(shift), "f")
    except InvalidOperation:
        pass
    raise Unmapped(name, text, f"{name} is no number.", "Use digits and a decimal point.")


def _shift(said: _Cells, meant: Mapping[str, Any]) -> int:
    """Return the power of ten in which values are given: of the row, or else of the indicator."""
    text = said.code("UNIT_MULT")
    if not text:
        return int(str(meant.get("multiplier", 0))) if "UNIT_MULT" not in said.row else 0
    if re.fullmatch(r"-?\d{1,2}", text, re.ASCII):
        return int(text)
    raise Unmapped("UNIT_MULT", text)


def _unit(said: _Cells, meant: Mapping[str, Any]) -> str:
    name = "UNIT_MEASURE" if "UNIT_MEASURE" in said.row else "UNIT"
    text = said.code(name)
    if "unit" in meant:
        return str(meant["unit"])
    if said.own or not text:
        return "" if text == UNSAID else text
    found = said.source.lookup("units", text)
    if found is None:
        said.source.warn(
            said.row.where, f"{name} {text} is not known here: it is kept as it is.",
            "Add it to the lookup `units` of adapters/sdmx.toml.", column=name, value=text,
        )  # fmt: skip
    return str(found or text)


def _sex(said: _Cells) -> str:
    code = said.code("SEX")
    found = said.source.lookup("sexes", code) if code else ""
    if found is None:
        raise Unmapped("SEX", code)
    return str(found)


def _age(said: _Cells) -> tuple[str, int | None]:
    """Return which ages are counted, and the oldest of them: none where nothing bounds it."""
    code = said.code("AGE")
    if not code or code.endswith("_TOTAL") or said.source.lookup("ages", code) is not None:
        return said.source.lookup("ages", code) or "", None
    found = _AGE.fullmatch(code)
    if found is None:
        raise Unmapped("AGE", code)
    sign, first, last = found.groups()
    if sign == "GE":
        return f"aged {first} or more", None
    if sign:
        oldest = int(first) - (sign == "LT")
        return f"aged {oldest} or less", oldest
    return f"aged {first}-{last}" if last else f"aged {first}", int(last or first)


def _sector(said: _Cells) -> str:
    """Return the sector: a section or division of ISIC, revision 4, or nothing where all are meant."""
    found = ""
    for name in _SECTORS:
        code = said.code(name)
        if not code:
            continue
        if said.own:
            return "" if code == ALL else code
        if (meant := said.source.lookup("sectors", code)) is None:
            section = _SECTION.fullmatch(code)
            meant = section[1] if section and _divided(section[1]) else None
        if meant is None or (found and meant):  # of two that part observations one would be lost
            raise Unmapped(name, code)
        found = found or str(meant)
    return found


def _divided(code: str) -> bool:
    """Return whether a division stands in the section before it: S13 is general government, and none of ISIC."""
    if not code[1:].isdigit() or code[0].isdigit():
        return True
    division = int(code[1:3])
    return code[0] == max(section for section, first in _FIRST.items() if first <= max(division, 1))


def _product(said: _Cells) -> str:
    code = said.code("PRODUCT")
    return "" if code in (ALL, "_Z") else code


def _status(said: _Cells) -> str:
    """Return what the status says, as a sentence; nothing of an ordinary value."""
    code = said.code("OBS_STATUS")
    if not code or said.own:
        return ""
    found = said.source.lookup("statuses", code)
    if found is None:
        said.source.warn(
            said.row.where, f"OBS_STATUS {code} is not known here: it stands in the note as it is.",
            "Add it to the lookup `statuses` of adapters/sdmx.toml.", column="OBS_STATUS", value=code,
        )  # fmt: skip
        return f"Status {code}."
    return f"Status {code}: {found}." if found else ""


def _source(said: _Cells) -> str:
    """Return the source of a row, after the message's own structure."""
    if said.own:
        return said.text("SOURCE")
    names = [said.structure, said.text("SOURCE")]
    return ", ".join(filter(None, names))
