"""Telling: what is to be said of cells, said of every row that has them; a row with an error becomes no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentier.graph.contribution.staging import Staged
from opentier.graph.model.tables import Column
from opentier.graph.records.meanings import TEXT, Told
from opentier.graph.report.findings import EMPTY
from opentier.graph.report.report import Report

_EMPTY = (EMPTY, "Fill it; every row needs it.")


class Telling:
    """Says what is to be said of the rows of one contribution.

    The engine's table ``bad`` holds the numbers of the rows of one table that become no records.

    Attributes
    ----------
    products
        Where each product that is named by a text stands first: number of the file, row, subject.
    """

    def __init__(self, tables: Staged, report: Report) -> None:
        self.tables, self.report = tables, report
        self.products: dict[str, tuple[Any, ...]] = {}
        self._heard: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """Begin with the rows of another table."""
        self.tables.query('CREATE OR REPLACE TABLE bad ("at" BIGINT)')

    def lacking(self, column: Column, raw: str, stated: bool) -> None:
        """Report the rows that lack what every row needs; `stated` says that some have it."""
        condition = f'"{column.name}" IS NULL' if stated else "true"
        for place in self.tables.rows(f'SELECT "file", "row", "focus" FROM {raw} WHERE {condition}'):
            self.report.add("error", self.tables.where(*place), *_EMPTY, column=column.name)
        self.tables.query(f'INSERT INTO bad SELECT "at" FROM {raw} WHERE {condition}')

    def of(
        self, column: Column, raw: str, keys: Sequence[str], told: Mapping[tuple[str, ...], Sequence[Told]]
    ) -> None:
        """Say of every row of a table what is to be said of its cells.

        Parameters
        ----------
        keys
            What the rows are known by: expressions over ``r``.
        told
            What is to be said, by the values of the keys.
        """
        if not told:
            return
        said = list(told.values())
        columns = [f"k{number}" for number in range(len(keys))]
        part: dict[str, Sequence[object]] = dict(zip(columns, zip(*told, strict=True), strict=True))
        part["number"] = range(len(said))
        part["wrong"] = [any(each.severity == "error" for each in of) for of in said]
        self.tables.keep("told", part)
        same = " AND ".join(f"{key} = {name}" for key, name in zip(keys, columns, strict=True))
        joined = f"{raw} r JOIN told ON {same}"
        for number, *place in self.tables.rows(
            f'SELECT number, r."file", r."row", r."focus" FROM {joined} ORDER BY r."at"'
        ):
            for each in said[number]:
                if each.once and (column.name, each.once) in self._heard:
                    continue
                if each.once:
                    self._heard.add((column.name, each.once))
                where = self.tables.where(*place)
                self.report.add(
                    each.severity, where, each.message, each.advice, column=column.name, value=each.value
                )
                if each.message == TEXT[0]:
                    self.products.setdefault(each.value, tuple(place))
        self.tables.query(f'INSERT INTO bad SELECT r."at" FROM {joined} WHERE wrong')
