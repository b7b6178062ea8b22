"""A look at a file before it is read: which step it needs, and how its first values are read, for whoever decides.

What reaches a person (a mail address, a telephone number) is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.contribution import rdf
from opentier.graph.intake import kinds, writings
from opentier.graph.intake.mapping import Mapped, column, key, targets
from opentier.graph.model import cells, identifiers
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.written import figures, hs
from opentier.graph.written.faults import CellError

#: What stands where a value is not shown.
WITHHELD = "not shown: it may be personal"
#: Characters of a value that are shown.
_SHOWN = 60
#: Parts of headers of columns that are about persons.
_PERSONAL = (
    "mail",
    "phone",
    "telefon",
    "mobile",
    "fax",
    "contact",
    "passport",
    "birth",
    "whatsapp",
    "wechat",
)


@dataclass(frozen=True)
class Reading:
    """How a value is read: as what, whether that is the same, and why it cannot be read where it cannot."""

    text: str
    value: str
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether it is read as it is written."""
        return self.text == self.value and not self.fault


def described(path: Path, adapter: str | None) -> bool:
    """Return whether a file says itself what its columns are: a package, RDF, or the form of an adapter."""
    return bool(adapter or rdf.format_of(path.name)) or kinds.kind(path) == "zip"


def personal(header: str) -> bool:
    """Return whether a header is one of data about persons."""
    known = key(header)
    return any(part in known for part in _PERSONAL)


def shown(header: str, samples: Sequence[str]) -> list[str]:
    """Return the first values of a column as they may be shown."""
    hidden = personal(header)
    return [WITHHELD if hidden or identifiers.reaches(text) else _short(text) for text in samples]


def readings(table: Table, name: str, form: str, header: str, samples: Sequence[str]) -> list[Reading]:
    """Return how the first values of a column are read as one of ours.

    Parameters
    ----------
    form
        How they are written, where that is said.
    """
    ours = column(table, name)
    found = []
    for text, seen in zip(samples, shown(header, samples), strict=True):
        if seen == WITHHELD or ours is None:
            found.append(Reading(seen, seen))
            continue
        try:
            written = writings.given(form, typed=True).read(text) if form else text
            found.append(Reading(seen, _short(_read(ours, written))))
        except CellError as error:
            found.append(Reading(seen, "", f"{error.message} {error.advice}"))
    return found


def doubted(found: Sequence[Reading], ways: Sequence[Mapping[str, str]]) -> list[Reading]:
    """Return readings, those that may be meant in either of two ways (`writings.ways`) with the other one."""
    forms = [writings.given(way["form"], typed=False) for way in ways]

    def doubt(each: Reading) -> Reading:
        if not forms or each.fault or not figures.twofold(each.text):
            return each
        other, this = (figures.plain(form.read(each.text)) for form in forms)
        return Reading(each.text, f"{this}, or {other}? Say how the numbers of this column are written.")

    return [doubt(each) for each in found]


def patterns(samples: Sequence[str]) -> list[tuple[str, str]]:
    """Return the two ways in which dates of some values may be meant, each with what the first would be; else none."""
    pair = next(((text, found) for text in samples if (found := writings.turned(text))), None)
    if pair is None:
        return []
    text, first = pair
    ways = []
    for pattern in (first, first.replace("%d", "%-").replace("%m", "%d").replace("%-", "%m")):
        try:
            ways.append((pattern, writings.given(pattern, typed=False).read(text)))
        except CellError:
            continue
    return ways


def choices(table: Table) -> list[str]:
    """Return what a column of a file may be in a table of ours."""
    return [
        name for name in targets(table) if name.rpartition(".")[2] not in ("id", "kind") or "." not in name
    ]


def mapped(
    table: str, chosen: Mapping[str, Sequence[str]], constants: Mapping[str, str], forms: Mapping[str, str]
) -> Mapped:
    """Return a mapping that somebody chose: headers, values for all rows, and forms, by our columns."""
    return Mapped(TABLES[table], {name: tuple(at) for name, at in chosen.items()}, constants, {}, forms)


def columns(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of a file as a look at them tells (`Survey.to_dict`): those first that are read."""
    table = TABLES[said["table"]]
    read = [
        {
            "headers": each["headers"], "column": each["column"], "how": each["how"], "form": each["written"] or "",
            "readings": doubted(
                readings(
                    table, each["column"], each["written"] or "", " ".join(each["headers"]), each["samples"]
                ),
                [] if each["written"] else each.get("ways") or [],
            ),
            "samples": each["samples"],
            "patterns": patterns(each["samples"]) if _dated(table, each["column"]) else [],
            "ways": each.get("ways") or [],
        }
        for each in said["columns"]
        if each["headers"]
    ]  # fmt: skip
    left = [
        {
            "headers": [each["header"]], "column": "", "how": "", "form": "",
            "readings": [Reading(text, text) for text in shown(each["header"], each["samples"])],
            "samples": each["samples"],
            "patterns": patterns(each["samples"]),
            "ways": [],
        }
        for each in said["unread"]
    ]  # fmt: skip
    return [*read, *left]


def _dated(table: Table, name: str) -> bool:
    ours = column(table, name)
    return ours is not None and ours.kind == "date"


def _read(ours: Column, text: str) -> str:
    if ours.kind == "product":
        return (
            f"HS {hs.read(text)}" if hs.meant(text) else f"{text} (in words: matched within this file only)"
        )
    parts = [part.strip() for part in text.split("|")] if ours.many else [text]
    return " | ".join(cells.read(ours, part)[0] for part in parts if part)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
