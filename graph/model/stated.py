"""What a term of RDF says as a cell of a table: what is written of records, read back by the same declarations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote

from opentier.graph.model import cells, identifiers, resources
from opentier.graph.model.cells import CellError
from opentier.graph.model.names import DOTS, Names, concept, expand, unescaped
from opentier.graph.model.rdf import IRI, Blank, Literal, Term
from opentier.graph.model.tables import TABLES, Column

#: Kinds of numbers, the datatypes that each kind may have beside text, and how a number of JSON is written.
_WHOLE = (
    "integer",
    "int",
    "long",
    "short",
    "byte",
    "nonNegativeInteger",
    "positiveInteger",
    "unsignedInt",
    "unsignedLong",
)
_DATATYPES: dict[str, tuple[str, ...]] = {
    "decimal": ("decimal", "double", "float", *_WHOLE),
    "integer": ("decimal", "double", "float", *_WHOLE),
    "boolean": ("boolean",),
    "date": ("date", "dateTime", "gYear", "gYearMonth", "integer"),
    "url": ("anyURI",),
    "rule": ("integer",),
    "years": ("integer",),
}
_TEXTS = frozenset({expand("xsd:string"), expand("rdf:langString")})
_OF_JSON = re.compile(r"-?\d\.\d+E-?\d{1,2}")
#: The segments in which individuals with a code stand, by the kind of column that names them.
_CODED = {
    "country": ("country",),
    "region": ("region",),
    "currency": ("currency",),
    "jurisdiction": ("country", "region", "body"),
    "scope": ("country", "region", "area", "body"),
    "area": ("country", "region", "area"),
}


@dataclass(frozen=True)
class Around:
    """What terms are read in: the dataset, and what its file says of the things that they name.

    Attributes
    ----------
    records
        Table and id of each record of the file.
    ids
        The tables that have an id.
    labels
        What things are called, by IRI.
    identifiers
        ``scheme:value`` of nodes that are described as identifiers.
    """

    names: Names
    dataset: str
    records: Mapping[Term, tuple[str, str]]
    ids: Mapping[str, Collection[str]]
    labels: Mapping[str, str]
    identifiers: Mapping[Term, str]

    @property
    def own(self) -> str:
        """How the IRIs of the dataset's records begin."""
        return f"{self.names.base}{self.dataset}/"

    def iri(self, table: str, local: str) -> str:
        """Return the IRI that a record of a table has by its id."""
        segment = TABLES[table].segment
        return (
            self.names.record(self.dataset, segment, local)
            if segment
            else self.names.actor(self.dataset, local)
        )

    def split(self, iri: str) -> tuple[str, str] | None:
        """Return table and id of what an IRI of the dataset names, by the IRI alone; None for other IRIs."""
        if not iri.startswith(self.own):
            return None
        segment, slash, local = iri.removeprefix(self.own).partition("/")
        for table in TABLES.values():
            if slash and table.segment == segment:
                return table.name, unescaped(local)
        return "actors", unescaped(iri.removeprefix(self.own))


def cell(column: Column, term: Term, around: Around, country: str = "", printed: Collection[str] = ()) -> str:
    """Return the text of a cell of a column that says what a term says.

    Parameters
    ----------
    country
        The code of the country of the same record.
    printed
        How names of the record were printed.

    Raises
    ------
    CellError
        If no cell of the column can say it. What the text then means is checked as that of any cell.
    """
    if column.kind in ("actor", "record"):
        return _record(term, "actors" if column.kind == "actor" else column.table, around)
    if column.kind == "subject":
        return _subject(term, around)
    if column.kind == "product":
        return _product(term, around)
    if column.kind == "identifier":
        return _identifier(term, around)
    if column.kind == "code":
        stem = concept(column.scheme, "")
        return term.value.removeprefix(stem) if isinstance(term, IRI) else _literal(column, term)
    if column.kind in resources.KINDS and isinstance(term, IRI):
        return _individual(column, term.value, around, country, printed)
    if column.kind == "url" and isinstance(term, IRI):
        return term.value
    return _literal(column, term)


