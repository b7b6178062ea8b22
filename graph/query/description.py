"""What an endpoint says of itself (SPARQL 1.1 Service Description): its formats, and the dataset behind it."""

from __future__ import annotations

from collections.abc import Iterator

from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.store.release import Release

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = PREFIXES["void"]
_TYPE = IRI(PREFIXES["rdf"] + "type")
_INTEGER = PREFIXES["xsd"] + "integer"
#: Formats that answers have, as the W3C names them (https://www.w3.org/ns/formats/).
FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "RDF_XML", "JSON-LD",
)  # fmt: skip


def describe(release: Release, endpoint: str, *, federated: bool = False) -> list[Triple]:
    """Return the description of an endpoint that answers from a release; `federated` ones ask others by SERVICE.

    The default graph is all that is true now (see `union`); each current version of a dataset is a named graph.
    """
    service, dataset, default = (IRI(f"{endpoint}#{name}") for name in ("service", "dataset", "default"))

    def said() -> Iterator[Triple]:
        yield Triple(service, _TYPE, _sd("Service"))
        yield Triple(service, _sd("endpoint"), IRI(endpoint))
        yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
        if federated:
            yield Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
        for name in FORMATS:
            yield Triple(service, _sd("resultFormat"), IRI(f"http://www.w3.org/ns/formats/{name}"))
        yield Triple(service, _sd("defaultDataset"), dataset)
        yield Triple(dataset, _TYPE, _sd("Dataset"))
        yield Triple(dataset, _sd("defaultGraph"), default)
        yield Triple(default, _TYPE, _sd("Graph"))
        for version in release.current.values():
            named, graph = IRI(f"{endpoint}#{version.dataset}"), IRI(f"{endpoint}#{version.dataset}-graph")
            yield Triple(dataset, _sd("namedGraph"), named)
            yield Triple(named, _TYPE, _sd("NamedGraph"))
            yield Triple(named, _sd("name"), IRI(version.iri))
            yield Triple(named, _sd("graph"), graph)
            yield Triple(graph, _TYPE, _sd("Graph"))
            yield Triple(graph, IRI(_VOID + "triples"), Literal(str(version.triples), _INTEGER))

    return sorted(said(), key=str)


def _sd(name: str) -> IRI:
    return IRI(_SD + name)
