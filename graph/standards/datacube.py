"""Observations as an RDF Data Cube, well-formed as its integrity constraints ask (https://www.w3.org/TR/vocab-data-cube/).

The version of the dataset is the cube; its observations keep their IRIs, and what the model says of them. Dimensions
that an observation of ours may lack are properties of the cube's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from opentier.graph.model.names import concept, expand
from opentier.graph.model.rdf import IRI, Literal, Term, Triple
from opentier.graph.standards.limits import Limits
from opentier.graph.standards.sdmx import ALL, Observation, called, listed, observations
from opentier.graph.standards.source import Source
from opentier.graph.vocabulary import labels, syntax

QB = "http://purl.org/linked-data/cube#"
_TYPE, _LABEL, _RANGE = (IRI(expand(name)) for name in ("rdf:type", "rdfs:label", "rdfs:range"))
#: Dimensions of the model, with what their values are.
_OURS = {"indicator": "skos:Concept", "area": "ot:Place", "period": "rdfs:Literal"}
#: Dimensions of the cube, with what their values are and what they are called.
_OWN = {
    "sector": ("xsd:string", "sector, or all of them (_T)"),
    "product": ("ot:Product", "product, or all of them"),
    "unit": ("xsd:string", "unit, or none that is stated (_X)"),
    "variant": ("xsd:integer", "number among observations that agree in all else"),
}
_ORDER = ("indicator", "area", "period", "sector", "product", "unit", "variant")
_ATTRIBUTES = {
    "lower": ("ot:lower", "xsd:decimal"), "upper": ("ot:upper", "xsd:decimal"), "method": ("ot:method", ""),
    "sample_size": ("ot:sampleSize", "xsd:integer"), "population": ("ot:population", "xsd:integer"),
    "source": ("dcterms:source", ""), "note": ("skos:note", ""), "retrieved": ("ot:retrievedAt", "date"),
}  # fmt: skip
#: What a file says of itself, and how.
_ABOUT = {
    "title": "dcterms:title", "description": "dcterms:description", "licence": "dcterms:license",
    "licence_url": "dcterms:rights", "publisher": "dcterms:publisher", "homepage": "dcterms:source",
    "date": "dcterms:issued", "version": "dcat:version", "source": "dcterms:identifier",
}  # fmt: skip
_DATES = {4: "xsd:gYear", 7: "xsd:gYearMonth"}


def write(source: Source, file: TextIO) -> None:
    """Write the observations of a version as a cube, in Turtle; an observation without a value is none of a cube.

    Raises
    ------
    UsageError
        If there is none.
    """
    syntax.write_to(file.buffer, _Cube(source).triples(), "turtle")


class _Cube:
    def __init__(self, source: Source) -> None:
        self.source, self.iri = source, source.version.iri
        self.dataset, self.structure = IRI(self.iri), IRI(f"{self.iri}#structure")
        self.named: dict[str, str] = {}

    def own(self, name: str) -> IRI:
        """Return the IRI of something of the cube's own."""
        return IRI(f"{self.iri}#{name}")

    def dimension(self, name: str) -> IRI:
        return self.own(name) if name in _OWN else IRI(expand(f"ot:{name}"))

    def triples(self) -> Iterator[Triple]:
        """Yield the cube: its structure, its code list, its observations, and what it is."""
        yield from self._structure()
        yield from self._indicators()
        for each in observations(self.source):
            if each.cells["value"]:
                yield from self._observation(each)
            else:
                self.source.leave("observations", "without")
        yield from self._named()
        yield from self._about(self.source.finish())

    def _structure(self) -> Iterator[Triple]:
        yield Triple(self.structure, _TYPE, _qb("DataStructureDefinition"))
        for number, name in enumerate(_ORDER, 1):
            property = self.dimension(name)
            component = self.own(f"component-{name}")
            yield from self._component(component, "dimension", property)
            yield Triple(component, _qb("order"), Literal(str(number), expand("xsd:integer")))
            yield Triple(property, _TYPE, _qb("DimensionProperty"))
            held, label = _OWN.get(name) or (_OURS[name], "")
            yield Triple(property, _RANGE, IRI(expand(held)))
            if label:
                yield Triple(property, _LABEL, Literal(label, language="en"))
        yield Triple(self.dimension("indicator"), _qb("codeList"), IRI(concept("indicator", "scheme")))
        measure = IRI(expand("ot:value"))
        yield from self._component(self.own("component-value"), "measure", measure)
        yield Triple(measure, _TYPE, _qb("MeasureProperty"))
        for name, (said, _) in _ATTRIBUTES.items():
            component, attribute = self.own(f"component-{name}"), IRI(expand(said))
            yield from self._component(component, "attribute", attribute)
            yield Triple(component, _qb("componentRequired"), Literal("false", expand("xsd:boolean")))
            yield Triple(attribute, _TYPE, _qb("AttributeProperty"))

    def _component(self, component: IRI, role: str, property: IRI) -> Iterator[Triple]:
        yield Triple(self.structure, _qb("component"), component)
        yield Triple(component, _TYPE, _qb("ComponentSpecification"))
        yield Triple(component, _qb(role), property)

    def _indicators(self) -> Iterator[Triple]:
        scheme = IRI(concept("indicator", "scheme"))
        yield Triple(scheme, _TYPE, IRI(expand("skos:ConceptScheme")))
        for code in labels.codes("indicator"):
            node = IRI(concept("indicator", code))
            yield Triple(node, _TYPE, IRI(expand("skos:Concept")))
            yield Triple(node, IRI(expand("skos:inScheme")), scheme)
            yield Triple(
                node, IRI(expand("skos:prefLabel")), Literal(labels.label("indicator", code), language="en")
            )

    def _observation(self, each: Observation) -> Iterator[Triple]:
        node, cells = IRI(each.iri), each.cells
        for kind in (_qb("Observation"), IRI(expand("ot:IndicatorObservation"))):
            yield Triple(node, _TYPE, kind)
        yield Triple(node, _qb("dataSet"), self.dataset)
        values: dict[str, Term] = {
            "indicator": IRI(concept("indicator", cells["indicator"])),
            "area": IRI(each.area),
            "period": _dated(cells["period"]),
            "sector": Literal(cells["sector"]),
            "product": IRI(each.product) if each.product else self.own("all-products"),
            "unit": Literal(cells["unit"]),
            "variant": Literal(cells["variant"], expand("xsd:integer")),
        }
        for name in _ORDER:
            yield Triple(node, self.dimension(name), values[name])
        self.named |= {each.area: "ot:Place", each.product: "ot:Product"}
        yield Triple(node, IRI(expand("ot:value")), Literal(cells["value"], expand("xsd:decimal")))
        for name, (property, datatype) in _ATTRIBUTES.items():
            if text := cells[name]:
                typed = Literal(text, expand(datatype)) if datatype.startswith("xsd:") else Literal(text)
                yield Triple(node, IRI(expand(property)), _dated(text) if datatype == "date" else typed)

    def _named(self) -> Iterator[Triple]:
        """Yield what places and products are called."""
        for iri, kind in sorted(self.named.items()):
            node = IRI(iri) if iri else self.own("all-products")
            label = called(self.source, iri) if iri else f"all products ({ALL})"
            yield Triple(node, _TYPE, IRI(expand(kind)))
            if label:
                yield Triple(node, _LABEL, Literal(label))

    def _about(self, limits: Limits) -> Iterator[Triple]:
        """Yield what the cube is, whose it is, and what of the version it does not say."""
        for kind in (_qb("DataSet"), IRI(expand("dcat:Dataset"))):
            yield Triple(self.dataset, _TYPE, kind)
        yield Triple(self.dataset, _qb("structure"), self.structure)
        about = self.source.about.said()
        for name, property in _ABOUT.items():
            if text := about.get(name):
                yield Triple(self.dataset, IRI(expand(property)), Literal(text))
        for text in (limits.told(), *listed(limits)):
            yield Triple(self.dataset, IRI(expand("rdfs:comment")), Literal(text, language="en"))


def _qb(name: str) -> IRI:
    return IRI(QB + name)


def _dated(text: str) -> Literal:
    """Return a day, a month or a year."""
    return Literal(text, expand(_DATES.get(len(text), "xsd:date")))
