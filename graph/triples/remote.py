"""Any store that speaks SPARQL 1.1 as an engine: queries, updates and graphs by HTTP, answers read as they come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from string import Template
from typing import IO

import pyoxigraph as ox

from opentier.graph.errors import StoreError
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.triples import answers, embedded, engine, wording
from opentier.graph.triples.address import Address
from opentier.graph.triples.engine import DEFAULT, Bound, Fields, Graphs, Node
from opentier.graph.triples.protocol import JSON, TRIPLES, Body, Client
from opentier.graph.vocabulary import syntax

#: Triples that one update removes or adds; subjects that one query names.
_MANY, _NAMED = 5_000, 200


class Remote:
    """A store somewhere else; see `engine.Engine`. It has named graphs alone."""

    united = False

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client = Client(address)

    @cached_property
    def _grammar(self) -> embedded.Embedded:
        """A store without anything in it, which knows what a query asks for, and what is wrong with one."""
        return embedded.in_memory()

    def query(
        self,
        text: str,
        default: Graphs = None,
        named: Graphs = None,
        bound: Bound = None,
        base: str | None = None,
    ) -> engine.Answer:
        """Answer a query; see `engine.Engine.query`. Words that nobody understands are told without asking."""
        kind = self._grammar.query(wording.alone(text), default, named, base=base).kind
        given = {name: IRI(iri) for name, iri in (bound or {}).items()}
        words, default = wording.whole(wording.with_terms(text, given), base), _checked(default)
        if default == [] and named is not None:  # to name no default graph is to ask the store's own
            default = [_NOWHERE]
        accept = TRIPLES if kind == "triples" else JSON
        body = self._client.ask(words, accept, default, _checked(named))
        return self._answer(kind, body, bound)

    def _answer(self, kind: str, body: Body, bound: Bound) -> engine.Answer:
        reading = partial(self._reading, body)
        with reading():
            if kind == "triples":
                return answers.Triples(reading, self._triples(body))
            text = _Plain(body) if self.address.virtuoso else body
            found = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)  # type: ignore[arg-type]
            if isinstance(found, ox.QuerySolutions):
                if kind == "rows":
                    return _Rows(reading, found, bound or {})
                found = _told(any(row[0].value == "1" for row in found))
            body.all()
            return answers.YesNo(reading, found)

    def match(
        self, graph: str, subject: Node = None, predicate: str | None = None, object: Term | None = None
    ) -> Iterator[Triple]:
        """Yield the triples of a graph that fit a pattern; see `engine.Engine.match`."""
        found = self.among(
            [graph],
            None if subject is None else [subject],
            None if predicate is None else [predicate],
            object,
        )
        yield from (said for _, said in found)

    def among(
        self,
        graphs: Collection[str],
        subjects: Collection[IRI | Blank] | None = None,
        predicates: Collection[str] | None = None,
        object: Term | None = None,
    ) -> Iterator[tuple[str, Triple]]:
        """Yield the triples of some graphs that fit; see `engine.Engine.among`."""
        wanted = [IRI(graph) for graph in graphs if graph != DEFAULT]
        nodes = None if subjects is None else [node for node in subjects if isinstance(node, IRI)]
        if len(nodes or ()) < len(subjects or ()) or isinstance(object, Blank):
            raise StoreError("A store elsewhere knows nothing by the name of a blank node.")
        by = None if predicates is None else [IRI(name) for name in predicates]
        if not wanted or by == []:
            return
        alone = by[0] if by else None
        for start in range(0, 1 if nodes is None else len(nodes), _NAMED):
            text = wording.fitting(
                wanted, None if nodes is None else nodes[start : start + _NAMED], by, object
            )
            for graph, subject, property, value in self._rows(text, wanted):
                said = Triple(subject, property or alone, value or object)  # type: ignore[arg-type]
                yield (graph or wanted[0]).value, said

    def records(self, graph: str, kind: str, terms: Mapping[str, str]) -> Iterator[tuple[str, Fields]]:
        """Yield all of a class, with its values; see `engine.Engine.records`. The store sorts them."""
        wanted, last, fields = " ".join(str(IRI(term)) for term in sorted(terms)), "", dict[str, list[str]]()
        text = Template(wording.query_text("records")).substitute(
            graph=IRI(graph), kind=IRI(kind), terms=wanted
        )
        for row in self._rows(text):
            subject, property, value = ("" if term is None else term.value for term in row)
            if subject != last:
                if last:
                    yield last, fields
                last, fields = subject, {}
            fields.setdefault(terms[property], []).append(value)
        if last:
            yield last, fields

    def _rows(self, text: str, graphs: Sequence[IRI] = ()) -> Iterator[engine.Row]:
        """Yield the rows of a query of ours, where it names none over several graphs."""
        named = _checked([graph.value for graph in graphs]) if len(graphs) > 1 else None
        rows = self._answer("rows", self._client.ask(text, JSON, named and [_NOWHERE], named), None)
        assert isinstance(rows, _Rows)
        yield from rows

    def dump(self, graph: str, format: str, output: IO[bytes]) -> None:
        """Write a graph as RDF, as it comes; see `engine.Engine.dump`."""
        known, named = syntax.SYNTAXES[format], ox.NamedNode(graph)
        with self._graph(graph) as (reading, said):
            quads = (
                (ox.Quad(each.subject, each.predicate, each.object, named) for each in said)
                if known.supports_datasets
                else said
            )
            answers.written(
                reading, output,
                lambda to: ox.serialize(quads, to, format=known, prefixes=syntax.named(format)),
            )  # fmt: skip

    def count(self, graph: str) -> int:
        """Have the store count the triples of a graph."""
        ((many,),) = self._rows(Template(wording.query_text("count")).substitute(graph=IRI(graph)))
        assert many is not None
        return int(many.value)

    def write(self, graph: str, output: IO[bytes]) -> None:
        """Write the triples of a graph; see `engine.Engine.write`."""
        self.dump(graph, "ntriples", output)

    def load(self, graph: str, file: Path) -> None:
        """Let a graph be the N-Triples of a file, and see that all of them are there.

        Raises
        ------
        StoreError
            If the store has another number of them then.
        """
        lines, blank = _surveyed(file)
        self._client.put(graph, file, whole=blank)
        there = self.count(graph)
        if there != lines and there != _distinct(file):
            raise StoreError(
                f"The store at {self.address.place} has {there:,} statements of {graph}, of {lines:,} that were sent: "
                "it does not keep what it is given."
            )

    def copy(self, source: str, target: str) -> None:
        """Add the triples of a graph to another one, blank nodes and all."""
        self._client.update(f"ADD GRAPH {IRI(source)} TO GRAPH {IRI(target)}")

    def change(self, graph: str, gone: Iterable[Triple], come: Iterable[Triple]) -> None:
        """Remove some triples from a graph, then add others. Blank nodes that come are new ones; none can go."""
        leaving = list(gone)
        if any(isinstance(term, Blank) for said in leaving for term in said):
            raise StoreError("A store elsewhere cannot be told which blank node goes: put its graph anew.")
        for verb, said in (("DELETE", leaving), ("INSERT", list(come))):
            step = len(said) if any(isinstance(t, Blank) for each in said for t in each) else _MANY
            for start in range(0, len(said), step or 1):
                text = " . ".join(map(str, said[start : start + step]))
                self._client.update(f"{verb} DATA {{ GRAPH {IRI(graph)} {{ {text} }} }}")

    def replace(self, graphs: Mapping[str, str | None], note: str, said: Triple) -> None:
        """Let graphs be what others were (nothing, without one), and another one say one thing: all, or nothing."""
        steps = [
            f"MOVE GRAPH {IRI(source)} TO GRAPH {IRI(target)}"
            if source
            else f"DROP SILENT GRAPH {IRI(target)}"
            for target, source in graphs.items()
        ]
        noted = f"GRAPH {IRI(note)}"
        steps += [f"DROP SILENT {noted}", f"INSERT DATA {{ {noted} {{ {said} }} }}"]
        self._client.update(" ;\n".join(steps))

    def remove(self, graph: str) -> None:
        """Remove a graph."""
        self._client.delete(graph)

    def backup(self, path: Path) -> None:
        """Refuse: nothing of what is elsewhere is copied here."""
        raise StoreError(f"The store at {self.address.place} is not copied here; it has backups of its own.")

    def flush(self) -> None:
        """Do nothing: what a store has said is done, is done."""

    @contextmanager
    def _graph(self, graph: str) -> Iterator[tuple[answers.Reading, Iterator[ox.Triple]]]:
        body = self._client.graph(graph)
        if body is None:
            yield _plainly, iter(())
            return
        try:
            yield partial(self._reading, body), self._triples(body)
        finally:
            body.close()

    def _triples(self, body: Body) -> Iterator[ox.Triple]:
        """Yield the triples of N-Triples, of which nothing but its frame tells where they end."""
        if not body.framed:
            raise body.cut("nothing says where it ends: a proxy before the store has to speak HTTP/1.1")
        return (quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES))  # type: ignore[arg-type]

    @contextmanager
    def _reading(self, body: Body) -> Iterator[None]:
        """Tell what is wrong with an answer."""
        try:
            yield
        except (SyntaxError, ValueError, OSError) as error:
            raise body.cut(error) from error


#: A graph that nobody has.
_NOWHERE = "urn:opentier:nowhere"


class _Rows(answers.Rows):
    """Rows with the values of the variables that were bound before."""

    def __init__(self, reading: answers.Reading, found: ox.QuerySolutions, bound: Mapping[str, str]) -> None:
        super().__init__(reading, found)
        self._bound = [IRI(bound[name]) if name in bound else None for name in self.names]

    def __iter__(self) -> Iterator[engine.Row]:
        for row in super().__iter__():
            yield tuple(own or said for own, said in zip(self._bound, row, strict=True))


class _Plain:
    """An answer of Virtuoso's, with blank nodes and truth values written as all others write them."""

    _BOOLEAN = b'"datatype": "http://www.w3.org/2001/XMLSchema#boolean", "value": "%s"'
    _WAYS = (
        (b'"type": "bnode", "value": "nodeID://', b'"type": "bnode", "value": "'),
        (_BOOLEAN % b"1", _BOOLEAN % b"true"),
        (_BOOLEAN % b"0", _BOOLEAN % b"false"),
    )
    _LONGEST = max(len(way) for way, _ in _WAYS)

    def __init__(self, body: Body) -> None:
        self._body, self._kept = body, b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; what may be the begin of one of its ways waits for the rest."""
        while found := self._body.read(size):
            text = self._kept + found
            for way, plain in self._WAYS:  # a quote within a value is written otherwise
                text = text.replace(way, plain)
            self._kept = text[-self._LONGEST :]
            if text := text[: -self._LONGEST]:
                return text
        kept, self._kept = self._kept, b""
        return kept


@contextmanager
def _plainly() -> Iterator[None]:
    yield


def _told(yes: bool) -> ox.QueryBoolean:
    text = f'{{"head":{{}},"boolean":{str(yes).lower()}}}'
    found = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QueryBoolean)
    return found


def _checked(graphs: Graphs) -> Sequence[str] | None:
    return graphs if graphs is None else [str(IRI(iri))[1:-1] for iri in graphs]


def _surveyed(file: Path) -> tuple[int, bool]:
    """Return how many lines a file of N-Triples has, and whether there may be a blank node in it."""
    lines, blank = 0, False
    with file.open("rb") as opened:
        for line in opened:
            lines += bool(line.strip())
            blank = blank or line.startswith(b"_:") or b" _:" in line
    return lines, blank


def _distinct(file: Path) -> int:
    """Return how many different lines a file has."""
    with file.open("rb") as opened:
        return len({line.strip() for line in opened} - {b""})
