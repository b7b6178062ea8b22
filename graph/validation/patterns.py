"""Graph patterns in SPARQL: the nodes that a shape looks at, and the values that its path leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from opentier.graph.validation.declared import Targets

#: The IRIs of a path; what else stands in it says how it leads on.
_TERMS = re.compile(r"<[^>]*>")


def path(graph: Graph, said: Node) -> str:
    """Return a SHACL property path as SPARQL has it (W3C SHACL, section 2.3.1)."""
    if isinstance(said, URIRef):
        return said.n3()
    if graph.value(said, RDF.first) is not None:
        return "(" + "/".join(path(graph, step) for step in Collection(graph, said)) + ")"
    if (found := graph.value(said, SH.alternativePath)) is not None:
        return "(" + "|".join(path(graph, step) for step in Collection(graph, found)) + ")"
    if (found := graph.value(said, SH.inversePath)) is not None:
        return f"(^{path(graph, found)})"
    marks = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}
    for name, mark in marks.items():
        if (found := graph.value(said, name)) is not None:
            return f"({path(graph, found)}{mark})"
    raise ValueError(f"{said} is no path")


def instances(name: str, classes: Iterable[str]) -> str:
    """Return the pattern of the instances of some classes, each as often as it is one."""
    named = sorted(f"<{one}>" for one in classes)
    if len(named) == 1:
        return f"{name} a {named[0]} ."
    return f"VALUES ?k0 {{ {' '.join(named)} }} {name} a ?k0 ."


@dataclass(frozen=True)
class Nodes:
    """Nodes, as a pattern that binds them to a variable of its own, each at least once.

    Attributes
    ----------
    depth
        How many patterns it is made of; it numbers the variables.
    """

    text: str
    depth: int = 0

    @property
    def name(self) -> str:
        """The variable."""
        return f"?n{self.depth}"

    @classmethod
    def of(
        cls,
        targets: Targets,
        below: Mapping[str, Iterable[str]],
        least: Callable[[Iterable[str]], tuple[str, ...]],
        there: Callable[[str], bool],
    ) -> Nodes | None:
        """Return the targets of a shape, None where there can be none.

        Parameters
        ----------
        below
            The classes below a class that things are instances of, itself among them.
        least
            Gives of some classes those that have all their instances.
        there
            Tells whether the data has anything that fits a pattern.
        """
        parts: list[str] = []
        if targets.nodes:
            parts.append(f"VALUES ?n0 {{ {' '.join(node.n3() for node in targets.nodes)} }}")
        if classes := least({name for up in targets.classes for name in below.get(str(up), ())}):
            parts.append(instances("?n0", classes))
        parts += [f"?n0 {term.n3()} ?o0 ." for term in targets.subjects_of if there(f"?a {term.n3()} ?b")]
        parts += [f"?o0 {term.n3()} ?n0 ." for term in targets.objects_of if there(f"?a {term.n3()} ?b")]
        if not parts:
            return None
        if len(parts) == 1:
            return cls(parts[0])
        return cls(" UNION ".join(f"{{ {part} }}" for part in parts))


@dataclass(frozen=True)
class Values:
    """Nodes and the values of a path at each, the nodes themselves without one, as a pattern that binds both."""

    nodes: Nodes
    path: str | None

    @property
    def name(self) -> str:
        """The variable of the values."""
        return self.nodes.name if self.path is None else f"?n{self.nodes.depth + 1}"

    @property
    def text(self) -> str:
        """The pattern."""
        return f"{self.nodes.text} {self.step(self.name)}"

    @property
    def wide(self) -> str:
        """The pattern of the values that the path has anywhere, those of the nodes among them: it joins nothing.

        Where nothing breaks a rule anywhere, nothing does at the nodes. A path that leads from each node to itself
        has values where no statement is, and is followed from the nodes.
        """
        return (
            self.text
            if self.path is None or set("*?") & set(_TERMS.sub("", self.path))
            else self.step(self.name)
        )

    def step(self, name: str) -> str:
        """Return the pattern from a node to one value."""
        return "" if self.path is None else f"{self.nodes.name} {self.path} {name} ."

    @property
    def pair(self) -> str:
        """The variables of both, as a query asks for them."""
        return f"{self.nodes.name} {self.name}" if self.path is not None else self.name

    def alone(self) -> Nodes:
        """Return the values as nodes."""
        if self.path is None:
            return self.nodes
        return Nodes(f"{{ SELECT DISTINCT {self.name} WHERE {{ {self.text} }} }}", self.nodes.depth + 1)
