"""Every actor at once: nearest exposed tier, exposed actors upstream, and the share of inputs that passes through them.

The figures are those of one trace for each actor: its nearest exposure, the actors of its exposures, and what of its
inputs passes through such (see `counts` and `shares`). All three have one notion of exposed (`marks`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from opentier.graph.answer import statements
from opentier.graph.batch import counts
from opentier.graph.batch.marks import Marks
from opentier.graph.batch.shares import BASES, Inputs, Shares, met, shares
from opentier.graph.batch.untested import Doubts, Untested, untested
from opentier.graph.engine.arrays import Array
from opentier.graph.errors import UsageError
from opentier.graph.exposure import limits, verdict, words
from opentier.graph.exposure.objects import Json
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.verdict import Verdict
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model import printed, sheet
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters, named
from opentier.graph.trace.plain import allowed
from opentier.graph.trace.unindexed import Unindexed
from opentier.graph.trace.vicinity import Vicinity

if TYPE_CHECKING:
    import pandas as pd

#: Tiers over which value shares are added up where no maximum is asked for: a closed cycle has no fixed point.
TIERS = 10
COLUMNS = (
    "id", "name", "country", "kind", "nearest_tier", "exposed_actors", "exposed_share", "share_lower", "share_upper",
    "basis", "share_possible", "untested", "iri",
)  # fmt: skip
#: What answers for all actors: told index, parameters, progress, and what the index does not hold.
Engine = Callable[[Index, Parameters, Progress, Unindexed], "Exposures"]
#: In which the rows can be written.
FORMATS = ("csv", "json", "parquet")
_TYPES = {"nearest_tier": "Int64", "exposed_actors": "int64"}
_TYPES |= dict.fromkeys(("exposed_share", "share_lower", "share_upper", "share_possible"), "float64")


@dataclass(frozen=True)
class Exposures:
    """The exposure of every actor.

    Attributes
    ----------
    nearest_tiers : int32, shape (nodes,)
        The fewest tiers of any path to an exposure: 0 where the actor itself is exposed, -1 where there is none.
    distinct : int64, shape (nodes,)
        Exposed actors upstream, the actor itself not counted.
    weighed
        Of the actor's inputs what passes through exposed suppliers within `tiers` tiers, with bounds and basis.
    open
        What could not be tested of each, and the greatest share that it may have for that.
    """

    index: Index
    parameters: Parameters
    nearest_tiers: Array
    distinct: Array
    weighed: Shares
    open: Untested
    tiers: int
    unindexed: Unindexed

    @property
    def share(self) -> Array:
        """The shares as weighed, from 0 to 1; shape (nodes,)."""
        return self.weighed.share

    @cached_property
    def _touches(self) -> Touches:
        return Touches(self.index, Asked.of(self.index, self.parameters))

    @cached_property
    def verdict(self) -> Verdict:
        """Whether any actor is exposed, or none, or nothing could be found."""
        index, nodes = self.index, self._described
        walked = len(allowed(index, self._touches.asked, index.rows())) > 0
        exposed = int((self.nearest_tiers[nodes] >= 0).sum())
        found = verdict.of_everybody(self._touches, nodes.tolist(), exposed, walked=walked)
        return verdict.doubted(found, self.open.alike)

    @cached_property
    def limits(self) -> Json:
        """What the figures rest on: what was searched, what was not walked, and what could not be tested."""
        return limits.of_everybody(self._touches, self.unindexed, self._described)

    @property
    def _described(self) -> Array:
        """The nodes that a dataset describes."""
        return np.flatnonzero(self.index.columns["kind"][: len(self.index)])

    def told(self) -> list[str]:
        """Return verdict and limits in sentences, for forms that have no room for them beside the rows."""
        said = list(self.verdict.reasons)
        for each in self.limits["designations"]:
            left = (
                f", {each['left_out']:,} left out by the filter on exploitation" if each["left_out"] else ""
            )
            more = {"edition": each["edition"] or "no edition", "left": left}
            said.append(words.sentence("register", **each | more))
        missing = [f"{kind} ({many:,})" for kind, many in self.limits["kinds_not_walked"].items() if many]
        listed = [f"{name} {value}" for name, value in self.limits["filters"].items()]
        said += [words.sentence("not-walked", kinds=", ".join(missing))] if missing else []
        said += [words.sentence("filters", filters=", ".join(listed))] if listed else []
        return said + statements.lacking(self.limits, kinds=False)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row of `COLUMNS` for each actor that a dataset describes, by IRI, whatever the index grew from."""
        names, weighed = self.index.names, self.weighed
        nodes = self._described.tolist()
        if len(self.index) > self.index.tables.counts["ordered nodes"]:
            nodes.sort(key=self.index.iri)
        for node in nodes:
            actor = self.index.actor(node)
            shares = (round(float(part[node]), 9) for part in (weighed.share, weighed.lower, weighed.upper))
            nearest, distinct = int(self.nearest_tiers[node]), int(self.distinct[node])
            said = (names.id(actor.iri), actor.name, actor.country, actor.kind)
            found = (None if nearest < 0 else nearest, distinct, *shares, BASES[weighed.basis[node]])
            more = round(float(self.open.possible[node]), 9), "|".join(self.open.of(node)) or None
            yield *said, *found, *more, actor.iri

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas frame (pandas has to be installed)."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS)).astype(_TYPES)

    def write(self, path: Path, format: str = "") -> None:
        """Write the rows to a file, as CSV, JSON or Parquet (which needs pyarrow); by its name if nothing is said.

        Raises
        ------
        UsageError
            If it is to be none of these, or pyarrow is not installed.
        """
        form = format or path.suffix[1:].lower()
        if form not in FORMATS:
            raise UsageError(f"{path} ends in none of {', '.join(f'.{name}' for name in FORMATS)}.")
        if form == "parquet":
            self._parquet(path)
            return
        with path.open("w", encoding="utf-8", newline="") as file:
            if form == "csv":
                sheet.write(file, COLUMNS, self.rows())
            else:
                file.write(self.to_json())

    def to_csv(self) -> str:
        """Return the rows as CSV for a spreadsheet (see `sheet`)."""
        return sheet.text(COLUMNS, self.rows())

    def limits_csv(self) -> str:
        """Return the limits as CSV for a spreadsheet."""
        return statements.table(self._said())

    def _said(self) -> Json:
        """Return verdict and limits."""
        said = {"result": self.verdict.result, "reasons": list(self.verdict.reasons)}
        return {"verdict": said, "limits": self.limits}

    def to_dict(self) -> Json:
        """Return verdict and limits, and the rows as objects with the columns as keys."""
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in self.rows()]
        said = self._said()
        return {
            "verdict": said["verdict"],
            "parameters": named(self.parameters, alone=False),
            "tiers": self.tiers,
            "actors": rows,
            "limits": said["limits"],
        }

    def to_json(self) -> str:
        """Return the same as JSON text."""
        return printed.text(self.to_dict())

    def _parquet(self, path: Path) -> None:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError:
            raise UsageError("Parquet needs pyarrow: pip install pyarrow. Or write CSV.") from None
        columns = list(zip(*self.rows(), strict=True)) or [()] * len(COLUMNS)
        kinds = [pa.string()] * 4 + [pa.int32(), pa.int64()] + [pa.float64()] * 3 + [pa.string()]
        kinds += [pa.float64(), pa.string(), pa.string()]
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        parquet.write_table(pa.table(dict(zip(COLUMNS, arrays, strict=True))), path)


