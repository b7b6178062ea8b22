"""Nearest tiers and numbers of exposed actors where walks are not steady (see `counts.steady`).

Each exposed actor is traced downstream by the trace engine, some on each machine, from the index itself, which they all
have to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentier.graph.batch import counts
from opentier.graph.batch.marks import Marks
from opentier.graph.distributed.work import Work, grouped
from opentier.graph.engine import compiled
from opentier.graph.errors import UsageError
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters

if TYPE_CHECKING:
    import pyarrow as pa

#: Exposed actors that are traced until what was found is kept, and those that one task traces.
_EACH, _TASK = 2048, 16


def traced(work: Work, index: Index, asked: Asked, marked: Marks, progress: Progress) -> int:
    """Keep how near exposed actors are and how many there are, some exposed actors at a time; return how many times.

    Raises
    ------
    UsageError
        If the index is in no folder that others could read.
    """
    if index.folder is None:
        raise UsageError(
            "These filters have each exposed actor traced from the index, and that of what was known on a day is not "
            "kept. Leave engine away: the local engine answers this."
        )
    ends, said = marked.ends, asdict(asked.parameters)
    function = partial(found, str(index.folder.resolve()), index.release, tuple(sorted(said.items())))
    for number, first in enumerate(range(0, len(ends), _EACH)):
        progress("tracing", first, len(ends))
        some = ends[first : first + _EACH]

        def made(number: int = number, some: Any = some) -> Any:
            table = work.small(f"asked/ends-{number}.parquet", {"end": some})
            tasks = table.repartition(-(-len(some) // _TASK), "end")
            rows = tasks.mapInArrow(function, "node BIGINT, tier INT, many BIGINT")
            return grouped(rows, "node", "min(tier) AS tier", "sum(many) AS many")

        work.kept(f"counts-{number}", made)
    progress("tracing", len(ends), len(ends))
    return -(-len(ends) // _EACH)


def found(
    folder: str, release: str, said: tuple[tuple[str, Any], ...], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield who is exposed to the nodes of some batches: node, fewest tiers, 1 unless it is the exposed one itself."""
    import numpy as np
    import pyarrow as pa

    index, marked = _opened(folder, release, said)
    asked = marked.asked
    for batch in batches:
        for end in batch.column(0).to_pylist():
            nodes, tiers = counts.exposed_to(index, asked, marked, end)
            every, which = np.unique(nodes, return_inverse=True)
            least = np.full(len(every), np.iinfo(np.int32).max, np.int32)
            np.minimum.at(least, which.reshape(-1), tiers)
            columns = [
                pa.array(every.astype(np.int64)),
                pa.array(least),
                pa.array((every != end).astype(np.int64)),
            ]
            yield pa.RecordBatch.from_arrays(columns, names=["node", "tier", "many"])


@lru_cache(maxsize=1)
def _opened(folder: str, release: str, said: tuple[tuple[str, Any], ...]) -> tuple[Index, Marks]:
    """Open the index in this process, once."""
    place = Path(folder)
    compiled.keep_in(place.parent.parent / "cache")
    index = Index.open(place, release)
    return index, Marks(index, Parameters(**dict(said)))
