"""Observations as SDMX: data as SDMX-CSV 2.0, and the structure of them as SDMX-ML 3.0.

Two documents: whoever reads the data knows them by the structure (https://sdmx.org/standards-2). Codes are ours, with
their names; what is text stays text. Licence and publisher stand on every row of the data, and in the structure.

What a model of statistics asks of all observations, ours ask of none: a sector, a product, a unit. Where nothing is
stated, generic codes stand for it: all of them together, or not specified. Two that agree in all dimensions (of two
sources, by two methods) are told apart by a number, in the order in which they come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from opentier.graph.errors import UsageError
from opentier.graph.model import resources, sheet
from opentier.graph.model.characters import legal
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from opentier.graph.standards.limits import Limits
from opentier.graph.standards.source import About, Source
from opentier.graph.vocabulary import labels

AGENCY, STRUCTURE = "OPENTIER", "OBSERVATIONS"
#: The version of the structure that all our messages have: it changes when a component does.
EDITION = "1.0.0"
_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
#: Who is counted, as units say it.
_COUNTED = re.compile(r"\b(?:aged \d|(?:fe)?male\b|of another sex\b)")
_URN = "urn:sdmx:org.sdmx.infomodel."
_NAMESPACES = {
    prefix: f"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/{name}"
    for prefix, name in {"mes": "message", "str": "structure", "com": "common"}.items()
}
_STATUSES = {"A": "Normal value", "O": "Missing value"}


@dataclass(frozen=True)
class Component:
    """A component of the structure: its id, its name, the column that fills it, its list or the kind of its text."""

    id: str
    name: str
    column: str
    kind: str = "String"
    codes: str = ""


DIMENSIONS = (
    Component("INDICATOR", "Indicator", "indicator", codes="CL_INDICATOR"),
    Component("REF_AREA", "Reference area", "area", codes="CL_AREA"),
    Component("SECTOR", "Sector", "sector"),
    Component("PRODUCT", "Product", "product"),
    Component("UNIT_MEASURE", "Unit of measure, with who is counted", "unit"),
    Component("VARIANT", "Number among observations that agree in all else", "variant", "Integer"),
)
TIME = Component("TIME_PERIOD", "Time period", "period", "ObservationalTimePeriod")
MEASURE = Component("OBS_VALUE", "Observation value", "value", "Decimal")
ATTRIBUTES = (
    Component("OBS_STATUS", "Observation status", "status", codes="CL_OBS_STATUS"),
    Component("LOWER_BOUND", "Lower bound", "lower", "Decimal"),
    Component("UPPER_BOUND", "Upper bound", "upper", "Decimal"),
    Component("METHOD", "Method", "method"),
    Component("SAMPLE_SIZE", "Sample size", "sample_size", "Integer"),
    Component("POPULATION", "People whom the value is about", "population", "Integer"),
    Component("SOURCE", "Source", "source"),
    Component("RETRIEVED", "Day on which the source was read", "retrieved", "ObservationalTimePeriod"),
    Component("COMMENT_OBS", "Note", "note"),
    Component("LICENCE", "Licence", "licence"),
    Component("PUBLISHER", "Publisher", "publisher"),
    Component("DATASET", "Version of the dataset that it was made of", "dataset"),
)
COMPONENTS = (*DIMENSIONS, TIME, MEASURE, *ATTRIBUTES)


def write(source: Source, file: TextIO) -> None:
    """Write the observations of a version as SDMX-CSV 2.0.

    Raises
    ------
    UsageError
        If there is none.
    """
    sheet.copy(_rows(source), file, ",", end="\r\n")


def _rows(source: Source) -> Iterator[list[str]]:
    yield ["STRUCTURE", "STRUCTURE_ID", "ACTION", *(each.id for each in COMPONENTS)]
    about = source.about
    head = ["dataflow", f"{AGENCY}:{_id(about)}({about.number}.0.0)", "I"]
    for each in observations(source):
        cells = _cells(each, about)
        for component in COMPONENTS:
            if _BREAKS.search(cells[component.column]):  # readers take them for the end of the row
                cells[component.column] = _BREAKS.sub(" ", cells[component.column])
                source.lose("observations", component.column, "breaks")
        yield [*head, *(cells[component.column] for component in COMPONENTS)]


def structure(source: Source, file: TextIO) -> None:
    """Write the structure of the observations of a version as SDMX-ML 3.0; it counts what the data do not say."""
    about = source.about
    areas = {each.cells["area"]: called(source, each.area) for each in observations(source)}
    limits = source.finish()
    for prefix, namespace in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, namespace)
    root = Element(_tag("mes:Structure"))
    header = SubElement(root, _tag("mes:Header"))
    prepared = f"{source.version.admitted[:19]}Z"  # no message says when it was written
    _texts(
        header, ("mes:ID", f"{_id(about)}-{about.number}"), ("mes:Test", "false"), ("mes:Prepared", prepared)
    )
    SubElement(header, _tag("mes:Sender"), id=AGENCY)
    body = SubElement(root, _tag("mes:Structures"))
    lists = SubElement(body, _tag("str:Codelists"))
    indicators = {code: labels.label("indicator", code) for code in labels.codes("indicator")}
    for id, name, codes in (
        ("CL_AREA", "Areas", areas),
        ("CL_INDICATOR", "Indicators", indicators),
        ("CL_OBS_STATUS", "Observation statuses", _STATUSES),
    ):
        _items(_artefact(lists, "str:Codelist", id, name, EDITION), "str:Code", codes)
    schemes = SubElement(body, _tag("str:ConceptSchemes"))
    concepts = _artefact(schemes, "str:ConceptScheme", "CONCEPTS", "Concepts", EDITION)
    _items(concepts, "str:Concept", {each.id: each.name for each in COMPONENTS})
    _flow(SubElement(body, _tag("str:Dataflows")), about, limits)
    structures = SubElement(body, _tag("str:DataStructures"))
    _components(_artefact(structures, "str:DataStructure", STRUCTURE, "Observations of indicators", EDITION))
    ElementTree.indent(root)
    file.write('<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n")


def _id(about: About) -> str:
    return re.sub(r"[^A-Za-z0-9_@$-]", "_", about.dataset)


def _cells(each: Observation, about: About) -> dict[str, str]:
    """Return the cells of a row by the columns of `COMPONENTS`."""
    value = each.cells["value"]
    more = {"status": "A" if value else "O", "value": value or "NaN"}
    return each.cells | more | {"licence": about.licence, "publisher": about.publisher, "dataset": about.iri}


# --- What statistics ask of observations -----------------------------------------------------------------------------

TABLE = TABLES["observations"]
#: The dimensions that tell one observation from another, beside its number.
KEY = ("indicator", "area", "sector", "product", "unit", "period")
#: What stands for all of a dimension, and for one of which nothing is said.
ALL, UNSAID = "_T", "_X"
_INSTEAD = {"sector": ALL, "product": ALL, "unit": UNSAID}


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation.

    Attributes
    ----------
    cells
        What it says by column, as cells have it; `variant` is its number.
    area, product
        The IRIs of where it was counted and of what; the second may be empty.
    """

    iri: str
    cells: dict[str, str]
    area: str
    product: str


