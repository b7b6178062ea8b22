"""The exposure of every actor by Spark: the same figures as `everybody`, by jobs over the columns of an index.

What designations touch is said here, as columns of what is seldom; what goes over all links are jobs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from opentier.graph.batch import counts, everybody
from opentier.graph.batch.everybody import Exposures
from opentier.graph.batch.marks import Marks
from opentier.graph.batch.shares import Shares, begun, met
from opentier.graph.batch.untested import Doubts, Untested
from opentier.graph.distributed import columns, links, reach, sessions, shares, traces
from opentier.graph.distributed.work import Work, directory, held
from opentier.graph.engine.arrays import Array
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.vicinity import Vicinity

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: The folder of a work directory in which the columns of the index are.
COLUMNS = "index"


@dataclass(frozen=True)
class Spark:
    """Spark as the engine that answers for all actors.

    Parameters
    ----------
    master
        Where it runs; see `sessions.opened`.
    work
        A directory that all its machines see by this path: rounds are kept there, and a killed job goes on from them.
        Without one they are in a temporary directory of this machine.
    """

    master: str | None = None
    work: Path | None = None

    def __call__(
        self,
        index: Index,
        parameters: Parameters,
        progress: Progress = silent,
        unindexed: Unindexed | None = None,
    ) -> Exposures:
        """Return the exposure of every actor; see `everybody.exposures`.

        Raises
        ------
        UsageError
            If downstream is asked for, or the work directory is another job's.
        NotInstalled
            If there is no Spark here.
        WorkError
            If Spark fails.
        """
        everybody.upstream(parameters)
        progress("opening Spark", 0, 1)
        with directory(self.work) as folder, sessions.opened(self.master) as session:
            progress("opening Spark", 1, 1)
            return exposures(session, folder, index, parameters, progress, unindexed)


def exposures(
    session: SparkSession,
    folder: Path,
    index: Index,
    parameters: Parameters,
    progress: Progress = silent,
    unindexed: Unindexed | None = None,
) -> Exposures:
    """Return the exposure of every actor by jobs of a session, with a work directory; see `Spark`."""
    asked, marked = Asked.of(index, parameters), Marks(index, parameters)
    vicinity, known = Vicinity(index, asked), unindexed or Unindexed(index)
    tiers = everybody.tiers_of(parameters)
    with held(folder, session, _job(index, parameters)) as work:
        columns.of(index, work.folder / COLUMNS, progress)
        arcs, nodes, measures = (
            work.read(f"{COLUMNS}/{name}") for name in ("arcs", "nodes", "measures.parquet")
        )
        walked = links.walked(arcs, nodes, index, asked)
        pairs = counts.pairs(vicinity) if counts.steady(index, asked) else None
        if pairs is None:
            passes = traces.traced(work, index, asked, marked, progress)
        else:
            passes = reach.reached(work, index, asked, marked, pairs, walked, progress)
        doubts = Doubts.of(marked.touches, known, vicinity)
        rows = begun(index, asked)
        meeting = rows[met(index, asked, marked, vicinity, rows)]
        shares.weighed(work, links.begun(walked, index, asked), measures, meeting, doubts, tiers, progress)
        least, many = _counted(work, passes, len(index))
        least[marked.exposed != 0] = 0
        weighed, open_ = _weighed(work, doubts, len(index), tiers)
    return everybody.told(index, parameters, least, many, weighed, open_, known)


def _job(index: Index, parameters: Parameters) -> dict[str, Any]:
    """Return what tells a job from others."""
    return {
        "job": "exposure",
        "release": index.release,
        "versions": [said["iri"] for said in index.tables.versions],
        "parameters": asdict(parameters),
        "tiers": everybody.tiers_of(parameters),
    }


def _counted(work: Work, passes: int, nodes: int) -> tuple[Array, Array]:
    """Return nearest tiers and numbers of exposed actors by node."""
    least, many = np.full(nodes, -1, np.int32), np.zeros(nodes, np.int64)
    if passes:
        files = str(work.folder / "counts-*" / "*.parquet")
        found = columns.load(
            files, "node, min(tier)::INTEGER AS tier, sum(many)::BIGINT AS many", after="GROUP BY node"
        )
        least[found["node"]], many[found["node"]] = found["tier"], found["many"]
    return least, many


def _weighed(work: Work, doubts: Doubts, nodes: int, tiers: int) -> tuple[Shares, Untested]:
    """Return shares and what could not be tested, by node."""
    figures = {name: np.zeros(nodes) for name in ("share", "lower", "upper", "possible")}
    if tiers:
        found = columns.load(str(work.folder / f"round-{tiers}" / "*.parquet"), ", ".join(("node", *figures)))
        for name, column in figures.items():
            column[found["node"]] = found[name]
    inputs = columns.load(
        str(work.folder / "inputs" / "*.parquet"), "node, basis::UTINYINT AS basis, no_product"
    )
    basis = np.zeros(nodes, np.uint8)
    basis[inputs["node"]] = inputs["basis"]
    bare = inputs["node"][inputs["no_product"].astype(np.bool_)]
    weighed = Shares(figures["share"], figures["lower"], figures["upper"], basis)
    return weighed, Untested(doubts.marked(bare), figures["possible"])
