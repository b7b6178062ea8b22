"""What a catalogue offers: datasets, each with its version, licence, package and checksum, and what was taken back.

It is DCAT in any RDF that is written as text; of another product too, where a version's distribution is a Data Package
(a zip) with its checksum (`spdx:checksum`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from opentier.graph.errors import Unreachable
from opentier.graph.exchange.client import Answer, Client, joined
from opentier.graph.intake import bounds as within
from opentier.graph.model.characters import controls, illegal, one_line
from opentier.graph.model.formats import GRAPHS
from opentier.graph.model.names import DATASET_ID, expand
from opentier.graph.model.rdf import IRI, Blank, Term, Triple
from opentier.graph.vocabulary import syntax

#: The forms in which a catalogue is read, by their media types.
FORMS = {form.media_type: form.name for form in GRAPHS}
ACCEPT = ", ".join(f"{name};q={1 - place / 10:g}" for place, name in enumerate(FORMS))
#: What the media type of a Data Package ends in, whoever says it.
_ZIP = ("application/zip", "/ZIP")
_SHA256 = ("checksumAlgorithm_sha256", "sha256", "SHA256")
_HEX = re.compile(r"[0-9a-f]{64}")
_PAGES = ("hydra:next", "hydra:nextPage")
_HYDRA = "http://www.w3.org/ns/hydra/core#"
#: Characters of a text that is taken from a catalogue.
LONGEST = 10_000
#: Characters of a version, and digits of a length.
_VERSION, _DIGITS = 100, 15
#: Words of keys on those that follow them.
_KEYS = 100
#: How the address of the state of a dataset ends that was taken back, where nothing more is said of that.
_GONE = "/WITHDRAWN"


@dataclass(frozen=True)
class Offer:
    """A version of a dataset that can be taken.

    Attributes
    ----------
    licences
        What its licence is called: its address, and the words beside it.
    bytes
        The length of its package; None where it is not said.
    """

    dataset: str
    version: str
    iri: str
    title: str
    licences: tuple[str, ...]
    publisher: str
    url: str
    sha256: str
    bytes: int | None


@dataclass(frozen=True)
class Withdrawn:
    """A version of a dataset that was taken back: when, and why."""

    dataset: str
    version: str
    begun: str
    reason: str


@dataclass
class Catalogue:
    """What a catalogue offers, by dataset, and what of it cannot be taken, and why.

    Attributes
    ----------
    key, signature, successions
        The key by which it says that it is signed, its signature, and what former keys said of those that follow them:
        nothing that counts before `listing.accepted` has looked at it.
    """

    offers: dict[str, Offer] = field(default_factory=dict)
    withdrawn: dict[tuple[str, str], Withdrawn] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    key: str = ""
    signature: str = ""
    successions: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The datasets that it names."""
        return sorted({*self.offers, *self.faults, *(dataset for dataset, _ in self.withdrawn)})


def read(client: Client, url: str) -> Catalogue:
    """Return what the catalogue at an address offers, all its pages together.

    Raises
    ------
    Unreachable
        If it cannot be read within its bounds.
    """
    said, asked, left = _Said(), set[str](), client.bounds.catalogue
    while url and url not in asked:
        asked.add(url)
        if len(asked) > client.bounds.pages:
            raise Unreachable(f"The catalogue has more than {client.bounds.pages} pages.")
        with client.asking(url, ACCEPT, client.bounds.catalogue_seconds) as answer:
            data = answer.whole(left)
            url = answer.next or ""
            before = answer.url
        left -= len(data)
        said.add(_triples(data, answer), len(asked))
        url = url or joined(before, said.next())
        url = "" if url == before else url
    return _catalogue(said, client.bounds.datasets)


def catalogue(triples: list[Triple]) -> Catalogue:
    """Return what a catalogue of our own offers, as whoever reads it understands it."""
    said = _Said()
    said.add(triples, 1)
    return _catalogue(said, len(triples))


def _triples(data: bytes, answer: Answer) -> list[Triple]:
    form = FORMS.get(answer.media_type, "turtle" if answer.media_type == "text/plain" else "")
    if not form:
        raise Unreachable(
            f"{answer.url[:200]} answers with {answer.media_type or 'no media type'}, and a catalogue is RDF "
            f"({', '.join(FORMS)}). Give the address of the catalogue, such as https://data.example.org/catalog."
        )
    try:
        within.rdf(data, form)
        return syntax.read(data, form, answer.url)
    except (ValueError, SyntaxError) as error:
        raise Unreachable(
            f"{answer.url[:200]} is no catalogue that can be read: {str(error)[:300]}."
        ) from None