def observations(source: Source) -> Iterator[Observation]:
    """Yield the observations of a version.

    Raises
    ------
    UsageError
        If there is none.
    """
    seen = Counter[tuple[str, ...]]()
    for said in source.told(TABLE.name):
        cells = {column.name: source.written(column, said.one(column.name)) for column in TABLE}
        cells |= {name: text for name, text in _INSTEAD.items() if not cells[name]}
        key = tuple(cells[name] for name in KEY)
        seen[key] += 1
        if _COUNTED.search(cells["unit"]):
            source.lose(TABLE.name, "unit", "counted")
        cells["variant"] = str(seen[key])
        yield Observation(said.iri, cells, _place(source, cells["area"]), said.one("product"))
    if not seen:
        version = source.version
        raise UsageError(
            f"{version.dataset} version {version.number} has no observations: {source.form.title} is of these."
        )


def called(source: Source, iri: str) -> str:
    """Return what a place or a product is called."""
    try:
        found = list(source.release.engine.match(source.version.iri, IRI(iri), expand("rdfs:label")))
    except ValueError:  # a text, where no individual is named
        return iri
    return min((said.object.value for said in found), default="")


def listed(limits: Limits) -> Iterator[str]:
    """Yield what a form does not say, with counts and reasons, a sentence each."""
    for table, column, count, rows, reason in limits.listed():
        yield f"{' '.join(filter(None, (table, column)))}: {count:,} of {rows:,}. {reason}"


