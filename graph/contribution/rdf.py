"""A contributed file of RDF: read, never fetched, and checked for being about the dataset's own records."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from xml.parsers import expat

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from opentier.graph.contribution import bounds
from opentier.graph.contribution.completion import completed
from opentier.graph.contribution.submission import RDF_FORMATS
from opentier.graph.errors import mean
from opentier.graph.model import identifiers, regions, resources
from opentier.graph.model import rdf as ours
from opentier.graph.model.formats import of_suffix
from opentier.graph.model.names import CONTEXT_IRI, OT, Names, concept, expand
from opentier.graph.model.rdf import IRI, XSD_STRING, Blank, Term, Triple
from opentier.graph.model.tables import STRONG_SCHEMES, TABLES
from opentier.graph.report.report import Report, Where, holds
from opentier.graph.vocabulary import documents, syntax
from opentier.graph.written.countries import read as read_country
from opentier.graph.written.faults import CellError

#: Classes of others of which records are.
_CLASSES = frozenset(
    expand(name) for table in TABLES.values() for name in (table.rdf_class, "adms:Identifier")
)


def read(path: Path, dataset: str, names: Names, report: Report) -> Graph:
    """Read an RDF file; its records have a class, and stand under the dataset's own IRI."""
    graph, data, suffix = Graph(), path.read_bytes().removeprefix(codecs.BOM_UTF8), path.suffix.lower()
    format = of_suffix(suffix[1:], *RDF_FORMATS)
    assert format is not None, "submission takes no other file"
    try:
        bounds.rdf(data, format)
        if format == "jsonld":
            data = _own_context(data)
        triples = syntax.read(data, format, names.base + dataset + "/")
    except (SyntaxError, ValueError, RecursionError, expat.ExpatError) as error:
        row = getattr(error, "lineno", None)
        advice = "Mend it at that line." if row else "Mend it; nothing beside this file is read or fetched."
        report.add("error", Where(path.name, row), f"This is not {suffix[1:]}: {error}.", advice)
        return graph
    own = {documents.node(triple.subject) for triple in triples}
    triples = _regions(triples, names, Where(path.name), report)
    said: dict[tuple[object, str], list[str]] = {}
    for triple in triples:
        said.setdefault((triple.subject, triple.predicate.value), []).append(triple.object.value)
    for triple in completed(triples, names, lambda subject, name: said.get((subject, name), ())):
        graph.add(tuple(map(documents.node, triple)))  # type: ignore[arg-type]
    report.rows.update(Where(path.name, number) for number in range(1, len(own) + 1))
    if not len(graph):
        report.add("error", Where(path.name), "The file is empty.", "Add at least one record.")
    _subjects(graph, own, Where(path.name), dataset, names, report)
    _terms(graph, Where(path.name), report)
    _values(graph, Where(path.name), report)
    _fillers(graph, Where(path.name), names, report)
    return graph


def _terms(graph: Graph, where: Where, report: Report) -> None:
    """Report terms that the vocabulary does not have, once each.

    A record of a class that nobody reads, or with a property that nobody reads, would be admitted and then missed in
    silence.
    """
    known = documents.known()
    unknown = {
        (str(term), str(subject))
        for subject, predicate, value in graph
        for term in (predicate, value)
        if isinstance(term, URIRef) and str(term).startswith(OT) and str(term) not in known
    }
    first: dict[str, str] = {}
    for term, subject in sorted(unknown):
        first.setdefault(term, subject)
    for term, subject in first.items():
        near = mean(term.removeprefix(OT), sorted(name.removeprefix(OT) for name in known))
        report.add(
            "error", where, f"{subject}: The vocabulary has no ot:{term.removeprefix(OT)}.", f"Look it up.{near}",
            value=term,
        )  # fmt: skip
    for name, subject in sorted({(str(p), str(s)) for s, p, _ in graph if str(p) in documents.inverses()}):
        forth = documents.inverses()[name].removeprefix(OT)
        report.add(
            "error", where, f"{subject}: Nobody reads ot:{name.removeprefix(OT)}.",
            f"Say the same of the record, with ot:{forth}.", value=name,
        )  # fmt: skip
    for record in sorted(set(graph.subjects(RDF.type)), key=str):
        kinds = set(map(str, graph.objects(record, RDF.type)))
        if not any(kind in known or kind in _CLASSES for kind in kinds):
            report.add(
                "error", where, f"{record} is of no class of the model.",
                "Give it one: https://w3id.org/opentier/ns# lists them, and so does /ontology.", value=min(kinds),
            )  # fmt: skip


