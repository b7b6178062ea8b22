"""Pairs of parties of which people said whether they are one, read from any file of a table.

Columns are ``left_name``, ``right_name`` and ``same`` (true or false), and where they are known, with ``left_`` and
``right_`` before them, `SAID`; ``source`` parts the pairs. Judgements as they are exported are such a file, too: their
``judgement`` is positive or negative. What nobody decided, or a rule did, is no label.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opentier.graph.contribution import forms
from opentier.graph.errors import UsageError, unable
from opentier.graph.intake.mapping import key
from opentier.graph.matching.parties import Party
from opentier.graph.model import cells, identifiers
from opentier.graph.model.characters import one_line
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Finding, Report, Where

#: What may be said of either side, beside its name: columns of the table ``actors``.
SAID = ("also_known_as", "country", "region", "address", "lat", "lon", "identifiers", "sector", "kind")
_COLUMNS = {column.name: column for column in TABLES["actors"]}
#: What a label may be, and what says that there is none.
_LABELS = {"positive": True, "negative": False}
_NONE = frozenset({"", "unsure"})
#: Judgements that do not count any more, and how many errors are told at once.
_GONE, _TOLD = frozenset({"undone", "outweighed"}), 10


@dataclass(frozen=True)
class Pair:
    """Two parties, and whether people say that they are one.

    Attributes
    ----------
    score
        What some matcher said of them, where the file has no names.
    row
        Where they stand in their file; 0 where in none.
    """

    left: Party
    right: Party
    same: bool
    source: str = ""
    score: float | None = None
    row: int = 0


@dataclass(frozen=True)
class Labelled:
    """The pairs of a file.

    Attributes
    ----------
    unlabelled
        Rows that have no label of people.
    unread
        Columns that nothing was read from.
    """

    file: str
    pairs: Sequence[Pair]
    unlabelled: int = 0
    unread: Sequence[str] = field(default=())


def read(path: Path) -> Labelled:
    """Return the labelled pairs of a file (CSV, a sheet, whatever a contribution may be).

    Raises
    ------
    UsageError
        If it cannot be read, with row and column; or holds no labelled pair.
    """
    report = Report()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            rows = list(forms.rows(path, path.name, forms.Form(), Path(scratch), report))
    except OSError as error:
        raise UsageError(f"The pairs cannot be read: {unable(error)}") from error
    header = tuple(key(one_line(cell)) for cell in rows[0][1]) if rows else ()
    _headed(header, path.name, report)
    pairs = list[Pair]()
    if report.conforms:
        for where, row in rows[1:]:
            said = dict(zip(header, (one_line(cell).strip() for cell in row), strict=False))
            pairs += _pair(where, said, report)
    if not report.conforms:
        found = [_said(each) for each in report.sorted() if each.blocks]
        more = [f"... and {len(found) - _TOLD:,} more."] if len(found) > _TOLD else []
        raise UsageError("\n".join(("The pairs cannot be read:", *found[:_TOLD], *more)))
    if not pairs:
        raise UsageError(
            f"{path.name} holds no pair that people labelled: give one a row, with same true or false."
        )
    known = {key(name) for name in _columns()}
    unread = [cell for cell, name in zip(rows[0][1], header, strict=True) if name and name not in known]
    return Labelled(path.name, pairs, len(rows) - 1 - len(pairs), unread)


def _said(found: Finding) -> str:
    column = f", column {found.column}" if found.column else ""
    value = f" Its cell says {found.value!r}." if found.value else ""
    return f"{found.where}{column}: {found.message} {found.advice}{value}"


def _columns() -> Iterator[str]:
    yield from ("same", "judgement", "source", "score", "state", "decided_by", "left_name", "right_name")
    yield from (f"{side}_{name}" for side in ("left", "right") for name in SAID)


def _headed(header: Sequence[str], file: str, report: Report) -> None:
    """Report what the header lacks, or has twice."""
    where, has = Where(file, 1), set(header)
    if not {"same", "judgement"} & has:
        report.add(
            "error",
            where,
            "No column says whether a pair is one.",
            "Name it same: true or false.",
            column="same",
        )
    if not {"leftname", "rightname"} <= has and "score" not in has:
        message = "No columns name the two sides."
        report.add("error", where, message, "Name them left_name and right_name.", column="left_name")
    for name, many in Counter(header).items():
        if name and many > 1 and name in {key(each) for each in _columns()}:
            report.add("error", where, "Two columns have this name.", "Leave one of them out.", column=name)


def _pair(where: Where, said: Mapping[str, str], report: Report) -> Iterator[Pair]:
    """Yield the pair of a row; nothing where it has no label, or cannot be read."""
    column = "same" if "same" in said else "judgement"
    label = said.get(column, "").casefold()
    by_rule = said.get("decidedby", "").casefold().startswith("rule")
    if label in _NONE or by_rule or said.get("state", "").casefold() in _GONE:
        return
    try:
        same = _LABELS[label] if label in _LABELS else cells.boolean(label) == "true"
    except cells.CellError:
        advice = "Write true, false, positive or negative, or leave the cell empty where nobody decided."
        report.add("error", where, "This is no label.", advice, column=column, value=said[column])
        return
    sides = [_party(where, side, said, report) for side in ("left", "right")]
    score = None
    if not any(side.called for side in sides):
        score = _score(where, said.get("score", ""), report)
    yield Pair(sides[0], sides[1], same, said.get("source", ""), score, where.row or 0)


def _score(where: Where, text: str, report: Report) -> float:
    try:
        found = float(cells.number(text))
        if 0 <= found <= 1:
            return found
    except cells.CellError:
        pass
    message = "A row without names has a score, from 0 to 1."
    report.add(
        "error", where, message, "Fill left_name and right_name, or score.", column="score", value=text
    )
    return 0.0


def _party(where: Where, side: str, said: Mapping[str, str], report: Report) -> Party:
    """Return the party on one side of a row."""
    found = {name: _read(where, side, name, said.get(f"{side}{key(name)}", ""), report) for name in SAID}
    names = [said.get(f"{side}name", ""), *found["also_known_as"]]
    position = [float(each) for name in ("lat", "lon") for each in found[name]]
    if len(position) == 1:
        lacks = "lon" if found["lat"] else "lat"
        report.add(
            "error", where, "A place has two coordinates.", "Fill both, or neither.", column=f"{side}_{lacks}"
        )
    return Party(
        called=tuple(filter(None, names)),
        kind=next(iter(found["kind"]), ""),
        countries=tuple(found["country"]),
        regions=tuple(found["region"]),
        address=" ".join(found["address"]),
        position=(position[0], position[1]) if len(position) == 2 else None,
        identifiers=tuple(each for each in found["identifiers"] if not identifiers.filler(each)),
        sector=" ".join(found["sector"]),
    )


def _read(where: Where, side: str, name: str, text: str, report: Report) -> list[str]:
    """Return what a cell says: several where it may, none where it is empty or cannot be read."""
    column = _COLUMNS[name]
    several = name in ("country", "region") or column.many
    found = []
    for part in filter(None, (part.strip() for part in (text.split("|") if several else [text]))):
        if name == "identifiers" and identifiers.filler(part):
            continue
        try:
            found.append(cells.read(column, part)[0])
        except cells.CellError as error:
            report.add("error", where, error.message, error.advice, column=f"{side}_{name}", value=part)
    return found
