"""A contributed file of RDF: read, never fetched, and checked for being about the dataset's own records."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from xml.parsers import expat

from rdflib import RDF, Graph, Literal, URIRef

from opentier.graph.contribution import bounds
from opentier.graph.contribution.report import Report, Where, holds
from opentier.graph.contribution.submission import RDF_FORMATS
from opentier.graph.errors import mean
from opentier.graph.model import cells, regions
from opentier.graph.model.formats import of_suffix
from opentier.graph.model.names import CONTEXT_IRI, OT, Names, concept, expand
from opentier.graph.model.tables import STRONG_SCHEMES, TABLES
from opentier.graph.vocabulary import documents, syntax

#: Classes of others of which records are.
_CLASSES = frozenset(
    expand(name) for table in TABLES.values() for name in (table.rdf_class, "adms:Identifier")
)


def read(path: Path, dataset: str, names: Names, report: Report) -> Graph:
    """Read an RDF file; its records have a class, and stand under the dataset's own IRI."""
    graph, data, suffix = Graph(), path.read_bytes(), path.suffix.lower()
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
    for triple in triples:
        graph.add(tuple(map(documents.node, triple)))  # type: ignore[arg-type]
    report.rows.update(Where(path.name, number) for number in range(1, len(set(graph.subjects())) + 1))
    if not len(graph):
        report.add("error", Where(path.name), "The file is empty.", "Add at least one record.")
    _subjects(graph, Where(path.name), dataset, names, report)
    _terms(graph, Where(path.name), report)
    _values(graph, Where(path.name), report)
    _regions(graph, Where(path.name), report)
    _fillers(graph, Where(path.name), names, report)
    return graph


def _terms(graph: Graph, where: Where, report: Report) -> None:
    """Report terms that the vocabulary does not have, once each, and give each record the classes above its own.

    A record of a class that nobody reads, or with a property that nobody reads, would be admitted and then missed in
    silence; whoever reads a table's records asks for its class and not for those below it.
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
    for record in sorted(set(graph.subjects(RDF.type)), key=str):
        kinds = set(map(str, graph.objects(record, RDF.type)))
        if not any(kind in known or kind in _CLASSES for kind in kinds):
            report.add(
                "error", where, f"{record} is of no class of the model.",
                "Give it one: https://w3id.org/opentier/ns# lists them, and so does /ontology.", value=min(kinds),
            )  # fmt: skip
        for kind in kinds:
            for up in documents.above().get(kind, ()):
                graph.add((record, RDF.type, URIRef(up)))


def _values(graph: Graph, where: Where, report: Report) -> None:
    """Report by its subject what no XML can hold, what is turned round, and decimals that no shape can compare."""
    for subject, predicate, value in graph:
        for text in (str(subject), str(predicate), str(value)):
            if not text.isprintable():
                holds(report, where, text, subject=str(subject))
        if isinstance(value, Literal) and isinstance(value.value, Decimal) and not value.value.is_finite():
            message = f"{subject}: This is not a number."
            report.add("error", where, message, "Use digits and a decimal point.", value=value)


def _regions(graph: Graph, where: Where, report: Report) -> None:
    """Read the region of each record together with its country, as that of a row is read."""
    in_country, in_region = (URIRef(expand(f"ot:{name}")) for name in ("country", "region"))
    for record, said in sorted(graph.subject_objects(in_region)):
        countries = list(graph.objects(record, in_country))
        if not isinstance(said, Literal) or said.language or len(countries) > 1:
            continue  # the shapes tell
        text, country = str(said), str(countries[0]) if countries else ""
        try:
            found = regions.read(text, country)
        except cells.CellError as error:
            report.add(
                "error", where, f"{record}: {error.message}", error.advice, column="region", value=text
            )
            continue
        if found.told:
            told = f"{record}: {found.told}"
            report.add("warning", where, told, found.advice, column="region", value=text)
        if found.country != country:
            graph.set((record, in_country, Literal(found.country)))
        if found.region != text:
            graph.remove((record, in_region, said))
            if found.region:
                graph.add((record, in_region, Literal(found.region)))


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
        if cells.filler(text):
            graph.remove((actor, by, identifier))
            told = f"{actor}: {cells.FILLER}"
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


def _subjects(graph: Graph, where: Where, dataset: str, names: Names, report: Report) -> None:
    """Report what a file says of things that are not its own records: nobody speaks for another dataset."""
    own = f"{names.base}{dataset}/"
    shared = (names.hs(""), names.record("identifier", "", "").rstrip("/") + "/")
    for subject in sorted(set(graph.subjects()), key=str):
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


def _own_context(data: bytes) -> bytes:
    """Put our JSON-LD context in the place of its address: nothing is fetched."""
    document = json.loads(data)
    context = json.loads((files("opentier.ontology") / "context.jsonld").read_text("utf-8"))["@context"]

    def inlined(value: object) -> object:
        if value == CONTEXT_IRI:
            return context
        return [inlined(item) for item in value] if isinstance(value, list) else value

    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict) and "@context" in part:
            part["@context"] = inlined(part["@context"])
    return json.dumps(document).encode()