def _literal(column: Column, term: Term) -> str:
    """Return the text of a literal, whose datatype is one that the column may have."""
    if not isinstance(term, Literal):
        raise CellError("This is a thing, and a text belongs here.", "Write it as a literal, in quotes.")
    allowed = _DATATYPES.get(column.kind, ())
    if term.datatype not in _TEXTS and term.datatype not in {expand(f"xsd:{name}") for name in allowed}:
        kind = re.split(r"[#/]", term.datatype)[-1]
        advice = f"Write it as xsd:{' or xsd:'.join(allowed[:4])}." if allowed else "Write it as plain text."
        raise CellError(f"A value of the datatype {kind} cannot stand here.", advice)
    if column.kind in ("decimal", "integer") and _OF_JSON.fullmatch(term.value):
        return format(Decimal(term.value).normalize(), "f")  # so numbers of JSON-LD are written as RDF
    return term.value


def _record(term: Term, table: str, around: Around) -> str:
    """Return how a cell names a record: by its id where that means this one, else by its IRI."""
    if isinstance(term, Literal):
        advice = f"Write {around.own}... in angle brackets, not in quotes."
        raise CellError("This is a text, and a record is named by its IRI.", advice)
    found = around.records.get(term)
    if found is None and isinstance(term, Blank):
        raise CellError("This is no record that the file describes.", "Give it a class, or an IRI.")
    there, found = found is not None, found or around.split(term.value)
    if found is None:
        return term.value
    name, local = found
    if table not in ("", name) or not (there or _plain(local)):
        return around.iri(name, local)
    if not table and set(around.ids.get(local, ())) - {name}:
        return around.iri(name, local)
    return local


def _plain(local: str) -> bool:
    """Return whether an id that no record has is read as an id: it looks like nothing else."""
    return not ("/" in local or ":" in local)


def _subject(term: Term, around: Around) -> str:
    """Return how a cell names an actor, a country or a region."""
    code = resources.code_of(term.value, around.names) if isinstance(term, IRI) else None
    if code is not None and not around.ids.get(code):
        return code
    text = _record(term, "actors", around)
    if term in around.records:
        return text
    try:
        return around.iri("actors", text) if cells.place(text) else text  # an actor that is not there
    except CellError:
        return text


def _product(term: Term, around: Around) -> str:
    """Return how a cell names a product: HS digits, an id, or text."""
    if isinstance(term, Literal):
        return _literal(Column("product"), term)
    digits = term.value.removeprefix(around.names.hs(""))
    if digits != term.value and digits.isascii() and digits.isdecimal():
        return digits
    name, local = around.records.get(term, ("", ""))
    if name == "products":
        return local
    return around.iri(name, local) if name else term.value


def _identifier(term: Term, around: Around) -> str:
    """Return ``scheme:value`` of an identifier, as it is described, or as its IRI says."""
    if isinstance(term, Literal):
        return _literal(Column("identifier"), term)
    named = identifiers.of_iri(term.value, around.names.base) if isinstance(term, IRI) else ""
    described = around.identifiers.get(term, "")
    if named and described and named != described:
        raise CellError(
            f"The identifier is described as {described}.", "Correct its IRI, or what is said of it."
        )
    if not (named or described):
        advice = "Give it the class adms:Identifier with skos:notation and ot:identifierScheme."
        raise CellError("The identifier is not described.", advice)
    return described or named


def _individual(column: Column, iri: str, around: Around, country: str, printed: Collection[str]) -> str:
    """Return how a cell names what no dataset owns: its code, or its name."""
    names = around.names
    segment, _, local = iri.removeprefix(names.base).partition("/")
    label, kind = around.labels.get(iri, ""), column.segment or column.kind
    if column.kind != "named":
        if not iri.startswith(names.base) or segment not in _CODED[column.kind]:
            return iri
        if segment != "region" or resources.code_of(iri, names) is not None:
            return unquote(local)
    else:
        for text in sorted(printed):
            if resources.meant(column, text, names).iri == iri:
                return text
        if shipped := resources.shipped(iri, names):
            return shipped.label
        if not label and iri == names.shared(kind, local):
            label = resources.spelled(kind).get(local, ("", ""))[1]
    if not label:
        advice = "Give its name as a text, or its rdfs:label in the same file."
        raise CellError(f"This names no {kind} that is described.", advice)
    fit = resources.meant(column, label, names, country).iri
    if fit != iri:
        advice = "Name that one, or give the name as a text."
        raise CellError(f"It is called {label}, and what is called so is {fit}.", advice)
    return label


def canonical(local: str) -> bool:
    """Return whether a part of an IRI, as it is written, can name a record: no dots that lead elsewhere, and UTF-8."""
    try:
        text = unquote(local, errors="strict")
    except UnicodeDecodeError:
        return False
    return bool(text) and text not in DOTS
