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
        """Return the IRI that a cell means in a table ("" = any table).

        Raises
        ------
        CellError
            If there is no such record.
        """
        for name in [table] if table else list(TABLES):
            if text in self.ids[name]:
                segment = TABLES[name].segment
                if segment:
                    return self.names.record(self.dataset, segment, text)
                return self.names.actor(self.dataset, text)
        iri = text if text.startswith(("http://", "https://", "urn:")) else self._elsewhere(text, table)
        if iri is not None and (
            self.known(iri) if table else iri.startswith(f"{self.names.base}{self.dataset}/")
        ):
            return iri
        if not self.complete:
            return text
        if not table:
            raise cells.CellError(
                "This package has no such record.",
                "Give its id, or its IRI; only records of this dataset can be meant.",
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
        if iri is None or not table or not TABLES[table].segment:
            return iri
        dataset, _, local = text.partition("/")
        return self.names.record(dataset, TABLES[table].segment, local)
