"""A version as a network: actors are nodes, links are edges, and what their rows say are attributes.

An actor that links name and another dataset describes is a node that says nothing but its IRI. Edges are read before
nodes, since only they tell which those are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from opentier.graph.model.tables import TABLES, Column

if TYPE_CHECKING:
    from opentier.graph.standards.source import Said, Source

Value = str | int | float | bool
#: Types of attributes, by what a column holds; the others are texts.
TYPES = {"decimal": "double", "integer": "long", "boolean": "boolean"}
#: An attribute of nodes that no column has: the ids of the designations that name an actor.
DESIGNATIONS = "designations"
#: What an edge is: which table has it.
RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Node:
    """An actor: its IRI, what it is called, and its attributes."""

    id: str
    label: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Edge:
    """A link: an id of its own, what kind of link it is, its two ends, and its attributes."""

    id: str
    label: str
    tail: str
    head: str
    values: Mapping[str, Value]


@dataclass
class Network:
    """Nodes and edges, each read once, the edges first; what is said of all together, and the types of attributes."""

    about: Mapping[str, str]
    node_types: Mapping[str, str]
    edge_types: Mapping[str, str]
    nodes: Iterable[Node]
    edges: Iterable[Edge]


def network(source: Source) -> Network:
    """Return a version as a network."""
    read = _Read(source)
    types = {column.name: _type(column) for column in TABLES["actors"] if column.kind != "id"}
    edges = {RELATION: "string"}
    for table in read.relations:
        edges |= {column.name: _type(column) for column in read.columns(table)}
    return Network(source.about.said(), types | {DESIGNATIONS: "string"}, edges, read.nodes(), read.edges())


def _type(column: Column) -> str:
    return TYPES.get(column.kind, "string")


@dataclass
class _Read:
    source: Source
    named: set[str] = field(default_factory=set)
    designated: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def relations(self) -> dict[str, list[str]]:
        """What an edge of each table is called, and the columns of its ends."""
        return {name: said.split() for name, said in self.source.form.lookups["relations"].items()}

    def columns(self, table: str) -> list[Column]:
        """Return the columns of a table that are attributes of edges."""
        _, *ends = self.relations[table]
        return [column for column in TABLES[table] if column.name not in ends and column.kind != "id"]

    def _untied(self, table: str, said: Said) -> str:
        """Return why a row ties nobody together, by the name of the reason; nothing where it does."""
        if table == "supply_links" and said.one("status") == "retracted":
            return "retracted"
        if table == "identity_judgements":
            apart = frozenset((said.one("left"), said.one("right"))) in self.source.apart
            return "judgement" if apart or said.one("judgement") == "negative" else ""
        return ""

    def edges(self) -> Iterator[Edge]:
        """Yield the edges, table by table."""
        _ = self.source.apart
        for table, (relation, tail, head) in self.relations.items():
            columns = self.columns(table)
            for said in self.source.told(table):
                if reason := self._untied(table, said):
                    self.source.leave(table, reason)
                    continue
                pairs = list(product(said.all(tail), said.all(head)))
                if not pairs:
                    self.source.leave(table, tail if not said.all(tail) else head)
                for number, ends in enumerate(pairs):
                    self.named.update(ends)
                    id = said.iri if len(pairs) == 1 else f"{said.iri}#{number + 1}"
                    yield Edge(id, relation, *ends, {RELATION: relation} | self._values(columns, said))

    def nodes(self) -> Iterator[Node]:
        """Yield the actors, then those that are named and described elsewhere."""
        targets = {said.one("target") for said in self.source.each("designations", "target")}
        actors = self.source.each("actors", "kind") if targets - {""} else ()
        described = {said.iri for said in actors if said.iri in targets}
        for said in self.source.told("designations"):
            if said.one("target") in described:
                self.designated[said.one("target")].append(self.source.names.id(said.iri))
            else:
                self.source.leave("designations", "target")
        columns = [column for column in TABLES["actors"] if column.kind != "id"]
        for said in self.source.told("actors"):
            values = self._values(columns, said)
            if said.iri in self.designated:
                values[DESIGNATIONS] = "|".join(self.designated[said.iri])
            self.named.discard(said.iri)
            yield Node(said.iri, said.one("name"), values)
        for iri in sorted(self.named):
            yield Node(iri, self.source.names.id(iri), {})

    def _values(self, columns: Iterable[Column], said: Said) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for column in columns:
            texts = said.all(column.name)
            if column.kind == "product":
                texts = [text.removeprefix(self.source.names.hs("")) for text in texts]
            if texts:
                found[column.name] = "|".join(texts)
        return found
