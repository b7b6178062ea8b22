"""Records back into rows: what a version of a dataset says, as the cells of the tables that would say the same.

A row without an id of its own has an IRI that is made of its cells as they were written. The graph keeps neither the
order of several values in a cell nor zeros behind a number, so that the id is given too, in a column `id`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from opentier.graph.model import resources
from opentier.graph.model.names import Names, concept, expand, unescaped
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Fields
from opentier.graph.vocabulary import individuals

#: What parts several values of a column, and what does so where a value has a bar.
BAR, OTHER = "|", "\u2016"
_AS_PRINTED = "ot:asPrinted"


class Unsaid(Exception):
    """A record says what no row says."""


class Rows:
    """The rows of a version of a dataset."""

    def __init__(self, release: Release, version: Version) -> None:
        self.release, self.names, self.version = release, release.names, version
        self.own = f"{release.names.base}{version.dataset}/"

    def of(self, table: Table) -> Iterator[list[str]]:
        """Yield the rows of a table, a cell for each of `columns`.

        Raises
        ------
        Unsaid
            If a record says what no row says.
        """
        terms = {expand(column.term): column.term for column in table if column.term}
        terms |= {expand(name): name for name in ("rdf:type", _AS_PRINTED)}
        kind = expand(table.rdf_class)
        for iri, fields in self.release.engine.records(self.version.iri, kind, terms):
            if iri.startswith(self.own):
                local = self._local(table, iri)
                yield self._row(table, local, fields) + [local] * (table.column("id") is None)

    def _row(self, table: Table, local: str, fields: Fields) -> list[str]:
        values, cells = self.values(table, fields), list[str]()
        for column in table:
            said = [local] if column.kind == "id" else values.get(column.name, [])
            between = OTHER if column.term in self.barred else BAR
            if (len(said) > 1 and not column.many) or (column.many and any(between in text for text in said)):
                record = f"{table.segment or 'actor'}/{local}"
                raise Unsaid(f"{record} has several values of {column.name}, or {between} in one")
            cells.append(between.join(self.written(column, text) for text in said))
        return cells

    @cached_property
    def barred(self) -> Collection[str]:
        """The properties of columns of several values of which a value has a bar."""
        many = {
            expand(column.term): column.term for table in TABLES.values() for column in table if column.many
        }
        found = self.release.select("barred", self.version.iri, own=self.own)
        return {many[property] for property, *_ in found if property in many}

    def _local(self, table: Table, iri: str) -> str:
        """Return the id of a record within its table."""
        stem = f"{self.own}{table.segment}/" if table.segment else self.own
        local = unescaped(iri.removeprefix(stem))
        named = self.names.record(self.version.dataset, table.segment, local)
        if iri != (named if table.segment else self.names.actor(self.version.dataset, local)):
            raise Unsaid(f"the IRI of {self.names.id(iri)} is not made as a row of {table.name} makes it")
        return local

    def values(self, table: Table, fields: Fields) -> dict[str, list[str]]:
        """Return the canonical values of a record by column, as a checked row has them: references are IRIs."""
        return {
            column.name: self._values(table, column, fields)
            for column in table
            if column.kind == "class" or column.term in fields
        }

    def _values(self, table: Table, column: Column, fields: Fields) -> list[str]:
        if column.kind == "class":
            return _kind(table, fields)
        return sorted(self._value(column, value, fields) for value in fields[column.term])

    def _value(self, column: Column, value: str, fields: Fields) -> str:
        if column.kind == "code":
            return value.removeprefix(concept(column.scheme, ""))
        if column.kind == "identifier":
            scheme, _, notation = value.removeprefix(self.names.shared("identifier", "")).partition("/")
            return f"{scheme}:{unescaped(notation)}"
        if column.kind not in resources.KINDS:
            return value
        if column.kind == "named":
            for printed in fields.get(_AS_PRINTED, ()):
                if resources.meant(column, printed, self.names).iri == value:
                    return printed
        return self.release.called(self.version.iri, value)

    def written(self, column: Column, value: str) -> str:
        """Return a value as it is written in a cell."""
        if column.kind == "product":
            code = value.removeprefix(self.names.hs(""))
            return code if code != value else self._reference(value, "products")
        if column.kind == "subject":
            return resources.code_of(value, self.names) or self._reference(value, "actors")
        if column.kind in ("actor", "record"):
            return self._reference(value, "actors" if column.kind == "actor" else column.table)
        return value

    def _reference(self, iri: str, table: str) -> str:
        """Return how a record of a table is named: by its id alone, with its dataset before it, or by its IRI."""
        if table not in TABLES:
            return iri
        segment, own = TABLES[table].segment, self.own
        local = unescaped(iri.removeprefix(f"{own}{segment}/" if segment else own))
        named = self.names.record(self.version.dataset, segment, local)
        if iri == (named if segment else self.names.actor(self.version.dataset, local)):
            return local
        if not segment and self.names.of_id(self.names.id(iri)) == iri:
            return self.names.id(iri)
        return iri


def _kind(table: Table, fields: Fields) -> list[str]:
    """Return the code of the narrowest class of a record that its table can choose; none where that is the table's."""
    above = {code: len(list(individuals.classes(expand(name)))) for code, name in table.classes.items()}
    kinds = [code for code, name in table.classes.items() if expand(name) in fields["rdf:type"]]
    return [max(kinds, key=above.__getitem__)] if kinds else []


def columns(table: Table) -> list[str]:
    """Return the columns of the rows of a table: its own, and the id where it has no column of ids."""
    return [column.name for column in table] + ["id"] * (table.column("id") is None)


def check(release: Release, version: Version, names: Names) -> None:
    """Raise Unsaid where a version states of its own records what no column of a table holds, with all of it."""
    known = {expand(column.term) for table in TABLES.values() for column in table if column.term}
    known |= set(
        map(
            expand,
            (
                "rdf:type",
                _AS_PRINTED,
                "ot:earliestStart",
                "ot:latestEnd",
                "prov:wasInvalidatedBy",
                "skos:broader",
            ),
        )
    )
    own = f"{names.base}{version.dataset}/"
    lacking = list[str]()
    for property, language, count, *_ in sorted(release.select("stated", version.iri, own=own)):
        if property not in known:
            lacking.append(f"it states {property}, which no table has ({count} times)")
        elif language:
            lacking.append(f"it states {property} in a language ({language}, {count} times)")
    if lacking:
        raise Unsaid("; ".join(lacking))
