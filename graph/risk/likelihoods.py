"""Likelihoods: what is judged or counted of places, goods and actors; it says of no site what happened there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opentier.graph.model import resources
from opentier.graph.model.dates import EVER, first_day
from opentier.graph.model.names import is_invented
from opentier.graph.model.products import Product
from opentier.graph.network.network import Place
from opentier.graph.network.reading import dataset_of, place, read, readable
from opentier.graph.risk.incidents import codes, number
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

#: Why a likelihood is listed, the most particular first.
WHY = ("actor", "place-and-product", "place")


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A risk assessment, or an observation of an indicator.

    Attributes
    ----------
    subject
        The actor that it is about, as the record names it; else it is about a place.
    level
        How likely, of an assessment; an observation has a value.
    period
        When it was observed.
    """

    iri: str
    kind: str
    subject: str | None
    place: Place | None
    product: Product | None
    indicators: tuple[str, ...]
    level: str | None
    severity: str | None
    value: float | None
    unit: str | None
    lower: float | None
    upper: float | None
    period: str | None
    sample_size: float | None
    population: float | None
    sector: str | None
    method: str | None
    evidence: tuple[str, ...]
    source: str | None
    note: str | None
    dataset: str

    @property
    def invented(self) -> bool:
        """Whether it is about what is invented: it bears on invented links alone."""
        return is_invented(self.dataset)

    @property
    def begins(self) -> int:
        """The first day of its period; before every day where it states none."""
        return first_day(self.period) if self.period else EVER


#: Place, product, and whether it is invented.
_About = tuple[Place, Product | None, bool]


class Likelihoods:
    """The likelihoods of a release, those of actors apart from those of countries and regions.

    What is about a wider area than a country is about no hop in particular, and left out.
    """

    def __init__(self, release: Release, products: Mapping[str, Product]) -> None:
        self._release, self._products, self._names = release, products, release.names
        records = [
            *read(release.names, release.records("risk_assessments"), self._assessment),
            *read(release.names, release.records("observations"), self._observation),
        ]
        self.of_actors = [each for each in records if each.subject]
        self._of_places: dict[str, dict[_About, list[Likelihood]]] = defaultdict(lambda: defaultdict(list))
        for each in records:
            if each.place:
                self._of_places[each.place.country][each.place, each.product, each.invented].append(each)

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.of_actors or self._of_places)

    def touching(
        self, places: Sequence[Place], product: Product | None, dataset: str
    ) -> Iterator[tuple[Likelihood, str]]:
        """Yield what bears on a supply link, and by what.

        Parameters
        ----------
        places
            Where its supplier is.
        product
            What it carries; a likelihood of a good bears on no link that states none.
        dataset
            Whose link it is.
        """
        for country in dict.fromkeys(each.country for each in places):
            for (area, good, invented), found in self._of_places.get(country, {}).items():
                if invented and not is_invented(dataset):
                    continue
                if not any(area.covers(each) for each in places):
                    continue
                if good is None:
                    yield from ((each, "place") for each in found)
                elif product is not None and good.matches(product):
                    yield from ((each, "place-and-product") for each in found)

    def _assessment(self, iri: str, fields: Fields) -> Likelihood:
        subject = one(fields, "ot:subject") or ""
        code = resources.code_of(subject, self._names)
        return self._made(
            iri,
            fields,
            "risk-assessment",
            subject=None if code else subject,
            place=_place(code) if code else None,
            level=next(iter(codes(fields, "ot:likelihood", "level")), None),
        )

    def _observation(self, iri: str, fields: Fields) -> Likelihood:
        readable(one(fields, "ot:period"))
        return self._made(
            iri, fields, "observation", subject=None, place=_place(one(fields, "ot:area") or ""), level=None
        )

    def _made(
        self,
        iri: str,
        fields: Fields,
        kind: str,
        *,
        subject: str | None,
        place: Place | None,
        level: str | None,
    ) -> Likelihood:
        product = one(fields, "ot:product")
        return Likelihood(
            iri=iri,
            kind=kind,
            subject=subject,
            place=place,
            product=None if product is None else self._product(product),
            indicators=codes(fields, "ot:indicator", "indicator"),
            level=level,
            severity=next(iter(codes(fields, "ot:severity", "level")), None),
            value=number(fields, "ot:value"),
            unit=one(fields, "ot:unit"),
            lower=number(fields, "ot:lower"),
            upper=number(fields, "ot:upper"),
            period=one(fields, "ot:period"),
            sample_size=number(fields, "ot:sampleSize"),
            population=number(fields, "ot:population"),
            sector=one(fields, "ot:sector"),
            method=one(fields, "ot:method"),
            evidence=tuple(sorted(fields.get("ot:evidence", ()))),
            source=one(fields, "dcterms:source"),
            note=one(fields, "skos:note"),
            dataset=dataset_of(iri, self._names),
        )

    def _product(self, iri: str) -> Product:
        """Return a product; what the index does not know is an HS code by its IRI, or goes by its IRI."""
        stem = self._names.hs("")
        code = iri.removeprefix(stem) if iri.startswith(stem) else ""
        return self._products.get(iri) or Product(iri, code)


def _place(code: str) -> Place | None:
    """Return the country or region of a code; None for what is wider."""
    if code[2:3] == "-":
        return place(None, code)
    return Place(code) if len(code) == 2 and code.isalpha() and code != "EU" else None