def _values(graph: Graph, where: Where, report: Report) -> None:
    """Report by its subject what no XML can hold, what is turned round, and decimals that no shape can compare."""
    for subject, predicate, value in graph:
        for text in (str(subject), str(predicate), str(value)):
            if not text.isprintable():
                holds(report, where, text, subject=str(subject))
        if isinstance(value, Literal) and isinstance(value.value, Decimal) and not value.value.is_finite():
            message = f"{subject}: This is not a number."
            report.add("error", where, message, "Use digits and a decimal point.", value=value)


def _regions(said: Iterable[Triple], names: Names, where: Where, report: Report) -> list[Triple]:
    """Read the region of each record together with its country, as that of a row is read; return the statements."""
    in_country, in_region = (expand(f"ot:{name}") for name in ("country", "region"))
    places: dict[tuple[IRI | Blank, str], list[Term]] = {}
    for triple in said:
        if triple.predicate.value in (in_country, in_region):
            places.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)
    read: dict[tuple[IRI | Blank, str], str] = {}
    for (record, name), values in sorted(places.items(), key=str):
        countries = places.get((record, in_country), [])
        region = values[0]
        if name != in_region or max(len(values), len(countries)) > 1:
            continue  # the shapes tell
        if not isinstance(region, ours.Literal) or region.language or region.datatype != XSD_STRING:
            continue
        country, named = _country(countries[0].value if countries else "", names)
        if named:
            message = f"{record.value}: Read as {country!r}."
            advice = "Write it like that if it is what you mean."
            report.add("warning", where, message, advice, column="country", value=countries[0].value)
        try:
            found = regions.read(region.value, country)
        except CellError as error:
            message = f"{record.value}: {error.message}"
            report.add("error", where, message, error.advice, column="region", value=region.value)
            continue
        if found.told:
            told = f"{record.value}: {found.told}"
            report.add("warning", where, told, found.advice, column="region", value=region.value)
        if found.country != country:
            read[record, in_country] = found.country
        read[record, in_region] = found.region
    kept = [triple for triple in said if (triple.subject, triple.predicate.value) not in read]
    made = [
        Triple(record, IRI(name), ours.Literal(text))
        for (record, name), text in sorted(read.items(), key=str)
        if text
    ]
    return [*kept, *made]


def _country(stated: str, names: Names) -> tuple[str, bool]:
    """Return the code of a country that is stated as an individual, a code or a name, and whether it was a name."""
    code = resources.code_of(stated, names) or stated
    try:
        found = read_country(code) if code else ""
    except CellError:  # for the shapes to report
        return code, False
    return found, found != code


def _fillers(graph: Graph, where: Where, names: Names, report: Report) -> None:
    """Leave out identifiers that are none, as a cell's are, with a warning for each that has one."""
    stem, schemes = names.record("identifier", "", "").rstrip("/") + "/", concept("identifier-scheme", "")
    by, of_scheme, notation = (
        URIRef(expand(term)) for term in ("adms:identifier", "ot:identifierScheme", "skos:notation")
    )
    for actor, identifier in sorted(graph.subject_objects(by)):
        scheme, _, number = str(identifier).removeprefix(stem).partition("/")
        said = graph.value(identifier, notation, any=True)
        scheme = str(graph.value(identifier, of_scheme, any=True) or scheme).removeprefix(schemes)
        text = f"{scheme}:{number if said is None else said}"
        if identifiers.filler(text):
            graph.remove((actor, by, identifier))
            told = f"{actor}: {identifiers.FILLER}"
            advice = "Leave the cell empty where none is known."
            report.add("warning", where, told, advice, column="identifiers", value=text)


