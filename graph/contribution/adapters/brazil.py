"""Brazil's register of employers: an enforcement listing for each entry of a legal person; nobody else is held."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from stdnum.br import cnpj, cpf

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.report.report import Where

#: The columns of a row, in the order of `read` of each layout.
_FIELDS = ("year", "state", "name", "number", "site", "workers", "activity", "decided", "included", "of")
#: Legal forms: a name with one is a legal person's.
_FORM = re.compile(
    r"\b(ltda?|limitada|s/a|s\.a|s/s|eireli|slu|cooperativa|associacao|fundacao|condominio|consorcio|sindicato"
    r"|sociedade|comunidade terapeutica|municipio|prefeitura)\b"
)
#: A number of a natural person within a name.
_PERSON = re.compile(r"\bCPF\b|\d{9}-?\d\d\b")
_DAY = r"(\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d)"
_PERIOD = re.compile(rf"{_DAY}(?:\s+a\s+{_DAY})?")
_PARTED = re.compile(r"[,;(]| - ")
_TOWN = re.compile(r"([^,;/-]+?)\s*[/-]\s*([A-Z]{2})\.?$")
_DIGITS, _ROOT = 14, 8


class Period(NamedTuple):
    """From when to when an entry stood in the register; an empty end stands for none."""

    start: str
    end: str


@dataclass
class Entry:
    """An entry of the register on a legal person."""

    row: SourceRow
    said: dict[str, str]
    number: str
    periods: list[Period]

    @property
    def root(self) -> str:
        """The digits of the legal person, without those of its branch."""
        return self.number[:_ROOT]


@dataclass
class Edition:
    """One file: its day, and its entries by an id that the same entry has in other editions."""

    name: str
    day: str
    entries: dict[str, Entry] = field(default_factory=dict)


def convert(source: Source) -> None:
    """Emit the entries of the newest edition, and those that left the register before it."""
    editions = sorted(
        (_edition(source, name) for name in source.names("*adastro*")), key=lambda each: each.day
    )
    source.edition = editions[-1].day
    entries = {key: (edition, entry) for edition in editions for key, entry in edition.entries.items()}
    named: dict[str, list[Entry]] = {}
    for _, entry in entries.values():
        named.setdefault(entry.root, []).append(entry)
    for root, found in named.items():
        _employer(source, root, found)
    for key, (edition, entry) in entries.items():
        later = next((each.day for each in editions if each.day > edition.day), "")
        _listing(source, key, entry, edition, later)


def _edition(source: Source, name: str) -> Edition:
    """Read one file; the rows that are left out are withheld from what is kept of it."""
    layout = source.layout(name)
    columns = source.spec["files"][layout]["read"]
    entries: list[Entry] = []
    seen: Counter[str] = Counter()
    for row in source.rows(name, layout):
        said = dict(zip(_FIELDS, (row[column] for column in columns), strict=False))
        entry = _entry(source, row, said)
        if entry:
            entries.append(entry)
    source.withhold(name, layout, {entry.row.where.row or 0 for entry in entries})
    edition = Edition(name, _day(source, name, entries))
    for entry in entries:
        key = f"cnpj-{entry.root}-{entry.periods[0].start}"
        seen[key] += 1
        edition.entries[key if seen[key] == 1 else f"{key}-{seen[key]}"] = entry
    return edition


def _day(source: Source, name: str, entries: Sequence[Entry]) -> str:
    """Return the day of an edition: that of its name, or the one that it states, or the newest that stands in it."""
    if found := re.search(r"\d{4}-\d\d-\d\d", name):
        return found[0]
    if stated := {entry.said["of"] for entry in entries if "of" in entry.said}:
        return max(stated)
    newest = max((day for entry in entries for period in entry.periods for day in period), default="")
    advice = "Put the day of the edition into it: cadastro-2025-10-06.csv."
    message = f"The file does not say of which day it is; the newest day in it is taken: {newest}."
    source.warn(Where(name), message, advice)
    return newest


def _entry(source: Source, row: SourceRow, said: dict[str, str]) -> Entry | None:
    """Return the entry of a legal person, or nothing after leaving the row out without a word of what is in it."""
    number = _number(said["number"])
    plain = _plain(said["name"]).lower()
    if not number or _PERSON.search(said["name"].upper()):
        advice = "Nothing to do: no natural person is held."
        source.refuse(row.where, "This is a natural person, or has no right company number (CNPJ).", advice)
        return None
    if not _FORM.search(plain) and not source.lookup("firms", number[:_ROOT]):
        message = "The name has no legal form: it may be a person who trades under their own name."
        advice = "If it is a legal person, add its number to the lookup `firms` of adapters/brazil.toml."
        source.refuse(row.where, message, advice)
        return None
    try:
        periods = list(_periods(said["included"]))
        said["decided"] = _iso(said["decided"]) if said["decided"] else ""
    except ValueError:
        message = "The day of the decision or of the inclusion cannot be read."
        source.refuse(row.where, message, "Compare it with the register; tell the maintainers of a new form.")
        return None
    if not re.fullmatch(r"\d{4}", said["year"]) or not re.fullmatch(r"\d*", said["workers"]):
        message = "The year of the inspection or the number of workers is none."
        source.refuse(row.where, message, "Compare it with the register.")
        return None
    if said["state"] not in source.spec["states"]:
        advice = "Compare it with the register."
        source.refuse(row.where, "This is no state of Brazil.", advice, column="UF", value=said["state"])
        return None
    digits = re.sub(r"\D", "", said["number"])
    if digits != number:
        message = f"The number lost leading zeros; by its check digits it is {cnpj.format(number)}."
        advice = "Keep the column as text."
        source.warn(row.where, message, advice, column="CNPJ", value=said["number"])
    return Entry(row, said, number, periods)


def _number(text: str) -> str:
    """Return the 14 digits of a CNPJ, lost zeros restored where the check digits prove it; nothing for any other."""
    digits = re.sub(r"[\s./-]", "", text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS:
        return ""
    person = len(digits) <= 11 and cpf.is_valid(digits.zfill(11))
    whole = digits.zfill(_DIGITS)
    return whole if cnpj.is_valid(whole) and not person else ""


def _periods(text: str) -> Iterator[Period]:
    """Yield the periods of a cell, in their order.

    Raises
    ------
    ValueError
        If it holds anything else, or no day.
    """
    text = text.replace(" 00:00:00", "")
    found = _PERIOD.findall(text)
    if not found or re.search(r"[^\se,;()I]", _PERIOD.sub("", text)):
        raise ValueError(text)
    for start, end in found:
        yield Period(_iso(start), _iso(end) if end else "")


def _iso(text: str) -> str:
    """Return a day as YYYY-MM-DD."""
    if "/" in text:
        return datetime.strptime(text, "%d/%m/%Y").date().isoformat()
    return date.fromisoformat(text).isoformat()


def _employer(source: Source, root: str, entries: Sequence[Entry]) -> None:
    """Emit a legal person once, with its numbers and all the names that its entries give it."""
    names = list(dict.fromkeys(" ".join(entry.said["name"].split()) for entry in entries))
    numbers = dict.fromkeys(f"cnpj:{entry.number}" for entry in entries)
    source.emit(
        "actors", entries[0].row.where, id=f"cnpj-{root}", name=names[0], kind="legal-entity", country="BR",
        also_known_as="|".join(names[1:]), identifiers="|".join(numbers),
    )  # fmt: skip


def _listing(source: Source, key: str, entry: Entry, edition: Edition, later: str) -> None:
    """Emit an entry, what became of it, and the workplace where that has a name of its own."""
    where, said, last = entry.row.where, entry.said, entry.periods[-1]
    changes = [
        ("inactive", period.end, "Taken out, as the register says") for period in entry.periods if period.end
    ]
    changes += [("active", period.start, "Put back, as the register says") for period in entry.periods[1:]]
    if later and not last.end:
        changes.append(("inactive", later, f"Not in the edition of {later}"))
    site = _site(source, entry)
    note = [
        f"Inspection in {said['state']}.",
        f"Final administrative decision of {said['decided']}." if said["decided"] else "",
        f"Activity inspected: CNAE {said['activity']}." if said["activity"] else "",
        f"Workplace: {site}." if site else "",
    ]
    source.emit(
        "designations", where, id=key, target=f"cnpj-{entry.root}", listing_date=entry.periods[0].start,
        observed_date=edition.day, status="inactive" if last.end or later else "active", law=_law(source, entry),
        workers_involved=said["workers"], inspection_year=said["year"], note=" ".join(filter(None, note)),
        source=f"Cadastro de Empregadores, edition of {edition.day}", **source.spec["designation"],
    )  # fmt: skip
    for status, day, reason in sorted(changes, key=lambda change: change[1]):
        source.emit("status_changes", where, designation=key, status=status, date=day, reason=reason)


def _law(source: Source, entry: Entry) -> str:
    """Return the ordinance under which an entry came into the register."""
    ordinances = source.spec["ordinances"]
    since = [day for day in ordinances if day <= entry.periods[0].start]
    return str(ordinances[max(since)]) if since else ""


def _site(source: Source, entry: Entry) -> str:
    """Emit the workplace of an entry where its name is certainly no person's; return its name, or nothing."""
    printed, *rest = _PARTED.split(entry.said["site"])
    first = _plain(printed)
    word, *others = first.split() or [""]
    kind, words = source.lookup("sites", word), source.spec["words"]
    titled = any(" ".join(others).startswith(f"{title} ") for title in words["saints"])
    if not kind or not others or not (titled or set(others) <= set(words["plain"])) or "/" in first:
        return ""
    if titled and len(others) > 3:
        return ""
    town = _TOWN.search(rest[-1].strip()) if rest else None
    name = " ".join(printed.split())
    key = slug(f"site {entry.root} {name} {town[1] if town else ''}")
    state = town[2] if town and town[2] in source.spec["states"] else entry.said["state"]
    source.emit(
        "actors", entry.row.where, id=key, name=name, kind=kind, country="BR", region=f"BR-{state}",
        address=town[1].strip() if town else "",
    )  # fmt: skip
    source.emit(
        "operation_links", entry.row.where, operator=f"cnpj-{entry.root}", facility=key,
        source="Cadastro de Empregadores", note=f"Where the inspection of {entry.said['year']} was.",
    )  # fmt: skip
    return name


def _plain(text: str) -> str:
    """Return a text in capitals, without accents."""
    letters = unicodedata.normalize("NFKD", text.upper())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
