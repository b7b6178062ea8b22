"""Things: whatever can be found, and the texts by which it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opentier.graph.model import identifiers
from opentier.graph.model.names import OT, Names, expand
from opentier.graph.model.products import Product
from opentier.graph.model.rdf import IRI, Literal
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.search.wording import How
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import Fields
from opentier.graph.written import goods, hs

#: What is found apart, in the order in which it is given.
GROUPS = ("actors", "initiatives", "laws", "designations", "registers", "datasets", "terms", "products")
#: Texts of one thing that are looked for: more than any thing has names.
_TEXTS = 1000
#: Tables whose records are things, with the group of each and the term of its name.
_TABLES = {
    "initiatives": ("initiatives", "rdfs:label", "initiative"),
    "laws": ("laws", "dcterms:title", "law"),
    "registers": ("registers", "rdfs:label", "register"),
    "terms": ("terms", "rdfs:label", "term-use"),
}
_JURISDICTION = "ot:jurisdiction"
#: What the vocabulary says of a term: its name, its other names, its code.
_SAID = {
    expand("rdfs:label"): How.NAME,
    expand("skos:prefLabel"): How.NAME,
    expand("skos:altLabel"): How.ALIAS,
    expand("skos:notation"): How.CODE,
}
_IN_SCHEME = expand("skos:inScheme")


@dataclass(frozen=True)
class Thing:
    """Something that can be found.

    Attributes
    ----------
    kind
        What an actor is ("legal-entity", ...; empty where nobody says), or else what it is at all: "law", "code".
    country
        Its country, or whose law or register it is; empty where nobody says.
    texts
        What it is found by.
    """

    group: str
    kind: str
    iri: str
    name: str
    country: str
    texts: tuple[tuple[How, str], ...]

    def written(self) -> str:
        """Return it as it is kept."""
        said = [self.group, self.kind, self.iri, self.name, self.country, self.texts]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Thing:
    """Return a thing as it was written."""
    group, kind, iri, name, country, texts = json.loads(text)
    return Thing(group, kind, iri, name, country, tuple((How(how), said) for how, said in texts))


def of_version(release: Release, version: Version) -> Iterator[Thing]:
    """Yield the things that a dataset version describes: its actors first."""
    for iri, fields in release.each("actors", version.iri):
        yield actor(iri, fields, release.names)
    for table, (group, term, kind) in _TABLES.items():
        for iri, fields in release.each(table, version.iri):
            called = sorted(fields.get(term, ()))
            texts = [(How.NAME, text) for text in called]
            code = release.names.id(iri).rpartition("/")[2]
            country = min(fields.get(_JURISDICTION, ()), default="")
            name = called[0] if called else code
            yield Thing(group, kind, iri, name, country, (*texts, (How.CODE, code)))


def actor(iri: str, fields: Fields, names: Names) -> Thing:
    """Return what a record of the table ``actors`` describes."""
    called = sorted(fields.get("rdfs:label", ()))
    numbers = sorted(
        identifiers.of_iri(each, names.base) or each for each in fields.get("adms:identifier", ())
    )
    return Thing(
        "actors",
        TABLES["actors"].kind(fields["rdf:type"]) or "",
        iri,
        called[0] if called else names.id(iri),
        min(fields.get("ot:country", ()), default=""),
        (
            *((How.NAME, text) for text in called),
            *((How.ALIAS, text) for text in sorted(fields.get("skos:altLabel", ()))),
            *((How.IDENTIFIER, text) for text in numbers),
        )[:_TEXTS],
    )


def of_catalogue(release: Release) -> Iterator[Thing]:
    """Yield the datasets whose current versions are seen."""
    for dataset, version in release.current.items():
        title = version.title or dataset
        yield Thing(
            "datasets",
            "dataset",
            release.names.series(dataset),
            title,
            "",
            ((How.NAME, title), (How.CODE, dataset), (How.ALIAS, version.publisher)),
        )


def of_products(products: Iterable[Product], names: Names) -> Iterator[Thing]:
    """Yield the goods that codes of the Harmonized System stand for, and those that data names without a code."""
    called = {code: [name] for code, name in goods.names().items()}
    for product in products:
        if product.code:
            told = called.setdefault(product.code, [goods.called(product.code) or product.label])
            told += [product.name] * (product.name not in ("", f"HS {product.code}"))
        elif product.name:
            yield Thing("products", "product", product.iri, product.name, "", ((How.NAME, product.name),))
    for code, (name, *more) in sorted(called.items()):
        texts = dict.fromkeys([(How.CODE, code), (How.NAME, name), *((How.ALIAS, text) for text in more)])
        yield Thing("products", "hs-code", names.hs(code), f"{name} (HS {hs.dotted(code)})", "", tuple(texts))


def of_vocabulary(release: Release) -> Iterator[Thing]:
    """Yield the terms and the codes of the vocabulary, in the order of their IRIs."""
    engine, graph = release.engine, release.names.vocabulary
    codes = {said.subject for said in engine.match(graph, None, _IN_SCHEME)}
    texts = dict[IRI, list[tuple[str, How, str]]]()
    for predicate, how in _SAID.items():
        for said in engine.match(graph, None, predicate):
            node, text = said.subject, said.object
            if isinstance(node, IRI) and node.value.startswith(OT) and isinstance(text, Literal):
                texts.setdefault(node, []).append((text.language or "", how, text.value))
    for node in sorted(texts, key=str):
        yield _term(node.value, node in codes, texts[node])


def _term(iri: str, coded: bool, said: Iterable[tuple[str, How, str]]) -> Thing:
    """Return a term; its name is the English one, those in other languages are names, too."""
    ordered = sorted(said, key=lambda each: (each[1], each[0] not in ("en", ""), each))
    name = next((text for _, how, text in ordered if how is How.NAME), iri.removeprefix(OT))
    texts = dict.fromkeys((how, text) for _, how, text in ordered)
    local = (How.CODE, iri.removeprefix(OT).rpartition("/")[2])
    return Thing("terms", "code" if coded else "term", iri, name, "", (*texts, local))
