"""What is said about an IRI, as a page shows it: rows of names and values, with links where they lead somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from opentier.graph.exposure import words
from opentier.graph.exposure.words import goods
from opentier.graph.front import View
from opentier.graph.model.names import OT, PREFIXES, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.profile import listed
from opentier.graph.query.about import About
from opentier.graph.vocabulary import statements
from opentier.graph.written import hs

_NAMES = tuple(
    expand(name) for name in ("rdfs:label", "skos:prefLabel", "dcterms:title", "foaf:name", "sh:name")
)
_TYPE = expand("rdf:type")
_LANGUAGES = ("", "en")
_OURS = OT.removesuffix("/ns#")
#: What a record without a name is called by: its kind, and the first two of those that it is about.
_TABLES = {expand(table.rdf_class): table for table in TABLES.values()}
_KINDS = frozenset({"actor", "record", "subject", "product", "place", "area", "country", "jurisdiction"})
_ENDS = {
    kind: tuple(
        expand(column.term)
        for column in table
        if column.term and column.kind in _KINDS and column.name not in ("source", "evidence")
    )
    for kind, table in _TABLES.items()
}
_ABOUT = tuple(dict.fromkeys([_TYPE, *(term for ends in _ENDS.values() for term in ends)]))
_LINK = expand("ot:SupplyLink")


@dataclass(frozen=True)
class Value:
    """A value: its text, where it leads, and what is said of it in small letters."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A property and its values."""

    name: Value
    values: list[Value]


