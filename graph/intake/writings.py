"""Writings: how the cells of a column are written, where that is not as ours are, and what they say in ours."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from opentier.graph.errors import UsageError
from opentier.graph.written import figures
from opentier.graph.written.faults import CellError

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T[\d:.]+)?)?)?", re.ASCII)
#: What stands before and after a number that is not bare.
_AROUND = re.compile(r"^[^\d+.,-]*(?=[+-]?[.,]?\d)|[^\d+-]*$", re.ASCII)
#: How a number is told by an example, the forms that are tried, and what tells a form from a header.
_EXAMPLE = re.compile(
    r"(?P<before>(?:[^\d%]|%(?![A-Za-z]))*)1(?P<group>[^\d])?234(?:(?P<decimal>[.,])5\d*)?(?P<after>[^\d]*)",
    re.ASCII,
)
_FORMS = ("1234.5", "1.234,5", "1 234,5", "1'234,5", "1,234.5", "1 234.5", "1'234.5")
_FORM = re.compile(r"%[A-Za-z]|\b1\D?234\b")
#: What stands around all numbers of a column and may be left out: money, or percent.
_SIGN = re.compile(r"[%€$£¥₺₽₹₩]|R\$|[A-Z]{3}")
_AMONG = re.compile(r"([+-]?[.,]?\d(?:.*\d)?)", re.ASCII)
_TURNED = re.compile(r"\d{1,2}([-/. ])\d{1,2}\1(?:\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_DATED = re.compile(rf"{_TURNED.pattern}|\d{{1,2}}[-/. ]?[^\W\d]{{3,}}\.?[-/. ]?\d{{2,4}}")
_COUNTED = re.compile(r"[^\d+-]{0,4}[+-]?\d[\d.,' \u00a0\u202f]*(?: ?[^\s\d]{1,3})?")
#: Directives of a pattern that say a day and a month; a year is said by any of `_YEARS`.
_DAYS, _MONTHS, _YEARS = "djaAuwxcDF", "mbBhxcDF", "yYGxcDF"
_LETTERS = {
    "d": "DD", "e": "DD", "m": "MM", "Y": "YYYY", "y": "YY", "H": "hh", "I": "hh", "M": "mm", "S": "ss", "b": "Mon",
    "h": "Mon", "B": "Month", "a": "Day", "A": "Weekday", "p": "AM", "f": "ffffff", "j": "DDD", "F": "YYYY-MM-DD",
    "T": "hh:mm:ss",
}  # fmt: skip
_DIRECTIVE = re.compile(r"%[-_0^#]?([A-Za-z])")


@dataclass(frozen=True)
class Writing:
    """How a column is written.

    Attributes
    ----------
    missing
        What stands in a cell of which nothing is known.
    date
        A pattern of ``strptime``.
    decimal, group, bare
        Of numbers: the decimal point, what groups digits, and whether nothing stands around them.
    true, false
        What stands for yes and for no.
    listed
        What parts several values.
    typed
        Whether cells may hold numbers and dates as such, as those of sheets do.
    """

    missing: frozenset[str] = frozenset()
    date: str = ""
    decimal: str = ""
    group: str = ""
    bare: bool = True
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    listed: str = ""
    typed: bool = False

    def read(self, text: str) -> str:
        """Return what a cell says, written as ours are.

        Raises
        ------
        CellError
            If it is not written in this way.
        """
        if text in self.missing:
            return ""
        if self.date:
            return text if self.typed and _ISO.fullmatch(text) else self._day(text)
        if self.decimal or self.group or not self.bare:
            return text if self.typed and _NUMBER.fullmatch(text) else self._number(text)
        if self.true or self.false:
            return self._truth(text)
        if self.listed:
            return "|".join(filter(None, (part.strip() for part in text.split(self.listed))))
        return text

    def _day(self, text: str) -> str:
        try:
            day = datetime.datetime.strptime(text, self.date)
        except (ValueError, OverflowError):
            advice = f"Write it like {example(self.date)}, or correct the format of the column."
            raise CellError(f"This is no date of the form {spelled(self.date)}.", advice) from None
        said = set(_DIRECTIVE.findall(self.date))
        length = 10 if said & set(_DAYS) else 7 if said & set(_MONTHS) else 4
        return day.date().isoformat()[:length]

    def _number(self, text: str) -> str:
        point = self.decimal or "."
        found = text if self.bare else _AROUND.sub("", text)
        if self.group:
            whole, mark, rest = found.partition(point)
            groups = whole.split() if self.group.isspace() else whole.split(self.group)
            if len(groups) > 1 and len(groups[-1]) != 3:
                raise CellError(*self._no_number())
            found = "".join(groups) + mark + rest
        if point != "." and "." in found:
            raise CellError(*self._no_number())
        found = found.replace(point, ".")
        if not _NUMBER.fullmatch(found):
            raise CellError(*self._no_number())
        return found

    def _no_number(self) -> tuple[str, str]:
        shown = f"1{self.group}234{self.decimal or '.'}5"
        message = f"This is no number of the form {shown}."
        return message, f"Write it like {shown}, or correct what is said of the column."

    def _truth(self, text: str) -> str:
        if text in self.true:
            return "true"
        if text in self.false:
            return "false"
        known = ", ".join(sorted(self.true | self.false))
        raise CellError("This stands neither for yes nor for no.", f"Write one of {known}, or name it too.")


def example(pattern: str) -> str:
    """Return how a day is written by a pattern."""
    return datetime.date(2024, 12, 31).strftime(pattern)


def spelled(pattern: str) -> str:
    """Return a pattern of dates in letters that everybody knows: DD.MM.YYYY."""
    return _DIRECTIVE.sub(lambda found: _LETTERS.get(found[1], found[0]), pattern)


def fault(pattern: str) -> str:
    """Return what is wrong with a pattern of dates, or nothing."""
    if not set(_DIRECTIVE.findall(pattern)) & set(_YEARS):
        return "it says no year"
    try:
        datetime.datetime.strptime(example(pattern), pattern)
    except ValueError as error:
        return str(error)
    return ""


def given(form: str, typed: bool) -> Writing:
    """Return how a column is written whose form is told by an example (``1.234,5``) or a pattern (``%d.%m.%Y``).

    Raises
    ------
    UsageError
        If it is neither.
    """
    found = _EXAMPLE.fullmatch(form.strip())
    if found:
        bare = not (found["before"] or found["after"])
        return Writing(decimal=found["decimal"] or ".", group=found["group"] or "", bare=bare, typed=typed)
    if wrong := fault(form):
        raise UsageError(
            f"{form!r} is no form of a column: {wrong}. Give a pattern of dates such as %d.%m.%Y, or how a number is "
            "written, such as 1.234,5."
        )
    return Writing(date=form, typed=typed)


def parted(said: str) -> tuple[str, str]:
    """Return a header and the form that is told of it: ``Datum as %d.%m.%Y``."""
    header, word, form = said.rpartition(" as ")
    return (header.strip(), form.strip()) if word and _FORM.search(form) else (said, "")


def numbers(values: Iterable[str]) -> str:
    """Return the form of numbers that are not written as ours are, if the whole column can be read in one way only.

    What may be read in two ways (1,234) needs another value beside it that shows which.
    """
    texts = {value for value in values if value}
    if not texts or all(map(_NUMBER.fullmatch, texts)):
        return ""
    if not all(map(_AMONG.search, texts)):
        return ""
    around = {tuple(part.strip() for part in _AMONG.split(text, maxsplit=1)[::2]) for text in texts}
    before, after = around.pop() if len(around) == 1 else ("", "")
    if not all(map(_SIGN.fullmatch, filter(None, (before, after)))):
        return ""
    read: dict[str, dict[str, str]] = {}
    for form in _FORMS:
        whole = f"{before} {form} {after}".strip()
        try:
            read[whole] = {text: given(whole, False).read(text) for text in texts}
        except CellError:
            continue
    first = next(iter(read), "")
    return first if all(found == read[first] for found in read.values()) else ""


class Way(NamedTuple):
    """One of the two ways in which a column of numbers may be meant: its form, and what a value would be."""

    form: str
    text: str
    read: str


def ways(values: Iterable[str], most: float | None = None) -> list[Way]:
    """Return the two ways in which a column of numbers may be meant: nobody knows which; else nothing.

    So it is where every number with a point, or every one with a comma, has three digits behind it, and may have
    thousands before it. What is beyond the `most` that the column takes shows which is meant.
    """
    marked = sorted(text for text in values if "." in text or "," in text)
    signs = {figures.twofold(text) for text in marked}
    if len(signs) != 1 or "" in signs:
        return []
    sign, text = signs.pop(), marked[0]
    if most is not None and any(float(each.replace(sign, "")) > most for each in marked):
        return []
    forms = ("1.234,5", "1234.5") if sign == "." else ("1,234.5", "1234,5")
    return [Way(form, text, figures.plain(given(form, False).read(text))) for form in forms]


def likely(kind: str, text: str) -> bool:
    """Return whether a text is probably a date or a number, in whatever form."""
    return bool((_DATED if kind == "date" else _COUNTED).fullmatch(text))


def turned(text: str) -> str:
    """Return the pattern of a date whose day stands first, or its month: nobody knows which; else nothing."""
    if not (found := _TURNED.fullmatch(text)):
        return ""
    date, _, time = text.partition(" ") if found[1] != " " else (text, "", "")
    sign, year = found[1], "%Y" if re.search(r"\d{4}$", date) else "%y"
    return f"%d{sign}%m{sign}{year}" + (" %H:%M:%S" if time.count(":") > 1 else " %H:%M" if time else "")
