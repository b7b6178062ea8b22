"""Product continuity: which supply link may follow which, when a product is asked for.

The first supply link carries the asked product. After a link that carries p, a link that carries q continues
when q is p, and the narrower code of the two is carried on, or when q goes into p. A link without a product
continues as unknown, and from there on nothing more can be told; a strict trace refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from opentier.graph.model.products import Inputs, Product
from opentier.graph.network.network import Arc


@dataclass(frozen=True, slots=True)
class Demand:
    """Downstream only: what a link asks of the product that is carried to it from the buyer's side.

    It is carried on through the link where it is narrower than that of the link; otherwise the link's own is.
    """

    product: Product
    input_to: Product | None
    through: bool

    def meets(self, carried: Product, inputs: Inputs, *, first: bool = False) -> bool:
        """Return whether a carried product is what is asked; of the first link it is the asked one or matches."""
        if self.through or self.product.matches(carried):
            return self.product.matches(carried) and self.through == _is_narrower(carried, self.product)
        return not first and _goes_into(self.product, self.input_to, carried, inputs)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a walk carries: a product, or a state; downstream, what its links ask of what is carried to them."""

    state: str  # "not-asked", "start", "product", "unknown", "open"
    product: Product | None = None
    nearest: Demand | None = None  # of the link that is nearest to the buyer
    others: frozenset[Demand] = frozenset()  # of links beyond it, through which a narrower product is carried

    @property
    def demands(self) -> frozenset[Demand]:
        """Everything that is asked of the product that comes from the buyer's side."""
        return self.others | {self.nearest} if self.nearest else self.others


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
        return [Carried("product", carried_on(carried.product, arc.product))] if fits else []

    def accepts(self, carried: Carried) -> bool:
        """Return True: a walk may end anywhere."""
        return True


@dataclass(frozen=True)
class Downstream:
    """The same continuity read from the other end: the walk starts at the supplier.

    Whether a link must continue depends on links not walked yet, so a walk carries either what the links walked
    so far ask of the product that is carried to them, or the claim that an unknown link is still to come (OPEN).
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
        if carried.state == "open":
            return [OPEN]
        through = Carried(
            "product", nearest=Demand(arc.product, arc.input_to, through=True), others=carried.demands
        )
        found = [through]
        if all(demand.meets(arc.product, self.inputs) for demand in carried.demands):
            found.append(Carried("product", nearest=Demand(arc.product, arc.input_to, through=False)))
        return [*found, OPEN] if carried.state == "start" and not self.strict else found

    def accepts(self, carried: Carried) -> bool:
        """Return whether the asked product is what the buyer's own link and all links ask, or it is unknown."""
        if carried.nearest is not None:
            others = all(demand.meets(self.asked, self.inputs) for demand in carried.others)
            return others and carried.nearest.meets(self.asked, self.inputs, first=True)
        return carried.state in ("start", "unknown")


def carried_on(carried: Product, product: Product) -> Product:
    """Return what is carried after a link: the narrower of two that match, else that of the link."""
    return carried if product.matches(carried) and _is_narrower(carried, product) else product


def _is_narrower(product: Product, other: Product) -> bool:
    """Return whether the code of one of two products that match is longer."""
    return len(product.code) > len(other.code)


def _goes_into(product: Product, input_to: Product | None, into: Product, inputs: Inputs) -> bool:
    if inputs.goes_into(product, into):
        return True
    return input_to is not None and (input_to.matches(into) or inputs.goes_into(input_to, into))
