"""References between datasets that break: others name what a dataset held, and holds no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.store.graphs import query_text
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Row, Rows

#: Broken references of a kind that are named.
FIRST = 3
_TYPE = expand("rdf:type")


@dataclass(frozen=True)
class Broken:
    """References of the records of one dataset, by one column of one table, to what another one holds no longer.

    Attributes
    ----------
    first
        The first of them in order: the record, and what it names, by their ids.
    """

    dataset: str
    table: str
    column: str
    count: int
    first: tuple[tuple[str, str], ...]

    def told(self, holder: str) -> str:
        """Return it in a sentence; `holder` is the dataset that held what is named."""
        named = ", ".join(f"{record} names {missing}" for record, missing in self.first)
        more = ", ..." if self.count > len(self.first) else ""
        many, leads = ("1 reference", "leads") if self.count == 1 else (f"{self.count:,} references", "lead")
        return (
            f"{many} of {self.dataset} ({self.table}, {self.column}) {leads} to what {holder} no longer holds: "
            f"{named}{more}."
        )


#: What to do about broken references.
ADVICE = "The others stay as they are and can be contributed again; traces count what leads nowhere."


def broken(release: Release, dataset: str, before: Version | None, now: Version | None) -> list[Broken]:
    """Return what breaks where a version of a dataset takes the place of another one.

    Parameters
    ----------
    release
        A release that has both; that of the others is looked at which is current in it.
    before, now
        Without one there was, or is, nothing.
    """
    others = release.within(release.scope.leaving_out(dataset))
    if before is None or before == now or not others.graphs:
        return []
    here, there = (
        before.iri,
        now.iri if now else release.names.version(dataset, 0),
    )  # of which there is no graph
    bound = {"before": here, "now": there, "own": f"{release.names.base}{dataset}/"}
    found = release.engine.query(query_text("broken"), others.graphs, [here, there], bound)
    assert isinstance(found, Rows)
    return list(_grouped(others, (_texts(row) for row in found)))


def _texts(row: Row) -> tuple[str, str, str]:
    record, property, missing = (term.value if term else "" for term in row[:3])
    return record, property, missing


def _grouped(others: Release, rows: Iterator[tuple[str, str, str]]) -> Iterator[Broken]:
    names = others.names
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    tables: dict[str, str] = {}
    for record, property, missing in rows:
        id = names.id(record)
        if record not in tables:
            tables[record] = _table(others, record)
        table = tables[record]
        groups[id.partition("/")[0], table, _column(table, property)].append((id, names.id(missing)))
    for (dataset, table, column), named in sorted(groups.items()):
        yield Broken(dataset, table, column, len(named), tuple(sorted(named)[:FIRST]))


def _table(others: Release, record: str) -> str:
    kinds = {said.object.value for _, said in others.engine.among(others.graphs, [IRI(record)], [_TYPE])}
    return next((name for name, table in TABLES.items() if expand(table.rdf_class) in kinds), "")


def _column(table: str, property: str) -> str:
    columns = TABLES.get(table, ())
    return next(
        (column.name for column in columns if column.term and expand(column.term) == property), property
    )
