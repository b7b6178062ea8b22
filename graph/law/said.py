"""What somebody says of a company, of which nothing needs to be in the data: a seat, figures, where it does what.

What is left away is not known. A figure that is said takes the place of one of the data; its source is whoever says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from opentier.graph.errors import Named, UsageError
from opentier.graph.law.facts import Fact, division
from opentier.graph.model import cells
from opentier.graph.written import days, figures
from opentier.graph.written.faults import CellError

#: Who says it, as a source.
BY_READER = "as entered"
#: Metrics that are places, by the name under which they are said.
PLACES = {
    "branch_in": "branch", "sells_in": "business-in", "imports_into": "importer-of-record", "listed_in": "listed",
    "contracts_in": "contractor",
}  # fmt: skip
#: Amounts of money, by the name under which they are said.
AMOUNTS = {"turnover": "turnover", "assets": "assets"}
#: Whose figures are said.
WHOSE = {"group": True, "company": False}
_TIMES = {"thousand": 3, "k": 3, "million": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
#: Currencies of which a thousandth part is written (ISO 4217); of all others three digits part thousands.
_MILLS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_MONEY = r"([A-Za-z]{3}|[€$£])?"
_AMOUNT = re.compile(
    rf"{_MONEY}\s*([\d.,'’ \u00a0\u202f]*\d)\s*({'|'.join(_TIMES)})?\s*{_MONEY}", re.ASCII | re.IGNORECASE
)
_BELOW = re.compile(rf"{_MONEY}\s*[-−]\s*{_MONEY}\s*\d", re.ASCII | re.IGNORECASE)
_PARTED = re.compile(r"\s*[,;]\s*")


@dataclass(frozen=True)
class Said:
    """What is said of a company: the place of its seat, its facts and the divisions of ISIC that it is in."""

    seat: str = ""
    facts: tuple[Fact, ...] = ()
    sectors: tuple[str, ...] = ()

    def with_known(self, known: Iterable[Fact]) -> list[Fact]:
        """Return these facts and those of the data that are about something else."""
        own = {_about(fact) for fact in self.facts}
        return [*self.facts, *(fact for fact in known if _about(fact) not in own)]


NOTHING = Said()


def read(
    *,
    seat: str | None = None,
    employees: str | None = None,
    employees_world: str | None = None,
    year: str | None = None,
    whose: str | None = None,
    sector: str | None = None,
    **more: str | None,
) -> Said:
    """Return what somebody says, as it is understood.

    Parameters
    ----------
    employees, employees_world
        How many, in the country of the seat and everywhere.
    year
        Of which year the figures are.
    whose
        Whether they are those of the ``group`` or of the ``company`` alone; not stated without it.
    more
        `AMOUNTS`, such as ``900m EUR``, everywhere; and `PLACES`, one or several, parted by commas.

    Raises
    ------
    UsageError
        If something cannot be understood, or employees are said without where.
    """
    where = _read("seat", seat, cells.place)
    of = _read("year", year, days.read)
    if whose not in (None, *WHOSE):
        raise UsageError(Named("whose"), f" is group or company; not {whose!r}.")
    group = WHOSE.get(whose or "")
    if employees and not where:
        raise UsageError(Named("employees"), " are counted in the country of the seat: say that, too.")
    facts = []
    for name, text, scope in (
        ("employees", employees, where.partition("-")[0]),
        ("employees_world", employees_world, "worldwide"),
    ):
        if text:
            number = Decimal(_read(name, text, _count))
            facts.append(Fact("employees", number, "", scope, of, BY_READER, group))
    for name, metric in AMOUNTS.items():
        if text := more.get(name):
            amount, _, currency = _read(name, text, _amount).partition(" ")
            facts.append(Fact(metric, Decimal(amount), currency, "worldwide", of, BY_READER, group))
    facts += [Fact(metric, Decimal(1), "", place, "", BY_READER) for metric, place in _places(more)]
    return Said(where, tuple(facts), tuple(_sectors(sector)))


def _places(said: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, metric in PLACES.items():
        for part in _PARTED.split((said.get(name) or "").strip()):
            if part:
                yield metric, _read(name, part, cells.scope)


def _sectors(text: str | None) -> Iterator[str]:
    for part in _PARTED.split((text or "").strip()):
        if part and division(part) is None:
            raise UsageError(
                Named("sector"), f" {part!r} is no division of ISIC: give two digits such as 13."
            )
        if part:
            yield part


def _about(fact: Fact) -> tuple[str, str, str]:
    return fact.metric, fact.currency, fact.scope


def _read(name: str, text: str | None, how: Callable[[str], str]) -> str:
    try:
        return how(text.strip()) if text else ""
    except CellError as error:
        raise UsageError(Named(name), f" {text!r}: {error.message} {error.advice}") from None


def _count(text: str) -> str:
    """Return how many people there are: a whole number, and none below zero."""
    number = Decimal(figures.typed(text, thousandths=False))
    if number < 0:
        raise CellError("This is below zero.", "Write how many there are, such as 3000.")
    if number != number.to_integral_value():
        raise CellError("This is not a whole number.", "Write how many there are, such as 3000.")
    return f"{number.normalize():f}"


def _amount(text: str) -> str:
    """Return an amount and its currency: ``900000000 EUR`` for ``900m EUR``.

    Raises
    ------
    CellError
        If it is none, or has no currency.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None and _BELOW.match(text):
        raise CellError("This is below zero.", "Give such as 900m EUR.")
    if found is None:
        raise CellError("This is no amount.", "Give such as 900m EUR or 40000000 CAD.")
    money = found[1] or found[4]
    if not money:
        raise CellError("An amount has a currency.", f"Give such as {text} EUR.")
    currency = cells.currency(_SIGNS.get(money, money))
    number = Decimal(figures.typed(found[2], thousandths=bool(found[3]) or currency in _MILLS))
    return f"{number.scaleb(_TIMES.get((found[3] or '').lower(), 0)).normalize():f} {currency}"
