"""An edition of a dataset of our own: the rows of its current version, to make the next one of."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from opentier.graph.errors import StoreError
from opentier.graph.export import package, rows
from opentier.graph.model import sheet
from opentier.graph.model.tables import TABLES
from opentier.graph.store.release import Release

#: The licence of a dataset of our own, and who publishes it where nothing else is said.
LICENCE, PUBLISHER = "CC0-1.0", "this data directory's users"


class Edition:
    """The rows of the current version of a dataset, by table, with changes.

    Attributes
    ----------
    number
        The number of that version; 0 where there is none.
    """

    def __init__(self, release: Release, dataset: str, title: str) -> None:
        self.names, self.dataset = release.names, dataset
        version = release.current.get(dataset)
        self.number = version.number if version else 0
        self.tables: dict[str, list[list[str]]] = {}
        #: The ids of rows of tables without a column of ids, by table and cells.
        self.ids: dict[tuple[str, ...], str] = {}
        self.barred: Collection[str] = ()
        self.about: dict[str, Any] = {"title": title, "licenses": [{"name": LICENCE}]}
        self.about["contributors"] = [{"title": PUBLISHER}]
        if version is None:
            return
        try:
            rows.check(release, version, release.names)
            made = rows.Rows(release, version)
            self.barred = made.barred
            for table in TABLES.values():
                for cells in made.of(table):
                    if table.column("id") is None:
                        local = cells.pop()
                        self.ids[table.name, *cells] = local
                    self.tables.setdefault(table.name, []).append(cells)
        except rows.Unsaid as error:
            raise StoreError(
                f"Nothing can be added to {dataset} version {self.number}: {error}. Contribute it anew as tables."
            ) from None
        self.about = package.described(release, version, [])

    def put(self, table: str, row: dict[str, str]) -> None:
        """Add a row, unless it is there."""
        cells = [row.get(column.name, "") for column in TABLES[table]]
        every = self.tables.setdefault(table, [])
        if cells not in every:
            every.append(cells)

    def cell(self, actor: str) -> str:
        """Return how an actor is named in a cell."""
        id = self.names.id(actor)
        return id if self.names.of_id(id) == actor else actor

    def write(self, folder: Path) -> Path:
        """Write it as a Data Package into a new folder."""
        folder.mkdir()
        filled = {name: cells for name, cells in self.tables.items() if cells}
        for name in filled:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                sheet.package(file, rows.columns(TABLES[name]), self._whole(name))
        # What it says of its version and its day is of the edition before.
        said = {name: value for name, value in self.about.items() if name not in ("version", "created")}
        said |= {"name": self.dataset, "resources": [package.resource(name, self.barred) for name in filled]}
        (folder / package.DESCRIPTOR).write_text(json.dumps(said, indent=1, ensure_ascii=False), "utf-8")
        return folder

    def _whole(self, table: str) -> Iterator[list[str]]:
        """Yield the rows of a table, each with its id; one that is new has none yet."""
        for cells in self.tables[table]:
            given = TABLES[table].column("id") is None
            yield [*cells, self.ids.get((table, *cells), "")] if given else cells
