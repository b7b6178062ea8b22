"""The catalogue for others: what is here and how to get it, as DCAT 3 in the profile of European portals (DCAT-AP 3).

It says nothing that nobody said: no theme, no language, no frequency. A version is published by whom its package names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opentier.graph.model.formats import FORMATS
from opentier.graph.model.names import OT, PREFIXES, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.store.catalogue import part_of
from opentier.graph.store.release import Release
from opentier.graph.written import licences

_TYPE = IRI(expand("rdf:type"))
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
_PROTOCOL = IRI("https://www.w3.org/TR/sparql11-protocol/")
#: How a version can be fetched: the end of the address, its media type, and what European portals call it.
FILES = (
    ("zip", "application/zip", "ZIP", "a Data Package: tables, which contributed again give the same graph"),
    ("ttl", FORMATS["turtle"].media_type, "RDF_TURTLE", "RDF, as Turtle"),
    ("nt", FORMATS["ntriples"].media_type, "RDF_N_TRIPLES", "RDF, as N-Triples"),
)
#: The same in the forms of others, each with the class, and the property of its things, that it is given for.
OTHERS = (
    ("ftm", "JSON", "actors, links and designations, as FollowTheMoney has them", "ot:Actor", ""),
    ("bods", "JSON", "entities and who owns them, as BODS 0.4 has them", "ot:OwnershipLink", ""),
    ("graphml", "XML", "actors and links, as GraphML", "ot:Actor", ""),
    ("gexf", "XML", "actors and links, as GEXF", "ot:Actor", ""),
    ("geojson", "GEOJSON", "actors as points, links as lines", "ot:Actor", "geo:lat"),
    ("untp", "JSON_LD", "facilities, as UNTP has them; unsigned", "ot:Facility", ""),
    (
        "epcis",
        "JSON_LD",
        "links that were observed, as events of EPCIS 2.0",
        "ot:SupplyLink",
        "ot:observedDate",
    ),
    ("sdmx", "CSV", "observations, as SDMX-CSV 2.0", "ot:IndicatorObservation", ""),
    ("dsd", "XML", "the structure of its SDMX-CSV, as SDMX-ML 3.0", "ot:IndicatorObservation", ""),
    ("datacube", "RDF_TURTLE", "observations, as an RDF Data Cube", "ot:IndicatorObservation", ""),
)
#: What European portals call a version that was taken back.
WITHDRAWN = IRI("http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN")
_SHA256 = IRI(expand("spdx:checksumAlgorithm_sha256"))


@dataclass(frozen=True)
class Package:
    """What is known of a version's Data Package: its SHA-256, and its bytes."""

    sha256: str
    bytes: int


def describe(release: Release, url: str, packages: Mapping[str, Package] | None = None) -> list[Triple]:
    """Return the catalogue of the current versions that are seen, by a service at an address that ends in a slash.

    Versions that are withdrawn are named with the reason, and are no part of the catalogue.

    Parameters
    ----------
    packages
        Those of versions that are made, by the IRI of the version.
    """
    return sorted(set(_said(release, url, packages or {})), key=str)


def withdrawn(release: Release) -> list[tuple[Withdrawal, Version]]:
    """Return the withdrawals that hold, of versions that are seen, each with its version."""
    seen = {version.iri: version for version in release.scope.seen(release.versions)}
    return [
        (each, seen[each.version]) for each in release.withdrawals if not each.ended and each.version in seen
    ]