def _place(source: Source, code: str) -> str:
    return resources.place(code, source.names).iri


# --- The structure ---------------------------------------------------------------------------------------------------


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def _texts(above: Element, *said: tuple[str, str]) -> None:
    for name, text in said:
        SubElement(above, _tag(name)).text = legal(text)


def _named(above: Element, text: str, kind: str = "com:Name") -> None:
    found = SubElement(above, _tag(kind), {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    found.text = legal(text)


def _artefact(above: Element, kind: str, id: str, name: str, edition: str) -> Element:
    found = SubElement(above, _tag(kind), id=id, agencyID=AGENCY, version=edition)
    _named(found, name)
    return found


def _items(above: Element, kind: str, names: dict[str, str]) -> None:
    for id, name in sorted(names.items()):
        _named(SubElement(above, _tag(kind), id=id), name or id)


def _flow(above: Element, about: About, limits: Limits) -> None:
    """Add the dataflow of a version: what it is called, whose it is, and what of the version it does not say."""
    found = SubElement(
        above, _tag("str:Dataflow"), id=_id(about), agencyID=AGENCY, version=f"{about.number}.0.0"
    )
    notes = {name: text for name, text in about.said().items() if name not in ("title", "description")}
    notes |= {"limits": limits.told()}
    notes |= {f"limit-{number}": text for number, text in enumerate(listed(limits), 1)}
    annotations = SubElement(found, _tag("com:Annotations"))
    for id, text in notes.items():
        note = SubElement(annotations, _tag("com:Annotation"), id=id)
        _named(note, text, "com:AnnotationText")
    _named(found, about.title or about.dataset)
    if about.description:
        _named(found, about.description, "com:Description")
    structure = f"{_URN}datastructure.DataStructure={AGENCY}:{STRUCTURE}({EDITION})"
    _texts(found, ("str:Structure", structure))


def _components(above: Element) -> None:
    every = SubElement(above, _tag("str:DataStructureComponents"))
    listed = SubElement(every, _tag("str:DimensionList"), id="DimensionDescriptor")
    for number, each in enumerate(DIMENSIONS, 1):
        _component(listed, "str:Dimension", each, position=str(number))
    _component(listed, "str:TimeDimension", TIME)
    listed = SubElement(every, _tag("str:AttributeList"), id="AttributeDescriptor")
    for each in ATTRIBUTES:
        found = _component(listed, "str:Attribute", each, usage="optional")
        SubElement(SubElement(found, _tag("str:AttributeRelationship")), _tag("str:Observation"))
    listed = SubElement(every, _tag("str:MeasureList"), id="MeasureDescriptor")
    _component(listed, "str:Measure", MEASURE, usage="optional")


def _component(above: Element, kind: str, each: Component, **more: str) -> Element:
    found = SubElement(above, _tag(kind), {"id": each.id, **more})
    concept = f"{_URN}conceptscheme.Concept={AGENCY}:CONCEPTS({EDITION}).{each.id}"
    _texts(found, ("str:ConceptIdentity", concept))
    form = SubElement(found, _tag("str:LocalRepresentation"))
    if each.codes:
        _texts(form, ("str:Enumeration", f"{_URN}codelist.Codelist={AGENCY}:{each.codes}({EDITION})"))
    else:
        SubElement(form, _tag("str:TextFormat"), textType=each.kind)
    return found