def exposures(
    index: Index, parameters: Parameters, progress: Progress = silent, unindexed: Unindexed | None = None
) -> Exposures:
    """Return the exposure of every actor under the filters of a trace, and what was never walked.

    Raises
    ------
    UsageError
        If downstream is asked for: exposure is what lies upstream.
    """
    upstream(parameters)
    asked, marked = Asked.of(index, parameters), Marks(index, parameters)
    vicinity = Vicinity(index, asked)
    found = None
    if counts.steady(index, asked) and parameters.max_tier is None:  # bits tell no tiers
        found = counts.together(index, asked, marked, vicinity, progress)
    least, many = found or counts.one_by_one(index, asked, marked, progress)
    known, tiers = unindexed or Unindexed(index), tiers_of(parameters)
    inputs = Inputs.of(index, asked)
    exposed = met(index, asked, marked, vicinity, inputs.rows)
    open_ = untested(Doubts.of(marked.touches, known, vicinity), inputs, exposed, tiers)
    return told(index, parameters, least, many, shares(inputs, exposed, tiers), open_, known)


def upstream(parameters: Parameters) -> None:
    """Raise UsageError if downstream is asked for."""
    if parameters.downstream:
        raise UsageError("The exposure of every actor is what lies upstream of it; leave downstream away.")


def tiers_of(parameters: Parameters) -> int:
    """Return the number of tiers over which shares are added up."""
    return TIERS if parameters.max_tier is None else parameters.max_tier


def told(
    index: Index, parameters: Parameters, least: Array, many: Array, weighed: Shares, open_: Untested,
    unindexed: Unindexed,
) -> Exposures:  # fmt: skip
    """Return figures as the exposure of every actor: of one that is exposed itself, all shares are 1."""
    for figures in (weighed.share, weighed.lower, weighed.upper, open_.possible):
        figures[least == 0] = 1.0
    return Exposures(index, parameters, least, many, weighed, open_, tiers_of(parameters), unindexed)
