"""Supply chains that look like real ones, made from a seed: the graphs of the benchmarks.

Six layers, from importers (0) to raw material (5). Products come first: every link carries a product that its
supplier sells and that goes into something its buyer makes. Few actors have many links, most have few. Three
links in a hundred run backward or sideways (so there are cycles), and pairs trade more than once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Actors and links of each size.
SIZES = {
    "S": (10_000, 85_000),
    "M": (100_000, 1_000_000),
    "L": (1_000_000, 10_000_000),
    "XL": (5_000_000, 50_000_000),
}
#: What stands for no start day and no end day.
EVER, NEVER = -1, 10_000_000
CONFIDENCES = ["1", "0.95", "0.9", "0.8", "0.7", "0.5", "0.3"]
_CODES = (
    "CN US DE IN VN BD TR IT BR ID TH MX JP FR GB PK KR TW MY ES PL NL UZ EG KH LK PH ZA CD CI GH TM KZ MM ET KE "
    "PE CL CO AR BO EC GT HN PT RO CZ HU BE AT SE DK FI NO CH CA AU NZ MA TN"
)
COUNTRIES = _CODES.split()

_LAYERS = 6
_PER_LAYER = 50
_ACTORS = np.array([0.14, 0.20, 0.22, 0.18, 0.15, 0.11])
_EXPOSED = np.array([0.02, 0.03, 0.10, 0.15, 0.35, 0.35])
_CONFIDENT = np.array([0.30, 0.10, 0.15, 0.15, 0.12, 0.10, 0.08])
#: The columns of links besides their ends.
_OTHERS = ("product", "start", "end", "confidence", "share")
_CHUNK = 5_000_000
_FIRST, _LAST = date(2008, 1, 1).toordinal(), date(2025, 12, 31).toordinal()


@dataclass(frozen=True)
class Chain:
    """A supply chain: one row per link, one row per actor, and the tables that their codes point into."""

    buyer: Array
    supplier: Array
    product: Array
    start: Array
    end: Array
    confidence: Array
    share: Array
    country: Array
    exposed: Array
    layer: Array
    products: list[str]
    inputs: list[tuple[int, int]]
    confidences: list[str]
    countries: list[str]

    @property
    def actors(self) -> int:
        return len(self.layer)

    @property
    def links(self) -> int:
        return len(self.buyer)

    @cached_property
    def sure(self) -> Array:
        """The confidence of every link, as a number."""
        return np.array([float(text) for text in self.confidences])[self.confidence]

    @cached_property
    def rows(self) -> tuple[Array, Array]:
        """The links in order of their buyers, and where those of each buyer begin."""
        order = np.argsort(self.buyer, kind="stable").astype(np.uint32)
        begins = np.concatenate(([0], np.cumsum(np.bincount(self.buyer, minlength=self.actors))))
        return order, begins

    def live(self, day: int | None, least_confidence: float = 0.0) -> Array:
        """Return which links are live on a day and sure enough."""
        fits: Array = self.sure >= least_confidence
        return fits if day is None else fits & (self.start <= day) & (day <= self.end)

    def normalised(self) -> Array:
        """Return the part of its buyer's inputs that every link carries; the parts of a buyer sum to 1 at most.

        Known shares count as given, and those over 100 as parts of their sum; unknown ones weigh the mean of the known,
        but no more than is left of 100, and are alike where none is known.
        """
        unknown = np.isnan(self.share)
        known = np.where(unknown, 0.0, self.share.astype(np.float64))
        total, silent, stating = self._per_buyer(known), self._per_buyer(unknown), self._per_buyer(~unknown)
        whole = np.maximum(total, 100.0)
        each = np.minimum(total / np.maximum(stating, 1), (whole - total) / np.maximum(silent, 1)) / whole
        each = np.where(stating > 0, each, 1 / np.maximum(silent, 1))
        return np.where(unknown, each[self.buyer], known / whole[self.buyer])

    def _per_buyer(self, values: Array) -> Array:
        return np.bincount(self.buyer, weights=values, minlength=self.actors)


class _Trade:
    """Who makes what, and what goes into what."""

    def __init__(self, actors: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.layer = np.repeat(np.arange(_LAYERS, dtype=np.uint8), _counts(actors))
        self.of_product = np.repeat(np.arange(_LAYERS), _PER_LAYER)
        self.inputs = self._inputs()
        product, actor = self._made()
        self.begins = np.concatenate(([0], np.cumsum(np.bincount(product, minlength=len(self.of_product)))))
        # Two orders of the makers of a product: the great sellers and the great buyers are others.
        self.sellers = actor[np.lexsort((rng.random(len(actor)), product))]
        self.makers = actor[np.lexsort((rng.random(len(actor)), product))]

    def _inputs(self) -> Array:
        """Return pairs (input, output): two to five inputs of the next layer, at times one of the layer after."""
        pairs: set[tuple[int, int]] = set()
        for output in range((_LAYERS - 1) * _PER_LAYER):
            following = (output // _PER_LAYER + 1) * _PER_LAYER
            wanted = self.rng.integers(2, 6)
            pairs.update((following + int(n), output) for n in self.rng.choice(_PER_LAYER, wanted, False))
            if following + _PER_LAYER < len(self.of_product) and self.rng.random() < 0.2:
                pairs.add((following + _PER_LAYER + int(self.rng.integers(_PER_LAYER)), output))
            # So that every product goes into one at least.
            pairs.add((output + _PER_LAYER, output))
        return np.array(sorted(pairs))

    def _made(self) -> tuple[Array, Array]:
        """Return pairs (product, actor): one to three products of the actor's layer."""
        actors = len(self.layer)
        first = _zipf(_PER_LAYER, 0.8)
        found = []
        for turn, least in enumerate((0.0, 0.5, 0.8)):
            actor = np.flatnonzero(self.rng.random(actors) >= least)
            made = self.rng.choice(_PER_LAYER, len(actor), p=first)
            if turn == 0:
                made = np.where(actor % 7 == 0, actor // 7 % _PER_LAYER, made)
            found.append(np.column_stack((self.layer[actor].astype(np.int64) * _PER_LAYER + made, actor)))
        pairs = np.unique(np.concatenate(found), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def draw(self, order: Array, product: Array, tail: float) -> Array:
        """Return a maker of every product; the first in `order` are drawn most often."""
        begin, end = self.begins[product], self.begins[product + 1]
        place = (end - begin) * self.rng.random(len(product)) ** tail
        drawn: Array = order[begin + place.astype(np.int64)]
        return drawn

    def links(self, many: int) -> Iterator[tuple[Array, Array, Array]]:
        """Yield chunks of (buyer, supplier, product)."""
        weights = np.tile(_zipf(_PER_LAYER, 0.8), _LAYERS)
        by_input = self.inputs[np.lexsort((self.inputs[:, 1], self.inputs[:, 0]))]
        begins = np.searchsorted(by_input[:, 0], np.arange(len(self.of_product) + 1))
        chances = np.where(np.diff(begins) > 0, weights, 0.0)
        for done in range(0, many, _CHUNK):
            size = min(_CHUNK, many - done)
            product = self.rng.choice(len(chances), size, p=chances / chances.sum())
            into = begins[product] + (np.diff(begins)[product] * self.rng.random(size)).astype(np.int64)
            makes = by_input[into, 1]
            supplier, buyer = self.draw(self.sellers, product, 3.0), self.draw(self.makers, makes, 2.5)
            odd = self.rng.random(size)
            # Backward: the buyer sells what it makes to its supplier. Sideways: to another maker of it.
            back, side = odd < 0.015, odd > 0.985
            buyer, supplier = np.where(back, supplier, buyer), np.where(back, buyer, supplier)
            supplier = np.where(side, self.draw(self.sellers, makes, 3.0), supplier)
            yield buyer, supplier, np.where(back | side, makes, product)


def make(size: str, seed: int = 20_240_630) -> Chain:
    """Return the chain of a size: S, M, L or XL."""
    actors, links = SIZES[size]
    return generate(actors, links, seed)


def generate(actors: int, links: int, seed: int) -> Chain:
    """Return a chain of so many actors and links; the same seed gives the same chain."""
    rng = np.random.default_rng(seed)
    trade = _Trade(actors, rng)
    buyer, supplier = np.empty(links, np.uint32), np.empty(links, np.uint32)
    product = np.empty(links, np.uint16)
    done = 0
    for chunk in trade.links(links):
        part = slice(done, done + len(chunk[0]))
        buyer[part], supplier[part], product[part] = chunk
        done = part.stop
    # Pairs that trade again: another day, the same product or another one that the supplier also sells.
    again = rng.choice(links, links // 20, replace=False)
    like = rng.permutation(again)
    buyer[again], supplier[again], product[again] = buyer[like], supplier[like], product[like]
    itself = buyer == supplier
    # The neighbour is of the same layer (or the next one, at a border).
    supplier[itself] = np.where(supplier[itself] + 1 < actors, supplier[itself] + 1, supplier[itself] - 1)
    start, end = _days(links, rng)
    weight = rng.choice(len(COUNTRIES), actors, p=_zipf(len(COUNTRIES), 1.0))
    return Chain(
        buyer, supplier, product, start, end,
        rng.choice(len(CONFIDENCES), links, p=_CONFIDENT).astype(np.uint16),
        _shares(buyer, actors, rng), weight.astype(np.uint8), _exposed(trade.layer, rng), trade.layer,
        _codes(rng), [(int(a), int(b)) for a, b in trade.inputs], list(CONFIDENCES), list(COUNTRIES),
    )  # fmt: skip


def roots(
    chain: Chain, many: int, least: int, most: int, live: Array | None = None, seed: int = 7
) -> list[tuple[int, int]]:
    """Return up to so many importers, not exposed, each with the tiers in which it reaches a number of actors.

    The number is between `least` and `most`, and only the links that `live` marks are followed.
    """
    rng, found = np.random.default_rng(seed), []
    importers = np.setdiff1d(np.flatnonzero(chain.layer == 0), chain.exposed)
    for root in rng.permutation(importers)[:2_000].tolist():
        reached = 1
        for tier, new in enumerate(_frontiers(chain, root, live), 1):
            reached += len(new)
            if reached >= least:
                if reached <= most:
                    found.append((root, tier))
                break
        if len(found) == many:
            break
    return found


def tiers(chain: Chain, root: int, max_tier: int, live: Array | None = None) -> Array:
    """Return the tier of every actor within so many tiers, by a plain search; -1 for the others."""
    found = np.full(chain.actors, -1, np.int64)
    found[root] = 0
    for tier, new in zip(range(1, max_tier + 1), _frontiers(chain, root, live), strict=False):
        found[new] = tier
    return found


def more(chain: Chain, many: int, root: int, seed: int = 11) -> Chain:
    """Return new links between the actors of a chain; the first ones are of `root`."""
    rng = np.random.default_rng(seed)
    links = rng.choice(chain.links, many, replace=False)
    buyer = chain.buyer[links]
    buyer[: many // 100] = root
    supplier = ((buyer + rng.integers(1, chain.actors, many)) % chain.actors).astype(np.uint32)
    return _with(chain, buyer, supplier, *(getattr(chain, name)[links] for name in _OTHERS))


def joined(chain: Chain, new: Chain) -> Chain:
    """Return the chain with the new links after its own."""
    names = ("buyer", "supplier", *_OTHERS)
    return _with(chain, *(np.concatenate((getattr(chain, name), getattr(new, name))) for name in names))


def _with(chain: Chain, *columns: Array) -> Chain:
    named: dict[str, Any] = dict(zip(("buyer", "supplier", *_OTHERS), columns, strict=True))
    return replace(chain, **named)


def _frontiers(chain: Chain, root: int, live: Array | None) -> Iterator[Array]:
    """Yield the actors that are new at tier 1, 2, ..."""
    order, begins = chain.rows
    seen = np.zeros(chain.actors, bool)
    seen[root] = True
    new = np.array([root])
    while len(new):
        counts = begins[new + 1] - begins[new]
        skipped = np.repeat(begins[new] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        links = order[np.arange(counts.sum()) + skipped]
        found = chain.supplier[links if live is None else links[live[links]]]
        new = np.unique(found[~seen[found]]).astype(np.int64)
        seen[new] = True
        yield new


def _counts(actors: int) -> Array:
    counts: Array = (_ACTORS * actors).astype(np.int64)
    counts[-1] += actors - counts.sum()
    return counts


def _zipf(many: int, power: float) -> Array:
    weights = np.arange(1, many + 1, dtype=np.float64) ** -power
    part: Array = weights / weights.sum()
    return part


def _days(links: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return start and end days: three fifths of the starts and three tenths of the ends are known."""
    start = rng.integers(_FIRST, _LAST + 1, links, dtype=np.int32)
    end = (start + 90 + rng.exponential(1_200.0, links).astype(np.int32)).astype(np.int32)
    start[rng.random(links) >= 0.6] = EVER
    end[rng.random(links) >= 0.3] = NEVER
    return start, end


def _shares(buyer: Array, actors: int, rng: np.random.Generator) -> Array:
    """Return shares in percent, two decimals, two fifths of them unknown."""
    weight = rng.exponential(1.0, len(buyer))
    whole = np.bincount(buyer, weights=weight, minlength=actors)
    share = (np.floor(10_000 * weight / whole[buyer]) / 100).astype(np.float32)
    share[rng.random(len(buyer)) < 0.4] = np.nan
    return share


def _exposed(layer: Array, rng: np.random.Generator) -> Array:
    """Return two actors in a thousand, most of them deep."""
    chance = (_EXPOSED / _ACTORS)[layer]
    keys = np.log(rng.random(len(layer))) / chance
    found: Array = np.sort(np.argsort(keys)[-(len(layer) // 500) :]).astype(np.uint32)
    return found


def _codes(rng: np.random.Generator) -> list[str]:
    """Return as many HS6 codes as there are products, the raw materials in the low chapters."""
    found: list[str] = []
    for layer in range(_LAYERS):
        numbers = 100_000 + 150_000 * (_LAYERS - 1 - layer) + rng.choice(15_000, _PER_LAYER, False) * 10
        found += [f"{number % 1_000_000:06d}" for number in np.sort(numbers).tolist()]
    return found
