"""Blank nodes named by their content: what says the same has one name, in whatever order and document it stands."""

from __future__ import annotations

from opentier.graph.model.names import digest
from opentier.graph.model.rdf import IRI, Blank, Term

#: What is said of each subject, by property, in the order in which it was said.
Statements = dict[IRI | Blank, dict[str, dict[Term, None]]]


def named(said: Statements) -> dict[Blank, str]:
    """Return a name for each blank node that something is said of, or that is said of something.

    Raises
    ------
    ValueError
        If blank nodes name each other in a circle: what they say then has no beginning.
    """
    found: dict[Blank, str] = {}
    for first in said:
        todo, begun = [first], set[IRI | Blank]()
        while todo:
            node = todo[-1]
            inner = _blank(said, node, found)
            if isinstance(node, Blank) and node in found:
                todo.pop()
            elif inner and node in begun:
                raise ValueError("blank nodes name each other in a circle")
            elif inner:
                begun.add(node)
                todo += inner
            else:
                todo.pop()
                if isinstance(node, Blank):
                    found[node] = digest(sorted(_lines(said, node, found)))
    return found


def _blank(said: Statements, node: IRI | Blank, found: dict[Blank, str]) -> list[Blank]:
    """Return the blank nodes that a node names and that have no name yet."""
    values = (value for values in said.get(node, {}).values() for value in values)
    return [value for value in values if isinstance(value, Blank) and value not in found]


def _lines(said: Statements, node: Blank, found: dict[Blank, str]) -> list[str]:
    return [
        f"{name} {f'_:{found[value]}' if isinstance(value, Blank) else value}"
        for name, values in said.get(node, {}).items()
        for value in values
    ]
