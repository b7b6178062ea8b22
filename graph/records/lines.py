"""Records into RDF, as lines of N-Triples: each column of a table fills the property that tables.py declares for it.

The engine of the columns writes them. What many records name and no dataset owns (countries, headings, authorities) is
described once.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from opentier.graph.model import dates, resources
from opentier.graph.model.names import PREFIXES, Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.tables import SCHEMES, TABLES, Column, Table
from opentier.graph.records.records import Records, segment
from opentier.graph.records.written import Written
from opentier.graph.vocabulary import individuals

_REFERENCES = frozenset({"actor", "record", "product", "subject"})
_DATATYPES = {"decimal": "decimal", "boolean": "boolean", "url": "anyURI"}
_A, _AS_PRINTED, _BROADER = "rdf:type", "ot:asPrinted", "skos:broader"
_PRODUCT = IRI(expand("ot:Product"))
#: How N-Triples writes what no literal holds as it is.
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\x7f", "\\u007F"))
#: Records whose statements make one part of the file.
PART = 200_000
_COPY = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"


@dataclass(frozen=True)
class _Said:
    """Of which property some lines are, and a query for them: the IRIs of records, and values as they are written."""

    property: str
    rows: str


def write(
    records: Records,
    names: Names,
    file: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write records as N-Triples, each statement once, in parts of about `PART` records."""
    written, ends, total = 0, list[int](), len(records)
    progress(0, total)
    writer = _Writer(records, names)
    for table in records.columns:
        writer.prepare(TABLES[table])
    every = {table: writer.own(table) for table in records.columns}
    counts, queries = [records.count(table) for table in every], [*every.values(), *writer.described()]
    parts, done = -(-total // PART) or 1, 0
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch, file.open("wb") as out:
        for number in range(parts):
            for query, count in zip_longest(queries, counts, fillvalue=0):
                progress(done // parts, total)
                done += int(count)
                lines = f"SELECT line FROM ({query}) WHERE hash(iri) % {parts} = {number}"
                written += _copied(records, lines, Path(scratch) / "part.nt", out)
            ends.append(out.tell())
        progress(total, total)

    def classes(iris: Collection[str], target: Path) -> None:
        records.staged.keep("asked_for", {"of_iri": list(iris)})
        typed = f"starts_with(line, '<' || iri || '> <{expand(_A)}> ')"
        chosen = (
            f"SELECT line FROM ({query}) JOIN asked_for ON iri = of_iri WHERE {typed}" for query in queries
        )
        records.staged.query(f"COPY ({' UNION ALL '.join(chosen)}) TO {_quoted(str(target))} {_COPY}")

    return Written(file, written, tuple(ends), classes)


def _copied(records: Records, query: str, part: Path, out: IO[bytes]) -> int:
    records.staged.query(f"COPY ({query}) TO {_quoted(str(part))} {_COPY}")
    ((count,),) = records.staged.engine.fetchall()
    with part.open("rb") as lines:
        shutil.copyfileobj(lines, out, 1 << 20)
    return int(count)


class _Writer:
    """Queries for the lines of records, and what they name that is to be described once."""

    def __init__(self, records: Records, names: Names) -> None:
        self.records, self.names = records, names
        self.said: dict[str, list[_Said]] = {}
        #: What is described once: statements, in the order in which they are met.
        self.once: dict[Triple, None] = {}
        self.products: dict[str, None] = {}
        self.identifiers: list[str] = []

    def prepare(self, table: Table) -> None:
        """Find out what the lines of a table are, and what its records name."""
        said = [self._types(table)]
        for column in self.records.columns[table.name]:
            said += self._column(table, column)
        self.said[table.name] = [*said, *self._bounds(table)]

    def own(self, table: str) -> str:
        """Return a query for the lines of a table's records: subject and line."""
        by: dict[str, list[str]] = {}
        for said in self.said[table]:
            by.setdefault(said.property, []).append(said.rows)
        every = []
        for property, queries in by.items():
            every.append(_lines(property, " UNION ".join(queries)))
        return " UNION ALL ".join(every)

    # --- Of one record ----------------------------------------------------------------------------------------

    def _types(self, table: Table) -> _Said:
        """Return the classes of records: their own, and those above them."""
        column = next((each for each in self.records.columns[table.name] if each.kind == "class"), None)
        classes = dict(column.classes) if column else {}
        pairs = [
            (code, f"<{kind}>")
            for code in ("", *classes)
            for kind in dict.fromkeys(
                each
                for name in (table.rdf_class, *([classes[code]] if code else []))
                for each in individuals.classes(expand(name))
            )
        ]
        self._table(f"types_{table.name}", ("of_code", "of_kind"), pairs)
        of = f"coalesce(t.\"{column.name}\", '')" if column else "''"
        return _Said(
            _A, f'SELECT "iri", of_kind FROM "{table.name}" t JOIN "types_{table.name}" ON {of} = of_code'
        )

    def _column(self, table: Table, column: Column) -> Iterator[_Said]:
        """Yield what a column says."""
        if column.kind in ("id", "class"):
            return
        value = f'unnest("{column.name}")' if column.many else f'"{column.name}"'
        rows = f'SELECT "iri", {value} AS v FROM "{table.name}"'
        distinct = f"SELECT DISTINCT v FROM ({rows}) WHERE v NOT NULL"
        if column.kind in resources.KINDS:
            yield from self._individuals(table, column, value)
            return
        if column.kind == "integer":
            name = f"terms_{table.name}_{column.name}"
            terms = [
                (v, str(Literal(str(int(Decimal(v))), expand("xsd:integer")))) for (v,) in self._ask(distinct)
            ]
            self._table(name, ("v", "said"), terms)
            yield _Said(column.term, f'SELECT "iri", said FROM ({rows}) JOIN "{name}" USING (v)')
        else:
            yield _Said(column.term, f'SELECT "iri", {self._term(column)} FROM ({rows}) WHERE v NOT NULL')
        if column.kind == "product":
            self.products |= dict.fromkeys(v for (v,) in self._ask(distinct))
        elif column.kind == "identifier":
            self.identifiers.append(distinct)
        elif column.kind == "hs":
            stem = self.names.hs("")
            yield _Said(_BROADER, f"SELECT \"iri\", '<{stem}' || v || '>' FROM ({rows}) WHERE v NOT NULL")
            self.products |= dict.fromkeys(self.names.hs(v) for (v,) in self._ask(distinct))
        elif column.kind == "subject":
            for (v,) in self._ask(distinct):
                if place := resources.at(v, self.names):
                    self._around(place)

    def _term(self, column: Column) -> str:
        """Return an expression for a value `v` of a column as it is written."""
        if column.kind in _REFERENCES:
            return "'<' || v || '>'"
        if column.kind == "code":
            return f"'<{concept(column.scheme, '')}' || v || '>'"
        if column.kind == "identifier":
            return f"'<' || {_identifier(self.names)} || '>'"
        text = _literal("v")
        if column.kind == "date":
            kind = "CASE length(v) WHEN 4 THEN 'gYear' WHEN 7 THEN 'gYearMonth' ELSE 'date' END"
            return f"{text} || '^^<{PREFIXES['xsd']}' || {kind} || '>'"
        datatype = _DATATYPES.get(column.kind)
        return f"{text} || '^^<{expand('xsd:' + datatype)}>'" if datatype else text

    def _individuals(self, table: Table, column: Column, value: str) -> Iterator[_Said]:
        """Yield what a column says that names individuals which no dataset owns; they are described once."""
        country = column.kind == "region" and self.records.has(table.name, "country")
        beside = "coalesce(\"country\", '')" if country else "''"
        rows = f'SELECT "iri", {value} AS v, {beside} AS c FROM "{table.name}"'
        said, printed = list[tuple[str, str, str]](), list[tuple[str, str, str]]()
        for v, c in self._ask(f"SELECT DISTINCT v, c FROM ({rows}) WHERE v NOT NULL ORDER BY v, c"):
            found = resources.meant(column, v, self.names, c)
            said.append((v, c, str(IRI(found.iri))))
            self._around(found)
            if column.kind not in resources.CODED and v != found.label:
                printed.append((v, c, str(Literal(v))))
        for property, terms in ((column.term, said), (_AS_PRINTED, printed)):
            if terms:
                name = f"terms_{table.name}_{column.name}_{property.partition(':')[2]}"
                self._table(name, ("v", "c", "said"), terms)
                yield _Said(property, f'SELECT "iri", said FROM ({rows}) JOIN "{name}" USING (v, c)')

    def _bounds(self, table: Table) -> Iterator[_Said]:
        """Yield the first and the last day on which records hold."""
        dated = {
            column.term: column.name
            for column in self.records.columns[table.name]
            if column.term in (*dates.BEGINNINGS, *dates.ENDS)
        }
        if not dated:
            return
        keys = [f"coalesce(\"{name}\", '')" for name in dated.values()]
        found: dict[str, list[tuple[str, ...]]] = {}
        for said in self._ask(f'SELECT DISTINCT {", ".join(keys)} FROM "{table.name}"'):
            stated = dict(zip(dated, said, strict=True))
            for property, day in dates.bounds(lambda term, stated=stated: stated.get(term) or None):  # type: ignore[misc]
                found.setdefault(property, []).append((*said, str(Literal(day, expand("xsd:date")))))
        for property, rows in found.items():
            name = f"bounds_{table.name}_{property.partition(':')[2]}"
            columns = [f"k{number}" for number in range(len(keys))]
            self._table(name, (*columns, "said"), rows)
            same = " AND ".join(f"{key} = {column}" for key, column in zip(keys, columns, strict=True))
            yield _Said(property, f'SELECT "iri", said FROM "{table.name}" JOIN "{name}" ON {same}')

    # --- Described once ---------------------------------------------------------------------------------------

    def _shared(self) -> list[Triple]:
        """Return what is said of individuals that no dataset owns, and of named products."""
        for iri in self.products:
            self.once.setdefault(Triple(IRI(iri), IRI(expand(_A)), _PRODUCT))
            code = iri.removeprefix(self.names.hs(""))
            if code != iri:
                self.once |= dict.fromkeys(individuals.heading(code, self.names))
        if self.identifiers:
            for (scheme,) in self._ask(
                f"SELECT DISTINCT split_part(v, ':', 1) FROM ({self._every_identifier}) ORDER BY 1"
            ):
                if scheme not in SCHEMES["identifier-scheme"]:
                    self.once |= dict.fromkeys(individuals.scheme(scheme, self.names))
        subjects = list(dict.fromkeys(said.subject.value for said in self.once))
        own = set[str]()
        chosen = '"iri" IN (SELECT unnest(?))'
        for table in self.records.columns if subjects else ():
            there = f'SELECT 1 FROM "{table}" WHERE {chosen} LIMIT 1'
            if any(
                self.records.staged.rows(there, [subjects])
            ):  # few tables have any: their lines are not made again
                lines = f"SELECT line FROM ({self.own(table)}) WHERE {chosen}"
                own |= {line for (line,) in self.records.staged.rows(lines, [subjects])}
        return [said for said in self.once if f"{said} ." not in own]

    def described(self) -> Iterator[str]:
        """Yield queries for the lines on individuals, on identifiers, and on what is taken back: subject and line."""
        shared = [(said.subject.value, f"{said} .") for said in self._shared()]
        self._table("shared_lines", ("iri", "line"), shared)
        yield 'SELECT iri, line FROM "shared_lines"'
        if self.identifiers:
            each, node, scheme = self._every_identifier, _identifier(self.names), "split_part(v, ':', 1)"
            known = ", ".join(_quoted(name) for name in SCHEMES["identifier-scheme"])
            ours, other = concept("identifier-scheme", ""), self.names.shared("identifier-scheme", "")
            for property, value in (
                (_A, f"'<{expand('adms:Identifier')}>'"),
                ("skos:notation", _literal("substr(v, strpos(v, ':') + 1)")),
                (
                    "ot:identifierScheme",
                    f"'<' || CASE WHEN {scheme} IN ({known}) THEN '{ours}' ELSE '{other}' END || {scheme} || '>'",
                ),
            ):
                yield _lines(property, f"SELECT {node}, {value} FROM ({each})")
        if self.records.has("retractions", "record"):
            gone = 'SELECT "record", \'<\' || "iri" || \'>\' FROM "retractions"'
            yield _lines("prov:wasInvalidatedBy", gone)

    @property
    def _every_identifier(self) -> str:
        """A query for all identifiers, each once."""
        return f"SELECT v FROM ({' UNION '.join(self.identifiers)})"

    def _around(self, found: resources.Resource) -> None:
        """Describe an individual, and the country that it lies in."""
        self.once |= dict.fromkeys(individuals.described(found))
        if country := resources.at(found.within, self.names):
            self.once |= dict.fromkeys(individuals.described(country))

    def _ask(self, text: str) -> Iterator[tuple[Any, ...]]:
        return self.records.staged.rows(text)

    def _table(self, name: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
        """Put a small table into the engine."""
        cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
        self.records.staged.keep(name, dict(zip(columns, cells, strict=True)))


def _lines(property: str, rows: str) -> str:
    """Return a query for the lines of a property, by one for IRIs and values as they are written: IRI and line."""
    line = f"'<' || iri || '> <{expand(property)}> ' || said || ' .'"
    return f"SELECT iri, {line} AS line FROM ({rows}) AS of_property (iri, said)"


def _identifier(names: Names) -> str:
    """Return an expression for the IRI of an identifier `v`."""
    stem = names.record("identifier", "", "").removesuffix("/")
    value = segment("substr(v, strpos(v, ':') + 1)")
    return f"'{stem}' || split_part(v, ':', 1) || '/' || {value}"


def _literal(text: str) -> str:
    """Return an expression for a text as a literal."""
    for what, escaped in _ESCAPES:
        text = f"replace({text}, {_quoted(what)}, {_quoted(escaped)})"
    return f"'\"' || {text} || '\"'"


def _quoted(text: str) -> str:
    return (
        f"chr({ord(text)})"
        if len(text) == 1 and not text.isprintable()
        else "'" + text.replace("'", "''") + "'"
    )