def judged(graph: Graph) -> list[tuple[str, dict[str, list[str]]]]:
    """Return the identity judgements that a graph states and does not retract: IRIs, and values by term."""
    terms = [column.term for column in TABLES["identity_judgements"] if column.term]
    retracted = URIRef(expand("prov:wasInvalidatedBy"))
    return sorted(
        (str(record), {term: sorted(map(str, graph.objects(record, URIRef(expand(term))))) for term in terms})
        for record in graph.subjects(RDF.type, URIRef(expand("ot:IdentityJudgement")))
        if (record, retracted, None) not in graph
    )


def countries(graph: Graph) -> dict[str, str]:
    """Return the country that a graph states of a thing."""
    return {
        str(actor): str(country) for actor, country in graph.subject_objects(URIRef(expand("ot:country")))
    }


def identified(graph: Graph, names: Names) -> list[tuple[str, str]]:
    """Return actors with their strong identifiers, as a graph states them."""
    schemes = {URIRef(concept("identifier-scheme", scheme)) for scheme in STRONG_SCHEMES}
    stems = tuple(names.record("identifier", scheme, "") for scheme in STRONG_SCHEMES)
    of_scheme = URIRef(expand("ot:identifierScheme"))
    return sorted(
        (str(actor), str(identifier))
        for actor, identifier in graph.subject_objects(URIRef(expand("adms:identifier")))
        if str(identifier).startswith(stems) or schemes & set(graph.objects(identifier, of_scheme))
    )


def _subjects(
    graph: Graph, said: set[Node], where: Where, dataset: str, names: Names, report: Report
) -> None:
    """Report what a file says of things that are not its own records: nobody speaks for another dataset."""
    own = f"{names.base}{dataset}/"
    segments = [names.shared(segment, "") for segment in (*resources.SEGMENTS, "identifier")]
    shared = (names.hs(""), *segments)
    for subject in sorted(said & set(graph.subjects()), key=str):
        if not isinstance(subject, URIRef) or not str(subject).startswith((own, *shared)):
            shown = str(subject) if isinstance(subject, URIRef) else "A record without an IRI"
            report.add(
                "error", where, f"{shown} is not a record of this dataset.",
                f"Give it an IRI that starts with {own}", value=subject if isinstance(subject, URIRef) else None,
            )  # fmt: skip
        elif (subject, RDF.type, None) not in graph:
            report.add(
                "error", where, f"{subject} has no class.", "Say what it is (rdf:type), for example an ot:Actor.",
                value=subject,
            )  # fmt: skip
        for label in graph.objects(subject, RDFS.label):
            if fit := resources.unfit(str(subject), str(label), names):
                report.add(
                    "error", where, f"{subject} is called {label!s}, and what is called so is {fit}.",
                    "Name that one, or give the name as a text.", value=subject,
                )  # fmt: skip


def _own_context(data: bytes) -> bytes:
    """Put our JSON-LD context in the place of its address: nothing is fetched."""
    document = json.loads(data)
    context = json.loads((files("opentier.ontology") / "context.jsonld").read_text("utf-8"))["@context"]

    def inlined(value: object) -> object:
        if value == CONTEXT_IRI:
            return context
        if isinstance(value, str):
            raise ValueError(f"its @context {value} is not that of OpenTier, and is not fetched")
        return [inlined(item) for item in value] if isinstance(value, list) else value

    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict) and "@context" in part:
            part["@context"] = inlined(part["@context"])
    return json.dumps(document).encode()
