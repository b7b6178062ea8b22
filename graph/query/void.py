"""The description of a release's datasets, for ``/.well-known/void`` (VoID, DCAT 3)."""

from __future__ import annotations

import pyoxigraph as ox

from opentier.graph.model.names import PREFIXES
from opentier.graph.store.release import Release

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_PREVIOUS = ox.NamedNode(PREFIXES["dcat"] + "prev")


def _void(name: str) -> ox.NamedNode:
    return ox.NamedNode(PREFIXES["void"] + name)


def describe(release: Release, url: str) -> list[ox.Triple]:
    """Return what the catalogue says of the current version of every dataset, served at an address.

    Earlier versions are left out: ``/datasets/{dataset}`` lists them.
    """
    document, catalogue = ox.NamedNode(f"{url}/.well-known/void"), ox.NamedNode(release.names.catalogue)
    found = {ox.Triple(document, _TYPE, _void("DatasetDescription"))}
    waiting: list[ox.NamedNode | ox.BlankNode] = []
    for version in release.current.values():
        node = ox.NamedNode(version.iri)
        found |= {
            ox.Triple(document, ox.NamedNode(PREFIXES["foaf"] + "topic"), node),
            ox.Triple(node, _TYPE, _void("Dataset")),
            ox.Triple(node, _void("sparqlEndpoint"), ox.NamedNode(f"{url}/sparql")),
            ox.Triple(node, _void("vocabulary"), ox.NamedNode(PREFIXES["ot"])),
        }
        waiting.append(node)
    seen = set(waiting)
    while waiting:
        for quad in release.store.quads_for_pattern(waiting.pop(), None, None, catalogue):
            found.add(quad.triple)
            more = quad.object
            if (
                isinstance(more, ox.NamedNode | ox.BlankNode)
                and quad.predicate != _PREVIOUS
                and more not in seen
            ):
                seen.add(more)
                waiting.append(more)
    return sorted(found, key=str)
