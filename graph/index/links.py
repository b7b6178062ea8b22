"""The links of a release as the columns of an index: each text is understood once, whatever says it.

`numbering.Rows` makes the same columns of arcs, one by one; few links are read so, since opening DuckDB costs more.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, compress, count
from pathlib import Path
from typing import TypeVar

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import Packed, Strings
from opentier.graph.index.arcs import PROPERTIES, Given, certain
from opentier.graph.index.format import ARCS, RECORDS
from opentier.graph.index.numbering import Rows, Taken, extra, narrowed
from opentier.graph.index.statements import Statements, reading
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.links import HOPS_OF, Links
from opentier.graph.network.reading import dataset_of

T = TypeVar("T")


def columns(links: Links, rows: Rows, folder: Path, progress: Progress = silent) -> Taken:
    """Return the columns of links, as `Rows.read` does: in the same order, with the same numbers.

    Parameters
    ----------
    folder
        Where something may be kept meanwhile.

    Raises
    ------
    UnreadableRecord
        If a record says what no index can be made of.
    TooMuch
        If that takes too much memory; nothing is numbered then.
    """
    graphs, done = links.part.graphs, count(1)
    total = Statements.steps(len(graphs)) + len(graphs) + len(HOPS_OF)

    def told(made: T) -> T:
        progress("reading links", next(done), total)
        return made

    progress("reading links", 0, total)
    with reading(folder) as said:
        files = [told(links.part.triples(graph, folder / f"{n}.nt")) for n, graph in enumerate(graphs)]
        said.read(files, [TABLES[name].rdf_class for name in HOPS_OF], PROPERTIES, lambda: told(None))
        given = Given(links, said)
        parts = [told(given.table(name)) for name in HOPS_OF]
        arcs = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
        return _Numbering(links, given, arcs, rows).taken()


class _Numbering:
    """Arcs on their way from the numbers of texts to those of an index, which come in the order of the arcs."""

    def __init__(self, links: Links, given: Given, arcs: dict[str, Array], rows: Rows) -> None:
        self.links, self.given, self.said, self.arcs, self.rows = links, given, given.said, arcs, rows

    def taken(self) -> Taken:
        """Return the columns and the texts."""
        arcs, names, iris = self.arcs, self.links.names, list(self.given.named)
        arcs["extra"], extras = self._extras(iris)
        ends = np.column_stack([arcs["head"], arcs["tail"]]).ravel()
        arcs["head"], arcs["tail"] = _numbers(ends, lambda end: self.rows.nodes(iris[end])).reshape(-1, 2).T
        arcs["goods"] = self._goods()
        sure, _ = self.said.meant("ot:confidence", object, certain, "1")
        arcs["confidence"] = _numbers(arcs["confidence"], lambda said: self.rows.confidences(sure[said - 1]))
        datasets = [dataset_of(text, names) for text in self.given.beginnings]
        arcs["dataset"] = _numbers(arcs["begun"], lambda begun: self.rows.datasets(datasets[begun]))
        records, first = np.unique(arcs["record"], return_index=True)
        arcs["record"] = self.rows.records.first + np.searchsorted(records, arcs["record"])
        found = {name: narrowed(name, arcs[name]) for name in ARCS}
        found |= {name: narrowed(name, values) for name, values in self._stated(first).items()}
        kept = np.zeros(len(self.said), np.bool_)
        kept[records] = True
        wanted = (self.given.first & kept[self.given.iri]).tolist()
        return Taken(found, Strings.pack(compress(self.said.iris(), wanted)), extras)

    def _goods(self) -> Array:
        """Return the numbers of the pairs of product and input."""
        said, inputs = [
            [None, *map(self.links.product, self.said.texts(name))] for name in ("ot:product", "ot:inputTo")
        ]

        def number(product: Product | None) -> int:
            return -1 if product is None else self.rows.products(product)

        def pair(key: int) -> int:
            product, made = divmod(key, len(inputs))
            return self.rows.goods((number(said[product]), number(inputs[made])))

        return _numbers(self.arcs["product"].astype(np.int64) * len(inputs) + self.arcs["input"], pair)

    def _stated(self, first: Array) -> dict[str, Array]:
        """Return the columns of the records: what the first arc of each says."""
        currencies, units = (["", *self.said.texts(name)] for name in ("ot:currency", "ot:unit"))
        part = self.links.part

        def measure(key: int) -> int:
            rest, unit = divmod(key, len(units))
            graph, currency = divmod(rest, len(currencies))
            return self.rows.measures(
                (currencies[currency] and part.called(part.graphs[graph], currencies[currency]), units[unit])
            )

        arcs, met = self.arcs, np.sort(first)
        keys = arcs["graph"][met].astype(np.int64) * len(currencies) + arcs["currency"][met]
        measures = np.empty(len(first), np.int64)
        measures[np.argsort(first)] = _numbers(keys * len(units) + arcs["unit"][met], measure)
        return {name: measures if name == "measures" else arcs[name][first] for name in RECORDS}

    def _extras(self, iris: list[str]) -> tuple[Array, Packed]:
        """Return the numbers of what else is said of arcs, and its texts."""
        arcs, given, known = self.arcs, self.given, self.rows.extras
        evidence, source = arcs["evidence"], arcs["source"]
        ends = [np.where(arcs["moved"], arcs[f"named {name}"] + 1, 0) for name in ("tail", "head")]
        keys = np.zeros(len(evidence), np.int64)
        for column in (evidence, source, *ends):
            _, keys = np.unique(keys * (int(column.max(initial=0)) + 1) + column, return_inverse=True)
        place, rows = _met(keys)
        plain = np.logical_and.reduce([column[rows] == 0 for column in (evidence, source, *ends)])
        numbers = known.first + len(known.of) + np.cumsum(~plain) - 1
        numbers[plain] = known("")
        told, sources = (
            Strings(*Strings.pack(self.said.texts(name))) for name in ("ot:evidence", "dcterms:source")
        )

        def text(row: int) -> str:
            members = [iris[int(end[row]) - 1] for end in ends] if ends[0][row] else None
            listed = [told[number] for number in given.listed(int(evidence[row]) - 1)]
            return extra(listed, sources[int(source[row]) - 1] if source[row] else None, members)

        return numbers[place], Strings.pack(chain(list(known.of), map(text, rows[~plain].tolist())))


def _met(keys: Array) -> tuple[Array, Array]:
    """Return of each key its place in the order in which keys are first met, and the rows in which they are."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[inverse], first[order]


def _numbers(keys: Array, given: Callable[[int], int]) -> Array:
    """Return the number of each key; a number is asked for once, in the order in which keys are first met."""
    place, rows = _met(keys)
    return np.array([given(key) for key in keys[rows].tolist()], np.int64)[place]
