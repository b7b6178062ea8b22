"""How near exposed actors are and how many there are, of every actor at once (see `counts`): one bit for each of them.

Round by round what is new of each actor's bits goes to its buyers, so that the round in which an actor gets its first
bit is its nearest tier. Bits are only ever added: cycles settle. What a round works on are rows of actors that are new
and of links, never of paths. (The multi-source search of Then et al. 2014, as joins and ``bit_or``.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.batch import counts
from opentier.graph.batch.counts import Pairs
from opentier.graph.batch.marks import Marks
from opentier.graph.distributed import columns
from opentier.graph.distributed.work import Work, grouped
from opentier.graph.engine.arrays import Array
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress
from opentier.graph.trace.asked import Asked

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Words of 64 bits, one bit for each exposed actor of a pass.
WORDS = 8
_EACH = 64 * WORDS
_KNOWN = [f"w{word}" for word in range(WORDS)]
_NEW = [f"n{word}" for word in range(WORDS)]


class Bits:
    """The exposed actors of one pass, and who has the bit of which to begin with."""

    def __init__(self, exposed: Array) -> None:
        self.exposed = exposed

    def table(self, nodes: Array, ends: Array) -> dict[str, Array]:
        """Return the bits of some nodes, each node once: of each pair that of the exposed actor `ends`."""
        number = np.searchsorted(self.exposed, ends)
        kept = np.isin(ends, self.exposed)
        nodes, number = nodes[kept], number[kept]
        every, which = np.unique(nodes, return_inverse=True)
        words = np.zeros((len(every), WORDS), np.uint64)
        np.bitwise_or.at(
            words, (which.reshape(-1), number >> 6), np.uint64(1) << (number & 63).astype(np.uint64)
        )
        found: dict[str, Array] = {"node": every.astype(np.int64)}
        return found | {name: words[:, word].view(np.int64) for word, name in enumerate(_KNOWN)}


def reached(
    work: Work, index: Index, asked: Asked, marked: Marks, known: Pairs, links: DataFrame, progress: Progress
) -> int:
    """Keep how near exposed actors are and how many there are, pass by pass; return the number of passes.

    Parameters
    ----------
    known
        Pairs of nodes between which hops lead that add no tier.
    links
        The supply links that may be walked.
    """
    opening, ends = counts.openings(index, asked, marked, known)
    seeds = index.columns["tail"][opening] if asked.ask.most >= 1 else np.zeros(0, np.uint32)
    ends = ends[: len(seeds)]
    link, near = known.behind(seeds)
    seeds, ends = np.concatenate([seeds, near]), np.concatenate([ends, ends[link]])
    beside = Pairs(*(side[marked.exposed[known.far] != 0] for side in known))
    exposed = np.union1d(ends, beside.far)
    passes = range(0, len(exposed), _EACH)
    if not len(passes):
        return 0
    ways = work.kept("ways", lambda: _ways(work, known, links))
    for number, first in enumerate(passes):
        progress("reaching", first, len(exposed))
        if work.has(f"counts-{number}"):
            continue
        bits = Bits(exposed[first : first + _EACH])
        with_bits = _with_bits(work, number, bits, (seeds, ends), beside)
        _pass(work, number, ways, with_bits, asked.ask.most)
    progress("reaching", len(exposed), len(exposed))
    return len(passes)


def _ways(work: Work, known: Pairs, links: DataFrame) -> DataFrame:
    """Return the way back by steps: from a supplier to its buyers, and to those from which hops lead to a buyer."""
    found = links.selectExpr("head", "tail AS far")
    if len(known.near):
        hops = work.small("asked/hops.parquet", {"near": known.near, "far": known.far})
        found = found.union(found.join(hops, "far").selectExpr("head", "near AS far"))
    return found.selectExpr("head", "far AS tail").distinct()


def _with_bits(
    work: Work, number: int, bits: Bits, seeds: tuple[Array, Array], beside: Pairs
) -> dict[str, DataFrame]:
    """Return who has bits to begin with, who has them beside and hands them on to nobody, and whose own they are."""
    own = bits.exposed
    tables = {"seeds": bits.table(*seeds), "beside": bits.table(*beside), "own": bits.table(own, own)}
    return {name: work.small(f"asked/{name}-{number}.parquet", table) for name, table in tables.items()}


def _pass(work: Work, number: int, ways: DataFrame, given: dict[str, DataFrame], most: int) -> None:
    """Keep nearest tier and number of exposed actors of each actor that a pass reaches.

    A row has its own round beside it, so that all rounds are one plan, which is compiled once.
    """
    stem, none = f"reach-{number}", [f"0L AS {name}" for name in _KNOWN]

    def first() -> DataFrame:
        new = (f"{known} AS {new}" for known, new in zip(_KNOWN, _NEW, strict=True))
        return given["seeds"].selectExpr("node", "1 AS tier", "1 AS round", "true AS fresh", *_KNOWN, *new)

    def following(state: DataFrame, tier: int) -> DataFrame:
        front = state.filter("fresh").selectExpr("node AS head", "round + 1 AS round", *_NEW)
        come = ways.join(front, "head").selectExpr("tail AS node", "round AS tier", "round", *none, *_NEW)
        known = state.selectExpr(
            "node", "tier", "round + 1 AS round", *_KNOWN, *(f"0L AS {name}" for name in _NEW)
        )
        least = ("min(tier) AS tier", "max(round) AS round")
        every = grouped(come.union(known), "node", *least, *_ored(*_KNOWN, *_NEW))
        sides = list(zip(_KNOWN, _NEW, strict=True))
        fresh = " OR ".join(f"{new} & ~{known} <> 0" for known, new in sides)
        made = [f"{known} | {new} AS {known}" for known, new in sides]
        made += [f"{new} & ~{known} AS {new}" for known, new in sides]
        return every.selectExpr("node", "tier", "round", f"{fresh} AS fresh", *made)

    def done(state: DataFrame, tier: int) -> bool:
        files = str(work.folder / f"{stem}-{tier}" / "*.parquet")
        return tier >= most or not columns.load(files, "bool_or(fresh) AS fresh")["fresh"].any()

    state = work.rounds(stem, first, following, max(most, 1), done)
    work.kept(f"counts-{number}", lambda: _counted(state, given["beside"], given["own"]))
    work.forget(f"{stem}-{work.last(stem)}")


def _counted(state: DataFrame, beside: DataFrame, own: DataFrame) -> DataFrame:
    """Return the number of bits of each node, its own not counted, and its nearest tier."""
    every = state.selectExpr("node", "tier", *_KNOWN).union(beside.selectExpr("node", "0 AS tier", *_KNOWN))
    held = grouped(every, "node", "min(tier) AS tier", *_ored(*_KNOWN))
    mine = own.selectExpr("node", *(f"{name} AS own_{name}" for name in _KNOWN))
    words = " + ".join(f"bit_count({name} & ~coalesce(own_{name}, 0L))" for name in _KNOWN)
    return held.join(mine, "node", "left").selectExpr("node", "tier", f"CAST({words} AS BIGINT) AS many")


def _ored(*names: str) -> list[str]:
    return [f"bit_or({name}) AS {name}" for name in names]
