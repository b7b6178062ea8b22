"""The shares of inputs of every actor, their bounds, and what could not be tested (see `batch.shares`, `untested`).

What links weigh is one aggregate a buyer. Then comes a round for each tier: what suppliers have, joined to links and
added up for buyers, all four figures in one pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opentier.graph.batch.shares import BASES
from opentier.graph.batch.untested import Doubts
from opentier.graph.distributed.work import Work, grouped
from opentier.graph.engine.arrays import Array
from opentier.graph.jobs.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SHARE, _VALUE, _QUANTITY, _EVENLY = range(1, len(BASES))
#: Of each basis what a link states of it, and what has to be the same of all that state it.
_STATED = {"share": "share", "value": "worth", "quantity": "amount"}


def weighed(
    work: Work,
    links: DataFrame,
    measures: DataFrame,
    met: Array,
    doubts: Doubts,
    tiers: int,
    progress: Progress,
) -> None:
    """Keep the shares of all actors as the last ``round``, and what inputs are weighed by as ``inputs``.

    Parameters
    ----------
    links
        The supply links with which walks may begin.
    met
        The numbers of those that meet an exposure.
    tiers
        Over how many tiers shares are added up.
    """
    progress("weighing", 0, 1)
    stated = links.selectExpr(
        "arc", "tail AS buyer", "head AS supplier", "goods", *_STATED.values(), "measures"
    )
    stated = stated.join(measures.selectExpr("number AS measures", "currency", "unit"), "measures", "left")
    sums = work.kept("sums", lambda: _sums(stated))
    flags = work.small(
        "asked/nodes.parquet",
        {"supplier": (some := np.flatnonzero(doubts.open | doubts.listed)), "open": doubts.open[some],
         "listed": doubts.listed[some]},
    )  # fmt: skip
    bare = work.small(
        "asked/goods.parquet",
        {"goods": np.flatnonzero(doubts.bare), "bare": np.ones(int(doubts.bare.sum()), np.bool_)},
    )
    meeting = work.small("asked/met.parquet", {"arc": np.sort(met), "met": np.ones(len(met), np.bool_)})
    ends = work.small("asked/ends.parquet", {"node": np.flatnonzero(doubts.ends)})

    def parted() -> DataFrame:
        found = (
            stated.join(meeting, "arc", "left").join(flags, "supplier", "left").join(bare, "goods", "left")
        )
        return _parted(found.join(sums, "buyer"))

    parts = work.kept("links", parted)
    given = work.kept("inputs", lambda: _given(parts, sums, ends))
    progress("weighing", 1, 1)
    if not tiers:
        return

    def following(state: DataFrame, number: int) -> DataFrame:
        progress("adding up", number - 1, tiers)
        return _passed_on(parts, given, state)

    work.rounds("round", lambda: _passed_on(parts, given, None), following, tiers)
    progress("adding up", tiers, tiers)


def _sums(stated: DataFrame) -> DataFrame:
    """Return for each buyer what its inputs are weighed by, and what its links state of that, added up."""
    alike = {"value": ("worth", "currency"), "quantity": ("amount", "unit")}
    made = ["count(*) AS many", "count(share) AS n_share", "sum(share) AS s_share"]
    for name, (column, unit) in alike.items():
        made += [f"count({column}) AS n_{name}", f"sum({column}) AS s_{name}"]
        made += [
            f"{end}(CASE WHEN {column} IS NOT NULL THEN {unit} END) AS {end}_{name}" for end in ("min", "max")
        ]
    kept = {name: f"n_{name} > 0 AND min_{name} = max_{name} AND s_{name} > 0" for name in alike}
    basis = (
        f"CASE WHEN n_share > 0 THEN {_SHARE} WHEN {kept['value']} THEN {_VALUE} "
        f"WHEN {kept['quantity']} THEN {_QUANTITY} ELSE {_EVENLY} END AS basis"
    )
    by = "CASE basis WHEN {} THEN {}_share WHEN {} THEN {}_value WHEN {} THEN {}_quantity END"
    total, stating = (by.format(_SHARE, part, _VALUE, part, _QUANTITY, part) for part in ("s", "n"))
    found = grouped(stated, "buyer", *made).selectExpr("*", basis)
    found = found.selectExpr(
        "buyer", "basis", "many", f"coalesce({total}, 0D) AS total", f"coalesce({stating}, 0L) AS stating"
    )
    whole = f"CASE WHEN basis = {_SHARE} THEN greatest(total, 100D) ELSE total END AS whole"
    mean = "CASE WHEN stating > 0 THEN total / stating ELSE 1D END AS mean"
    found = found.selectExpr("*", "many - stating AS silent", whole, mean)
    rest = f"CASE WHEN basis = {_SHARE} THEN 1D - total / whole ELSE 0D END AS rest"
    by_weight = f"CASE WHEN basis = {_SHARE} THEN whole ELSE total + mean * silent END AS by_weight"
    found = found.selectExpr("*", rest, by_weight)
    divided = "CASE WHEN {0} > 0 THEN {0} ELSE 1D END"
    each = f"least(mean / {divided.format('by_weight')}, 1D)"
    left = (
        f"CASE WHEN basis = {_SHARE} THEN least({each}, rest / greatest(silent, 1L)) ELSE {each} END AS each"
    )
    return found.selectExpr(
        "buyer", "basis", "stating", "rest", left, f"{divided.format('by_weight')} AS by_weight",
        f"{divided.format('whole')} AS whole",
    )  # fmt: skip


def _parted(links: DataFrame) -> DataFrame:
    """Return of each link its weight, what it claims (nothing said is any part), and whether it meets what, or may."""
    cases = " ".join(f"WHEN {BASES.index(name)} THEN {column}" for name, column in _STATED.items())
    flags = ("met", "open", "listed", "bare")
    found = links.selectExpr(
        "buyer", "supplier", "basis", "rest", "each", "by_weight", "whole", f"CASE basis {cases} END AS stated",
        *(f"coalesce({flag}, false) AS {flag}" for flag in flags),
    )  # fmt: skip
    return found.selectExpr(
        "buyer", "supplier", "coalesce(stated / by_weight, each) AS weight",
        f"CASE WHEN stated IS NOT NULL THEN stated / whole WHEN basis = {_SHARE} THEN 0D END AS claim",
        "stated IS NOT NULL AS known", "met", "met OR open OR (bare AND listed) AS may",
        "bare AND listed AND NOT met AS no_product",
    )  # fmt: skip


def _given(parts: DataFrame, sums: DataFrame, ends: DataFrame) -> DataFrame:
    """Return of each actor what links that meet an exposure give it, whatever the tier."""
    made = [
        "sum(CASE WHEN met THEN weight ELSE 0D END) AS share",
        "bool_or(no_product) AS no_product",
    ]
    for flag in ("met", "may"):
        made.append(f"sum(CASE WHEN {flag} AND known THEN claim ELSE 0D END) AS given_{flag}")
        made.append(f"bool_or({flag} AND claim IS NULL) AS free_{flag}")
    found = grouped(parts, "buyer", *made).join(sums.select("buyer", "basis", "stating", "rest"), "buyer")
    given = found.selectExpr(
        "buyer AS node", "CAST(basis AS INT) AS basis", "stating > 0 AS known", "rest", "share", "no_product",
        "given_met", "free_met", "given_may", "free_may",
    )  # fmt: skip
    dead = ends.selectExpr(
        "node", "0 AS basis", "false AS known", "0D AS rest", "0D AS share", "false AS no_product", "0D AS given_met",
        "false AS free_met", "0D AS given_may", "true AS free_may",
    )  # fmt: skip
    return given.union(dead)


def _passed_on(parts: DataFrame, given: DataFrame, state: DataFrame | None) -> DataFrame:
    """Return the figures of all actors by those of the round before; without one, all of them are 0."""
    columns = ("share", "lower", "upper", "possible")
    if state is None:
        links = parts.selectExpr("*", *(f"0D AS {name}" for name in columns))
    else:
        known = state.selectExpr("node AS supplier", *(f"{name} AS s_{name}" for name in columns))
        links = parts.join(known, "supplier", "left")
        links = links.selectExpr(
            "buyer", "weight", "claim", "met", "may", *(f"coalesce(s_{n}, 0D) AS {n}" for n in columns)
        )
    come = links.selectExpr(
        "buyer AS node",
        "CASE WHEN met THEN 0D ELSE weight * share END AS share",
        "CASE WHEN met OR claim IS NULL THEN 0D ELSE claim * lower END AS lower",
        "CASE WHEN met OR claim IS NULL THEN 0D ELSE claim * upper END AS upper",
        "CASE WHEN may OR claim IS NULL THEN 0D ELSE claim * possible END AS possible",
        "CASE WHEN NOT met AND claim IS NULL THEN lower END AS least",
        "CASE WHEN NOT met AND claim IS NULL THEN upper END AS most",
        "CASE WHEN NOT may AND claim IS NULL THEN possible END AS most_possible",
        "false AS known",
    )
    own = given.selectExpr(
        "node", "share", "given_met AS lower", "given_met + rest AS upper", "given_may + rest AS possible",
        "CASE WHEN free_met THEN 1D END AS least", "CASE WHEN free_met THEN 1D END AS most",
        "CASE WHEN free_may THEN 1D END AS most_possible", "known",
    )  # fmt: skip
    made = [f"sum({name}) AS {name}" for name in columns] + ["min(least) AS least", "bool_or(known) AS known"]
    made += [f"max({name}) AS {name}" for name in ("most", "most_possible")]
    both = grouped(come.union(own), "node", *made)
    return both.selectExpr(
        "node", "share",
        "CASE WHEN known THEN least(lower, coalesce(least, lower)) ELSE coalesce(least, 0D) END AS lower",
        "CASE WHEN known THEN greatest(upper, coalesce(most, upper)) ELSE coalesce(most, 0D) END AS upper",
        "CASE WHEN known THEN greatest(possible, coalesce(most_possible, possible)) "
        "ELSE coalesce(most_possible, 0D) END AS possible",
    )  # fmt: skip
