"""Product continuity: which supply link may follow which, when a product is asked for.

The first supply link carries the asked product. After a link that carries p, a link that carries q continues
when q is p or q goes into p. A link without a product continues as unknown, and from there on nothing more can
be told; a strict trace refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from opentier.graph.index.network import Arc
from opentier.graph.model.products import Inputs, Product


@dataclass(frozen=True, slots=True)
class Carried:
    """What a walk carries: a product, with the product that its link says it is made for, or a state."""

    state: str  # "not-asked", "start", "product", "unknown", "open"
    product: Product | None = None
    input_to: Product | None = None


NOT_ASKED = Carried("not-asked")
UNKNOWN = Carried("unknown")
#: Downstream only: an unknown link lies ahead, towards the buyer, so that nothing is demanded yet.
OPEN = Carried("open")


class Continuity(Protocol):
    """The states of carried products along a walk."""

    @property
    def asked(self) -> Product | None:
        """The product that was asked for."""

    def start(self) -> list[Carried]:
        """Return what a walk of no hops carries."""

    def step(self, carried: Carried, arc: Arc) -> list[Carried]:
        """Return what may be carried after a supply link; nothing where it breaks the continuity."""

    def accepts(self, carried: Carried) -> bool:
        """Return whether a walk may end in this state."""


class NotAsked:
    """No product was asked for: everything continues."""

    asked: Product | None = None

    def start(self) -> list[Carried]:
        """Return the one state there is."""
        return [NOT_ASKED]

    def step(self, carried: Carried, arc: Arc) -> list[Carried]:
        """Return the one state there is."""
        return [NOT_ASKED]

    def accepts(self, carried: Carried) -> bool:
        """Return True."""
        return True


@dataclass(frozen=True)
class Upstream:
    """Continuity of a walk that starts at the buyer."""

    asked: Product
    inputs: Inputs
    strict: bool

    def start(self) -> list[Carried]:
        """Return the state in which the asked product is still to be carried."""
        return [Carried("start", self.asked)]

    def step(self, carried: Carried, arc: Arc) -> list[Carried]:
        """Return what is carried after `arc`."""
        if arc.product is None:
            return [] if self.strict else [UNKNOWN]
        if carried.state == "unknown":
            return [UNKNOWN]
        assert carried.product is not None
        fits = arc.product.matches(carried.product) or (
            carried.state == "product" and _goes_into(arc.product, arc.input_to, carried.product, self.inputs)
        )
        return [Carried("product", arc.product)] if fits else []

    def accepts(self, carried: Carried) -> bool:
        """Return True: a walk may end anywhere."""
        return True


@dataclass(frozen=True)
class Downstream:
    """The same continuity read from the other end: the walk starts at the supplier.

    Whether a link must continue depends on links not walked yet, so a walk carries either the product that the
    next link must take up, or the claim that an unknown link is still to come (OPEN).
    """

    asked: Product
    inputs: Inputs
    strict: bool

    def start(self) -> list[Carried]:
        """Return the state before the first hop."""
        return [Carried("start")]

    def step(self, carried: Carried, arc: Arc) -> list[Carried]:
        """Return what is carried after `arc`, walked from its supplier to its buyer."""
        if arc.product is None:
            if self.strict or carried.state in ("product", "unknown"):
                return []
            return [UNKNOWN, OPEN]
        here = Carried("product", arc.product, arc.input_to)
        if carried.state == "start":
            return [here] if self.strict else [here, OPEN]
        if carried.state == "open":
            return [OPEN]
        if carried.product is None:
            return [here]
        product = carried.product
        fits = product.matches(arc.product) or _goes_into(product, carried.input_to, arc.product, self.inputs)
        return [here] if fits else []

    def accepts(self, carried: Carried) -> bool:
        """Return whether the buyer's own link carries the asked product, or is unknown."""
        if carried.state == "product":
            assert carried.product is not None
            return carried.product.matches(self.asked)
        return carried.state in ("start", "unknown")


def _goes_into(product: Product, input_to: Product | None, into: Product, inputs: Inputs) -> bool:
    if inputs.goes_into(product, into):
        return True
    return input_to is not None and (input_to.matches(into) or inputs.goes_into(input_to, into))
