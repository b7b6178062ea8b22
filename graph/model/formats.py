"""The formats of answers and files: what each is called, by us, by clients, in a header and at the end of a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    media_type
        What it is called in a header.
    suffixes
        How names of files end, without the dot; the first is the one that we write.
    aliases
        What clients call it beside its name, its media type and its suffixes.
    also
        Media types that clients ask for and that it may be sent as.
    title
        What people call it, where that is not its name.
    """

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    title: str = ""


#: The answers to a query that has rows.
ROWS = (
    Format("json", "application/sparql-results+json", ("json", "srj"), (), ("application/json",)),
    Format(
        "xml", "application/sparql-results+xml", ("xml", "srx"), (), ("application/xml", "text/xml")
    ),
    Format("csv", "text/csv", ("csv",)),
    Format("tsv", "text/tab-separated-values", ("tsv",)),
)  # fmt: skip
#: RDF: one graph.
GRAPHS = (
    Format("turtle", "text/turtle", ("ttl",), ("n3",)),
    Format("ntriples", "application/n-triples", ("nt",), ("n-triples",)),
    Format("rdfxml", "application/rdf+xml", ("rdf", "xml"), ("rdf+xml",)),
    Format("jsonld", "application/ld+json", ("jsonld",), ("json", "json-ld")),
)
#: RDF that may name several graphs: contributed, never answered.
SETS = (Format("trig", "application/trig", ("trig",)), Format("nquads", "application/n-quads", ("nq",)))
#: What is neither a result nor RDF.
OTHERS = (
    Format("table", "text/plain", ("txt",)),
    Format("html", "text/html", ("html",)),
    Format("svg", "image/svg+xml", ("svg",)),
    Format("pdf", "application/pdf", ("pdf",)),
    Format("png", "image/png", ("png",)),
    Format("rq", "application/sparql-query", ("rq",)),
    Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
    Format("datapackage", "application/zip", ("zip",)),
    Format("parquet", "application/vnd.apache.parquet", ("parquet",)),
)
_EPCIS = 'application/ld+json;profile="https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"'
#: The forms of a trace that are networks.
NETWORKS = ("graphml", "gexf")
#: Forms of others' standards; two suffixes at the end of a name tell those that are JSON apart.
STANDARDS = (
    Format("ftm", "application/json+ftm", ("ftm.json", "ftm"), title="FollowTheMoney"),
    Format("bods", "application/json", ("bods.json", "bods"), title="BODS"),
    Format("untp", "application/vp", ("untp.json", "untp"), title="UNTP"),
    Format("epcis", _EPCIS, ("epcis.json", "epcis"), title="EPCIS"),
    Format("graphml", "application/graphml+xml", ("graphml",), title="GraphML"),
    Format("gexf", "application/gexf+xml", ("gexf",), title="GEXF"),
    Format("geojson", "application/geo+json", ("geojson",), title="GeoJSON"),
    Format("sdmx", "application/vnd.sdmx.data+csv;version=2.0.0", ("sdmx.csv", "sdmx"), title="SDMX-CSV"),
    Format(
        "dsd",
        "application/vnd.sdmx.structure+xml;version=3.0.0",
        ("dsd.xml", "dsd"),
        title="structure for SDMX",
    ),
    Format(
        "datacube",
        'text/turtle;profile="http://purl.org/linked-data/cube#"',
        ("cube.ttl", "datacube"),
        title="RDF Data Cube",
    ),
)
FORMATS = {format.name: format for format in (*ROWS, *GRAPHS, *SETS, *OTHERS, *STANDARDS)}


def media_types(*names: str) -> dict[str, str]:
    """Return the media types of formats by their names, in that order."""
    return {name: FORMATS[name].media_type for name in names}


def suffix(name: str) -> str:
    """Return how we end the name of a file of a format."""
    return FORMATS[name].suffixes[0]


def of_suffix(ending: str, *among: str) -> str | None:
    """Return the format of a file by the end of its name, among some."""
    return next((name for name in among if ending.lower() in FORMATS[name].suffixes), None)


def of_name(name: str, *among: str) -> str | None:
    """Return the format of a file by its name, among some: the one whose end of it is the longest."""
    ends = [
        (len(end), each)
        for each in among
        for end in FORMATS[each].suffixes
        if name.lower().endswith(f".{end}")
    ]
    return max(ends)[1] if ends else None


def called(said: str, *among: str) -> str | None:
    """Return the format that a client means by a name, an alias, a suffix or a media type, among some."""
    said = said.strip().lower()
    for name in among:
        known = FORMATS[name]
        if said in (name, known.media_type, *known.suffixes, *known.aliases, *known.also):
            return name
    return None
