"""Roots: whom is asked about, and what, when answers on two states of the data are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from opentier.graph.engine.hops import SUPPLY
from opentier.graph.index.opened import Index
from opentier.graph.kept import record as records
from opentier.graph.model.dates import today
from opentier.graph.model.names import Names
from opentier.graph.trace.parameters import TODAY, Parameters


@dataclass(frozen=True)
class Root:
    """Somebody who is asked about: the IRI, what is asked, and the records that ask it."""

    iri: str
    asked: Parameters
    records: tuple[str, ...] = ()


def asked(record: Mapping[str, Any], names: Names) -> Iterator[Root]:
    """Yield whom a record asks about, and what: the actor of a trace, or all whom rows of a list may be.

    What is not in force is no exposure, though the record tells it: what comes into force is one more.
    """
    said = record["question"]
    parameters = replace(records.parameters(record), as_known=None, past=False, pending=False, paths=1)
    if TODAY in said["as_asked"].values():
        parameters = replace(parameters, on=today())
    if record["kind"] == records.TRACE:
        yield Root(said["actor"]["iri"], parameters, (record["id"],))
        return
    for each in record["answers"]:
        asked = parameters
        if "product" in each:  # a row's own, or whatever links carry
            product = each["product"] or None
            asked = replace(
                asked, product=product, strict_product=asked.strict_product and product is not None
            )
        yield Root(names.of_id(each["actor"]) or each["actor"], asked, (record["id"],))


def buyers(index: Index, dataset: str | None) -> Iterator[Root]:
    """Yield the actors that a dataset describes; without one, all that buy from somebody."""
    supplied, own = np.zeros(len(index), np.bool_), f"{index.names.base}{dataset}/"
    rows = index.rows()
    supplied[index.columns["tail"][rows[index.arcs.hop[rows] == SUPPLY]]] = True
    for node in np.flatnonzero(index.columns["kind"][: len(index)]).tolist():
        if supplied[node] if dataset is None else _described(index, node, own):
            yield Root(index.iri(node), Parameters(paths=1))


def _described(index: Index, node: int, own: str) -> bool:
    return any(iri.startswith(own) for iri in index.actor(node).members)


def together(every: Iterable[Root]) -> list[Root]:
    """Return roots, once those of which several records ask the same."""
    found: dict[tuple[str, Parameters], Root] = {}
    for root in every:
        known = found.get((root.iri, root.asked), root)
        said = tuple(dict.fromkeys((*known.records, *root.records)))
        found[root.iri, root.asked] = replace(root, records=said)
    return sorted(found.values(), key=lambda root: (root.iri, root.records))
