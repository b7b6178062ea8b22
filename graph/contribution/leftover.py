"""What RDF says beside the cells of its rows: what we write ourselves is taken silently, the rest is refused or told.

Of a record we write the classes above its own, the bounds of its dates, its headings; and of what no dataset owns
(places, authorities, headings of the HS, identifiers) what everybody says of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from opentier.graph.errors import mean
from opentier.graph.model import dates, resources
from opentier.graph.model.cells import CellError
from opentier.graph.model.names import OT, PREFIXES, Names, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Term
from opentier.graph.model.tables import Table
from opentier.graph.report.report import Report, Where
from opentier.graph.vocabulary import blanks, documents, individuals
from opentier.graph.vocabulary.blanks import Statements
from opentier.graph.written import hs

TYPE, AS_PRINTED, NOTATION, SCHEME, LABEL = (
    expand(name)
    for name in ("rdf:type", "ot:asPrinted", "skos:notation", "ot:identifierScheme", "rdfs:label")
)
_BROADER, _HS, _RETRACTS, _INVALIDATED = (
    expand(name) for name in ("skos:broader", "ot:hsCode", "ot:retracts", "prov:wasInvalidatedBy")
)
#: The bounds of records in time, which are made of their dates.
_BOUNDS = {expand(name): name for name in ("ot:earliestStart", "ot:latestEnd")}
#: Terms with which shapes and vocabularies are written, and no data.
_SCHEMA = (PREFIXES["sh"], "http://www.w3.org/2002/07/owl#")
#: Terms that a message lists.
_LISTED = 5
_Said = set[tuple[str, Term]]


class Leftover:
    """The statements of one file, and what became of those that no cell says.

    Attributes
    ----------
    kept_out
        How many statements are kept out, by property.
    """

    def __init__(self, said: Statements, file: str, dataset: str, names: Names, report: Report) -> None:
        self.said, self.file, self.names, self.report = said, file, names, report
        self.own = f"{names.base}{dataset}/"
        self.digests = blanks.named(said)
        self.kept_out: Counter[str] = Counter()
        self._unknown: dict[str, Where] = {}

    def where(self, subject: IRI | Blank) -> Where:
        """Return the place of what is said of a subject."""
        if isinstance(subject, Blank):
            return Where(self.file, subject=f"_:{self.digests[subject]}")
        return Where(self.file, subject=subject.value)

    def error(self, subject: IRI | Blank, message: str, advice: str, value: str | None = None) -> None:
        """Report what is wrong with a subject; it is the value where no other is given."""
        shown = subject.value if value is None and isinstance(subject, IRI) else value
        self.report.add("error", self.where(subject), message, advice, value=shown)

    def headings(self, subject: IRI | Blank) -> set[str]:
        """Return the IRIs of the headings that a product has by its code."""
        return {self.names.hs(code.value) for code in self.said[subject].get(_HS, ())}

    def record(self, subject: IRI | Blank, table: Table, left: Mapping[str, Collection[Term]]) -> None:
        """Deal with what is said of a record beside its cells."""
        for name, values in left.items():
            others = [value for value in values if not self._made(subject, name, value)]
            if name != TYPE and others:
                self._place(subject, name, len(others), table)

    def classes(self, subject: IRI | Blank, kinds: set[str], own: str) -> None:
        """Deal with classes of a record beside its own and those above it."""
        for kind in sorted(kinds - {own, *documents.above().get(own, ())}):
            if kind in documents.barred():
                self._bar(subject, kind, TYPE)
            elif not self.unknown(subject, kind):
                self.kept_out[TYPE] += 1

    def node(self, node: IRI | Blank, read: Collection[str]) -> None:
        """Deal with what is said of a node that is no record, beside what is read of it."""
        for kind in documents.barred().keys() & {kind.value for kind in self.said[node].get(TYPE, ())}:
            self._bar(node, kind, TYPE)
        for name, values in self.said[node].items():
            if name not in read:
                self._place(node, name, len(values))

    def shared(self, subject: IRI, label: str) -> None:
        """Take silently what everybody says of a thing that no dataset owns; nobody speaks for another dataset."""
        try:
            found = self._everybody(subject, label)
        except CellError as error:
            self.error(subject, error.message, error.advice)
            return
        for name, values in self.said[subject].items():
            others = [value for value in values if (name, value) not in found]
            if others:
                self._place(subject, name, len(others))

    def unknown(self, subject: IRI | Blank, term: str) -> bool:
        """Return whether a term is one that the vocabulary should have and does not; it is told once."""
        found = term.startswith(OT) and term not in documents.known()
        if found:
            self._unknown.setdefault(term, self.where(subject))
        return found

    def tell(self) -> None:
        """Tell what was found of the file as a whole."""
        known = sorted(name.removeprefix(OT) for name in documents.known())
        for term, place in self._unknown.items():
            name = term.removeprefix(OT)
            advice = f"Look it up.{mean(name, known)}"
            self.report.add("error", place, f"The vocabulary has no ot:{name}.", advice, value=term)
        if left := +self.kept_out:
            listed = ", ".join(f"{many:,} of <{name}>" for name, many in left.most_common(_LISTED))
            more = f", and {len(left) - _LISTED:,} more" if len(left) > _LISTED else ""
            message = f"No table has a place for {left.total():,} statements: kept out ({listed}{more})."
            advice = "They stay in the file that was sent; say what is to be kept in terms of the model."
            self.report.add("warning", Where(self.file), message, advice)

    def _made(self, subject: IRI | Blank, name: str, value: Term) -> bool:
        """Return whether a statement of a record is one that we write beside its cells."""
        if name in _BOUNDS:
            return (_BOUNDS[name], value.value) in dates.bounds(lambda term: self._first(subject, term))
        if name == _INVALIDATED and not isinstance(value, Literal):
            return subject in self.said.get(value, {}).get(_RETRACTS, ())
        if name == _BROADER:
            return value.value in self.headings(subject)
        return (name, value) in _described(resources.shipped(subject.value, self.names))

    def _first(self, subject: IRI | Blank, term: str) -> str | None:
        return next((value.value for value in self.said[subject].get(expand(term), ())), None)

    def _place(self, subject: IRI | Blank, name: str, many: int, table: Table | None = None) -> None:
        """Refuse statements that no table has a place for, or count them where the term is somebody else's."""
        short = name.removeprefix(OT)
        if name in documents.barred():
            self._bar(subject, name, name)
        elif self.unknown(subject, name):
            return
        elif name in documents.inverses():
            forth = documents.inverses()[name].removeprefix(OT)
            self.error(
                subject, f"Nobody reads ot:{short}.", f"Say the same of the record, with ot:{forth}.", name
            )
        elif name.startswith(OT) and table and name not in (*_BOUNDS, AS_PRINTED):
            advice = "Leave it out, or say it of a record that has it: docs/contributing-data.md lists them."
            self.error(subject, f"A record of {table.name} has no ot:{short}.", advice, name)
        elif name.startswith(_SCHEMA):
            advice = "Contribute records only; that two actors are one is said by an ot:IdentityJudgement."
            self.error(subject, f"<{name}> is a term of vocabularies and shapes, not of data.", advice, name)
        else:
            self.kept_out[name] += many

    def _bar(self, subject: IRI | Blank, name: str, property: str) -> None:
        """Refuse what no graph may hold, by the rule that says so."""
        rule, message = documents.barred()[name]
        column = re.split(r"[#/]", property)[-1]
        self.report.add("violation", self.where(subject), message, "", column=column, rule=rule)

    def _everybody(self, subject: IRI, label: str) -> _Said:
        """Return what everybody says of a shared thing.

        Raises
        ------
        CellError
            If it is none.
        """
        iri, names = subject.value, self.names
        segment, _, local = (
            iri.removeprefix(names.base).partition("/") if iri.startswith(names.base) else ("",) * 3
        )
        if segment == "identifier":
            said = self.said[subject]
            return {(name, value) for name in (TYPE, NOTATION, SCHEME) for value in said.get(name, ())}
        if segment == "identifier-scheme":
            return {(said.predicate.value, said.object) for said in individuals.scheme(local, names)}
        if segment == "hs":
            headings = individuals.heading(hs.read(local), names)
            return {(said.predicate.value, said.object) for said in headings if said.subject == subject}
        found = resources.at(iri, names) or resources.shipped(iri, names)
        found = found or resources.labelled(iri, label, names)
        if found is None:
            raise CellError(
                "It is not a record of this dataset.", f"Give it an IRI that starts with {self.own}"
            )
        if found.iri != iri and label:
            advice = "Name that one, or give the name as a text."
            raise CellError(f"It is called {label}, and what is called so is {found.iri}.", advice)
        return _described(found)


def _described(found: resources.Resource | None) -> _Said:
    """Return what is said of an individual."""
    said = individuals.described(found) if found else ()
    return {(triple.predicate.value, triple.object) for triple in said}
