"""Records into RDF, as lines of N-Triples: each column of a table fills the property that tables.py declares for it.

The engine of the columns writes them. What many records name and no dataset owns (countries, headings, authorities) is
described once.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from opentier.graph.model import dates, resources
from opentier.graph.model.names import PREFIXES, Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.tables import SCHEMES, TABLES, Column, Table
from opentier.graph.records.records import Records, segment
from opentier.graph.vocabulary import individuals

_REFERENCES = frozenset({"actor", "record", "product", "subject"})
_DATATYPES = {"decimal": "decimal", "boolean": "boolean", "url": "anyURI"}
_A, _AS_PRINTED, _BROADER = "rdf:type", "ot:asPrinted", "skos:broader"
_PRODUCT = IRI(expand("ot:Product"))
#: How N-Triples writes what no literal holds as it is.
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\x7f", "\\u007F"))
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
) -> int:
    """Write records as N-Triples, each statement once, and return how many there are."""
    written, done, total = 0, 0, len(records)
    writer = _Writer(records, names)
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch, file.open("wb") as out:
        part = Path(scratch) / "part.nt"
        for table in records.columns:
            progress(done, total)
            writer.prepare(TABLES[table])
            done += records.count(table)
            written += _copied(records, f"SELECT line FROM ({writer.own(table)})", part, out)
        shared = writer.shared()
        out.writelines(f"{line} .\n".encode() for line in shared)
        written += len(shared)
        for text in writer.named():
            written += _copied(records, text, part, out)
        progress(total, total)
    return written


def _copied(records: Records, query: str, part: Path, out: Any) -> int:
    records.staged.query(f"COPY ({query}) TO '{str(part).replace(chr(39), chr(39) * 2)}' {_COPY}")
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
            text = " UNION ".join(queries) if len(queries) > 1 else queries[0]
            line = f"'<' || iri || '> <{expand(property)}> ' || said || ' .'"
            every.append(f"SELECT iri, {line} AS line FROM ({text}) AS of_property (iri, said)")
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
            return _identifier(self.names)
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

    def shared(self) -> list[str]:
        """Return the lines on individuals that no dataset owns, on named products, and on what is taken back."""
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
        return [line for line in map(str, self.once) if f"{line} ." not in own]

    def named(self) -> Iterator[str]:
        """Yield queries for the lines on identifiers, and on what is taken back."""
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
                yield f"SELECT {node} || ' <{expand(property)}> ' || {value} || ' .' FROM ({each})"
        if self.records.has("retractions", "record"):
            gone = f"'> <{expand('prov:wasInvalidatedBy')}> <'"
            yield f'SELECT \'<\' || "record" || {gone} || "iri" || \'> .\' FROM "retractions"'

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


def _identifier(names: Names) -> str:
    """Return an expression for the node of an identifier `v`."""
    stem = names.record("identifier", "", "").removesuffix("/")
    value = segment("substr(v, strpos(v, ':') + 1)")
    return f"'<{stem}' || split_part(v, ':', 1) || '/' || {value} || '>'"


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
