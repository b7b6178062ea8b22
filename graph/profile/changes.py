"""What differs between two versions of a dataset, for people: a line for each record that came, went or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentier.graph.model.tables import TABLES
from opentier.graph.network.reading import dataset_of
from opentier.graph.store.difference import Changed, Difference
from opentier.graph.view import View
from opentier.graph.written import hs

#: Columns that say nothing of the record itself.
_BESIDE = frozenset({"id", "source", "retrieved", "note", "evidence"})
#: How links are said, by the columns of their two ends.
_SAID = {
    "supply_links": ("buyer", "buys from", "supplier"),
    "ownership_links": ("owner", "owns a part of", "asset"),
    "operation_links": ("operator", "runs", "facility"),
    "recruitment_links": ("recruiter", "recruits for", "employer"),
}
#: Characters of a value that are shown.
_SHOWN = 120


@dataclass(frozen=True)
class Line:
    """A record that differs: what became of it, and what it said before and says now."""

    change: str
    table: str
    record: str
    before: str
    after: str


class Changes:
    """The differences between two versions, told."""

    def __init__(self, view: View, found: Difference) -> None:
        self.view, self.found = view, found
        self.names = view.release.names
        self.before, self.after = (
            self.names.version(found.dataset, number) for number in (found.before, found.after)
        )

    def lines(self, most: int) -> list[Line]:
        """Return the first lines: what was added, then what changed, then what was removed, by table and record."""
        order = {name: number for number, name in enumerate(TABLES)}
        sides = [("added", self.found.added), ("changed", {k: v.table for k, v in self.found.changed.items()}),
                 ("removed", self.found.removed)]  # fmt: skip
        every = (
            (change, table, record)
            for change, records in sides
            for record, table in sorted(records.items(), key=lambda each: (order.get(each[1], 99), each[0]))
        )
        return [self._line(*each) for each, _ in zip(every, range(most), strict=False)]

    def _line(self, change: str, table: str, record: str) -> Line:
        local = record.partition("/")[2].removeprefix(f"{TABLES[table].segment}/" if table in TABLES else "")
        called = table.replace("_", " ").removesuffix("s") if table else "record"
        if change == "changed":
            each = self.found.changed[record]
            return Line(
                change, called, local, self._columns(each, each.before), self._columns(each, each.after)
            )
        said = self._sentence(table, record, self.after if change == "added" else self.before)
        return Line(
            change, called, local, "" if change == "added" else said, said if change == "added" else ""
        )

    def _columns(self, each: Changed, side: Mapping[str, set[str]]) -> str:
        """Return what a side says in the columns that differ."""
        return ", ".join(
            f"{column.replace('_', ' ')} {self._values(each.table, column, side[column])}"
            for column in each.columns
            if column in side
        )

    def _values(self, table: str, column: str, values: set[str]) -> str:
        return " | ".join(sorted(self._said(table, column, value) for value in values))[:_SHOWN]

    def _sentence(self, table: str, record: str, graph: str) -> str:
        """Return what a version says of a record, the ends of links first."""
        dataset, _, local = record.partition("/")
        fields = None
        if table in TABLES:
            segment = TABLES[table].segment
            local = local.removeprefix(f"{segment}/") if segment else local
            iri = self.names.record(dataset, segment, local) if segment else self.names.actor(dataset, local)
            fields = next(self.view.release.of(table, iri, graph), None)
        if fields is None:
            return ""
        said = {
            column.name: " | ".join(
                sorted(self._said(table, column.name, self.names.id(v), graph) for v in fields[column.term])
            )
            for column in TABLES[table]
            if column.term in fields and column.name not in _BESIDE
        }
        return ", ".join(self._parts(table, said))[: _SHOWN * 3]

    def _parts(self, table: str, said: dict[str, str]) -> Iterator[str]:
        if table in _SAID:
            one, verb, other = _SAID[table]
            good = said.pop("product", "")
            verb = verb.replace("buys", f"buys {good}") if good else verb
            yield f"{said.pop(one, 'somebody')} {verb} {said.pop(other, 'somebody')}"
        for name in ("name", "title"):
            if name in said:
                yield said.pop(name)
        for name, value in said.items():
            yield f"{name.replace('_', ' ')} {value}"

    def _said(self, table: str, column: str, value: str, graph: str = "") -> str:
        """Return a value for people: of an actor its name, of a product what its code is called."""
        ours = TABLES[table].column(column) if table in TABLES else None
        if ours is None:
            return value
        if ours.kind == "actor":
            return self._called(value, graph or self.after)
        if ours.kind == "product":
            code = value.removeprefix("hs/")
            return f"HS {hs.dotted(code)}" if hs.is_code(code) else value.rpartition("/")[2]
        if ours.kind in ("code", "named", "country", "region"):
            return value.rpartition("/")[2]
        return value

    def _called(self, actor: str, graph: str) -> str:
        """Return the name of an actor, an id, as a version has it, or else its dataset now."""
        iri = self.names.of_id(actor)
        current = self.view.release.current
        if iri is None or (dataset := dataset_of(iri, self.names)) not in current:
            return actor
        own = dataset == self.found.dataset
        graphs = [graph, self.after, self.before] if own else [current[dataset].iri]
        for fields in self.view.release.of("actors", iri, *graphs):
            if names := fields.get("rdfs:label"):
                return min(names)
        return actor
