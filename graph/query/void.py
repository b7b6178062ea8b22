"""The description of a release's datasets, for ``/.well-known/void`` (VoID, DCAT 3)."""

from __future__ import annotations

from itertools import chain

from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, Blank, Triple
from opentier.graph.store.release import Release

_TYPE = IRI(PREFIXES["rdf"] + "type")
_PREVIOUS = IRI(PREFIXES["dcat"] + "prev")


def _void(name: str) -> IRI:
    return IRI(PREFIXES["void"] + name)


def describe(release: Release, url: str) -> list[Triple]:
    """Return what the catalogue says of the current version of every dataset, served at an address.

    Earlier versions are left out: ``/datasets/{dataset}`` lists them.
    """
    document = IRI(f"{url}/.well-known/void")
    found = {Triple(document, _TYPE, _void("DatasetDescription"))}
    waiting: list[IRI | Blank] = []
    for iri in release.graphs:
        node = IRI(iri)
        found |= {
            Triple(document, IRI(PREFIXES["foaf"] + "topic"), node),
            Triple(node, _TYPE, _void("Dataset")),
            Triple(node, _void("sparqlEndpoint"), IRI(f"{url}/sparql")),
            Triple(node, _void("vocabulary"), IRI(PREFIXES["ot"])),
        }
        waiting.append(node)
    seen = set(waiting)
    while waiting:
        about = waiting.pop()
        for said in chain.from_iterable(release.engine.match(graph, about) for graph in release.catalogues):
            found.add(said)
            more = said.object
            if isinstance(more, IRI | Blank) and said.predicate != _PREVIOUS and more not in seen:
                seen.add(more)
                waiting.append(more)
    return sorted(found, key=str)
