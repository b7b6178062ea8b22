"""Candidate pairs of matching by Spark: which parties share rare keys, as `matching.candidates` finds them.

Books say which party has which key. A key weighs by how few have it; of each party that is looked for the rarest keys
are looked at, as far as its budget goes; who shares them is joined, weighed and put in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.distributed import columns, sessions
from opentier.graph.distributed.work import Work, directory, grouped, held
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.matching import book, candidates
from opentier.graph.matching.candidates import Books, identifying
from opentier.graph.matching.parties import Party

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Spark:
    """Spark as what finds candidates, as `Books.candidates` does; see `exposure.Spark`."""

    master: str | None = None
    work: Path | None = None

    def __call__(
        self, books: Books, parties: Sequence[Party], limit: int, progress: Progress = silent
    ) -> list[list[tuple[int, float]]]:
        """Return for each party the numbers of those that may be it, with the part of its keys that they share.

        Raises
        ------
        UsageError
            If the work directory is another job's.
        NotInstalled
            If there is no Spark here.
        WorkError
            If Spark fails.
        """
        asked = hashlib.sha256("\n".join(map(repr, parties)).encode()).hexdigest()
        versions = [each.version.iri for each in books.books]
        job = {"job": "candidates", "versions": versions, "parties": asked, "limit": limit}
        progress("opening Spark", 0, 1)
        with directory(self.work) as folder, sessions.opened(self.master) as session:
            progress("opening Spark", 1, 1)
            with held(folder, session, job) as work:
                progress("looking for candidates", 0, len(parties))
                pairs(work, books, parties, limit)
                found = listed(work, len(parties))
                progress("looking for candidates", len(parties), len(parties))
        return found


def listed(work: Work, many: int) -> list[list[tuple[int, float]]]:
    """Return the pairs that are kept, by the number of the party that was looked for: the most alike first."""
    said = columns.load(
        str(work.folder / "candidates" / "*.parquet"), "asked, number, part", after="ORDER BY asked, rank"
    )
    found: list[list[tuple[int, float]]] = [[] for _ in range(many)]
    for asked, number, part in zip(
        *(said[name].tolist() for name in ("asked", "number", "part")), strict=True
    ):
        found[asked].append((number, part))
    return found


def pairs(
    work: Work, books: Books, parties: Sequence[Party], limit: int, *, likely: bool = False
) -> DataFrame:
    """Return pairs, kept as ``candidates``: the party looked for and the one it may be, by number, and the part shared.

    Parameters
    ----------
    limit
        Pairs of each party, at most: the most alike, then the first. A party of the books is not its own candidate.
    likely
        Whether only those are looked for that share much; see `Books.candidates`.
    """
    return work.kept("candidates", lambda: _pairs(work, books, parties, limit, likely=likely))


def _pairs(work: Work, books: Books, parties: Sequence[Party], limit: int, *, likely: bool) -> DataFrame:
    for number, (each, first) in enumerate(zip(books.books, books.first, strict=False)):
        held = {"hash": each.hashes.view(np.int64), "number": each.numbers.astype(np.int64) + first}
        work.small(f"keys/{number}.parquet", held)
    work.small("keys/none.parquet", {"hash": np.zeros(0, np.int64), "number": np.zeros(0, np.int64)})
    keys, asked = work.read("keys"), _asked(work, parties)
    many = grouped(
        keys.join(asked.select("hash").distinct(), "hash", "left_semi"), "hash", "count(*) AS held"
    )
    # As with one process: the budget goes over all keys that anybody has, the rarest first.
    sought = asked.join(many, "hash", "left").selectExpr(
        "asked", "place", "hash", "strong", "coalesce(held, 0L) AS held",
        f"rint(ln({len(books) + 2}D / (coalesce(held, 0L) + 1)) * {candidates.UNIT}D) AS weight",
    )  # fmt: skip
    whole = grouped(sought, "asked", "greatest(sum(weight), 1D) AS whole")
    budget = candidates.budget(len(books), likely=likely)
    sought = sought.join(whole, "asked").filter("held > 0").selectExpr(
        "asked", "hash", "whole", "CASE WHEN strong THEN whole ELSE weight END AS weight",
        "sum(held) OVER (PARTITION BY asked ORDER BY held, place ROWS UNBOUNDED PRECEDING) AS spent",
    )  # fmt: skip
    come = sought.filter(f"spent <= {budget}").join(keys, "hash")
    shared = come.groupBy("asked", "number").agg(
        *_expressions("sum(weight) AS weight", "max(whole) AS whole")
    )
    found = shared.selectExpr("asked", "number", "least(weight / whole, 1D) AS part")
    own = work.small("asked/own.parquet", _own(books, parties))
    found = found.join(own, ["asked", "number"], "left_anti")
    if likely:
        found = found.filter(f"part >= {candidates.MUCH}")
    ranked = found.selectExpr(
        "*", "row_number() OVER (PARTITION BY asked ORDER BY part DESC, number) AS rank"
    )
    return ranked.filter(f"rank <= {limit}")


def _asked(work: Work, parties: Sequence[Party]) -> DataFrame:
    """Return the keys of the parties that are looked for, in their order."""
    mine = [book.hashed(party) for party in parties]
    empty = [np.zeros(0, np.uint64)]
    table = {
        "asked": np.repeat(np.arange(len(parties)), [len(hashes) for hashes in mine]),
        "place": np.concatenate([np.arange(len(hashes)) for hashes in mine] or [np.zeros(0, np.int64)]),
        "hash": np.concatenate([*mine, *empty]).view(np.int64),
        "strong": identifying(parties, mine),
    }
    return work.small("asked/parties.parquet", table)


def _own(books: Books, parties: Sequence[Party]) -> dict[str, np.ndarray]:
    """Return which parties of the books are those that are looked for."""
    rows = [
        (number, found + first)
        for number, party in enumerate(parties) if party.iri
        for each, first in zip(books.books, books.first, strict=False)
        for found in [each.find(party.iri)] if found is not None
    ]  # fmt: skip
    asked, number = np.array(rows, np.int64).reshape(-1, 2).T
    return {"asked": asked, "number": number}


def _expressions(*texts: str) -> list[object]:
    from pyspark.sql import functions

    return [functions.expr(text) for text in texts]