def _said(release: Release, url: str, packages: Mapping[str, Package]) -> Iterator[Triple]:
    catalogue, endpoint, api, agent = (
        IRI(url + end) for end in ("datasets", "sparql#service", "#api", "#publisher")
    )
    yield from _of(catalogue, "dcat:Catalog", title="OpenTier", about=(
        "Datasets on supply chains, and on who is named for forced labour, each with its licence and its publisher."
    ))  # fmt: skip
    yield from _links(
        catalogue, ("dcterms:publisher", agent), ("dcat:service", endpoint), ("dcat:service", api)
    )
    yield from _links(catalogue, ("foaf:homepage", IRI(url)))
    yield from _agent(agent, f"Whoever serves {url}")
    yield from _of(endpoint, "dcat:DataService", title="SPARQL", about="Queries over all datasets at once.")
    yield from _links(endpoint, ("dcat:endpointURL", IRI(f"{url}sparql")), ("dcterms:conformsTo", _PROTOCOL))
    yield from _links(endpoint, ("dcat:endpointDescription", IRI(f"{url}sparql")))
    yield Triple(_PROTOCOL, _TYPE, IRI(expand("dcterms:Standard")))
    yield from _of(api, "dcat:DataService", title="The API", about="Traces, exposures, obligations and more.")
    yield from _links(
        api, ("dcat:endpointURL", IRI(url)), ("dcat:endpointDescription", IRI(f"{url}openapi.json"))
    )
    for version in release.current.values():
        series = IRI(release.names.series(version.dataset))
        yield from _links(catalogue, ("dcat:dataset", IRI(version.iri)), ("dcat:dataset", series))
        yield from _version(release, version, url, packages.get(version.iri))
        yield from _links(endpoint, ("dcat:servesDataset", IRI(version.iri)))
        yield from _links(api, ("dcat:servesDataset", IRI(version.iri)))
        yield from _series(release, version)
    for about, version in withdrawn(release):
        yield from _withdrawn(release, about, version)
    admitted = [version.admitted for version in release.current.values()]
    if admitted:
        yield from _dates(catalogue, None, max(admitted))


def _series(release: Release, version: Version) -> Iterator[Triple]:
    """Yield what is said of a dataset, all its versions together, by one of them."""
    series = IRI(release.names.series(version.dataset))
    known = [each for each in release.scope.seen(release.versions) if each.dataset == version.dataset]
    yield from _of(series, "dcat:DatasetSeries", title=version.title, about=_about(version))
    yield from _dates(series, known[0].admitted, known[-1].admitted)


def _withdrawn(release: Release, about: Withdrawal, version: Version) -> Iterator[Triple]:
    """Yield what is said of a version that was taken back: that it was, when and why."""
    node, act = IRI(version.iri), IRI(release.names.withdrawal(about.dataset, about.number))
    yield from _of(node, "dcat:Dataset", title=version.title, about=_about(version))
    yield from _links(
        node, ("dcat:inSeries", IRI(release.names.series(version.dataset))), ("adms:status", WITHDRAWN)
    )
    yield Triple(WITHDRAWN, _TYPE, IRI(expand("skos:Concept")))
    yield Triple(WITHDRAWN, IRI(expand("skos:prefLabel")), Literal("withdrawn", language="en"))
    yield Triple(node, _dcat("version"), Literal(str(version.number)))
    if version.dataset not in release.current:
        yield from _series(release, version)
    yield Triple(act, _TYPE, IRI(expand("ot:Withdrawal")))
    yield from _links(act, ("prov:invalidated", node))
    yield Triple(act, IRI(expand("ot:statusReason")), Literal(about.reason))
    yield Triple(act, IRI(expand("prov:startedAtTime")), Literal(about.begun, expand("xsd:dateTime")))


def _packed(form: IRI, package: Package) -> Iterator[Triple]:
    """Yield what is said of the bytes of a package, by which whoever takes it knows that they are the ones."""
    checksum = IRI(f"{form.value}-checksum")
    yield from _links(form, ("spdx:checksum", checksum))
    yield from _links(checksum, ("rdf:type", IRI(expand("spdx:Checksum"))), ("spdx:algorithm", _SHA256))
    yield Triple(
        checksum, IRI(expand("spdx:checksumValue")), Literal(package.sha256, expand("xsd:hexBinary"))
    )
    yield Triple(form, _dcat("byteSize"), Literal(str(package.bytes), expand("xsd:nonNegativeInteger")))


