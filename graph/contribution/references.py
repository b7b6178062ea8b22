"""References: what a cell means that names another record, of its own package or of an admitted dataset."""

from __future__ import annotations

from collections.abc import Callable

from opentier.graph.contribution.submission import Contribution
from opentier.graph.model import cells
from opentier.graph.model.names import Names
from opentier.graph.model.tables import TABLES
from opentier.graph.written.spelling import key


class References:
    """The ids that a contribution defines, and those that it may refer to."""

    def __init__(self, contribution: Contribution, names: Names, known: Callable[[str], bool]) -> None:
        self.names, self.known, self.dataset = names, known, contribution.metadata.dataset
        self.tables = contribution.tables
        # Where a file could not be read, what is referred to may stand in it.
        self.complete = contribution.report.conforms
        self.ids = {
            table.name: {
                row.cells["id"] for row in contribution.tables.get(table.name, ()) if "id" in row.cells
            }
            for table in TABLES.values()
        }

    def find(self, text: str, table: str) -> str:
        """Return the IRI that a cell means in a table ("" = any table, "*" = any table of any dataset).

        Raises
        ------
        CellError
            If there is no such record.
        """
        for name in [table] if table in TABLES else list(TABLES):
            if text in self.ids[name]:
                segment = TABLES[name].segment
                if segment:
                    return self.names.record(self.dataset, segment, text)
                return self.names.actor(self.dataset, text)
        iri = text if text.startswith(("http://", "https://", "urn:")) else self._elsewhere(text, table)
        own = iri is not None and iri.startswith(f"{self.names.base}{self.dataset}/")
        if iri is not None and ((own and table in ("", "*")) or (table and self.known(iri))):
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

    def _near(self, text: str, table: str) -> str:
        """Return the advice to give an id of this package that may be meant: a number without .0, or by its name."""
        if (whole := text.removesuffix(".0")) != text and whole in self.ids[table]:
            return f"A spreadsheet made a decimal number of it: write {whole}, if that is meant."
        named = {
            row.cells["id"]
            for row in self.tables.get(table, ())
            if "id" in row.cells and key(row.cells.get("name", "")) == key(text)
        }
        return f"Give the id, not the name: {min(named)}, if that is meant." if len(named) == 1 else ""

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
