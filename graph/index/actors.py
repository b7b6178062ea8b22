"""The actors of an index by IRI, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, SupportsInt

import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.index.format import Tables
from opentier.graph.network.network import Actor


class Numbered(Protocol):
    """An index, by what actors are read with."""

    columns: dict[str, Array]

    def __len__(self) -> int: ...

    def iri(self, node: SupportsInt) -> str:
        """Return the IRI of a node."""

    def node(self, iri: str) -> int | None:
        """Return the node of an IRI."""

    def described(self, node: int) -> bool:
        """Return whether a dataset describes a node."""

    def actor(self, node: int) -> Actor:
        """Return the actor of a node."""


def describe(tables: Tables, columns: Mapping[str, Array]) -> None:
    """Write into the columns of the nodes what some are otherwise, and that others are nobody any more."""
    for node, _, _, place, kind in tables.anew:
        columns["place"][node], columns["kind"][node] = place, kind
    columns["place"][tables.gone], columns["kind"][tables.gone] = 0, 0


class Actors(Mapping[str, Actor]):
    """The actors that a dataset describes, by canonical IRI; each is read when it is asked for."""

    def __init__(self, index: Numbered) -> None:
        self._index = index

    def __getitem__(self, iri: str) -> Actor:
        node = self._index.node(iri)
        if node is None or not self._index.described(node) or self._index.iri(node) != iri:
            raise KeyError(iri)
        return self._index.actor(node)

    def __iter__(self) -> Iterator[str]:
        return (self._index.iri(node) for node in range(len(self._index)) if self._index.described(node))

    def __len__(self) -> int:
        return int(np.count_nonzero(self._index.columns["kind"][: len(self._index)]))
