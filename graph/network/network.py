"""The network that a trace walks: actors, arcs and designations, whatever they were read from.

An arc is one admissible hop of a record in the upstream direction.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opentier.graph.engine.arrays import FIGURES
from opentier.graph.engine.hops import HOPS, parted
from opentier.graph.identity import components
from opentier.graph.identity.judgements import Judged as Judged
from opentier.graph.model.dates import first_day, stated_date
from opentier.graph.model.names import Names, is_invented
from opentier.graph.model.products import Product
from opentier.graph.model.versions import Version


@dataclass(frozen=True, slots=True)
class Place:
    """A country and, where stated, a region of it."""

    country: str
    region: str = ""

    def covers(self, other: Place) -> bool:
        """Return whether `other` lies in this place; a country covers its regions, a region that is no code nothing."""
        if self.region:
            return self.known_region and self.region == other.region and self.country in ("", other.country)
        return bool(self.country) and self.country == other.country

    @property
    def known_region(self) -> bool:
        """Whether its region is known by its ISO 3166-2 code; what stays text matches nothing."""
        return self.region[2:3] == "-"


@dataclass(frozen=True, slots=True)
class Actor:
    """A canonical actor: one or more actors that positive judgements make one."""

    iri: str
    name: str
    kind: str
    places: tuple[Place, ...]
    names: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()

    @property
    def country(self) -> str | None:
        """Its country, the first that is stated."""
        return next((place.country for place in self.places if place.country), None)


@dataclass(frozen=True, slots=True)
class Arc:
    """One hop: from a buyer (operator, asset, ...) to a supplier (facility, owner, ...)."""

    kind: str
    direction: str  # "up", "down" or ""
    tail: str
    head: str
    record: str
    tiers: int
    product: Product | None
    input_to: Product | None
    start: int
    end: int
    start_date: str | None
    end_date: str | None
    observed: str | None
    confidence: Fraction | int
    stated_confidence: float | None
    share: float | None
    controlling: bool
    dataset: str
    evidence: tuple[str, ...]
    source: str | None = None
    figures: tuple[float | None, ...] = (None,) * len(FIGURES)
    indirect: bool = False
    value: float | None = None  # of supply, in a currency; and how much it is, in a unit
    quantity: float | None = None
    currency: str = ""
    unit: str = ""
    members: tuple[str, str] | None = None  # the two ends as the record names them, where that is otherwise

    @property
    def hop(self) -> str:
        """Its kind with its direction, as in `HOPS`."""
        return f"{self.kind}-{self.direction}" if self.direction else self.kind


def arc(cell: Mapping[str, Any], extra: Mapping[str, Any], confidence: Fraction | int, **named: Any) -> Arc:
    """Return an arc from its cells in the columns of an index and from what they number.

    Parameters
    ----------
    extra
        Its evidence, its source, and its ends as its record names them.
    named
        The fields of the arc that columns hold by number.
    """
    stated, share, members = cell["stated"], cell["share"], extra.get("members")
    kind, direction = parted(HOPS[cell["hop"]])
    known = {name: None if math.isnan(cell[name]) else cell[name] for name in (*FIGURES, "worth", "amount")}
    return Arc(
        kind=kind,
        direction=direction,
        tiers=cell["tiers"],
        start=cell["start"],
        end=cell["end"],
        start_date=stated_date(cell["start"], stated & 3),
        end_date=stated_date(cell["end"], stated >> 2 & 3),
        observed=stated_date(cell["observed"], stated >> 4 & 3),
        confidence=confidence,
        stated_confidence=float(confidence) if stated >> 6 & 1 else None,
        share=share if math.isfinite(share) else None,
        controlling=bool(stated >> 7 & 1),
        indirect=bool(stated >> 8),
        evidence=tuple(extra.get("evidence", ())),
        source=extra.get("source"),
        figures=tuple(known[name] for name in FIGURES),
        value=known["worth"],
        quantity=known["amount"],
        members=None if members is None else (members[0], members[1]),
        **named,
    )


@dataclass(frozen=True, slots=True)
class Designation:
    """An authority's entry on a list or an order.

    Attributes
    ----------
    exploitation
        The codes of what it lists for; "not-stated" alone where it says nothing.
    measure
        Whether it is a measure (binding), or a risk designation.
    changes
        Its status changes, each with its date, in order of date.
    in_force
        The intervals of days on which it is in force, the last day of each among them (see `history`).
    over
        The first day from which it is said not to be in force any longer.
    named
        Its target as its record names it, where judgements join that to another.
    responses
        The replies to it: party (IRI), date, text and address.
    """

    iri: str
    kind: str
    authority: str
    register: str | None
    law: str | None
    effect: str | None
    exploitation: tuple[str, ...]
    measure: bool
    status: str | None
    target: str | None
    product: Product | None
    place: Place | None
    scope: tuple[Product, ...]
    subsidiaries: bool
    effective_date: str | None
    listing_date: str | None
    delisting_date: str | None
    observed_date: str | None
    changes: tuple[tuple[str, str], ...]
    in_force: tuple[tuple[int, int], ...]
    over: int
    dataset: str
    note: str | None
    named: str | None = None
    responses: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def invented(self) -> bool:
        """Whether it stands in the worked example, which says nothing of anybody else."""
        return is_invented(self.dataset)

    @property
    def headed(self) -> bool:
        """Whether its scope products are the headings under which the good that it lists is traded.

        So are those of a listing of a good of a place that has no code of its own; others limit a designation.
        """
        return self.target is None and self.product is not None and not self.product.code and bool(self.scope)

    @property
    def goods(self) -> tuple[Product, ...]:
        """The good that it lists, and the headings of that."""
        own = (self.product,) if self.product is not None else ()
        return (*own, *self.scope) if self.headed else own

    @property
    def begin_date(self) -> str | None:
        """When it takes effect, else when it was listed."""
        return self.effective_date or self.listing_date


def designation(said: dict[str, Any], products: list[Product]) -> Designation:
    """Return a designation from a row of the small tables."""
    given = {name: value for name, value in said.items() if name != "node"}
    given["product"] = None if said["product"] is None else products[said["product"]]
    given["scope"] = tuple(products[number] for number in said["scope"])
    given["place"] = None if said["place"] is None else Place(*said["place"])
    given["exploitation"] = tuple(said["exploitation"])
    for name in ("changes", "in_force", "responses"):
        given[name] = tuple(map(tuple, said[name]))
    return Designation(**given)


@dataclass(frozen=True, slots=True)
class Succession:
    """A change of organisations: what one became, and on which date; without `after` it was dissolved."""

    kind: str
    before: str
    after: str | None
    date: str | None

    def happened(self, until: int) -> bool:
        """Return whether it happened until a day: what has no date did, what has a month or a year on its first day."""
        return self.date is None or first_day(self.date) <= until


@dataclass
class Network:
    """Everything that a trace walks over, as a release says it; the index is made of it.

    Parallel arcs are kept; arcs from an actor to itself are left out by the index.

    Attributes
    ----------
    whole
        Where it is what one dataset changes: the actors that are read with all their members, by their canonical IRI,
        also where nobody describes them.
    again
        There, too: the arcs of records of other datasets that name two actors that are one, or were.
    """

    release: str
    names: Names
    versions: Mapping[str, Version]
    actors: dict[str, Actor]
    canonical: components.Components
    arcs: Iterable[Arc]
    designations: list[Designation]
    products: dict[str, Product]
    inputs: Sequence[tuple[Product, Product]]
    successions: Sequence[Succession] = ()
    judged: Sequence[Judged] = ()
    disputed: int = 0
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    whole: Collection[str] = ()
    again: Sequence[Arc] = ()

    def told(self) -> list[tuple[str, str]]:
        """Return the evidence by IRI, each piece as JSON."""
        return [(iri, json.dumps(said, ensure_ascii=False)) for iri, said in self.evidence.items()]
