"""What differs between two versions of a dataset: records that came, that went, and that say something else.

The engine compares the graphs of the two, so that no more is read here than what differs. A record is what its IRI
names: a row without an id of its own has one that is made of what it says, so that a change of it is another record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from opentier.graph.model import resources, sheet
from opentier.graph.model.names import Names, concept, expand
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.model.versions import Version
from opentier.graph.store.graphs import query_text
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Rows

#: The columns of the rows of a difference.
COLUMNS = ("change", "table", "record", "column", "before", "after")
Change = Literal["added", "removed", "changed"]
_TYPE = expand("rdf:type")
#: What follows from what else a record says, or is no record's own word.
_DERIVED = frozenset(map(expand, ("ot:earliestStart", "ot:latestEnd")))
#: What no column holds, and what it is called here.
RETRACTED = "retraction"
_BESIDE = {expand("prov:wasInvalidatedBy"): RETRACTED, expand("ot:asPrinted"): "as_printed"}


@dataclass
class Changed:
    """A record that says something else: its values before and after, by column."""

    table: str
    before: dict[str, set[str]] = field(default_factory=dict)
    after: dict[str, set[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns that differ, in order."""
        return sorted({*self.before, *self.after})


@dataclass
class Difference:
    """What differs between two versions: records by id, with their tables."""

    dataset: str
    before: int
    after: int
    added: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    changed: dict[str, Changed] = field(default_factory=dict)

    def tables(self) -> list[dict[str, Any]]:
        """Return the counts by table, and of changed records those by column."""
        found: dict[str, dict[str, Any]] = {}

        def of(table: str) -> dict[str, Any]:
            return found.setdefault(
                table, {"table": table, "added": 0, "removed": 0, "changed": 0, "columns": {}}
            )

        for name, records in (("added", self.added), ("removed", self.removed)):
            for table in records.values():
                of(table)[name] += 1
        for each in self.changed.values():
            row = of(each.table)
            row["changed"] += 1
            for column in each.columns:
                row["columns"][column] = row["columns"].get(column, 0) + 1
        for row in found.values():
            row["columns"] = dict(sorted(row["columns"].items()))
        return [found[name] for name in (*TABLES, "") if name in found]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield the rows of `COLUMNS`: one for a record that came or went, and for each changed column of another."""
        records: list[tuple[str, str, str]] = [(i, t, "added") for i, t in self.added.items()]
        records += [(i, t, "removed") for i, t in self.removed.items()]
        records += [(i, each.table, "changed") for i, each in self.changed.items()]
        for record, table, change in sorted(records, key=lambda each: (each[1], each[0])):
            if change != "changed":
                yield change, table, record, "", "", ""
                continue
            each = self.changed[record]
            for column in each.columns:
                values = ("|".join(sorted(side.get(column, ()))) for side in (each.before, each.after))
                yield (change, table, record, column, *values)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object, the counts first."""
        sides = (("added", self.added), ("removed", self.removed))
        return {
            "dataset": self.dataset,
            "from": self.before,
            "to": self.after,
            "counts": {**{name: len(said) for name, said in sides}, "changed": len(self.changed)},
            "tables": self.tables(),
            **{
                name: [{"table": said[record], "record": record} for record in sorted(said)]
                for name, said in sides
            },
            "changed": [
                {
                    "table": self.changed[record].table,
                    "record": record,
                    "columns": [
                        {"column": column, **_sides(self.changed[record], column)}
                        for column in self.changed[record].columns
                    ],
                }
                for record in sorted(self.changed)
            ],
        }

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet."""
        return sheet.text(COLUMNS, self.rows())


def _sides(said: Changed, column: str) -> dict[str, list[str]]:
    return {"before": sorted(said.before.get(column, ())), "after": sorted(said.after.get(column, ()))}


def between(release: Release, before: Version, after: Version) -> Difference:
    """Return what differs between two versions of a dataset."""
    found = Difference(before.dataset, before.number, after.number)
    reader = _Reader(release, before.dataset)
    reader.read(before.iri, after.iri, found.removed, found.changed, "before")
    reader.read(after.iri, before.iri, found.added, found.changed, "after")
    return found


def of_record(
    release: Release, iri: str, before: str | None, after: str | None
) -> tuple[str, Changed] | None:
    """Return how one record differs between two graphs, and its values by column; None where it does not.

    Parameters
    ----------
    before, after
        The IRIs of two versions of its dataset; None where there is none.

    Returns
    -------
    tuple
        "added", "removed", "changed", or "retracted" where nothing but that is new, and the columns that differ.
    """
    reader = _Reader(release, release.names.id(iri).partition("/")[0])
    sides = [reader.values(graph, iri) for graph in (before, after)]
    table = next((name for name, _ in sides if name), "")
    (_, old), (_, new) = sides
    here, there = set(old) - set(new), set(new) - set(old)
    if not here and not there:
        return None
    found = Changed(table)
    for values, said in ((found.before, here), (found.after, there)):
        for column, text in said:
            values.setdefault(column, set()).add(text)
    if not old or not new:
        return ("added" if new else "removed"), found
    return ("retracted" if [*found.after] == [RETRACTED] and not found.before else "changed"), found


class _Reader:
    """Reads what one version says and another does not."""

    def __init__(self, release: Release, dataset: str) -> None:
        self.release, self.names, self.engine = release, release.names, release.engine
        self.own = f"{release.names.base}{dataset}/"

    def read(
        self, here: str, there: str, alone: dict[str, str], changed: dict[str, Changed], side: str
    ) -> None:
        """Note the records that only one version has, and of the others the values that only it says."""
        found = self.engine.query(query_text("gone"), [here], [there], {"there": there})
        assert isinstance(found, Rows)
        last, table, gone = "", "", False
        for subject, property, value, *_ in found:
            assert subject is not None
            assert property is not None
            if not subject.value.startswith(self.own) or property.value in _DERIVED or value is None:
                continue
            record = self.names.id(subject.value)
            if record != last:
                last, table = record, self._table(here, IRI(subject.value))
                gone = not any(True for _ in self.engine.match(there, IRI(subject.value), _TYPE))
            if gone:
                alone[record] = table
            elif (said := self._said(table, property.value, value)) is not None:
                each = changed.setdefault(record, Changed(table))
                values: dict[str, set[str]] = getattr(each, side)
                values.setdefault(said[0], set()).add(said[1])

    def values(self, graph: str | None, iri: str) -> tuple[str, set[tuple[str, str]]]:
        """Return the table of a record in a graph, and its values by column; nothing where it is not there."""
        said = list(self.engine.match(graph, IRI(iri))) if graph else []
        if not any(each.predicate.value == _TYPE for each in said) or graph is None:
            return "", set()
        table = self._table(graph, IRI(iri))
        values = (
            self._said(table, each.predicate.value, each.object)
            for each in said
            if each.predicate.value not in _DERIVED and not isinstance(each.object, Triple)
        )
        return table, set(filter(None, values)) or {("", "")}

    def _table(self, graph: str, record: IRI) -> str:
        """Return the table of a record by its classes; "" where it is of none."""
        kinds = {said.object.value for said in self.engine.match(graph, record, _TYPE)}
        return next((name for kind, name in _tables().items() if kind in kinds), "")

    def _said(self, table: str, property: str, value: Term) -> tuple[str, str] | None:
        """Return the column of a property and its value as a cell has it; None for what no cell says."""
        if isinstance(value, Blank):  # each version calls it otherwise
            return None
        known = TABLES.get(table)
        if property == _TYPE:
            return _kind(known, value.value) if known else None
        column = _columns(table).get(property)
        if column is None:
            return _BESIDE.get(property, property), self.names.id(value.value)
        return column.name, cell(column, value, self.names)


@lru_cache(maxsize=1)
def _tables() -> dict[str, str]:
    return {expand(table.rdf_class): name for name, table in TABLES.items()}


@lru_cache(maxsize=128)
def _columns(table: str) -> dict[str, Column]:
    return {expand(column.term): column for column in TABLES.get(table, ()) if column.term}


def _kind(table: Table, kind: str) -> tuple[str, str] | None:
    """Return the column that chooses the class of a record, and the code of a class; None for one that none chooses."""
    for column in table:
        for code, name in column.classes:
            if expand(name) == kind:
                return column.name, code
    return None


def cell(column: Column, value: Term, names: Names) -> str:
    """Return what stands for a value in a cell, for people: a code, an id, or the text."""
    if not isinstance(value, IRI):
        return value.value
    if column.kind == "code":
        return value.value.removeprefix(concept(column.scheme, ""))
    if column.kind == "identifier":
        return value.value.removeprefix(names.shared("identifier", "")).replace("/", ":", 1)
    return resources.code_of(value.value, names) or names.id(value.value).removeprefix("hs/")
