"""The tables of a contribution checked by Spark: jobs find the rows that are not beyond doubt, and these are looked at.

What is asked of every row are expressions (`doubtless`), joins of references with the ids of the tables that they name,
and counts of what rows are called. The rows that are left, and those that they name, go through `records.checking`, so
that findings are its own: the same, whoever looks for the rows.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.admission import admission
from opentier.graph.contribution.staging import PARTS
from opentier.graph.contribution.submission import Contribution, Options
from opentier.graph.distributed import columns, doubtless, sessions
from opentier.graph.distributed.work import Work, directory, grouped, held
from opentier.graph.errors import Named, UsageError
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.names import Names, unescaped
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.records.checking import check
from opentier.graph.records.records import Records
from opentier.graph.records.references import Known
from opentier.graph.report.report import Report
from opentier.graph.store import durable
from opentier.graph.store.directory import Store
from opentier.graph.store.scope import OWNER, Reader

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: What stands in the report as not tested.
UNTESTED = (
    "the shapes (SHACL)", "figures and dates that do not go together", "shares in sum",
    "identifiers that several actors share", "judgements that contradict each other",
    "what other datasets say of the same",
)  # fmt: skip
_REFERRING = ("actor", "record", "product", "subject")
#: The ids of a table that has no column of its own for them.
_ID = Column("id", "id")
_ROW = ("tab", "at")


@dataclass(frozen=True)
class Spark:
    """Spark as what checks the tables of a contribution; see `exposure.Spark`."""

    master: str | None = None
    work: Path | None = None

    def __call__(
        self,
        path: Path,
        options: Options | None,
        store: Store | None,
        progress: Progress = silent,
        reader: Reader = OWNER,
    ) -> Report:
        """Return the report on the tables that lie at `path`, with what was not tested; see `admission.validate`.

        This process reads them, as for a contribution, and puts them into the work directory as Parquet.

        Raises
        ------
        UsageError
            If rows are to be left out, or the work directory is another job's.
        NotInstalled
            If there is no Spark here.
        WorkError
            If Spark fails.
        """
        options = options or Options()
        if options.leave_out:
            raise UsageError(
                Named("leave_out"), " is of the whole validation; leave ", Named("engine"), " away."
            )
        with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
            found, names, beside = admission.submitted(path, options, store, Path(scratch), progress, reader)
            others = admission.others(beside, found.metadata.dataset)
            job = {"job": "validation", "contribution": found.checksum, "base": names.base}
            progress("opening Spark", 0, 1)
            with directory(self.work) as folder, sessions.opened(self.master) as session:
                progress("opening Spark", 1, 1)
                with held(folder, session, job) as work:
                    checked(work, found, names, others.described if others else lambda iris: (), progress)
        return found.report


def checked(work: Work, found: Contribution, names: Names, known: Known, progress: Progress = silent) -> None:
    """Put what is found in the tables of a contribution into its report (see `checking.check`)."""
    found.report.untested = UNTESTED
    read, rows = copy.deepcopy(found.report), Rows(work, found, names)
    progress("looking at rows", 0, 3)
    rows.looked()
    progress("looking at rows", 1, 3)
    rows.take(("looked",))
    records = check(found, names, known)
    progress("looking at rows", 2, 3)
    if rows.alike(records):
        found.report = read
        rows.take(("looked", "alike"))
        check(found, names, known)
    progress("looking at rows", 3, 3)


class Rows:
    """The rows of the tables of a contribution, as frames.

    A row is known by `_ROW`, the number of its table and its own, and has a `called`: its id, or else what `checking`
    would call it, if it is beyond doubt.
    """

    def __init__(self, work: Work, found: Contribution, names: Names) -> None:
        self.work, self.staged, self.names, self.dataset = work, found.tables, names, found.metadata.dataset
        self.tables = [table for name, table in TABLES.items() if name in self.staged]
        for table in self.tables:
            self._keep(table.name)
        self.stated = {table.name: list(self._stated(table)) for table in self.tables}

    def looked(self) -> None:
        """Keep as ``looked`` the rows that are not beyond doubt, those that they name, and one with a country."""
        ids, refs, rows = (
            self.work.kept(name, made)
            for name, made in (("ids", self._ids), ("refs", self._refs), ("rows", self._rows))
        )

        def doubtful() -> DataFrame:
            known = grouped(
                ids.union(self._codes()), ["target", "part"], "bool_or(there) AS t", "bool_or(coded) AS c"
            )
            lost = refs.filter("target <> ''").join(known, ["target", "part"], "left")
            lost = lost.selectExpr(
                *_ROW, "target", "part", "coalesce(t, false) AS there", "coalesce(c, false) AS coded"
            )
            lost = lost.filter(doubtless.WRONG)
            many = grouped(rows.filter("called IS NOT NULL"), ["tab", "called"], "count(*) AS many")
            twice = rows.join(many.filter("many > 1"), ["tab", "called"], "left_semi")
            return _together([rows.filter("looked"), lost, twice])

        some = self.work.kept("doubtful", doubtful)

        def looked() -> DataFrame:
            asked = self._named(refs.join(some, list(_ROW), "left_semi"))
            others = rows.join(asked, "called", "left_semi")
            return _together([some, others, *self._coded()])

        self.work.kept("looked", looked)

    def alike(self, records: Records) -> bool:
        """Keep as ``alike`` the rows that say the same as a record of another row, and return whether there are any."""
        called: list[tuple[int, str]] = []
        for number, table in enumerate(self.tables):
            if table.name in records.columns:
                ids = table.column("id") is None or records.has(table.name, "id")
                own = ' WHERE "id" IS NULL' if ids else ""
                said = self.staged.rows(f'SELECT "iri" FROM "{table.name}"{own}')
                called += [(number, iri.rpartition("/")[2]) for (iri,) in said]
        asked = self.work.small(
            "asked/called.parquet",
            {"tab": np.array([n for n, _ in called], np.int64), "called": [name for _, name in called]},
        )

        def made() -> DataFrame:
            same = self.work.read("rows").join(asked, ["tab", "called"], "left_semi")
            return same.join(self.work.read("looked"), list(_ROW), "left_anti").select(*_ROW)

        self.work.kept("alike", made)
        return bool(columns.load(self._files("alike"), "count(*) AS many")["many"][0])

    def take(self, kept: Iterable[str]) -> None:
        """Let the tables of the contribution have those rows alone that are kept under some names."""
        for number, table in enumerate(self.tables):
            some = " UNION ALL ".join(
                f"SELECT \"at\" FROM read_parquet('{columns.quoted(self._files(name))}') WHERE tab = {number}"
                for name in kept
            )
            file = columns.quoted(self._file(table.name))
            self.staged.take(table.name, f"FROM read_parquet('{file}') WHERE \"at\" IN ({some})")

    def _files(self, name: str) -> str:
        return str(self.work.folder / name / "*.parquet")

    def _file(self, table: str) -> str:
        return str(self.work.folder / "tables" / f"{table}.parquet")

    def _keep(self, table: str) -> None:
        """Put a table down as a file, unless it is there."""
        file = Path(self._file(table))
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            draft = file.with_name(f"{file.name}.draft")
            self.staged.query(f"COPY \"raw_{table}\" TO '{columns.quoted(str(draft))}' (FORMAT parquet)")
            durable.sync(draft)
            durable.rename(draft, file)

    def _stated(self, table: Table) -> Iterator[Column]:
        """Yield the columns that any row states."""
        every = [*table, *([] if table.column("id") else [_ID])]
        counts = ", ".join(f'count("{column.name}")' for column in every)
        ((*many,),) = self.staged.rows(f'SELECT {counts} FROM "raw_{table.name}"')
        yield from (column for column, count in zip(every, many, strict=True) if count)

    def _frame(self, table: Table) -> DataFrame:
        return self.work.read(f"tables/{table.name}.parquet")

    def _rows(self) -> DataFrame:
        frames = []
        for number, table in enumerate(self.tables):
            stated = self.stated[table.name]
            doubts = [f"NOT {doubtless.fine(table, column)}" for column in stated]
            missing = [column for column in table if column.required and column not in stated]
            doubts += ["true"] if missing else []
            doubts += [f"`{column.name}` IS NULL" for column in stated if column.required]
            frame = self._frame(table).selectExpr("*", f"{' OR '.join(doubts) or 'false'} AS looked")
            called = f"coalesce(id, CASE WHEN NOT looked THEN {self._digest(table)} END) AS called"
            frames.append(frame.selectExpr(f"{number} AS tab", "at", "looked", called))
        return _union(frames)

    def _digest(self, table: Table) -> str:
        """Return what a row beyond doubt is called that has no id (see `checking` and `names.digest`)."""
        said = [
            f"concat('{column.name}=', {doubtless.said(table, column, self.dataset, self.names)})"
            for column in sorted(self.stated[table.name], key=lambda column: column.name)
            if column.kind != "id"
        ]
        return f"substr(sha2(concat_ws(char({ord(PARTS)}), {', '.join(said) or 'NULL'}), 256), 1, 16)"

    def _refs(self) -> DataFrame:
        frames = []
        for number, table in enumerate(self.tables):
            for column in self.stated[table.name]:
                if column.kind in _REFERRING:
                    target = next(iter(doubtless.targets(table, column)), "")
                    part = f"explode({doubtless.parts(column)}) AS part"
                    some = self._frame(table).filter(f"`{column.name}` IS NOT NULL")
                    frames.append(some.selectExpr(f"{number} AS tab", "at", f"'{target}' AS target", part))
        none = self._frame(self.tables[0]).selectExpr("0 AS tab", "at", "'' AS target", "id AS part")
        return _union(frames or [none.filter("false")])

    def _ids(self) -> DataFrame:
        frames = [
            self._frame(table).selectExpr(f"'{table.name}' AS target", "id AS part") for table in self.tables
        ]
        every = _union(frames).filter("part IS NOT NULL").distinct()
        return every.selectExpr("target", "part", "true AS there", "false AS coded")

    def _codes(self) -> DataFrame:
        codes = self.work.small("asked/codes.parquet", {"part": list(doubtless.products())})
        return codes.selectExpr("'products' AS target", "part", "false AS there", "true AS coded")

    def _named(self, refs: DataFrame) -> DataFrame:
        """Return what rows may be called that some references name: by id, by IRI, or with .0 behind the id."""
        self.work.kept("named", lambda: refs.select("part").distinct())
        parts = columns.load(self._files("named"), "part")["part"].tolist()
        said = {*parts, *(part.removesuffix(".0") for part in parts)}
        said |= {unescaped(part).rpartition("/")[2] for part in parts}
        return self.work.small("asked/named.parquet", {"called": sorted(said)})

    def _coded(self) -> Iterator[DataFrame]:
        """Yield a row of each column of countries that has a code: what others mean depends on whether any has one."""
        for number, table in enumerate(self.tables):
            for column in self.stated[table.name]:
                if column.kind == "country":
                    some = self._frame(table).filter(
                        f"`{column.name}` IS NOT NULL AND {doubtless.fine(table, column)}"
                    )
                    first = some.selectExpr("min(at) AS at").filter("at IS NOT NULL")
                    yield first.selectExpr(f"{number} AS tab", "at")


def _together(frames: Iterable[DataFrame]) -> DataFrame:
    return _union(frame.select(*_ROW) for frame in frames).distinct()


def _union(frames: Iterable[DataFrame]) -> DataFrame:
    return reduce(lambda one, other: one.union(other), frames)
