"""A version of a dataset as those read it who write it in another form: what it is, and its records in order.

Records come in the order of their IRIs, one by one, whatever store they lie in: what is too much to be put in order in
memory waits in files beside the one that is written. A record that was retracted is said in no form; it is counted.
"""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import itemgetter
from pathlib import Path

from opentier.graph.export import package, rows
from opentier.graph.identity.judgements import Judged, counting
from opentier.graph.model.names import Names, expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES, Column
from opentier.graph.model.versions import Version
from opentier.graph.standards.forms import Form
from opentier.graph.standards.limits import Limits
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Fields
from opentier.graph.written import licences

#: Why a record is not said that was taken back.
RETRACTED = "It was retracted, and a retraction has no place in this form."
#: Kinds of actors that are places.
PLACES = frozenset({"facility", "mine", "vessel", "dormitory"})
#: Records that are put in order in memory, and that are read back at once.
MANY, _SOME = 100_000, 1_000
_GONE = "prov:wasInvalidatedBy"

Found = tuple[str, Fields]


@dataclass(frozen=True, slots=True)
class Said:
    """A record: its IRI, and what it says by column; references are IRIs, codes are those of our schemes."""

    iri: str
    cells: Mapping[str, list[str]]

    def one(self, column: str) -> str:
        """Return the value of a column that has one; nothing where it has none."""
        found = self.cells.get(column)
        return found[0] if found else ""

    def all(self, column: str) -> list[str]:
        """Return the values of a column."""
        return self.cells.get(column, [])


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: from which version of which dataset it is, from whom, under which licence.

    Attributes
    ----------
    licence, licence_url
        As its publisher wrote it, and where it can be read.
    day
        When the version was made, as its package says, else when it was admitted: YYYY-MM-DD.
    retrieved
        The first and the last day on which its records were retrieved, as far as they say so.
    """

    dataset: str
    number: int
    iri: str
    title: str
    description: str
    licence: str
    licence_url: str
    publisher: str
    homepage: str
    package_version: str
    day: str
    retrieved: tuple[str, str]

    def said(self) -> dict[str, str]:
        """Return it as texts by name, those that are not empty."""
        found = {
            "title": self.title,
            "description": self.description,
            "dataset": self.dataset,
            "version": str(self.number),
            "package_version": self.package_version,
            "source": self.iri,
            "publisher": self.publisher,
            "homepage": self.homepage,
            "licence": self.licence,
            "licence_url": self.licence_url,
            "date": self.day,
            "retrieved_first": self.retrieved[0],
            "retrieved_last": self.retrieved[1],
        }
        return {name: text for name, text in found.items() if text}


class Source:
    """A version that is written in a form; `limits` counts what that could not say.

    Parameters
    ----------
    scratch
        A folder for what waits.
    """

    def __init__(self, release: Release, version: Version, form: Form, scratch: Path) -> None:
        self.release, self.version, self.form, self._scratch = release, version, form, scratch
        self.names: Names = release.names
        self.limits = Limits(form.title)
        self._rows = rows.Rows(release, version)
        self._told: set[str] = set()
        #: What is not said of the record that is told now.
        self._lost: list[tuple[str, str, str]] = []

    @cached_property
    def about(self) -> About:
        """What a file says of itself."""
        version = self.version
        first, last = next(iter(self.release.select("retrieved", version.iri)), ("", ""))
        given = package.licence_url(self.release, version)
        created = version.created[:10]
        return About(
            version.dataset,
            version.number,
            version.iri,
            version.title,
            version.description,
            version.licence,
            given or licences.page(version.licence),
            version.publisher,
            version.homepage,
            version.package_version,
            created if len(created) == len("2000-01-01") else version.admitted[:10],
            (first, last),
        )

    @cached_property
    def apart(self) -> frozenset[frozenset[str]]:
        """Pairs of actors that are judged to be two, by the judgement that counts; read it before a table is told."""
        columns = ("left", "right", "judgement", "decided_by", "date")
        doubted = {
            frozenset((each.one("left"), each.one("right")))
            for each in self.each("identity_judgements", *columns[:3])
            if each.one("judgement") == "negative"
        }
        if not doubted:
            return frozenset()
        every = (
            Judged(
                left, right, each.one("judgement"), each.iri, each.one("decided_by"), None, each.one("date")
            )
            for each in self.each("identity_judgements", *columns)
            for left, right in [(each.one("left"), each.one("right"))]
            if frozenset((left, right)) in doubted
        )
        return frozenset(pair for pair, each in counting(every).items() if each.judgement == "negative")

    def each(self, table: str, *columns: str) -> Iterator[Said]:
        """Yield the records of a table in order, with some columns (without any, all), uncounted."""
        for iri, fields in self._found(table, columns):
            if _GONE not in fields:
                yield Said(iri, self._rows.values(TABLES[table], fields))

    def told(self, table: str) -> Iterator[Said]:
        """Yield the records of a table in order, with the columns that the form says; what it does not is counted."""
        self._told.add(table)
        for iri, fields in self._found(table, ()):
            self.limits.rows[table] += 1
            if _GONE in fields:
                self.limits.leave(table, RETRACTED)
                continue
            cells = self._rows.values(TABLES[table], fields)
            yield Said(iri, {name: said for name, said in cells.items() if self._says(table, name, said)})
            for each in self._lost:
                self.limits.lose(*each)
            self._lost.clear()

    def written(self, column: Column, value: str) -> str:
        """Return a value as a cell of a table has it; see `rows.Rows.written`."""
        return self._rows.written(column, value)

    def leave(self, table: str, reason: str) -> None:
        """Count the row that is told now as one that the form cannot say, though it says others of its table."""
        self._lost.clear()
        self.limits.leave(table, self.form.reason(table, reason))

    def lose(self, table: str, column: str, reason: str = "") -> None:
        """Count a cell of the row that is told now as one that the form cannot say as it stands."""
        self._lost.append((table, column, self.form.reason(table, reason or column)))

    def finish(self) -> Limits:
        """Count the rows of all tables that were not told, once, and return the limits."""
        for name, table in TABLES.items():
            if name in self._told:
                continue
            self._told.add(name)
            kind = IRI(expand(table.rdf_class))
            typed = self.release.engine.match(self.version.iri, None, expand("rdf:type"), kind)
            many = sum(said.subject.value.startswith(self._rows.own) for said in typed)
            if many:
                self.limits.rows[name] = many
                self.limits.leave(name, self.form.reason(name), many)
        return self.limits

    def _says(self, table: str, column: str, said: list[str]) -> bool:
        if said and self.form.place(table, column) is None:
            self.lose(table, column)
            return False
        return bool(said)

    def _found(self, table: str, columns: Iterable[str]) -> Iterator[Found]:
        declared = TABLES[table]
        wanted = {column.term for column in declared if not columns or column.name in columns} - {""}
        terms = {expand(term): term for term in (*wanted, "rdf:type", "ot:asPrinted", _GONE)}
        found = self.release.engine.records(self.version.iri, expand(declared.rdf_class), terms)
        own = (each for each in found if each[0].startswith(self._rows.own))
        return in_order(own, self._scratch)


def in_order(found: Iterator[Found], folder: Path) -> Iterator[Found]:
    """Yield records by IRI; where there are many, they wait in files of a folder meanwhile."""
    by_iri = itemgetter(0)
    parts: list[Path] = []
    while chunk := list(islice(found, MANY)):
        chunk.sort(key=by_iri)
        if len(chunk) < MANY and not parts:
            yield from chunk
            return
        parts.append(folder / f"part-{len(parts)}")
        with parts[-1].open("wb") as file:
            for start in range(0, len(chunk), _SOME):
                pickle.dump(chunk[start : start + _SOME], file)
    yield from heapq.merge(*map(_read, parts), key=by_iri)


def _read(part: Path) -> Iterator[Found]:
    """Yield the records that wait in a file, which is removed at the end."""
    with part.open("rb") as file:
        while True:
            try:
                yield from pickle.load(file)
            except EOFError:
                break
    part.unlink()
