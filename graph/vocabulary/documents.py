"""The vocabulary and the shapes as whole documents: canonical, each the same bytes for the same statements.

``python -m opentier.graph.vocabulary.documents FOLDER`` writes the release of the current version into a
folder of its own there.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from opentier.graph.errors import UsageError
from opentier.graph.model.names import OT
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.threads import once
from opentier.graph.vocabulary import syntax

#: The documents, and the package whose Turtle files make one.
DOCUMENTS = {"ontology": "opentier.ontology", "shapes": "opentier.shapes"}
#: IRI of each document.
IRIS = {"ontology": "https://w3id.org/opentier/ns", "shapes": "https://w3id.org/opentier/shapes"}

#: What of a release's changelog follows from the terms stands below this line.
_WRITTEN = "<!-- written by `make release-vocabulary` -->"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_LABELS = (f"{RDFS}label", f"{SKOS}prefLabel")
_VERSION = IRI("http://www.w3.org/2002/07/owl#versionInfo")


@once
def triples(document: str) -> tuple[Triple, ...]:
    """Return the statements of a document as they stand in its files, sorted, blank nodes named canonically."""
    return tuple(syntax.canonical(_files(document).values()))


@once
def graph(document: str) -> Graph:
    """Return a document as an rdflib graph, with the prefixes that its files use. It is shared: nobody changes it."""
    found = Graph(bind_namespaces="none")
    for triple in triples(document):
        found.add((node(triple.subject), node(triple.predicate), node(triple.object)))
    for text in _files(document).values():
        for prefix, namespace in syntax.prefixes(text).items():
            found.bind(prefix, namespace)
    return found


@once
def above() -> dict[str, tuple[str, ...]]:
    """Return the classes of ours above each class of ours, by IRI."""
    own, up = set[str](), dict[str, set[str]]()
    for said in triples("ontology"):  # a contribution asks this alone, and an rdflib graph takes long to make
        if said.predicate.value == str(RDFS.subClassOf):
            up.setdefault(said.subject.value, set()).add(said.object.value)
        elif said.predicate.value == str(RDF.type) and said.object.value == str(OWL.Class):
            own |= {said.subject.value} if said.subject.value.startswith(OT) else set()
    return {name: tuple(sorted(_reached(up, name) & own - {name})) for name in sorted(own)}


def _reached(up: Mapping[str, set[str]], name: str) -> set[str]:
    found, ahead = set[str](), {name}
    while ahead:
        found |= ahead
        ahead = set[str]().union(*(up.get(each, ()) for each in ahead)) - found
    return found


@once
def known() -> frozenset[str]:
    """Return the IRIs of all that the vocabulary has under its namespace: classes, properties, concepts."""
    return frozenset(said.subject.value for said in triples("ontology") if said.subject.value.startswith(OT))


@once
def inverses() -> dict[str, str]:
    """Return the properties that are others walked backwards, with those, by IRI; no record states them."""
    return {str(back): str(forth) for back, forth in graph("ontology").subject_objects(OWL.inverseOf)}


@once
def barred() -> dict[str, tuple[str, str]]:
    """Return the properties, and the classes of persons, that no graph may hold, with the rule that says so."""
    shapes, found = graph("shapes"), dict[str, tuple[str, str]]()
    for shape in shapes.subjects(SH.maxCount, Literal(0)):
        head = shapes.value(shapes.value(shape, SH.path), SH.alternativePath)
        for name in [shapes.value(shape, SH.path)] if head is None else shapes.items(head):
            found[str(name)] = _named(shape), str(shapes.value(shape, SH.message))
    person = URIRef(f"{OT}PersonShape-name")
    for name in shapes.items(shapes.value(URIRef(f"{OT}PersonTypeShape"), SH["in"]) or RDF.nil):
        found[str(name)] = _named(person), str(shapes.value(person, SH.message))
    return found


def _named(shape: Node) -> str:
    return str(shape).rpartition("#")[2]


@once
def turtle(document: str) -> str:
    """Return a document as one Turtle text."""
    return graph(document).serialize(format="longturtle")


def version(document: str) -> str:
    """Return the version that a document says it has."""
    subject = IRI(IRIS[document])
    for triple in triples(document):
        if triple.subject == subject and triple.predicate == _VERSION:
            return triple.object.value
    raise UsageError(f"<{IRIS[document]}> has no owl:versionInfo.")


def release() -> dict[str, str]:
    """Return the files of a release of the vocabulary by name."""
    head = "# {0} {1}, all topics in one file, written by `make release-vocabulary`.\n\n"
    return {
        "opentier.ttl": head.format("OpenTier vocabulary", version("ontology")) + turtle("ontology"),
        "shapes.ttl": head.format("OpenTier shapes", version("shapes")) + turtle("shapes"),
        "context.jsonld": files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8"),
    }


def write(folder: Path) -> Path:
    """Write the release of the current version below a folder and return where it is.

    Raises
    ------
    UsageError
        If the vocabulary and the shapes name different versions: a release holds one of both.
    """
    ours, theirs = version("ontology"), version("shapes")
    if ours != theirs:
        raise UsageError(
            f"The vocabulary is {ours} and the shapes are {theirs}: give both one owl:versionInfo."
        )
    place = folder / ours
    place.mkdir(parents=True, exist_ok=True)
    for name, text in release().items():
        (place / name).write_text(text, "utf-8", newline="\n")
    if (before := earlier(place)) is not None:
        file = place / "CHANGELOG.md"
        head = file.read_text("utf-8").partition(_WRITTEN)[0] if file.is_file() else f"## [{ours}]\n\n"
        texts = ((each / "opentier.ttl").read_text("utf-8") for each in (before, place))
        file.write_text(f"{head}{_WRITTEN}\n\n{changelog(*texts)}", "utf-8", newline="\n")
    return place


def earlier(release: Path) -> Path | None:
    """Return the folder of the release before one, or None before the first."""
    folders = sorted(
        (path for path in release.parent.iterdir() if path.is_dir()),
        key=lambda path: [int(part) for part in path.name.split(".")],
    )
    return folders[folders.index(release) - 1] if release in folders[1:] else None


def changes(before: str, after: str) -> dict[str, list[str]]:
    """Return the terms that one release of the vocabulary (Turtle) adds to another, changes and deprecates, and drops.

    A term is changed where something else is said of it than a label: labels in more languages change no meaning.
    """
    old, new = (_terms(syntax.read(text)) for text in (before, after))
    both = old.keys() & new.keys()
    deprecated = {name for name in new if _DEPRECATED in {said.predicate.value for said in new[name]}}
    return {
        "Added": sorted(new.keys() - old.keys()),
        "Changed": sorted(name for name in both if _meaning(old[name]) != _meaning(new[name])),
        "Deprecated": sorted(deprecated - {name for name in old if old[name] == new.get(name)}),
        "Removed": sorted(old.keys() - new.keys()),
    }


def _terms(said: list[Triple]) -> dict[str, set[Triple]]:
    """Return what is said of each term, by its local name."""
    found: dict[str, set[Triple]] = {}
    for triple in said:
        if isinstance(triple.subject, IRI) and triple.subject.value.startswith(OT):
            found.setdefault(triple.subject.value.removeprefix(OT), set()).add(triple)
    return found


def _meaning(said: set[Triple]) -> set[Triple]:
    """Return statements without labels, and without those that name blank nodes, which each document names anew."""
    return {
        triple
        for triple in said
        if triple.predicate.value not in _LABELS and not isinstance(triple.object, Blank)
    }


def changelog(before: str, after: str) -> str:
    """Return the changes of terms as a part of a changelog."""
    lines = []
    for heading, names in changes(before, after).items():
        if names:
            text = textwrap.fill(
                ", ".join(f"`ot:{name}`" for name in names) + ".", 120, break_on_hyphens=False
            )
            lines += [f"### {heading} terms", "", text, ""]
    return "\n".join(lines)


def _files(document: str) -> dict[str, str]:
    """Return the Turtle files of a document; frozen releases lie in folders below them and are not read."""
    found = sorted(files(DOCUMENTS[document]).iterdir(), key=lambda item: item.name)
    return {item.name: item.read_text("utf-8") for item in found if item.name.endswith(".ttl")}


def node(term: Term) -> Node:
    """Return a term as rdflib has it, written as it was."""
    if isinstance(term, IRI):
        return URIRef(term.value)
    if isinstance(term, Blank):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype)
    if datatype == XSD.string:
        return Literal(term.value)
    return Literal(term.value, datatype=datatype, normalize=False)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m opentier.graph.vocabulary.documents FOLDER")
    sys.stderr.write(f"written: {write(Path(sys.argv[1]))}\n")
