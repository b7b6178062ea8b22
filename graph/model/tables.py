"""The tables of a contribution: their columns, what a cell may hold, and what it becomes in the graph.

They are declared in ``schema/*.toml``, one topic a file, and nowhere else; reading, checking, mapping and the
documentation follow.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from opentier.graph.model.names import expand

#: The files, in the order in which tables are checked and mapped.
TOPICS = (
    "actors",
    "links",
    "designations",
    "laws",
    "risk",
    "diligence",
    "provenance",
    "initiatives",
    "terms",
)

Kind = Literal[
    "id",  # local id of the record of this row
    "text",
    "url",
    "date",  # ISO 8601: a day, a month or a year
    "decimal",
    "integer",
    "boolean",
    "country",  # ISO 3166-1
    "region",  # ISO 3166-2, or text that none stands for; read together with the country of its row
    "code",  # a code of a scheme
    "class",  # a code that chooses the class of the record
    "actor",  # local id, IRI, or dataset/local-id
    "product",  # HS digits, a product id, or text
    "record",  # local id of a record of `table` ("" = any table, "*" = any one of any dataset), or an IRI
    "identifier",  # scheme:value
    "hs",  # HS digits
    "currency",  # ISO 4217
    "jurisdiction",  # ISO 3166-1 or 3166-2, or the short name of an international body (EU, ILO, UN, ...)
    "scope",  # a country or a part of one, the EU, or worldwide
    "named",  # the name of something that no dataset owns: an authority, a register, a legal basis
    "area",  # a country, a region, a UN M49 area, or worldwide
    "subject",  # an actor, or a country or region
    "rule",  # any, all, or the number of a group that must hold
    "years",  # how many years running, or how many of how many
    "sector",  # a division of ISIC, or a range of divisions
]


@dataclass(frozen=True)
class Column:
    """One column: what its cells hold and which property they fill."""

    name: str
    kind: Kind = "text"
    term: str = ""
    required: bool = False
    many: bool = False
    scheme: str = ""
    classes: tuple[tuple[str, str], ...] = ()
    table: str = ""
    segment: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes a cell may hold, where it holds a code."""
        return SCHEMES[self.scheme] if self.scheme else tuple(code for code, _ in self.classes)


@dataclass(frozen=True)
class Table:
    """One table: the class of its records, the segment of their IRIs, its columns."""

    name: str
    columns: tuple[Column, ...]
    rdf_class: str
    segment: str

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def classes(self) -> dict[str, str]:
        """The classes of its records by code, where a column chooses among several."""
        return {code: name for column in self.columns for code, name in column.classes}

    def kind(self, classes: Collection[str]) -> str | None:
        """Return the code of a record of some classes: a wider class stands before the narrower, which counts."""
        kinds = {expand(name): code for code, name in self.classes.items()}
        return next((kinds[name] for name in reversed(kinds) if name in classes), None)


#: Columns that every table may have.
COMMON = (
    Column("source", term="dcterms:source"),
    Column("retrieved", "date", "ot:retrievedAt"),
    Column("note", term="skos:note"),
)


def _declared(topic: str) -> dict[str, Any]:
    return tomllib.loads(files("opentier.graph.model").joinpath("schema", f"{topic}.toml").read_text("utf-8"))


def _table(name: str, said: Mapping[str, Any]) -> Table:
    columns = []
    for column, about in said["columns"].items():
        kind = about.pop("holds", "text")
        classes = tuple(said["classes"].items()) if kind == "class" else ()
        columns.append(Column(column, kind, classes=classes, **about))
    return Table(name, (*columns, *COMMON), said["class"], said["segment"])


SCHEMES: dict[str, tuple[str, ...]] = {scheme: tuple(codes) for scheme, codes in _declared("schemes").items()}
#: Identifier schemes whose equal values make two actors one, by rule.
STRONG_SCHEMES = ("lei", "os-id", "duns", "gln")
#: Metrics that say what an actor is or has somewhere: a fact of one may give the place as its value.
PLACED = ("seat", "branch", "business-in", "importer-of-record", "contractor")
TABLES: dict[str, Table] = {
    name: _table(name, said) for topic in TOPICS for name, said in _declared(topic).items()
}
