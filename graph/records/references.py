"""References: what a cell means that names another record, of its own package or of an admitted dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from opentier.graph.contribution.staging import Staged
from opentier.graph.model import cells
from opentier.graph.model.names import Names
from opentier.graph.model.tables import TABLES
from opentier.graph.written.spelling import key

#: Tells which of some IRIs stand in the current version of an admitted dataset.
Known = Callable[[Iterable[str]], Collection[str]]


class References:
    """The ids that a contribution defines, and those that it may refer to.

    Parameters
    ----------
    complete
        Whether all files could be read: what is referred to may else stand in one that was not.
    """

    def __init__(self, tables: Staged, dataset: str, names: Names, known: Known, complete: bool) -> None:
        self.tables, self.dataset, self.names, self.known = tables, dataset, names, known
        self.complete = complete
        self._there: dict[str, bool] = {}
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, dict[str, set[str]]] = {}

    def ids(self, table: str) -> set[str]:
        """Return the ids that a table of the contribution defines."""
        if table not in self._ids:
            given = f'SELECT DISTINCT "id" FROM "raw_{table}" WHERE "id" NOT NULL'
            rows = self.tables.rows(given) if table in self.tables else ()
            self._ids[table] = {id for (id,) in rows}
        return self._ids[table]

    def find(self, text: str, table: str) -> str:
        """Return the IRI that a cell means in a table ("" = any table, "*" = any table of any dataset).

        Raises
        ------
        CellError
            If there is no such record.
        """
        for name in [table] if table in TABLES else list(TABLES):
            if text in self.ids(name):
                segment = TABLES[name].segment
                if segment:
                    return self.names.record(self.dataset, segment, text)
                return self.names.actor(self.dataset, text)
        iri = self._iri(text, table)
        own = iri is not None and iri.startswith(f"{self.names.base}{self.dataset}/")
        if iri is not None and ((own and table in ("", "*")) or (table and self._described(iri))):
            return iri
        if not self.complete:
            return text
        if not table:
            raise cells.CellError(
                "This package has no such record.",
                "Give its id, or its IRI; only records of this dataset can be meant.",
            )
        if table == "*":
            raise cells.CellError(
                "Neither this package nor an admitted dataset has such a record.",
                "Give its id as a trace prints it (dataset/supply-link/local-id), or its IRI.",
            )
        raise cells.CellError(
            f"{table}.csv has no such id, and no admitted dataset either.",
            self._near(text, table)
            or f"Add it to {table}.csv, or write dataset/local-id (or the IRI) of an admitted dataset.",
        )

    def expect(self, texts: Iterable[str], table: str) -> None:
        """Look at once for all that some cells of a table's column mean outside this package."""
        own = [self.ids(name) for name in ([table] if table in TABLES else TABLES)]
        others = (text for text in texts if not any(text in ids for ids in own))
        iris = {iri for text in others if (iri := self._iri(text, table)) is not None} - self._there.keys()
        if table and iris:
            found = self.known(iris)
            self._there |= {iri: iri in found for iri in iris}

    def _described(self, iri: str) -> bool:
        found = self._there.get(iri)
        if found is None:
            found = self._there[iri] = iri in self.known([iri])
        return found

    def _iri(self, text: str, table: str) -> str | None:
        """Return the IRI that a text is, or stands for in another dataset."""
        return text if text.startswith(("http://", "https://", "urn:")) else self._elsewhere(text, table)

    def _near(self, text: str, table: str) -> str:
        """Return the advice to give an id of this package that may be meant: a number without .0, or by its name."""
        if (whole := text.removesuffix(".0")) != text and whole in self.ids(table):
            return f"A spreadsheet made a decimal number of it: write {whole}, if that is meant."
        named = self._named(table).get(key(text), set())
        return f"Give the id, not the name: {min(named)}, if that is meant." if len(named) == 1 else ""

    def _named(self, table: str) -> dict[str, set[str]]:
        """Return the ids of a table by the name of their rows."""
        if table not in self._names:
            found = self._names[table] = defaultdict(set)
            if self.ids(table) and TABLES[table].column("name"):
                given = f'SELECT "name", "id" FROM "raw_{table}" WHERE "id" NOT NULL AND "name" NOT NULL'
                for name, id in self.tables.rows(given):
                    found[key(name)].add(id)
        return self._names[table]

    def _elsewhere(self, text: str, table: str) -> str | None:
        """Return the IRI that ``dataset/local-id`` stands for, in the table that the column refers to."""
        iri = self.names.of_id(text)
        dataset, _, local = text.partition("/")
        if iri is None or not table:
            return iri
        if table == "*":
            segment, _, local = local.partition("/")
            known = local and any(segment == each.segment for each in TABLES.values())
            return self.names.record(dataset, segment, local) if known else iri
        return self.names.record(dataset, TABLES[table].segment, local) if TABLES[table].segment else iri
