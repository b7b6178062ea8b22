"""The links of a release: which hops the records of each table give, and what is read of them arc by arc.

An arc is one admissible hop of a record in the upstream direction. Retracted records give none, and closed ones that
state no end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from opentier.graph.engine.arrays import FIGURES
from opentier.graph.identity.components import Components
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import concept
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.network import Arc
from opentier.graph.network.reading import dataset_of, read, readable
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

RETRACTED, CLOSED = concept("link-status", "retracted"), concept("link-status", "closed")
CONTROLLING = concept("interest", "controlling")


def _both(kind: str, tail: str, head: str) -> list[tuple[str, str, str, str]]:
    """Return both ways of a hop whose way up is from tail to head."""
    return [(kind, "up", tail, head), (kind, "down", head, tail)]


#: The hops that a record of a table gives: kind, direction, and the properties that name its two ends.
HOPS_OF = {
    "supply_links": [("supply", "", "ot:buyer", "ot:supplier")],
    "operation_links": _both("operation", "ot:facility", "ot:operator"),
    "ownership_links": _both("ownership", "ot:asset", "ot:owner"),
    "recruitment_links": [
        ("recruitment", "", "ot:employer", "ot:recruiter"),
        ("recruitment", "", "ot:worksite", "ot:recruiter"),
        ("recruitment", "", "ot:recruiter", "ot:subAgentOf"),
    ],
    "co_locations": [
        ("co-location", "", *ends) for ends in (("ot:actor", "ot:other"), ("ot:other", "ot:actor"))
    ],
}
#: Ends that a record may leave out: it gives no hop then.
OPTIONAL = frozenset({"ot:worksite", "ot:subAgentOf", "ot:owner"})
#: Of ownership: exact, else the least. Of supply: of the buyer's inputs.
SHARES = ("ot:shareExact", "ot:shareMinimum", "ot:share")
#: The terms of the numbers that one can filter on.
FIGURE_TERMS = [column.term for name in FIGURES if (column := TABLES["supply_links"].column(name))]

#: Triples below which links are read arc by arc. Twenty links take 0.03 s of work so, and 0.1 s all at once, with 0.2 s
#: more for the first; from here on the other way takes less.
FEW = 20_000


def sure(said: str) -> Fraction | int:
    """Return a confidence; ValueError where it is none."""
    found = Fraction(said)
    if not 0 <= found <= 1:
        raise ValueError(f"a confidence is from 0 to 1, not {said}")
    return found if found != 1 else 1


def tiers(said: str) -> int:
    """Return how many tiers a link stands for; ValueError where it is no number of them."""
    found = int(said)
    if not 0 <= found < 1 << 32:
        raise ValueError(f"{said} is no number of tiers")
    return found


class Links(Iterable[Arc]):
    """The links of a release: arc by arc, each when it is asked for, table by table and record by record in order."""

    def __init__(self, part: Release, canonical: Components, products: Mapping[str, Product]) -> None:
        self.part, self.names, self.canonical, self.products = part, part.names, canonical, products

    @property
    def few(self) -> bool:
        """Whether there are so few that nothing is gained by reading them all at once."""
        return sum(version.triples for version in self.part.current.values()) < FEW

    def __iter__(self) -> Iterator[Arc]:
        for table, hops in HOPS_OF.items():
            for graph in self.part.graphs:
                said = sorted(self.part.each(table, graph), key=itemgetter(0))
                for arcs in read(self.names, said, partial(self._arcs_of, hops)):
                    yield from arcs

    def between(self, groups: Iterable[Collection[str]]) -> Iterator[Arc]:
        """Yield the arcs of the records that name two actors of a group, of some groups of actors."""
        groups = list(groups)
        for table, hops in HOPS_OF.items():
            ends = list(dict.fromkeys(end for hop in hops for end in hop[2:]))
            named = (Counter(self._naming(group, ends)) for group in groups)
            twice = {record for counts in named for record, many in counts.items() if many > 1}
            for record, graph in sorted(twice):
                said = ((record, fields) for fields in self.part.of(table, record, graph))
                for arcs in read(self.names, said, partial(self._arcs_of, hops)):
                    yield from arcs

    def _naming(self, group: Collection[str], ends: Sequence[str]) -> Iterator[tuple[str, str]]:
        return chain.from_iterable(self.part.naming(actor, ends, *self.part.graphs) for actor in group)

    def product(self, iri: str) -> Product:
        """Return the product of an IRI; one that nobody describes is known by that alone."""
        return self.products.get(iri) or Product(iri)

    def _arcs_of(self, hops: Sequence[tuple[str, str, str, str]], iri: str, fields: Fields) -> list[Arc]:
        statuses = fields.get("ot:status", ())
        if RETRACTED in statuses or (CLOSED in statuses and not fields.get("ot:endDate")):
            return []
        return [self._arc(kind, direction, iri, fields, tail, head) for kind, direction, tail, head in hops
                if all(fields.get(end) for end in OPTIONAL & {tail, head})]  # fmt: skip

    def _arc(
        self,
        kind: str,
        direction: str,
        iri: str,
        fields: Fields,
        tail: str,
        head: str,
    ) -> Arc:
        start, end, confidence = (
            one(fields, f"ot:{name}") for name in ("startDate", "endDate", "confidence")
        )
        share = next(filter(None, (one(fields, name) for name in SHARES)), None)
        observed, members = one(fields, "ot:observedDate"), (min(fields[tail]), min(fields[head]))
        ends = (self.canonical.find(members[0]), self.canonical.find(members[1]))
        readable(observed)
        certain = sure(confidence) if confidence else 1
        return Arc(
            kind=kind,
            direction=direction,
            tail=ends[0],
            head=ends[1],
            record=iri,
            tiers=tiers(one(fields, "ot:declaredTier") or "1") if kind == "supply" else 0,
            product=self._product(fields, "ot:product"),
            input_to=self._product(fields, "ot:inputTo"),
            start=first_day(start) if start else EVER,
            end=last_day(end) if end else NEVER,
            start_date=start,
            end_date=end,
            observed=observed,
            confidence=certain,
            stated_confidence=float(confidence) if confidence else None,
            share=float(share) if share else None,
            controlling=CONTROLLING in fields.get("ot:interest", ()),
            dataset=dataset_of(iri, self.names),
            evidence=tuple(sorted(fields.get("ot:evidence", ()))),
            source=one(fields, "dcterms:source"),
            figures=tuple(float(said) if (said := one(fields, term)) else None for term in FIGURE_TERMS),
            indirect=one(fields, "ot:direct") == "false",
            **(_measured(fields) if kind == "supply" else {}),
            members=None if ends == members else members,
        )

    def _product(self, fields: Fields, name: str) -> Product | None:
        iri = one(fields, name)
        return None if iri is None else self.product(iri)


def _measured(fields: Fields) -> dict[str, Any]:
    """Return what a supply link is worth and how much it is, as an arc has it."""
    said: dict[str, Any] = {name: one(fields, f"ot:{name}") for name in ("value", "quantity")}
    found = {name: float(text) for name, text in said.items() if text}
    return found | {name: one(fields, f"ot:{name}") or "" for name in ("currency", "unit")}
