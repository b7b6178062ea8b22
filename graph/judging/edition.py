"""An edition of the judgements of a data directory: the rows of the current version, to make the next one of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opentier.graph.errors import StoreError
from opentier.graph.export import package, rows
from opentier.graph.identity.judgements import PEOPLE
from opentier.graph.model import sheet
from opentier.graph.model.names import digest
from opentier.graph.model.tables import TABLES
from opentier.graph.store.release import Release

JUDGEMENTS, RETRACTIONS = "identity_judgements", "retractions"
#: What the dataset is called and who publishes it, where nothing else is said.
TITLE, LICENCE, PUBLISHER = "Judgements of identity", "CC0-1.0", "this data directory's users"


class Edition:
    """The rows of the current version of a dataset of judgements, by table, with changes.

    Attributes
    ----------
    number
        The number of that version; 0 where there is none.
    """

    def __init__(self, release: Release, dataset: str = PEOPLE) -> None:
        self.names, self.dataset = release.names, dataset
        version = release.current.get(dataset)
        self.number = version.number if version else 0
        self.tables: dict[str, list[list[str]]] = {}
        self.about: dict[str, Any] = {"title": TITLE, "licenses": [{"name": LICENCE}]}
        self.about["contributors"] = [{"title": PUBLISHER}]
        if version is None:
            return
        try:
            rows.check(release, version, release.names)
            made = rows.Rows(release, version)
            self.tables = {table.name: list(made.of(table)) for table in TABLES.values()}
        except rows.Unsaid as error:
            raise StoreError(
                f"Nothing can be added to {dataset} version {self.number}: {error}. Contribute it anew as tables."
            ) from None
        self.about = package.described(release, version, [])

    def judge(self, left: str, right: str, said: dict[str, str]) -> str:
        """Add a judgement on two actors (by IRI), one that was taken back too; return its IRI."""
        meant = sorted((name, text) for name, text in {"left": left, "right": right, **said}.items() if text)
        local = digest(f"{name}={text}" for name, text in meant)
        iri = self.names.record(self.dataset, TABLES[JUDGEMENTS].segment, local)
        self._put(JUDGEMENTS, {**said, "left": self._cell(left), "right": self._cell(right)})
        self.again(iri)
        return iri

    def retract(self, record: str, reason: str, date: str, by: str, replaced_by: str = "") -> None:
        """Take a judgement back; its row stays."""
        said = {"record": record, "reason": reason, "date": date, "by": by, "replaced_by": replaced_by}
        self._put(RETRACTIONS, said)

    def replaced(self, record: str) -> list[str]:
        """Return the IRIs of what was taken back for a judgement."""
        names = [column.name for column in TABLES[RETRACTIONS]]
        said = (dict(zip(names, cells, strict=True)) for cells in self.tables.get(RETRACTIONS, []))
        return [row["record"] for row in said if row["replaced_by"] == record]

    def again(self, record: str) -> None:
        """Say a judgement again that was taken back."""
        at = [column.name for column in TABLES[RETRACTIONS]].index("record")
        every = self.tables.get(RETRACTIONS, [])
        self.tables[RETRACTIONS] = [cells for cells in every if cells[at] != record]

    def _cell(self, actor: str) -> str:
        """Return how an actor is named in a cell."""
        id = self.names.id(actor)
        return id if self.names.of_id(id) == actor else actor

    def _put(self, table: str, row: dict[str, str]) -> None:
        cells = [row.get(column.name, "") for column in TABLES[table]]
        every = self.tables.setdefault(table, [])
        if cells not in every:
            every.append(cells)

    def write(self, folder: Path) -> Path:
        """Write it as a Data Package into a new folder."""
        folder.mkdir()
        filled = {name: cells for name, cells in self.tables.items() if cells}
        for name, cells in filled.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                sheet.package(file, [column.name for column in TABLES[name]], cells)
        # What it says of its version and its day is of the edition before.
        said = {name: value for name, value in self.about.items() if name not in ("version", "created")}
        said |= {"name": self.dataset, "resources": [package.resource(name) for name in filled]}
        (folder / package.DESCRIPTOR).write_text(json.dumps(said, indent=1, ensure_ascii=False), "utf-8")
        return folder
