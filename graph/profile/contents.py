"""What is in a release, for whoever comes first: lists that can touch a company, who supplies whom; what is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.hops import SUPPLY
from opentier.graph.exposure import words
from opentier.graph.index.opened import Index
from opentier.graph.law import coverage
from opentier.graph.model.names import is_invented
from opentier.graph.model.versions import Version
from opentier.graph.network.network import Designation
from opentier.graph.picture.marks import MARKS, mark
from opentier.graph.store.release import one
from opentier.graph.threads import once_each
from opentier.graph.view import View

Json = dict[str, Any]
#: Goods and names that are told of one source.
FEW = 3
#: Kinds of registers whose entries are designations.
_LISTS = frozenset({
    "trade enforcement list", "list of goods by country", "list of convicted employers",
    "database of risks by area and product",
})  # fmt: skip


@once_each
def contents(view: View) -> Json:
    """Return what is in a release: ``listings``, ``links``, and ``absent``, sentences of what is known not to be.

    It goes through all links when it is first asked of a release, and is kept. Nobody may change it.
    """
    index = view.index
    listings, links = list(_listings(index)), list(_links(index))
    return {
        "listings": listings,
        "links": links,
        "absent": list(_absent(view, len(links))),
        "invented": bool(listings or links) and all(each["invented"] for each in (*listings, *links)),
    }


def _listings(index: Index) -> Iterator[Json]:
    """Yield the designations by source: register or authority, and dataset; those of most force first."""
    groups: dict[tuple[str, str], list[Designation]] = defaultdict(list)
    for entry in index.designations:
        groups[entry.register or entry.authority, entry.dataset].append(entry)
    found = []
    for (name, dataset), entries in groups.items():
        version = index.versions[dataset]
        marks = Counter(mark("measure" if e.measure else "risk", e.exploitation) for e in entries)
        kinds = Counter(entry.kind for entry in entries)
        first = min(marks, key=MARKS.index)
        rank = (MARKS.index(first), is_invented(dataset), -len(entries), name, dataset)
        found.append((rank, {
            "name": name, "mark": first, "dataset": dataset, "version": version.number,
            "kinds": [words.said("lists", kind) for kind, _ in kinds.most_common()],
            "entries": len(entries), "edition": edition(version), "invented": is_invented(dataset),
        }))  # fmt: skip
    yield from (said for _, said in sorted(found, key=lambda each: each[0]))


def edition(version: Version) -> Json:
    """Return the publisher's own edition of a dataset and its day; where he states none, the day it was admitted."""
    return {
        "name": version.package_version,
        "day": version.created[:10],
        "admitted": version.admitted[:10],
    }


def _links(index: Index) -> Iterator[Json]:
    """Yield who says who supplies whom: how many links, and of what."""
    rows = index.rows()
    rows = rows[index.arcs.hop[rows] == SUPPLY]
    of, product = index.arcs.dataset[rows], index.goods.product[index.arcs.goods[rows]]
    datasets, none = len(index.tables.datasets), len(index.every_product)
    # Links by dataset and product, those without one last.
    cells = of.astype(np.int64) * (none + 1) + np.minimum(product, none)
    every, many = _counted(cells, datasets * (none + 1))
    counts = np.bincount(every // (none + 1), many, datasets).astype(np.int64)
    for number in np.argsort(-counts, kind="stable").tolist():
        dataset = index.tables.datasets[number]
        if not counts[number] or not index.tables.live[number]:
            continue
        ours = every // (none + 1) == number
        codes, each = every[ours] % (none + 1), many[ours]
        order = np.argsort(-each, kind="stable")
        named = [words.product(found) for at in order.tolist()
                 if codes[at] != none and (found := index.product(int(codes[at])))]  # fmt: skip
        version = index.versions[dataset]
        yield {
            "name": version.title or dataset, "publisher": version.publisher, "dataset": dataset,
            "links": int(counts[number]), "goods": named[:FEW], "more": max(len(named) - FEW, 0),
            "unstated": int(each[codes == none].sum()), "edition": edition(version),
            "invented": is_invented(dataset),
        }  # fmt: skip


def _counted(cells: Array, many: int) -> tuple[Array, Array]:
    """Return which of so many cells are there, and how often each is: without sorting where they are few."""
    if many > 10 * len(cells):
        found: tuple[Array, Array] = np.unique(cells, return_counts=True)
        return found
    counts = np.bincount(cells, minlength=many)
    there = np.flatnonzero(counts)
    return there, counts[there]


def _absent(view: View, sources: int) -> Iterator[str]:
    """Yield what is known not to be in a release."""
    said, held = words.said, {entry.register for entry in view.index.designations}
    lists = sorted(
        name
        for _, fields in view.release.records("registers")
        if one(fields, "ot:registerKind") in _LISTS and (name := one(fields, "rdfs:label") or "") not in held
    )
    if lists:
        yield said("contents", "no-lists", names="; ".join(lists))
    looked = coverage.coverage(view.release, ())["looked_at"]
    countries = sorted({code.partition("-")[0] for code in looked} - {"EU"})
    yield said("contents", "laws", n=len(countries)) if looked else said("contents", "no-laws")
    yield said("contents", "links", n=sources) if sources else said("contents", "no-links")
    yield said("contents", "means")
