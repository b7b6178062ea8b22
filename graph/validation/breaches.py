"""What breaks one constraint, asked of an engine: nodes and values of a pattern that are not as they must be."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, URIRef
from rdflib.term import Node

from opentier.graph.model.rdf import Blank, Term
from opentier.graph.validation.data import MANY, Data
from opentier.graph.validation.facets import precedes
from opentier.graph.validation.patterns import Values
from opentier.graph.vocabulary import documents


def pairs(
    data: Data, values: Values, wanted: set[Term] | None = None, doubt: str = ""
) -> Iterator[tuple[Term, Term]]:
    """Yield nodes with their values, all or those that are wanted."""
    if wanted is not None and not wanted:
        return
    if wanted is not None and values.path is None:
        yield from ((value, value) for value in wanted)
        return
    chosen = ""
    if wanted is not None and len(wanted) <= MANY and not any(isinstance(value, Blank) for value in wanted):
        chosen = f"VALUES {values.name} {{ {' '.join(sorted(map(str, wanted)))} }}"
    elif doubt:
        chosen = f"FILTER({doubt.format(values.name)})"
    for row in data.rows(f"SELECT DISTINCT {values.pair} {{ {values.text} {chosen} }}"):
        node, value = row[0], row[-1]
        if wanted is None or value in wanted:
            yield node, value


def without(node: str, step: str, *, simple: bool) -> str:
    """Return the pattern that leaves out what a step leads on from.

    An engine reads the statements of a `simple` step, which leads over single properties, once, and takes their
    subjects away; it would look each node up for a filter. What other paths lead from need not be in the graph.
    """
    return f"MINUS {{ SELECT {node} WHERE {{ {step} }} }}" if simple else f"FILTER NOT EXISTS {{ {step} }}"


def without_class(data: Data, values: Values, kind: Node) -> set[Term]:
    """Return the values, and others that the path has, that are no instances of a class."""
    distinct = f"{{ SELECT DISTINCT {values.name} WHERE {{ {values.wide} }} }}"
    rows = data.rows(f"SELECT {values.name} {{ {distinct} {data.no_instance(values.name, kind)} }}")
    return {value for (value,) in rows}


def lacking(data: Data, values: Values, wanted: Node) -> Iterator[Term]:
    """Yield the nodes that do not have a value."""
    node, given = values.nodes.name, wanted.n3()
    test = f"!sameTerm({node}, {given})" if values.path is None else f"NOT EXISTS {{ {values.step(given)} }}"
    for (found,) in data.rows(f"SELECT DISTINCT {node} {{ {values.nodes.text} FILTER({test}) }}"):
        yield found


def paired(data: Data, name: URIRef, other: Node, values: Values) -> Iterator[tuple[Term, Term]]:
    """Yield nodes with the values that another property must have too, or must not have."""
    node, value, said = values.nodes.name, values.name, f"{values.nodes.name} {other.n3()}"
    if name == SH.disjoint:
        both = (f"{{ SELECT * WHERE {{ {each} }} }}" for each in (values.wide, f"{said} {value}"))
        if not data.ask(" ".join(both)):
            return
        texts = [f"SELECT DISTINCT {node} ({value} AS ?v) {{ {values.text} {said} {value} }}"]
    else:
        mine = f"sameTerm({node}, ?o)" if values.path is None else f"EXISTS {{ {values.step('?o')} }}"
        texts = [
            f"SELECT DISTINCT {node} ({value} AS ?v) {{ {values.text} FILTER NOT EXISTS {{ {said} {value} }} }}",
            f"SELECT DISTINCT {node} (?o AS ?v) {{ {values.nodes.text} {said} ?o FILTER(!{mine}) }}",
        ]
    for text in texts:
        yield from ((found[0], found[1]) for found in data.rows(text))


def ordered(data: Data, values: Values, other: Node, *, strict: bool) -> Iterator[tuple[Term, Term]]:
    """Yield nodes with the values that do not come before those of another property."""
    if not data.ask(f"?a {other.n3()} ?b"):
        return
    doubt = f"FILTER(COALESCE(!({values.name} {'<' if strict else '<='} ?o), true))"
    said = f"{values.nodes.name} {other.n3()} ?o ."
    known: dict[tuple[Term, Term], bool] = {}
    text = f"SELECT DISTINCT {values.nodes.name} ({values.name} AS ?v) ?o {{ {values.text} {said} {doubt} }}"
    for node, value, later in data.rows(text):
        pair = value, later
        if pair not in known:
            known[pair] = precedes(strict, documents.node(value), documents.node(later))
        if not known[pair]:
            yield node, value


def repeated_languages(data: Data, values: Values) -> Iterator[Term]:
    """Yield the nodes that have two values in one language."""
    node, value = values.nodes.name, values.name
    same = f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG(?o)) && !sameTerm({value}, ?o)'
    for (found,) in data.rows(
        f"SELECT DISTINCT {node} {{ {values.text} {values.step('?o')} FILTER({same}) }}"
    ):
        yield found


def grouped(values: Values, test: str, *, optional: bool = False) -> str:
    """Return the query for the nodes whose number of values passes a test."""
    node, step = values.nodes.name, values.step(values.name)
    inner = f"OPTIONAL {{ {step} }}" if optional else step
    many = f"HAVING(COUNT(DISTINCT {values.name}) {test})"
    return f"SELECT {node} {{ {values.nodes.text} {inner} }} GROUP BY {node} {many}"
