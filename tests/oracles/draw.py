"""What the oracles and the engine are asked, drawn at random: small packages with questions, and bigger graphs.

One draw for all: the rules of `brute`, the plain tracer and networkx are held against the engine on the same
packages, questions and graphs. Small packages say everything that a contribution can say of links, listings and
identities (see `cells`); bigger graphs have supply links, hubs among them, and operation links.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from opentier.graph.identity import components
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import Names
from opentier.graph.network.network import Actor, Arc, Designation, Network, Place
from opentier.graph.trace.parameters import Parameters
from tests.oracles.cells import (
    ACTORS,
    CHANGE,
    CO_LOCATION,
    DAYS,
    DESIGNATION,
    INPUT,
    JUDGEMENT,
    KINDS,
    NOWHERE,
    OPERATION,
    OWNERSHIP,
    PLACES,
    PRODUCT_ROWS,
    RECRUITMENT,
    SPANS,
    SUPPLY,
    agreeing,
    changes,
    described,
    listing,
)

#: What tests take from here that is of `cells`.
__all__ = ["ACTORS", "DAYS"]

NAMES = Names()
#: Datasets that state links.
DATASETS = ("left", "middle", "right")
Tables = dict[str, list[dict[str, str]]]
Random = np.random.Generator
T = TypeVar("T")


# --- Packages and questions --------------------------------------------------------------------------------------

ENDS = {
    "buyer", "supplier", "operator", "facility", "owner", "asset", "recruiter", "employer", "worksite", "sub_agent_of",
    "actor", "other", "target", "left", "right", "before", "after",
}  # fmt: skip


@st.composite
def packages(draw: st.DrawFn) -> Tables:
    """Draw a package of three to six actors."""
    known = ACTORS[: draw(st.integers(3, 6))]
    here = {actor: known[number % len(known)] for number, actor in enumerate(ACTORS)}
    listings: list[dict[str, Any]] = draw(st.lists(DESIGNATION, min_size=3, max_size=6))
    designations = [listing(*drawn) for drawn in enumerate(listings)]
    tables: Tables = {
        "actors": [
            described(actor, *draw(st.tuples(st.sampled_from(PLACES + NOWHERE), st.integers(0, 11))))
            for actor in known
        ],
        "products": PRODUCT_ROWS,
        "supply_links": draw(st.lists(SUPPLY, min_size=5, max_size=12)),
        "operation_links": draw(st.lists(OPERATION, max_size=4)),
        "ownership_links": draw(st.lists(OWNERSHIP, max_size=4)),
        "recruitment_links": draw(st.lists(RECRUITMENT, max_size=2)),
        "co_locations": draw(st.lists(CO_LOCATION, max_size=2)),
        "product_inputs": [
            {"input": a, "output": b} for a, b in draw(st.lists(INPUT, min_size=1, max_size=6))
        ],
        "designations": designations,
        "status_changes": [
            change
            for row, drawn in zip(designations, listings, strict=True)
            for change in changes(row, drawn["changes"])
        ],
        "organisation_changes": [
            row | ({"after": ""} if row["kind"] == "dissolved" else {})
            for row in draw(st.lists(CHANGE, max_size=2))
        ],
        "identity_judgements": draw(st.lists(JUDGEMENT, max_size=3)),
    }
    for number, row in enumerate(tables["supply_links"]):
        row["id"] = f"s{number}"
    tables["retractions"] = [
        {"record": record, "reason": "wrong", "date": "2022-05-01"}
        for record in sorted(
            {row["id"] for table in ("supply_links", "designations") for row in tables[table]}
        )
        if draw(st.integers(0, 19)) == 19
    ]
    for table in tables.values():
        for row in table:
            for name in row.keys() & ENDS:
                row[name] = here.get(row[name], row[name])
    tables["identity_judgements"] = agreeing(tables)
    return tables


@st.composite
def questions(draw: st.DrawFn) -> Parameters:
    """Draw a question."""
    times: list[dict[str, Any]] = [{}] * 10
    times += [{"on": day} for day in DAYS]
    times += [{"since": since, "until": until} for since, until in SPANS]
    product = draw(
        st.sampled_from((*[None] * 5, "52", "5201", "520100", "6109", "610910", "61", "lint", "ore"))
    )
    return Parameters(
        product=product,
        strict_product=product is not None and draw(st.integers(0, 3)) == 3,
        max_tier=draw(st.sampled_from((*[None] * 8, 0, 1, 2, 3))),
        min_confidence=draw(st.sampled_from((*[None] * 8, 0.25, 0.5, 0.9))),
        min_path_confidence=draw(st.sampled_from((None, None, None, 0.1, 0.25, 0.45))),
        observed_since=draw(st.sampled_from((*[None] * 9, "2021-03-15", "2021"))),
        kinds=draw(st.sampled_from(KINDS)),
        min_share=draw(st.sampled_from((50.0, 50.0, 75.0, 0.0))),
        countries=draw(st.sampled_from((*[()] * 9, ("CN",), ("MY", "CN"), ("HK", "TW")))),
        exploitation=draw(st.sampled_from((*[()] * 5, ("forced-labour",), ("child-labour", "not-stated")))),
        past=draw(st.booleans()),
        pending=draw(st.booleans()),
        **draw(st.sampled_from(times)),
    )


# --- Bigger graphs -----------------------------------------------------------------------------------------------


def actor(number: int) -> str:
    """Return the IRI of an actor by its number."""
    return NAMES.actor("graph", f"a{number}")


def link(
    number: int,
    tail: int,
    head: int,
    *,
    kind: str = "supply",
    direction: str = "",
    start: str | None = None,
    end: str | None = None,
    confidence: str = "1",
) -> Arc:
    """Return an arc between two actors."""
    return Arc(
        kind=kind, direction=direction, tail=actor(tail), head=actor(head),
        record=NAMES.record("graph", f"{kind}-link", f"l{number}"), tiers=int(kind == "supply"),
        product=None, input_to=None, start=first_day(start) if start else EVER,
        end=last_day(end) if end else NEVER, start_date=start, end_date=end, observed=None,
        confidence=1 if confidence == "1" else Fraction(confidence), stated_confidence=float(confidence),
        share=None, controlling=False, dataset=DATASETS[number % len(DATASETS)], evidence=(),
    )  # fmt: skip


def network(actors: int, arcs: list[Arc], targets: Iterable[int]) -> Network:
    """Return a network of numbered actors, some of which are listed."""
    return Network(
        release="memory",
        names=NAMES,
        versions={},
        actors={
            actor(number): Actor(actor(number), f"Actor {number}", "actor", (Place("DE"),), members=(actor(number),))
            for number in range(actors)
        },
        canonical=components.Components(),
        arcs=arcs,
        designations=[_listing(number) for number in targets],
        products={},
        inputs=[],
    )  # fmt: skip


def _listing(number: int) -> Designation:
    return Designation(
        iri=NAMES.record("graph", "designation", f"d{number}"), kind="entity-listing", authority="An authority",
        register=None, law=None, effect=None, exploitation=("not-stated",), measure=False, status=None,
        target=actor(number), product=None, place=None, scope=(), subsidiaries=False, effective_date=None,
        listing_date=None, delisting_date=None, observed_date=None, changes=(), in_force=((EVER, NEVER),), over=NEVER,
        dataset="graph", note=None,
    )  # fmt: skip


def chosen(random: Random, among: Sequence[T]) -> T:
    """Draw one of some things."""
    return among[int(random.integers(len(among)))]


SURE = ("1", "1", "0.9", "0.81", "0.5", "0.25", "0")
LIVE = (
    (None, None),
    ("2021", None),
    (None, "2021-06-15"),
    ("2021-06-15", "2021"),
    ("2022", None),
    (None, "2020"),
)


def arcs(random: Random, actors: int, links: int, *, dated: bool = False, operations: int = 0) -> list[Arc]:
    """Draw supply links between actors, hubs among them, and operation links of both directions."""
    found = []
    for number in range(links):
        tail, head = (int(end) for end in random.integers(actors, size=2))
        if number % 5 == 0:
            tail = tail % 4  # four actors buy much
        start, end = chosen(random, LIVE) if dated else (None, None)
        confidence = chosen(random, SURE)
        found.append(link(number, tail, head, start=start, end=end, confidence=confidence))
    for number in range(links, links + operations):
        owner, site = (int(end) for end in random.integers(actors, size=2))
        found.append(link(number, owner, site, kind="operation", direction="down"))
        found.append(link(number, site, owner, kind="operation", direction="up"))
    return found