def _version(release: Release, version: Version, url: str, package: Package | None) -> Iterator[Triple]:
    """Yield what is said of a version: from whom, since when, under which licence, and its files."""
    node = IRI(version.iri)
    yield from _of(node, "dcat:Dataset", title=version.title, about=_about(version))
    yield from _links(node, ("dcat:inSeries", IRI(release.names.series(version.dataset))))
    yield from _links(node, ("dcterms:conformsTo", IRI(OT[:-1])))
    yield Triple(IRI(OT[:-1]), _TYPE, IRI(expand("dcterms:Standard")))
    yield Triple(node, _dcat("version"), Literal(str(version.number)))
    yield Triple(node, IRI(expand("dcterms:identifier")), Literal(version.iri))
    yield from _dates(node, version.admitted, None)
    if version.publisher:
        publisher = IRI(f"{version.iri}#publisher")
        yield from _links(node, ("dcterms:publisher", publisher))
        yield from _agent(publisher, version.publisher)
    if _is_address(version.homepage):
        page = IRI(version.homepage)
        yield from _links(node, ("dcat:landingPage", page))
        yield Triple(page, _TYPE, IRI(expand("foaf:Document")))
    licence = _licence(version)
    yield from _links(node, ("dcterms:license", licence))
    yield Triple(licence, _TYPE, IRI(expand("dcterms:LicenseDocument")))
    yield Triple(licence, IRI(expand("rdfs:label")), Literal(version.licence))
    for end, media_type, file_type, what in (*FILES, *others(release, version)):
        form = IRI(f"{version.iri}#{end}")
        file = IRI(f"{url}datasets/{version.dataset}/{version.number}/download.{end}")
        yield from _of(form, "dcat:Distribution", title=f"{version.title}, {end}", about=what)
        yield from _links(node, ("dcat:distribution", form))
        yield from _links(
            form, ("dcat:accessURL", file), ("dcat:downloadURL", file), ("dcterms:license", licence)
        )
        yield from _links(form, ("dcat:accessService", IRI(f"{url}#api")))
        yield from _links(form, ("dcat:mediaType", IRI(_MEDIA_TYPES + media_type)))
        yield from _links(form, ("dcterms:format", IRI(_FILE_TYPES + file_type)))
        if end == "zip" and package is not None:
            yield from _packed(form, package)
        yield Triple(IRI(_MEDIA_TYPES + media_type), _TYPE, IRI(expand("dcterms:MediaType")))
        yield Triple(IRI(_FILE_TYPES + file_type), _TYPE, IRI(expand("dcterms:MediaTypeOrExtent")))


def others(release: Release, version: Version) -> Iterator[tuple[str, str, str, str]]:
    """Yield the files of a version in the forms of others that have something to say of it."""
    for name, file_type, what, kind, property in OTHERS:
        part = part_of(version.iri, expand(kind), expand(property) if property else "")
        if any(True for _ in release.engine.among(release.catalogues, [IRI(part)])):
            yield name, FORMATS[name].media_type.partition(";")[0], file_type, f"{what}; not all of it"


def _about(version: Version) -> str:
    """Return what a version is about, which portals ask of every dataset."""
    return version.description or f"{version.title}. Its publisher says no more of it."


def _licence(version: Version) -> IRI:
    """Return the licence of a version: its page, where it is known, or a name for what its publisher wrote."""
    if _is_address(version.licence):
        return IRI(version.licence)
    return IRI(licences.page(version.licence) or f"{version.iri}#licence")


def _is_address(text: str) -> bool:
    if not text.startswith(("https://", "http://")):
        return False
    try:
        return bool(str(IRI(text)))
    except ValueError:
        return False


def _of(node: IRI, kind: str, title: str, about: str) -> Iterator[Triple]:
    yield Triple(node, _TYPE, IRI(expand(kind)))
    yield Triple(node, IRI(expand("dcterms:title")), Literal(title))
    yield Triple(node, IRI(expand("dcterms:description")), Literal(about))


def _agent(node: IRI, name: str) -> Iterable[Triple]:
    return (
        Triple(node, _TYPE, IRI(expand("foaf:Agent"))),
        Triple(node, IRI(expand("foaf:name")), Literal(name)),
    )


def _links(node: IRI, *said: tuple[str, IRI]) -> Iterator[Triple]:
    for name, value in said:
        yield Triple(node, IRI(expand(name)), value)


def _dates(node: IRI, issued: str | None, modified: str | None) -> Iterator[Triple]:
    for name, when in (("issued", issued), ("modified", modified)):
        if when:
            yield Triple(node, IRI(expand(f"dcterms:{name}")), Literal(when, expand("xsd:dateTime")))


def _dcat(name: str) -> IRI:
    return IRI(PREFIXES["dcat"] + name)
