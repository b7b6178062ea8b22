"""Names of things: the namespace of the vocabulary and the IRIs of individuals."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

#: Namespace of the vocabulary. The w3id.org redirect is not registered yet.
OT = "https://w3id.org/opentier/ns#"
#: Default base of individuals; a data directory keeps the one it was made with.
DEFAULT_BASE = "https://w3id.org/opentier/id/"
CONTEXT_IRI = "https://w3id.org/opentier/context.jsonld"

PREFIXES = {
    "ot": OT,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "adms": "http://www.w3.org/ns/adms#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
}

#: A dataset's id: a lower-case slug.
DATASET_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
#: Ids that clients take away from a path (RFC 3986, 5.2.4), escaped or not; what is written for them no other id gives.
DOTS = {".": "=.", "..": "=.."}
_ESCAPE = re.compile(rb"%[0-9a-fA-F]{2}")
#: What stands in an IRI as it is; the rest of ASCII and all beyond it is escaped.
_AS_THEY_ARE = "/%:@!$&'()*+,;=~[]?#"
#: First path segments under the base that are not datasets.
RESERVED = frozenset(
    {"dataset", "hs", "place", "catalogue", "vocabulary", "derived", "identifier", "identifier-scheme", "country",
     "region", "area", "body", "currency", "authority", "register", "law"}
)  # fmt: skip


def is_invented(dataset: str) -> bool:
    """Return whether a dataset is of the worked example, by its name: `example`, or one that begins so."""
    return dataset.partition("-")[0] == "example"


def expand(curie: str) -> str:
    """Return the IRI of a prefixed name such as ``ot:buyer``."""
    prefix, _, local = curie.partition(":")
    return PREFIXES[prefix] + local


def concept(scheme: str, code: str) -> str:
    """Return the IRI of a code of a scheme: ``ot:effect-withhold`` for ``withhold`` of ``effect``."""
    return f"{OT}{scheme}-{code}"


def escaped(local: str) -> str:
    """Return an id as the last segment of a path; clients take one of dots alone away, so it gets a mark before it."""
    return DOTS.get(local) or quote(local, safe="")


def unescaped(path: str) -> str:
    """Return the id that is the last segment of a path, with what stands before it."""
    head, slash, last = path.rpartition("/")
    return unquote(head) + slash + (last[1:] if last in DOTS.values() else unquote(last))


def plain(iri: str | bytes) -> str:
    """Return an IRI as it is stored: its escapes in capitals, what is beyond ASCII escaped (RFC 3986, 6.2.2.1)."""
    raw = iri.encode("utf-8", "surrogatepass") if isinstance(iri, str) else iri
    return quote(_ESCAPE.sub(lambda found: found[0].upper(), raw), safe=_AS_THEY_ARE)


def digest(parts: Iterable[str]) -> str:
    """Return 16 hexadecimal digits that stand for a sequence of texts."""
    joined = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Names:
    """IRIs of individuals under one base; the same input gives the same IRI, always."""

    base: str = DEFAULT_BASE

    def actor(self, dataset: str, local: str) -> str:
        """Return the IRI of actor `local` of `dataset`."""
        return f"{self.base}{dataset}/{escaped(local)}"

    def record(self, dataset: str, segment: str, local: str) -> str:
        """Return the IRI of a record such as ``{base}{dataset}/supply-link/{local}``."""
        return self.actor(f"{dataset}/{segment}", local)

    def hs(self, code: str) -> str:
        """Return the IRI of an HS heading (2, 4 or 6 digits), shared by all datasets."""
        return f"{self.base}hs/{code}"

    def shared(self, segment: str, local: str) -> str:
        """Return the IRI of an individual that no dataset owns, such as ``{base}country/CN``."""
        return f"{self.base}{segment}/{quote(local, safe='/')}"

    def series(self, dataset: str) -> str:
        """Return the IRI of a dataset, all its versions together."""
        return f"{self.base}dataset/{dataset}"

    def version(self, dataset: str, number: int) -> str:
        """Return the IRI of a dataset version, which is also the name of its graph."""
        return f"{self.base}dataset/{dataset}/{number}"

    def withdrawal(self, dataset: str, number: int) -> str:
        """Return the IRI of a withdrawal of a version of a dataset."""
        return f"{self.series(dataset)}/withdrawal/{number}"

    def entry_of(self, dataset: str) -> str:
        """Return the name of the graph of what the catalogue would say of a dataset, were it public."""
        return f"{self.series(dataset)}/catalogue"

    @property
    def catalogue(self) -> str:
        """Name of the graph that holds the catalogue."""
        return f"{self.base}catalogue"

    @property
    def vocabulary(self) -> str:
        """Name of the graph that holds the vocabulary."""
        return f"{self.base}vocabulary"

    @property
    def derived(self) -> str:
        """Name of the graph of what is derived from all current versions together: who is one with whom."""
        return f"{self.base}derived"

    @property
    def derived_closed(self) -> str:
        """Name of the graph of the same, made of what is not public, too."""
        return f"{self.derived}/closed"

    def derived_of(self, version: str) -> str:
        """Return the name of the graph of what is derived from one version alone: direct edges between actors."""
        return f"{version}/derived"

    def id(self, iri: str) -> str:
        """Return the short id ``dataset/local-id`` of an individual; another IRI is returned as it is."""
        return unescaped(iri[len(self.base) :]) if iri.startswith(self.base) else iri

    def of_id(self, text: str) -> str | None:
        """Return the IRI that ``dataset/local-id`` stands for, or None where the text is no such id."""
        dataset, slash, local = text.partition("/")
        if not slash or not local or not DATASET_ID.fullmatch(dataset) or dataset in RESERVED:
            return None
        return self.actor(dataset, local)
