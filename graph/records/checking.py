"""Checking: the raw rows of a contribution into records, column by column, each distinct text understood once.

Every cell becomes canonical, every reference an IRI, every problem a finding by file and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from opentier.graph.contribution.staging import PARTS, PLACE
from opentier.graph.contribution.submission import Contribution
from opentier.graph.model.cells import CellError
from opentier.graph.model.names import Names
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.records import together
from opentier.graph.records.meanings import Meaning, Meanings, Told
from opentier.graph.records.records import Record, Records, segment
from opentier.graph.records.references import Known, References
from opentier.graph.records.telling import Telling
from opentier.graph.report.report import holds
from opentier.graph.written import countries

Progress = Callable[[int, int], None]
#: Texts that go into the engine at once.
_MANY = 50_000
#: The number of the first record that no row of its table made.
_BEHIND = 1 << 62
#: The ids of a table that has no column of its own for them.
_ID = Column("id", "id")
_NO_RECORD = "This package has no such record."
_KEEP = "Keep the retracted record in the package, beside its retraction."
#: What only the dataset that holds a record can say of it, by table: column, error, advice.
OWN = {
    "retractions": [("record", _NO_RECORD, _KEEP), ("replaced_by", _NO_RECORD, _KEEP)],
    "status_changes": [
        (
            "designation",
            "This package has no such designation.",
            "What became of a designation is said where it is published: keep both in one package.",
        )
    ],
}


def check(
    contribution: Contribution,
    names: Names,
    known: Known,
    progress: Progress = lambda done, total: None,
) -> Records:
    """Turn the raw rows of a contribution into records; problems go into its report.

    Parameters
    ----------
    known
        Tells which of some IRIs stand in the current version of an admitted dataset.
    progress
        Is told how many rows of how many are done.
    """
    return _Checker(contribution, names, known).records(progress)


class _Checker:
    """The tables of one contribution, checked against the ids that it defines."""

    def __init__(self, contribution: Contribution, names: Names, known: Known) -> None:
        self.tables, self.names = contribution.tables, names
        self.report, self.dataset = contribution.report, contribution.metadata.dataset
        complete = contribution.report.conforms
        self.meanings = Meanings(References(self.tables, self.dataset, names, known, complete))
        self.found = Records(self.tables)
        self.telling = Telling(self.tables, self.report)

    def records(self, progress: Progress) -> Records:
        total, done = sum(map(len, self.tables.values())), 0
        self.tables.flush()
        for where, column, text in self.tables.unfit:
            holds(self.report, where, text, column=column)
        for table in TABLES.values():
            if table.name in self.tables:
                self._table(table, lambda part, done=done, table=table: progress(  # type: ignore[misc]
                    done + int(part * len(self.tables[table.name])), total))  # fmt: skip
                done += len(self.tables[table.name])
        self._named_products()
        for name, said in OWN.items():
            for column, message, advice in said:
                self._owned(name, column, message, advice)
        for name, columns in self.found.columns.items():
            for each in columns:
                if each.kind == "record" and each.table not in TABLES and name not in OWN:
                    self._there(name, each)
        progress(total, total)
        return self.found

    def _ask(self, text: str, given: Iterable[Any] = ()) -> None:
        self.tables.query(text, given)

    def _table(self, table: Table, progress: Callable[[float], None]) -> None:
        """Make the records of one table."""
        raw, name = f'"raw_{table.name}"', table.name
        self.telling.begin()
        stated = self._stated(table, raw)
        for column in table:
            if column.required:
                self.telling.lacking(column, raw, column in stated)
        if name == "actor_facts" and {"metric", "value"} <= {column.name for column in stated}:
            raw, stated = together.places(self.tables, self.telling, raw, stated)
        if table.column("id") is None:
            self._understood(_ID, raw, "map_id")  # an id means itself: it is held to what ids are
        chosen, joins, made = [], [], []
        for number, column in enumerate(stated):
            progress(number / len(stated))
            if self._understood(column, raw, f"map{number}"):
                made.append(number)
                joins.append(f'LEFT JOIN map{number} ON r."{column.name}" = map{number}.raw')
                other = (
                    "map%d.said"
                    if column.many
                    else 'CASE WHEN map%d.raw IS NULL THEN r."{0}" ELSE map%d.said END'
                )
                chosen.append(f'{other.replace("%d", str(number)).format(column.name)} AS "{column.name}"')
            else:
                chosen.append(f'[r."{column.name}"]' if column.many else f'r."{column.name}"')
                chosen[-1] += f' AS "{column.name}"'
        if table.column("id") is None:
            chosen.append('r."id"')
        listed = ", ".join([*(f'r."{name}"' for name in PLACE), *chosen])
        self._ask(
            f'CREATE OR REPLACE TABLE "{name}" AS SELECT {listed} FROM {raw} r {" ".join(joins)} '
            'WHERE r."at" NOT IN (SELECT "at" FROM bad)'
        )
        for number in made:
            self._ask(f"DROP TABLE map{number}")
        if any(column.kind == "region" for column in stated):
            stated = together.regions(self.tables, self.telling, self.meanings, table, stated)
        self._name(table, stated)
        self.found.columns[name] = stated
        self._keep_once(table)

    def _stated(self, table: Table, raw: str) -> list[Column]:
        """Return the columns that any row states."""
        counts = ", ".join(f'count("{column.name}")' for column in table)
        ((*many,),) = self.tables.rows(f"SELECT {counts} FROM {raw}")
        return [column for column, count in zip(table, many, strict=True) if count]

    def _understood(self, column: Column, raw: str, target: str) -> bool:
        """Understand the distinct texts of a column; return whether table `target` says what any of them means."""
        distinct = f'SELECT DISTINCT "{column.name}" FROM {raw} WHERE "{column.name}" NOT NULL'
        named = column.kind == "country" and self._names_countries(column, raw)
        texts, means, told = list[str](), list[str | None](), dict[tuple[str, ...], list[Told]]()
        made = False
        for text in self.meanings.looked_for(column, (text for (text,) in self.tables.rows(distinct))):
            found = self.meanings.of(column, text)
            if named and text.upper() == countries.NAMIBIA:
                advice = "Leave the cell empty where it is not known; write Namibia where that is meant."
                found = Meaning()
                found.refuse(text, CellError("NA stands among names of countries here.", advice))
            if found.told:
                told[(text,)] = found.told
            if found.fine and (column.many or found.values != (text,)):
                texts.append(text)
                means.append(PARTS.join(found.values) or None)
            if len(texts) >= _MANY:
                made = self._map(column, target, texts, means, made)
        if texts:
            made = self._map(column, target, texts, means, made)
        self.telling.of(column, raw, [f'r."{column.name}"'], told)
        return made

    def _map(
        self, column: Column, target: str, texts: list[str], means: list[str | None], made: bool
    ) -> bool:
        """Put down what texts mean."""
        said = f"string_split(said, '{PARTS}')" if column.many else "said"
        self.tables.keep(target, {"raw": texts, "said": means}, f"raw, {said} AS said", more=made)
        texts.clear()
        means.clear()
        return True

    def _names_countries(self, column: Column, raw: str) -> bool:
        """Return whether a column of countries holds names and no codes: NA is none of them there."""
        said = self.tables.rows(f'SELECT DISTINCT "{column.name}" FROM {raw} WHERE "{column.name}" NOT NULL')
        return countries.only_names(text for (text,) in said)

    # --- What records are called ------------------------------------------------------------------------------

    def _name(self, table: Table, stated: list[Column]) -> None:
        """Give each record its IRI: by its id, or else by all that it says (see `names.digest`)."""
        stem = f"{self.names.base}{self.dataset}/{table.segment}{'/' * bool(table.segment)}"
        said = [f"'{each.name}=' || {_joined(each)}" for each in sorted(stated, key=lambda each: each.name)]
        parts = ", ".join(said) or "NULL"
        made = f"left(sha256(concat_ws('{PARTS}', {parts})), 16)" if table.segment else "''"
        given = table.column("id") is None or any(each.kind == "id" for each in stated)
        own = segment('"id"')
        local = f"coalesce({own}, {made})" if given else made
        self._ask(
            f'CREATE OR REPLACE TABLE "{table.name}" AS SELECT *, ? || {local} AS "iri" FROM "{table.name}"',
            [stem],
        )

    def _keep_once(self, table: Table) -> None:
        """Keep a record once; an exact duplicate is a warning, another record of the same id an error."""
        twice = f'"iri" IN (SELECT "iri" FROM "{table.name}" GROUP BY "iri" HAVING count(*) > 1)'
        first: dict[str, Record] = {}
        for record in self.found.of(table.name, twice):
            kept = first.setdefault(record.iri, record)
            if kept is record:
                continue
            earlier = str(kept.where)
            if kept.values == record.values:
                self.report.add(
                    "warning", record.where, f"This row says the same as {earlier}; it is kept once.",
                    "Leave one of them out.",
                )  # fmt: skip
            else:
                self.report.add(
                    "error", record.where, f"This id stands for something else in {earlier}.",
                    "Give each record its own id.", column="id", value=record.values.get("id", ("",))[0],
                )  # fmt: skip
        if first:
            again = f'SELECT "at" FROM "{table.name}" QUALIFY row_number() OVER (PARTITION BY "iri" ORDER BY "at") > 1'
            self._ask(f'DELETE FROM "{table.name}" WHERE "at" IN ({again})')

    def _named_products(self) -> None:
        """Add the products that are named by a text alone."""
        products = TABLES["products"]
        name = products.column("name")
        assert name is not None
        if not self.meanings.texts:
            return
        if not self.found.has("products", "name"):
            columns = (
                '"at" BIGINT, "file" INTEGER, "row" BIGINT, "focus" VARCHAR, "name" VARCHAR, "iri" VARCHAR'
            )
            self._ask(f'CREATE OR REPLACE TABLE "products" ({columns})')
            self.found.columns["products"] = [name]
        known = {iri for (iri,) in self.tables.rows('SELECT "iri" FROM "products"')}
        new = [
            (_BEHIND + number, *self.telling.products[text], iri, text)
            for number, (iri, text) in enumerate(self.meanings.texts.items())
            if iri not in known
        ]
        if new:
            into = 'INSERT INTO "products" ("at", "file", "row", "focus", "iri", "name") VALUES (?, ?, ?, ?, ?, ?)'
            self.tables.engine.executemany(into, new)

    def _owned(self, table: str, column: str, message: str, advice: str) -> None:
        """Report what a record says of another one that this package does not hold."""
        if not self.found.has(table, column) or not self.meanings.references.complete:
            return
        every = " UNION ALL ".join(f'SELECT "iri" FROM "{name}"' for name in self.found.columns)
        for record in self.found.of(table, f'"{column}" NOT IN ({every})'):
            for iri in record.values[column]:
                self.report.add("error", record.where, message, advice, column=column, value=iri)

    def _there(self, table: str, column: Column) -> None:
        """Report what a record names as one of this package, and is none."""
        values = f'unnest("{column.name}")' if column.many else f'"{column.name}"'
        every = " UNION ALL ".join(f'SELECT "iri" FROM "{name}"' for name in self.found.columns)
        own = f"{self.names.base}{self.dataset}/"
        named = f'SELECT "file", "row", "focus", {values} AS v FROM "{table}"'
        rows = f"SELECT * FROM ({named}) WHERE starts_with(v, ?) AND v NOT IN ({every})"
        for *place, iri in self.tables.rows(rows, [own]) if self.meanings.references.complete else ():
            where = self.tables.where(*place)
            self.report.add(
                "error",
                where,
                _NO_RECORD,
                "Give the id of a record that it has.",
                column=column.name,
                value=iri,
            )


def _joined(column: Column) -> str:
    return f"array_to_string(\"{column.name}\", '|')" if column.many else f'"{column.name}"'
