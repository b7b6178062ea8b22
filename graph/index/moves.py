"""Moves: the arcs of an index whose ends are other nodes, since judgements join actors or part them.

Each end is the node of the actor that its record names. So which arcs move is seen from the index alone, but for those
that it does not have: what led from an actor to itself. These are read again (see `network.Network.again`), and what
the index has of their records is let go with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.columns import spread
from opentier.graph.identity.components import Components, regrouped
from opentier.graph.index.format import ARCS
from opentier.graph.index.numbering import Rows, extra
from opentier.graph.index.opened import Index
from opentier.graph.network.network import Network


@dataclass(frozen=True)
class Moves:
    """What moves.

    Attributes
    ----------
    out, back
        The rows that are let go, of those out and of those back.
    columns
        The arcs that come in their place.
    gone
        The nodes that are nobody any more.
    """

    out: Array
    back: Array
    columns: dict[str, Array]
    gone: list[int]


class Moving:
    """An index on its way to other judgements.

    Parameters
    ----------
    network
        What one dataset changes, read with them.
    live
        Whether a dataset counts still, by its number.
    """

    def __init__(self, index: Index, network: Network, live: Array) -> None:
        self.index, self.live = index, live
        self.then, self.now = Components.of(index.tables.merged).find, network.canonical.find
        self.others = regrouped(Components.of(index.tables.merged), network.canonical)
        touched = self._nodes(self.others)
        self.gone = sorted(node for node, iri in touched.items() if self.now(iri) != iri)
        self.again = {arc.record for arc in network.again}
        ends = [end for arc in network.again for end in arc.members or (arc.tail, arc.head)]
        self.touched = np.array(sorted(touched | self._nodes(ends)), np.int64)

    def _nodes(self, names: Iterable[str]) -> dict[int, str]:
        """Return those who stood for some names, by their nodes."""
        stood = ((self.index.node(iri), iri) for iri in set(map(self.then, names)))
        return {node: iri for node, iri in stood if node is not None}

    def moves(self, rows: Rows) -> Moves:
        """Return what moves; `rows` numbers what it names."""
        columns = self.index.columns
        out, back = self._out(), self._back()
        out, back = out[self._moved(out)], back[self._moved(columns["back.arc"][back])]
        come = out[self.live[columns["dataset"][out]]]
        come = come[~self._of(come, self.again)]
        named = [self._named(arc) for arc in come.tolist()]
        ends = [(self.now(tail), self.now(head)) for tail, head in named]
        apart = np.array([tail != head for tail, head in ends], np.bool_)
        found, kept = {name: columns[name][come[apart]] for name in ARCS}, np.flatnonzero(apart).tolist()
        found["tail"], found["head"] = (
            np.array([rows.nodes(ends[number][side]) for number in kept], np.uint32) for side in (0, 1)
        )
        said = [self._said(number) for number in found["extra"].tolist()]
        texts = [
            extra(
                known.get("evidence"),
                known.get("source"),
                named[number] if named[number] != ends[number] else None,
            )
            for known, number in zip(said, kept, strict=True)
        ]
        found["extra"] = np.array([rows.extras(text) for text in texts], np.uint32)
        return Moves(out, back, found, self.gone)

    def _out(self) -> Array:
        """Return the rows out that begin or end at a touched node."""
        ways, columns = self.index.out, self.index.columns
        near = columns["back.other"][_rows(self.index.back, self.touched)]
        rows = _rows(ways, np.union1d(self.touched, near))
        found: Array = rows[
            np.isin(columns["tail"][rows], self.touched) | np.isin(columns["head"][rows], self.touched)
        ]
        return found

    def _back(self) -> Array:
        """Return the rows back that begin or end at a touched node."""
        ways, columns = self.index.back, self.index.columns
        nodes = np.union1d(self.touched, columns["head"][_rows(self.index.out, self.touched)])
        rows = _rows(ways, nodes)
        at = np.repeat(nodes, (ways.end[nodes] - ways.begin[nodes]).astype(np.int64))
        found: Array = rows[np.isin(at, self.touched) | np.isin(columns["back.other"][rows], self.touched)]
        return found

    def _moved(self, arcs: Array) -> Array:
        """Mark those of some arcs that have other ends now, or whose record is read again."""
        columns = self.index.columns
        numbers, which = np.unique(columns["extra"][arcs], return_inverse=True)
        named = [self._said(number).get("members") or () for number in numbers.tolist()]
        other = [any(self.now(end) != self.then(end) for end in ends) for ends in named]
        plain = np.array([not ends for ends in named], np.bool_)[which]
        found = np.array(other, np.bool_)[which] | self._of(arcs, self.again)
        for end in ("tail", "head"):
            found |= plain & np.isin(columns[end][arcs], self.gone)
        return found

    def _of(self, arcs: Array, records: set[str]) -> Array:
        """Mark those of some arcs that are of some records."""
        if not records:
            return np.zeros(len(arcs), np.bool_)
        texts = self.index.strings["record"]
        numbers, which = np.unique(self.index.columns["record"][arcs], return_inverse=True)
        return np.array([texts[number] in records for number in numbers.tolist()], np.bool_)[which]

    def _named(self, arc: int) -> tuple[str, str]:
        """Return the ends of an arc as its record names them."""
        columns = self.index.columns
        if members := self._said(columns["extra"][arc]).get("members"):
            return members[0], members[1]
        return self.index.iri(columns["tail"][arc]), self.index.iri(columns["head"][arc])

    def _said(self, number: int) -> dict[str, Any]:
        text = self.index.strings["extra"][number]
        found: dict[str, Any] = json.loads(text) if text else {}
        return found


def _rows(ways: Any, nodes: Array) -> Array:
    return spread(ways.begin[nodes].astype(np.int64), ways.end[nodes].astype(np.int64))