class Shown:
    """Shows what a view says, with links to the service that serves it.

    Parameters
    ----------
    root
        The address, on this host, that all of the service's begin with.
    """

    def __init__(self, view: View, root: str) -> None:
        self.view, self.release, self.root = view, view.release, root
        self._labels: dict[str, str] = {}

    def href(self, iri: str) -> str:
        """Return where an IRI leads: here, where it is ours; nowhere, where it is no address."""
        base = self.release.names.base
        if iri.startswith(base):
            path, mark, fragment = iri[len(base) :].partition("#")
            return f"{self.root}id/{path}{mark}{fragment}"
        if iri.startswith(OT):
            name = iri.removeprefix(OT)
            page = statements.page(name)
            return f"{self.root}{page}#{name}" if page else f"{self.root}ns/{quote(name)}"
        if iri.partition("/ns")[0] == _OURS:
            return f"{self.root}{iri.removeprefix(_OURS)[1:]}"
        return iri if iri.startswith(("https://", "http://")) else ""

    def label(self, iri: str) -> str:
        """Return what an IRI is called, or a short form of it."""
        if iri not in self._labels:
            self._ask([IRI(iri)])
        return self._labels[iri]

    def _ask(self, terms: Iterable[Term]) -> None:
        """Find out what all IRIs among some terms are called, at once."""
        iris = dict.fromkeys(
            term for term in terms if isinstance(term, IRI) and term.value not in self._labels
        )
        spaces = (self.release.names.base, OT)
        ours = [iri for iri in iris if iri.value.startswith(spaces)]
        said = defaultdict[Term, dict[str, list[Term]]](lambda: defaultdict(list))
        for _, each in self.release.engine.among(self.release.whole, ours, (*_NAMES, *_ABOUT)):
            said[each.subject][each.predicate.value].append(each.object)
        found = {
            iri: names
            for iri, known in said.items()
            if (names := [
                (number, text.language, text.value)
                for number, name in enumerate(_NAMES)
                for text in known.get(name, ())
                if isinstance(text, Literal) and text.language in _LANGUAGES
            ])
        }  # fmt: skip
        for iri in iris:
            name = min(found[iri])[2] if iri in found else self.short(iri.value)
            self._labels[iri.value] = self._good(iri.value) or name
        if nameless := [each for each in ours if each not in found and each.value.startswith(spaces[0])]:
            self._call({iri: said[iri] for iri in nameless if iri in said})

    def _call(self, said: Mapping[IRI, Mapping[str, list[Term]]]) -> None:
        """Find out what records without a name are called: a designation by what it does, others by their ends."""
        entries = {each.iri: each for each in self.view.index.designations} if said else {}
        about: dict[IRI, tuple[str, list[IRI]]] = {}
        for iri in said:
            if entry := entries.get(iri.value):
                self._labels[iri.value] = listed.described(self.view, entry)["title"]
                continue
            kinds = {str(term.value) for term in said[iri].get(_TYPE, ()) if isinstance(term, IRI)}
            for kind in sorted(kinds & _ENDS.keys()):
                ends = [
                    end for term in _ENDS[kind] for end in said[iri].get(term, ()) if isinstance(end, IRI)
                ]
                about[iri] = kind, [end for end in dict.fromkeys(ends) if end != iri][:2]
        self._ask([term for kind, ends in about.values() for term in (IRI(kind), *ends)])
        for iri, (kind, ends) in sorted(
            about.items(), key=lambda each: any(end in about for end in each[1][1])
        ):
            called = [self.label(end.value) for end in ends]
            if kind == _LINK and len(called) == 2:
                self._labels[iri.value] = words.said("record", "link", buyer=called[0], supplier=called[1])
            elif called:
                self._labels[iri.value] = words.said(
                    "record", "about", kind=self.label(kind).capitalize(), ends=", ".join(called)
                )

    def _good(self, iri: str) -> str | None:
        """Return what an HS code is called, which data says by its digits alone; None of what is none."""
        code = iri.removeprefix(self.release.names.hs(""))
        return goods(f"hs:{code}") if hs.is_code(code) else None

    def short(self, iri: str) -> str:
        """Return an IRI with a prefix, or the id of an individual; the longest namespace that fits counts."""
        if iri.startswith(self.release.names.base):
            return self.release.names.id(iri)
        fitting = [(len(space), name) for name, space in PREFIXES.items() if iri.startswith(space)]
        if not fitting:
            return iri
        length, name = max(fitting)
        return f"{name}:{iri[length:]}"

    def value(self, term: Term) -> Value:
        """Return a term as it is shown."""
        if isinstance(term, Blank):
            return Value("(below)", f"#{term.value}")
        if isinstance(term, IRI):
            label, short = self.label(term.value), self.short(term.value)
            return Value(label, self.href(term.value), "" if label == short else short)
        href = term.value if term.value.startswith(("https://", "http://")) and " " not in term.value else ""
        plain = term.datatype in (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")
        return Value(term.value, href, term.language or ("" if plain else self.short(term.datatype)))

    def sections(self, found: About) -> list[tuple[str, str, list[Row]]]:
        """Return the statements of an IRI and of its parts: an anchor, a heading and rows for each; its own first."""
        self._ask(said.object for said in found.own)
        subjects = dict.fromkeys([IRI(found.iri), *(said.subject for said in found.own)])
        sections = []
        for subject in subjects:
            said = [each for each in found.own if each.subject == subject]
            anchor = subject.value if isinstance(subject, Blank) else subject.value.partition("#")[2]
            heading = "" if isinstance(subject, IRI) and subject.value == found.iri else anchor
            if said:
                sections.append((anchor, heading, self.rows(said)))
        return sections

    def kinds(self, found: About) -> list[Value]:
        """Return what an IRI is said to be, without what all records are."""
        types = {
            said.object
            for said in found.own
            if said.predicate.value == _TYPE and said.subject == IRI(found.iri)
        }
        return [self.value(kind) for kind in sorted(types - {IRI(expand("ot:Record"))}, key=str)]

    def rows(self, said: Iterable[Triple]) -> list[Row]:
        """Return statements of one subject, by property."""
        by: dict[str, list[Value]] = {}
        for each in sorted(said, key=lambda triple: (self.short(triple.predicate.value), str(triple.object))):
            by.setdefault(each.predicate.value, []).append(self.value(each.object))
        return [Row(self._property(name), values) for name, values in by.items()]

    def naming(self, found: About) -> list[Row]:
        """Return the others that name an IRI, by the property by which they do."""
        self._ask(said.subject for said in found.naming)
        by: dict[str, list[Value]] = {}
        for each in found.naming:
            by.setdefault(each.predicate.value, []).append(self.value(each.subject))
        return [Row(self._property(name), values) for name, values in sorted(by.items())]

    def _property(self, iri: str) -> Value:
        return Value(self.short(iri), self.href(iri))
