"""What a query may name: the vocabulary, with how much there is of each class; and what it names that nobody says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from opentier.graph.errors import mean
from opentier.graph.model.names import OT, PREFIXES, expand
from opentier.graph.model.rdf import IRI, Literal
from opentier.graph.query import sparql
from opentier.graph.store.catalogue import part_of
from opentier.graph.store.graphs import query_text
from opentier.graph.threads import once
from opentier.graph.vocabulary import documents, terms

if TYPE_CHECKING:
    from opentier.graph.store.release import Release

#: Unknown terms that are named, and characters of each.
MOST = 5
_LONG = 120
#: Things of a class that are counted one by one; of more, the catalogue knows how many each dataset describes.
FEW = 10_000
#: What stands before the IRI of a graph, of another service, or of a declaration: no term.
_APART = ("FROM", "NAMED", "GRAPH", "SERVICE", "PREFIX", "BASE")
_PATHS = "http://www.w3.org/ns/shacl#path"


def counted(release: Release) -> tuple[str, Mapping[str, int]]:
    """Return the query that counts what there is of each class of the vocabulary, and what needs none, by class.

    Of classes of which there are more than `FEW` the catalogue says how many each dataset describes, since to count
    them takes as long as there are many; what two datasets describe, as a good of the HS, counts twice there.
    """
    classes = [each.iri for each in terms.terms()["Classes"]]
    many = {iri: count for iri, count in _catalogued(release, classes).items() if count > FEW}
    listed = " ".join(f"<{iri}>" for iri in classes if iri not in many)
    return query_text("classes").replace("$classes", listed), many


def _catalogued(release: Release, classes: Iterable[str]) -> Mapping[str, int]:
    """Return how many of each class the current versions describe; nothing where one of them was not counted yet."""
    parts = {part_of("", iri): iri for iri in classes}
    known: dict[str, dict[str, int]] = {version.iri: {} for version in release.current.values()}
    for graph in release.catalogues:
        for said in release.engine.match(graph, None, expand("void:entities")):
            version, mark, part = str(getattr(said.subject, "value", "")).partition("#")
            if version in known and isinstance(said.object, Literal):
                known[version][mark + part] = int(said.object.value)
    if not all(known.values()):
        return {}
    return {iri: sum(counts.get(part, 0) for counts in known.values()) for part, iri in parts.items()}


def first() -> str:
    """Return the query with which somebody may begin: who buys from whom."""
    return query_text("pairs").strip()


def described(counts: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """Return what an editor completes: classes with how many there are, properties, codes, prefixes.

    Parameters
    ----------
    counts
        What the query of `counted` finds, and what it says itself.
    """
    by = dict(counts)
    sections = terms.terms()
    ranked = sorted(sections["Classes"], key=lambda each: (-by.get(each.iri, 0), each.label.casefold()))
    classes = [{**_told(each), "count": by.get(each.iri, 0)} for each in ranked]
    codes = [_told(each) for scheme in sections["Schemes"] for each in scheme.concepts]
    properties = [_told(each) for each in sections["Properties"]]
    properties += [{"name": name, "label": "", "about": ""} for name in _foreign()]
    return {"classes": classes, "properties": properties, "codes": codes, "prefixes": dict(PREFIXES)}


def _told(term: terms.Term) -> dict[str, Any]:
    return {"name": f"ot:{term.anchor}", "label": term.label, "about": term.definition}


def misnamed(release: Release, text: str) -> list[str]:
    """Return a sentence for each term of ours in a query that no vocabulary has, with near ones.

    A pattern with such a term finds nothing, and an answer from nothing would reassure.
    """
    found: dict[str, str] = {}
    for before, said, iri in sparql.named(text, release.names.base):
        ours = before not in _APART and iri.startswith(OT) and iri not in documents.known()
        if ours and iri not in found and not _there(release, iri):
            near = mean(
                f"ot:{iri.removeprefix(OT)}"[:_LONG],
                [f"ot:{name.removeprefix(OT)}" for name in documents.known()],
            )
            found[iri] = f"{said[:_LONG]} is no term of the vocabulary.{near}"
    return list(found.values())[:MOST]


def absent(release: Release, text: str) -> list[str]:
    """Return a sentence for each individual of a query of which nothing is said, and each name that is misspelt."""
    found: dict[str, str] = {}
    base = release.names.base
    for before, said, iri in sparql.named(text, base):
        if before in _APART or iri in found or iri.startswith((OT, PREFIXES["xsd"])):
            continue
        if iri.startswith(base) and not iri.endswith("/") and not _there(release, iri):
            found[iri] = f"Nothing is said of {said[:_LONG]} here."
        elif (near := mean(_short(iri)[:_LONG], _foreign())) and not _there(release, iri):
            found[iri] = f"{said[:_LONG]} is used nowhere here.{near}"
    return list(found.values())[:MOST]


def _there(release: Release, iri: str) -> bool:
    """Return whether something that the release shows has an IRI in it."""
    if iri in release.named:
        return True
    graphs, asked = dict.fromkeys((*release.whole, *release.named)), release.engine.among
    found = asked(graphs, [IRI(iri)]), asked(graphs, None, [iri]), asked(graphs, object=IRI(iri))
    return any(next(each, None) is not None for each in found)


def _short(iri: str) -> str:
    """Return an IRI with one of the prefixes that are known here; nothing where none fits."""
    fitting = [(len(space), name) for name, space in PREFIXES.items() if iri.startswith(space)]
    if not fitting:
        return ""
    length, name = max(fitting)
    return f"{name}:{iri[length:]}"


@once
def _foreign() -> list[str]:
    """Return the properties of others that the shapes look at, by their short names."""
    return sorted(set(_looked_at()))


def _looked_at() -> Iterator[str]:
    for said in documents.triples("shapes"):
        if said.predicate.value == _PATHS and isinstance(said.object, IRI):
            name = _short(said.object.value)
            if name and not name.startswith("ot:"):
                yield name
