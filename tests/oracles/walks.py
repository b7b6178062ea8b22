"""The walks of a question: which links are walked at all, which walks are admissible, tiers and paths."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count

from opentier.graph.trace.parameters import Parameters
from tests.oracles.hops import Hop, Walk, hops, turned
from tests.oracles.joins import components
from tests.oracles.places import places
from tests.oracles.products import Products
from tests.oracles.rows import Package, Record, first, last, window

#: What a walk carries once it has crossed a link without a product, and while no product is asked for.
UNKNOWN, NOT_ASKED = "(unknown)", "(not asked)"


class TooMany(Exception):
    """There are more paths than anybody wants to count."""


class Walks:
    """All walks of one question about one package; those that avoid an actor, where one is taken away."""

    def __init__(self, package: Package, question: Parameters, without: str | None = None) -> None:
        self.package, self.question = package, question
        self.alias = components(package)
        self.places = places(package, self.alias)
        self.products = Products(package)
        self.window = window(question)
        self.floor = Fraction(str(question.min_confidence or 0))
        self.onward: dict[str, list[Hop]] = defaultdict(list)
        for hop in hops(package, self.alias):
            if without not in (hop.start, hop.end) and self.walked(hop) and hop not in self.onward[hop.start]:
                self.onward[hop.start].append(hop)  # once: a worksite may be the employer's own

    # --- Which links are walked at all ---------------------------------------------------------------------------

    def walked(self, hop: Hop) -> bool:
        """Whether a link passes what is asked of links, whatever the walk.

        Only the kinds that are asked for; no link from an actor to itself; a minimum of confidence; owners from
        a minimum share on (exact, else the minimum; none stated: only a controlling interest); supply links by
        the country of the supplier, and by the last day on which they may have been seen.
        """
        asked, row = self.question, self.package[hop.record[0]][hop.record[1]]
        if hop.kind not in asked.kinds or hop.start == hop.end:
            return False
        if hop.confidence < self.floor:
            return False
        if hop.kind == "ownership":
            share = row.get("share_exact") or row.get("share_minimum")
            return float(share) >= asked.min_share if share else row.get("interest") == "controlling"
        if hop.kind != "supply":
            return True
        if asked.countries and not any(country in asked.countries for country, _ in self.places[hop.end]):
            return False
        seen = row.get("observed_date")
        return asked.observed_since is None or (
            seen is not None and seen != "" and last(seen) >= first(asked.observed_since)
        )

    # --- Which walks are admissible ------------------------------------------------------------------------------

    def start(self, root: str) -> Walk:
        """Return the walk of no hops: it carries the product that is asked for."""
        carried = self.question.product or NOT_ASKED
        return Walk((), self.alias[root], 0, "", carried, *self.window, Fraction(1), None)

    def grown(self, walk: Walk, hop: Hop, *, whatever: bool = False) -> Walk | None:
        """Return the walk with one hop more, or None where a rule forbids it; `whatever` its product is."""
        turn = turned(walk.turn, hop)
        carried = walk.carried if whatever else self.carried(walk, hop)
        since, until = max(walk.first, hop.first), min(walk.last, hop.last)
        confidence = walk.confidence * hop.confidence
        tiers = walk.tiers + hop.tiers
        most, least = self.question.max_tier, Fraction(str(self.question.min_path_confidence or 0))
        if turn is None or carried is None:
            return None
        if since > until:  # there is one day in the window on which all links of the path are live
            return None
        if confidence < least or (most is not None and tiers > most):
            return None
        product = hop.product if hop.kind == "supply" else walk.product
        return Walk((*walk.hops, hop), hop.end, tiers, turn, carried, since, until, confidence, product)

    def carried(self, walk: Walk, hop: Hop) -> str | None:
        """Return what a walk carries after a hop, or None where the product does not go on.

        The first supply link carries the asked product. After a link that carries p, a link that carries q goes
        on when q is p, and then the narrower of the two is carried on; or when q, or what the link itself says
        its goods go into, goes into p. A link without a product goes on as unknown, and nothing more can be told
        from there; a strict trace refuses it.
        """
        if hop.kind != "supply" or self.question.product is None:
            return walk.carried
        if not hop.product:
            return None if self.question.strict_product else UNKNOWN
        if walk.carried == UNKNOWN:
            return UNKNOWN
        if self.products.same(hop.product, walk.carried):
            return self.products.narrower(hop.product, walk.carried)
        if walk.product is None:
            return None
        if self.products.goes_into(hop.product, walk.carried):
            return hop.product
        made = hop.input_to
        if made and (self.products.same(made, walk.carried) or self.products.goes_into(made, walk.carried)):
            return hop.product
        return None

    # --- Walks, tiers, paths -------------------------------------------------------------------------------------

    def walks(self, root: str, begin: Walk | None = None) -> list[Walk]:
        """Return walks to everything that walks may come to, those with the fewest tiers among them; some begin so.

        A walk is not grown where one of no more tiers came to exactly the same: actor, turn, carried product,
        interval, last hop and last product. Where the path has to keep a minimum of confidence, that other walk
        must also be at least as sure, so that it can go wherever this one can. Of walks with as many tiers the
        surest comes first.
        """
        found: list[Walk] = []
        surest: dict[object, Fraction] = {}
        order = count()
        begin = begin or self.start(root)
        heap = [(begin.tiers, -begin.confidence, next(order), begin)]
        while heap:
            _, _, _, walk = heapq.heappop(heap)
            sure = walk.confidence if self.question.min_path_confidence else Fraction(1)
            last_hop = walk.hop and (walk.hop.kind, walk.hop.way)
            key = (walk.actor, walk.turn, walk.carried, walk.first, walk.last, walk.product, last_hop)
            if key in surest and surest[key] >= sure:
                continue
            surest[key] = sure
            found.append(walk)
            for hop in self.onward[walk.actor]:
                longer = self.grown(walk, hop)
                if longer is not None:
                    heapq.heappush(heap, (longer.tiers, -longer.confidence, next(order), longer))
        return found

    def tiers(self, walks: Sequence[Walk]) -> dict[str, int]:
        """Return the tier of every reached actor: the smallest number of tiers on any admissible walk."""
        found: dict[str, int] = {}
        for walk in walks:
            found[walk.actor] = min(walk.tiers, found.get(walk.actor, walk.tiers))
        return found

    def paths(self, root: str, most: int) -> Iterator[Walk]:
        """Yield every walk that repeats no actor; where a product is asked for, none with the same product.

        Raises
        ------
        TooMany
            After `most` paths.
        """
        start = self.start(root)
        todo = [(start, frozenset({(start.actor, start.carried)}))]
        yielded = 0
        while todo:
            walk, been = todo.pop()
            yielded += 1
            if yielded > most:
                raise TooMany
            yield walk
            for hop in self.onward[walk.actor]:
                longer = self.grown(walk, hop)
                if longer is not None and (longer.actor, longer.carried) not in been:
                    todo.append((longer, been | {(longer.actor, longer.carried)}))

    def admitted(self, root: str, records: Sequence[tuple[Record, str, str]]) -> Walk | None:
        """Return the walk along records, each with its two actors; None where it is not admissible."""
        walk: Walk | None = self.start(root)
        for record, start, end in records:
            fitting = [hop for hop in self.onward[start] if hop.record == record and hop.end == end]
            if walk is None or walk.actor != start or not fitting:
                return None
            walk = self.grown(walk, fitting[0])
        return walk
