"""Statements as rows: each subject of a class of the model is a row of its table, with the subject as its place.

Columns, classes and codes are those of the tables; what a term says as a cell is read in `stated`. What no cell says
is dealt with in `leftover`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from opentier.graph.contribution import headers
from opentier.graph.contribution.leftover import AS_PRINTED, LABEL, NOTATION, SCHEME, TYPE, Leftover
from opentier.graph.contribution.staging import Row, Several
from opentier.graph.model import resources, stated
from opentier.graph.model.cells import CellError
from opentier.graph.model.names import OT, Names, concept, escaped, expand, unescaped
from opentier.graph.model.rdf import IRI, Blank, Literal, Term
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.report.report import Report, Where
from opentier.graph.vocabulary import documents
from opentier.graph.vocabulary.blanks import Statements

_IDENTIFIER, _COUNTRY, _REGION, _OTHER_NAME = (
    expand(name) for name in ("adms:Identifier", "ot:country", "ot:region", "skos:altLabel")
)
#: The classes of records: the table of each, and the code that chooses it.
_CLASSES: dict[str, tuple[Table, str]] = {
    **{expand(table.rdf_class): (table, "") for table in TABLES.values()},
    **{expand(name): (table, code) for table in TABLES.values() for code, name in table.classes.items()},
}
#: The column that chooses the class of a table's records.
_CHOSEN = {table.name: column.name for table in TABLES.values() for column in table if column.kind == "class"}
#: The columns of each table that a property fills, by that property; and those of them whose texts have one language.
_FILLED = {
    table.name: {expand(column.term): column for column in table if column.term} for table in TABLES.values()
}
_IN_ONE_LANGUAGE = {
    table: {
        term: column.term == "rdfs:label" and _OTHER_NAME in columns
        for term, column in columns.items()
        if column.kind == "text" and not column.many
    }
    for table, columns in _FILLED.items()
}


def rows(said: Statements, file: str, dataset: str, names: Names, report: Report) -> dict[str, list[Row]]:
    """Return the rows of tables that a file says, by table; what no row can say is reported.

    Raises
    ------
    ValueError
        If blank nodes name each other in a circle.
    """
    return _Reader(said, file, dataset, names, report).tables()


class _Reader:
    """The statements of one file, read subject by subject."""

    def __init__(self, said: Statements, file: str, dataset: str, names: Names, report: Report) -> None:
        self.said, self.file, self.names, self.report = said, file, names, report
        self.left = Leftover(said, file, dataset, names, report)
        self.named = set[Term]()
        for properties in said.values():
            for values in properties.values():
                self.named.update(value for value in values if not isinstance(value, Literal))
        self.records: dict[IRI | Blank, tuple[Table, str, str]] = {}
        self.nodes: list[IRI | Blank] = []
        self.annotations: list[Blank] = []
        self.others: list[IRI] = []
        self.languages, self.moved = 0, list[tuple[str, str]]()
        for subject in said:
            self._classify(subject)
        ids = defaultdict(set)
        for table, _, local in self.records.values():
            ids[local].add(table.name)
        records: dict[Term, tuple[str, str]]
        records = {each: (table.name, local) for each, (table, _, local) in self.records.items() if local}
        self.labels = {
            subject.value: next(iter(about[LABEL])).value
            for subject, about in said.items()
            if isinstance(subject, IRI) and about.get(LABEL)
        }
        described = dict(self._identifiers())
        self.around = stated.Around(names, dataset, records, ids, self.labels, described)

    def tables(self) -> dict[str, list[Row]]:
        """Return the rows."""
        found: dict[str, list[Row]] = {}
        for subject, (table, code, local) in self.records.items():
            self.report.rows.add(self.left.where(subject))
            if (row := self._row(subject, table, code, local)) is not None:
                found.setdefault(table.name, []).append(row)
        for node in self.nodes:
            self.left.node(node, {TYPE, NOTATION, SCHEME} if node in self.named else ())
        for annotation in self.annotations:
            self.left.node(annotation, ())
        for other in self.others:
            self.left.shared(other, self.labels.get(other.value, ""))
        self.left.tell()
        if self.languages:
            message = f"{self.languages:,} texts are kept without the language that they are marked with."
            self.report.add("info", Where(self.file), message, "")
        if self.moved:
            said, kept = self.moved[0]
            message = f"{len(self.moved):,} records get IRIs of another form: {said} is {kept}."
            self.report.add("info", Where(self.file), message, "Name them so from elsewhere.")
        return found

    # --- What a subject is ---------------------------------------------------------------------------------------

    def _classify(self, subject: IRI | Blank) -> None:
        """Take a subject as a record, as the node of an identifier, or as something shared; refuse all others."""
        kinds = {value.value for value in self.said[subject].get(TYPE, ())}
        local = subject.value.removeprefix(self.left.own) if isinstance(subject, IRI) else ""
        if isinstance(subject, IRI) and local == subject.value:
            self.others.append(subject)
        elif isinstance(subject, IRI) and not all(map(stated.canonical, local.split("/"))):
            message = "The IRI names no record: a part of it is empty, leads elsewhere (..), or is not UTF-8."
            self.left.error(subject, message, "Give each record an IRI of plain parts.")
        elif _IDENTIFIER in kinds:
            self.nodes.append(subject)
        elif isinstance(subject, Blank) and subject in self.named and not self._ours(subject, kinds):
            self.annotations.append(subject)
        elif not kinds:
            advice = "Say what it is (rdf:type), for example an ot:Actor."
            self.left.error(subject, "It has no class.", advice)
        elif (found := self._class(subject, kinds)) is not None:
            table, code = found
            self.records[subject] = table, code, self._local(subject, table)

    def _ours(self, subject: IRI | Blank, kinds: set[str]) -> bool:
        """Return whether a subject says anything in terms of ours; else it belongs to what others say of records."""
        return any(term.startswith(OT) for term in (*kinds, *self.said[subject]))

    def _class(self, subject: IRI | Blank, kinds: set[str]) -> tuple[Table, str] | None:
        """Return the table of a subject by its classes, and the code of its class there."""
        above, ours = documents.above(), kinds & _CLASSES.keys()
        least = sorted(kind for kind in ours if not any(kind in above.get(other, ()) for other in ours))
        if len(least) == 1:
            self.left.classes(subject, kinds, least[0])
            return _CLASSES[least[0]]
        if least:
            listed = " and ".join(f"ot:{kind.removeprefix(OT)}" for kind in least)
            self.left.error(subject, f"It is {listed} at once.", "Give it one class.", least[0])
        elif not any(self.left.unknown(subject, kind) for kind in sorted(kinds)):
            advice = "Give it one: https://w3id.org/opentier/ns# lists them, and so does /ontology."
            self.left.error(subject, "It is of no class of the model.", advice, min(kinds))
        return None

    def _local(self, subject: IRI | Blank, table: Table) -> str:
        """Return the id of a record: what its IRI says, or a name by its content where it needs one."""
        if isinstance(subject, Blank):
            column = table.column("id")
            needed = (column is not None and column.required) or subject in self.named
            return self.left.digests[subject] if needed else ""
        segment = f"{table.segment}/" if table.segment else ""
        local = unescaped(subject.value.removeprefix(self.left.own).removeprefix(segment))
        iri = self.left.own + segment + escaped(local)
        if iri != subject.value:
            self.moved.append((subject.value, iri))
        return local

    def _identifiers(self) -> Iterator[tuple[Term, str]]:
        """Yield the nodes that are described as identifiers, with what they say."""
        stems = concept("identifier-scheme", ""), self.names.shared("identifier-scheme", "")
        for node in (*self.nodes, *(other for other in self.others if SCHEME in self.said[other])):
            parts = [list(self.said[node].get(name, ())) for name in (SCHEME, NOTATION)]
            if [len(part) for part in parts] != [1, 1]:
                advice = "Give it skos:notation and ot:identifierScheme, each once."
                self.left.error(node, "It is an identifier without one scheme and one value.", advice)
                continue
            (scheme,), (value,) = parts
            name = scheme.value
            for stem in stems:
                name = name.removeprefix(stem)
            yield node, f"{name}:{value.value}"

    # --- What it says --------------------------------------------------------------------------------------------

    def _row(self, subject: IRI | Blank, table: Table, code: str, local: str) -> Row | None:
        """Return the row of a record; what no cell can say is reported, and no row where it is required."""
        where, left = self.left.where(subject), dict(self.said[subject])
        self._in_one_language(table, left)
        printed = [] if table.column("as_printed") else [text.value for text in left.pop(AS_PRINTED, ())]
        cells: dict[str, str] = {"id": local} if local else {}
        if code:
            cells[_CHOSEN[table.name]] = code
        fine, country = True, self._country(subject) if _REGION in left else ""
        for term, column in _FILLED[table.name].items():
            if term not in left:
                continue
            values = list(left.pop(term))
            if column.term == "skos:broader":
                values = [value for value in values if value.value not in self.left.headings(subject)]
            texts = self._texts(column, values, country, printed, where)
            fine = fine and not (column.required and not texts)
            if column.many and any("|" in text for text in texts):
                texts = [headers.cell(where, column, text.strip(), self.report) for text in texts]
                cells[column.name] = Several.of(texts)
            elif text := headers.cell(where, column, "|".join(texts).strip(), self.report):
                cells[column.name] = text
        self.left.kept_out[AS_PRINTED] += len(set(printed) - set(cells.values()))
        self.left.record(subject, table, left)
        return Row(where, cells) if fine else None

    def _country(self, subject: IRI | Blank) -> str:
        """Return the code of the country of a record, as far as it is plain."""
        country = next(iter(self.said[subject].get(_COUNTRY, ())), Literal("")).value
        return resources.code_of(country, self.names) or country

    def _in_one_language(self, table: Table, left: dict[str, dict[Term, None]]) -> None:
        """Leave one of the languages of a text; the others are further names, where the table has a column of those."""
        for term, further in _IN_ONE_LANGUAGE[table.name].items():
            if len(left.get(term, ())) < 2:
                continue
            texts = [value for value in left[term] if isinstance(value, Literal)]
            if len(texts) < 2 or sum(not text.language for text in texts) > 1:
                continue
            first, *others = sorted(texts, key=_by_language)
            others = [text for text in others if text.value != first.value]
            left[term] = {first: None}
            if further:
                left[_OTHER_NAME] = {**left.get(_OTHER_NAME, {}), **dict.fromkeys(others)}
            else:
                self.left.kept_out[term] += len(others)

    def _texts(
        self, column: Column, values: list[Term], country: str, printed: list[str], where: Where
    ) -> list[str]:
        """Return the texts of a cell: one, or several where the column has several."""
        texts: dict[str, None] = {}
        for value in values:
            try:
                texts[stated.cell(column, value, self.around, country, printed)] = None
            except CellError as error:
                shown = None if isinstance(value, Blank) else value.value
                self.report.add("error", where, error.message, error.advice, column=column.name, value=shown)
            self.languages += isinstance(value, Literal) and bool(value.language)
        if len(texts) > 1 and not column.many:
            self.report.add(
                "error", where, f"It says {len(texts)} of these, and one is read.", "Say the one that holds.",
                column=column.name, value=" | ".join(texts),
            )  # fmt: skip
            return list(texts)[:1]
        return list(texts)


def _by_language(text: Literal) -> tuple[bool, bool, str, str]:
    """Key of texts in several languages: the one that is kept as the name comes first."""
    return bool(text.language), not text.language.startswith("en"), text.language, text.value