class _Said:
    """Statements, by subject and property."""

    def __init__(self) -> None:
        self.by: dict[object, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._next = ""

    def add(self, triples: list[Triple], page: int) -> None:
        """Add those of a page; a blank node of one page is none of another one."""
        self._next = ""
        for said in triples:
            self.by[_apart(said.subject, page)][said.predicate.value].append(_apart(said.object, page))
            if said.predicate.value in [name.replace("hydra:", _HYDRA) for name in _PAGES]:
                self._next = getattr(said.object, "value", "")

    def next(self) -> str:
        """Return the address of the next page that the last one names."""
        return self._next

    def all(self, node: object, name: str) -> list[Term]:
        """Return the values of a property, in order."""
        return sorted(self.by[node].get(expand(name), ()), key=str) if node in self.by else []

    def text(self, node: object, *names: str) -> str:
        """Return the first value of some properties as a line; what no line may hold is left out."""
        for name in names:
            for value in self.all(node, name):
                found = one_line(value.value).strip()[:LONGEST]
                if found and not (controls(found) or illegal(found)):
                    return found
        return ""

    def of(self, kind: str) -> Iterator[object]:
        """Yield what is of a class, in order."""
        wanted = IRI(expand(kind))
        found = [node for node, said in self.by.items() if wanted in said.get(expand("rdf:type"), ())]
        yield from sorted(found, key=str)


def _apart(term: Term, page: int) -> Term:
    return Blank(f"{term.value}-{page}") if isinstance(term, Blank) else term


def _catalogue(said: _Said, most: int) -> Catalogue:
    found = Catalogue()
    for node in said.of("dcat:Catalog"):
        found.key = found.key or said.text(node, "ot:signingKey")
        signatures = [each.value for each in said.all(node, "ot:signature")]
        found.signature = found.signature or next(iter(signatures), "")
        words = (each.value for each in said.all(node, "ot:keySuccession"))
        found.successions += tuple(islice(words, _KEYS))
    gone = set()
    for act in said.of("ot:Withdrawal"):
        for version in said.all(act, "prov:invalidated"):
            name, number = _name(said, version), said.text(version, "dcat:version")
            if said.all(act, "prov:endedAtTime") or not name or not number:
                continue
            gone.add(version)
            begun, reason = said.text(act, "prov:startedAtTime"), said.text(act, "ot:statusReason")
            found.withdrawn[name, number] = Withdrawn(name, number, begun, reason)
    twice = set()
    for node in said.of("dcat:Dataset"):
        if node in gone or not isinstance(node, IRI) or not (name := _name(said, node)):
            continue
        if any(state.value.endswith(_GONE) for state in said.all(node, "adms:status")):
            number = said.text(node, "dcat:version")
            found.withdrawn[name, number] = Withdrawn(name, number, "", said.text(node, "adms:versionNotes"))
            continue
        if name in found.offers or name in found.faults:
            twice.add(name)
        offer = _offer(said, node, name)
        if isinstance(offer, Offer):
            found.offers[name] = offer
        else:
            found.faults[name] = offer
        if len(found.offers) + len(found.faults) > most:
            raise Unreachable(f"The catalogue names more than {most:,} datasets.")
    for name in twice:
        found.offers.pop(name, None)
        found.faults[name] = "The catalogue names it twice, and which one is meant nobody knows."
    return found


def _name(said: _Said, node: object) -> str:
    """Return what a version's dataset is called: the end of the address of its series, or of its own; "" of none."""
    series = said.all(node, "dcat:inSeries") or ([node] if isinstance(node, IRI) else [])
    ends = {each.value.rstrip("/").rpartition("/")[2] for each in series if isinstance(each, IRI)}
    (end,) = ends if len(ends) == 1 else ("",)
    return end if len(end) <= 100 and DATASET_ID.fullmatch(end) else ""


def _offer(said: _Said, node: IRI, name: str) -> Offer | str:
    """Return what is offered of a version, or why it cannot be taken."""
    version = said.text(node, "dcat:version", "ot:packageVersion")
    if not version:
        return "The catalogue does not say which version it is (dcat:version)."
    if len(version) > _VERSION:
        return f"Its version is {version[:40]!r} and so on: at most {_VERSION} characters are taken."
    packages = [each for each in said.all(node, "dcat:distribution") if _is_package(said, each)]
    if not packages:
        return (
            "The catalogue names no Data Package of it (a distribution whose media type is application/zip)."
        )
    summed = [(each, digest) for each in packages if (digest := _digest(said, each))]
    if not summed:
        return "The catalogue gives no checksum (spdx:checksum, SHA-256) of its package, and nothing is taken without."
    package, digest = summed[0]
    urls = [each.value for each in said.all(package, "dcat:downloadURL")]
    if not urls:
        return "The catalogue does not say where its package is (dcat:downloadURL)."
    licences = [*said.all(node, "dcterms:license"), *said.all(package, "dcterms:license")]
    words = [
        *(each.value for each in licences),
        *(said.text(each, "rdfs:label", "dcterms:title", "dcterms:identifier") for each in licences),
    ]
    if not any(words):
        return "The catalogue states no licence (dcterms:license), and nothing is taken without."
    size = said.text(package, "dcat:byteSize")
    publisher = next((said.text(each, "foaf:name") for each in said.all(node, "dcterms:publisher")), "")
    return Offer(
        name, version, node.value, said.text(node, "dcterms:title"), tuple(dict.fromkeys(filter(None, words))),
        publisher, urls[0], digest, int(size) if size.isdecimal() and len(size) <= _DIGITS else None,
    )  # fmt: skip


def _is_package(said: _Said, node: object) -> bool:
    values = [*said.all(node, "dcat:mediaType"), *said.all(node, "dcterms:format")]
    return any(value.value.endswith(_ZIP) for value in values)


def _digest(said: _Said, node: object) -> str:
    """Return the SHA-256 of a file; "" where it is not said."""
    for each in said.all(node, "spdx:checksum"):
        kinds = [value.value for value in said.all(each, "spdx:algorithm")]
        text = said.text(each, "spdx:checksumValue").lower()
        if any(kind.endswith(_SHA256) for kind in kinds) and _HEX.fullmatch(text):
            return text
    return ""
