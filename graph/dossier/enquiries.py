"""What to ask whom about which supplier: of a chain, what its answers could settle, the most first.

Who can ask is who buys. A question is about one supplier: an actor that exposures hang on, or one of which, or of whose
dealings, something is not known that was not testable for it. What is asked of an actor is asked by its nearest buyer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from opentier.graph.answer.documents import missing
from opentier.graph.answer.result import TraceResult
from opentier.graph.engine.arrays import NONE
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.exposure import unknown
from opentier.graph.exposure.touches import Touches
from opentier.graph.exposure.words import country, goods, said
from opentier.graph.network.network import Arc

Json = Mapping[str, Any]


#: The kinds of things that are asked, in the order in which one letter has them.
KINDS = (
    "chokepoint", "exposed", "possible-identity", "alike", "no-upstream", "gap", "no-product", "no-code", "no-country",
    "no-region", "no-date", "papers",
)  # fmt: skip
#: Those whose answer takes a limit away.
_LIMITS = frozenset(KINDS[3:-1])


@dataclass
class _Letter:
    """All that one buyer may ask one supplier."""

    points: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    exposures: set[int] = field(default_factory=set)
    missing: dict[str, None] = field(default_factory=dict)


class Enquiries:
    """The questions of a trace, by who buys and who sells."""

    def __init__(self, result: TraceResult, found: Json) -> None:
        self.result, self.found = result, found
        self.trace, self.index, self.objects = result.trace, result.index, result.objects
        self.touches = Touches(self.index, self.trace.asked)
        self.letters: dict[tuple[str, str], _Letter] = defaultdict(_Letter)
        walked = self.trace.walked
        self.arcs = walked[self.index.arcs.hop[walked] == SUPPLY]
        self.nearest = self._nearest()

    def _nearest(self) -> dict[str, str]:
        """Return the nearest buyer of each supplier, by IRI: the one of the least tier, then the first by IRI."""
        tails = self.index.columns["tail"][self.arcs].tolist()
        heads = self.index.arcs.head[self.arcs].tolist()
        best: dict[str, tuple[int, str]] = {}
        iris = {node: self.index.iri(node) for node in {*tails, *heads}}
        for tail, head in zip(tails, heads, strict=True):
            if tail != head:
                buyer = self.trace.tiers.get(iris[tail], 0), iris[tail]
                best[iris[head]] = min(best.get(iris[head], buyer), buyer)
        return {head: buyer for head, (_, buyer) in best.items()}

    def all(self) -> list[dict[str, Any]]:
        """Return the questions, those that could settle most first."""
        self._exposed()
        self._actors()
        self._links()
        made = (self._made(*pair, letter) for pair, letter in self.letters.items())
        return sorted(made, key=_rank)

    # --- What exposures hang on ----------------------------------------------------------------------------------

    def _exposed(self) -> None:
        """Ask about who exposures hang on, who may be a listed one, and for the papers of purchases on the paths."""
        hanging: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number, exposure in enumerate(self.found["exposures"]):
            if exposure["state"] != "current":
                continue
            for path in exposure["paths"]:
                for hop in path["hops"]:
                    if hop["kind"] == "supply":
                        pair = hop["from"]["iri"], hop["to"]["iri"]
                        hanging[pair].add(number)
                        self.letters[pair].missing |= dict.fromkeys(missing(hop))
            if exposure["group"] == "possible":
                self._of_actor(exposure["actor"]["iri"], "possible-identity", exposures={number})
        ended = {each["actor"]["iri"]: each["exposures_ended"] for each in self.found["chokepoints"]}
        for (buyer, supplier), numbers in hanging.items():
            letter = self.letters[buyer, supplier]
            letter.exposures |= numbers
            if supplier in ended:
                self._point(buyer, supplier, "chokepoint", n=ended[supplier])
            elif any(self.found["exposures"][number]["actor"]["iri"] == supplier for number in numbers):
                self._point(buyer, supplier, "exposed", n=len(numbers))

    # --- What was not testable -----------------------------------------------------------------------------------

    def _actors(self) -> None:
        """Ask about actors: who is behind them, where they are, whether they are a listed one."""
        nodes, place = self.trace.nodes, self.index.place[self.trace.nodes]
        tails = np.unique(self.index.columns["tail"][self.trace.walked])
        marks = {
            "no-upstream": self.trace.dead_ends() & ~np.isin(nodes, tails),
            "no-country": unknown.without_country(self.index)[place],
            "no-region": unknown.without_region(self.touches)[place],
        }
        for kind, marked in marks.items():
            for node in nodes[marked].tolist():
                self._of_actor(self.index.iri(node), kind)
        for each in self.found["limits"]["names_alike"]:
            self._of_actor(each["actor"]["iri"], "alike", title=each["designation"]["title"])

    def _of_actor(self, supplier: str, kind: str, *, exposures: Collection[int] = (), **figures: Any) -> None:
        buyer = self.nearest.get(supplier)
        if buyer is not None:
            self._point(buyer, supplier, kind, **figures)
            self.letters[buyer, supplier].exposures.update(exposures)

    def _links(self) -> None:
        """Ask about purchases: what is bought, under which code, when, and who stands between."""
        arcs, index = self.index.arcs, self.index
        product = index.goods.product[arcs.goods[self.arcs]]
        coded = np.array([bool(each.code) for each in index.every_product], np.bool_)
        wordy = (
            (product != NONE) & ~coded[np.where(product == NONE, 0, product)]
            if len(coded)
            else product != NONE
        )
        asked = (
            (product == NONE)
            | wordy
            | (arcs.tiers[self.arcs] > 1)
            | (index.columns["stated"][self.arcs] & 63 == 0)
        )
        for number in self.arcs[asked].tolist():
            arc = self.trace.arc(int(number))
            for kind, figures in _unknown(arc):
                self._point(arc.tail, arc.head, kind, record=arc.record, **figures)

    # --- As objects ----------------------------------------------------------------------------------------------

    def _point(self, buyer: str, supplier: str, kind: str, record: str = "", **figures: Any) -> None:
        """Put one thing that is asked into the letter of a buyer about a supplier."""
        if buyer == supplier:
            return
        ends = {"buyer": self.objects.actor(buyer).name, "supplier": self.objects.actor(supplier).name}
        if kind == "no-region":
            figures["country"] = country(self.objects.actor(supplier).country)
        text = said("enquiries", kind, **ends, **figures)
        points = self.letters[buyer, supplier].points
        point = points.setdefault((kind, text), {"kind": kind, "ask": text, "records": []})
        point["records"] += [record] if record else []

    def _made(self, buyer: str, supplier: str, letter: _Letter) -> dict[str, Any]:
        points = sorted(letter.points.values(), key=lambda each: (KINDS.index(each["kind"]), each["ask"]))
        for point in points:
            point["records"].sort()
        limits = sum(max(1, len(point["records"])) for point in points if point["kind"] in _LIMITS)
        if letter.missing and letter.exposures:
            papers = said("enquiries", "papers", papers=", ".join(letter.missing))
            points.append({"kind": "papers", "ask": papers, "records": []})
        return {
            "ask": self._named(buyer),
            "about": self._named(supplier),
            "exposures": len(letter.exposures),
            "limits": limits,
            "points": points,
        }

    def _named(self, iri: str) -> dict[str, Any]:
        return {**self.objects.named(iri), "tier": self.trace.tiers.get(iri)}


def enquiries(result: TraceResult, found: Json) -> list[dict[str, Any]]:
    """Return what to ask whom, by how many exposures and limits an answer could settle, the most first.

    Parameters
    ----------
    found
        The trace as `TraceResult.to_dict` returns it.
    """
    return Enquiries(result, found).all()


def _unknown(arc: Arc) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a supply link does not say."""
    if arc.tiers > 1:
        yield "gap", {"n": arc.tiers - 1}
    if arc.product is None:
        yield "no-product", {}
    elif not arc.product.code:
        yield "no-code", {"product": goods(arc.product.label)}
    if not (arc.start_date or arc.end_date or arc.observed):
        yield "no-date", {}


def _rank(each: Json) -> tuple[Any, ...]:
    """Rank a question: by all that it could settle, then by exposures, then by how near it is."""
    settled = each["exposures"] + each["limits"]
    return -settled, -each["exposures"], each["about"]["tier"] or 0, each["ask"]["iri"], each["about"]["iri"]
