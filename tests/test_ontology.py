"""The vocabulary and its JSON-LD context, held against tables.py; the form of every term and shape."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import owlrl  # type: ignore[import-untyped]
import pyoxigraph
import pytest
from rdflib import DCTERMS, ORG, OWL, PROV, QB, RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import to_isomorphic
from rdflib.term import Node

from opentier.graph.contribution import submission
from opentier.graph.model import names as model
from opentier.graph.model import resources, tables
from opentier.graph.records import checking, lines
from opentier.graph.vocabulary import extents

OT = model.OT
ONTOLOGY = URIRef("https://w3id.org/opentier/ns")
SHAPES = URIRef("https://w3id.org/opentier/shapes")
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty)

CATALOGUE = "the store writes it into the catalogue; it is never contributed"
REPORT = "the store writes it into a validation report; it is never contributed"
VOCABULARY = "it stands in the vocabulary itself; it is never contributed"
#: Properties that no shape looks at, and why.
WITHOUT_SHAPE = {
    "currentVersion": CATALOGUE,
    "packageVersion": CATALOGUE,
    "checksum": CATALOGUE,
    "signature": CATALOGUE,
    "signingKey": CATALOGUE,
    "keySuccession": CATALOGUE,
    "licenceUrl": CATALOGUE,
    "adapter": CATALOGUE,
    "rows": CATALOGUE,
    "acceptedRows": CATALOGUE,
    "warnedRows": CATALOGUE,
    "refusedRows": CATALOGUE,
    "file": REPORT,
    "row": REPORT,
    "column": REPORT,
    "cell": REPORT,
    "proxyFor": VOCABULARY,
    "hsChapter": VOCABULARY,
    "memberCountry": VOCABULARY,
    **dict.fromkeys(
        (
            str(name).removeprefix(OT)
            for name in Graph()
            .parse(data=(files("opentier.ontology") / "inverses.ttl").read_text("utf-8"), format="turtle")
            .subjects(OWL.inverseOf)
        ),
        "no record states it; RDF that does is refused",
    ),
    "caveat": VOCABULARY,
}
#: Classes whose records no shape looks at, and why.
CLASSES_WITHOUT_SHAPE = {
    "DatasetVersion": CATALOGUE,
    "Contribution": CATALOGUE,
    "Withdrawal": CATALOGUE,
    "ValidationRun": REPORT,
    "Indicator": VOCABULARY,
}
#: What the code names in the namespace that is no term: it declares the prefixes of the example queries.
NO_TERMS = {"prefixes"}
#: Schemes whose concepts tables name by their labels, and not as codes.
REFERENCE_SCHEMES = ("issue", "industry", "geography", "global-compact")
#: Files that tie terms to each other or to other people's, and define nothing.
TIES = ("alignments.ttl", "crosswalks.ttl", "labels.ttl")
#: Languages in which classes, schemes and codes are called.
LANGUAGES = {"en", "fr", "es", "pt"}
#: Schemes of the first release, whose concepts name no source.
UNSOURCED = (
    "link-kind", "link-status", "interest", "fee-policy", "effect", "designation-status", "evidence-type", "judgement",
    "identifier-scheme",
)  # fmt: skip


def turtle(package: str) -> dict[str, str]:
    """The Turtle files of a package by name."""
    return {
        item.name: item.read_text("utf-8")
        for item in sorted(files(package).iterdir(), key=lambda item: item.name)
        if item.name.endswith(".ttl")
    }


FILES = {
    f"{package}/{name}": text
    for package in ("ontology", "shapes")
    for name, text in turtle(f"opentier.{package}").items()
}


@cache
def load(package: str) -> Graph:
    graph = Graph()
    for text in turtle(f"opentier.{package}").values():
        graph.parse(data=text, format="turtle")
    return graph


@cache
def context() -> dict[str, Any]:
    text = files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)["@context"]
    return found


def of_kind(*kinds: Node) -> set[URIRef]:
    ontology = load("ontology")
    return {node for kind in kinds for node in ontology.subjects(RDF.type, kind) if isinstance(node, URIRef)}


def own(names: set[str]) -> set[URIRef]:
    """The IRIs of prefixed names in the namespace of the vocabulary."""
    return {URIRef(model.expand(name)) for name in names if name.startswith("ot:")}


COLUMNS = [(table, column) for table in tables.TABLES.values() for column in table]


def classes_of_tables() -> set[str]:
    named = {table.rdf_class for table in tables.TABLES.values()}
    return named | {name for _, column in COLUMNS for _, name in column.classes}


def properties_of_tables() -> set[str]:
    return {column.term for _, column in COLUMNS if column.term}


def shape_of(table: tables.Table, column: tables.Column) -> URIRef:
    """The property shape that a column would have."""
    return URIRef(f"{model.expand(table.rdf_class)}Shape-{column.term.partition(':')[2]}")


#: rdflib's JSON-LD parser and serializer still use their own deprecated ConjunctiveGraph.
inside_rdflib = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

PROPERTIES = sorted(of_kind(*PROPERTY_KINDS))
TERMS = sorted(of_kind(OWL.Class, *PROPERTY_KINDS))
SHAPE_NODES = sorted(
    {node for kind in (SH.NodeShape, SH.PropertyShape) for node in load("shapes").subjects(RDF.type, kind)},
    key=str,
)


def short(node: Node) -> str:
    return str(node).removeprefix(OT)


# --- the files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_file_loads_in_both_engines_alike(name: str) -> None:
    with_rdflib = Graph().parse(data=FILES[name], format="turtle")
    with_oxigraph = list(pyoxigraph.parse(FILES[name].encode(), format=pyoxigraph.RdfFormat.TURTLE))
    assert len(with_rdflib) == len(with_oxigraph) > 0


@pytest.mark.parametrize("name", FILES)
def test_a_file_imports_nothing_and_leaves_identity_and_ranges_open(name: str) -> None:
    used = set(Graph().parse(data=FILES[name], format="turtle").predicates())
    assert not used & {OWL.imports, OWL.sameAs, RDFS.domain, RDFS.range}


def test_a_term_is_defined_in_one_file_only() -> None:
    defined: dict[Node, str] = {}
    for name, text in FILES.items():
        for node in set(Graph().parse(data=text, format="turtle").subjects(RDF.type)):
            if isinstance(node, URIRef):
                assert defined.setdefault(node, name) == name


def test_alignments_define_nothing_and_only_they_tie_classes_to_others() -> None:
    for name, text in turtle("opentier.ontology").items():
        graph = Graph().parse(data=text, format="turtle")
        if name in TIES:
            assert not set(graph.subjects(RDF.type))
            assert set(graph.subjects()) <= set(load("ontology").subjects(RDF.type))
        else:
            ties = [*graph.objects(None, RDFS.subClassOf), *graph.objects(None, RDFS.subPropertyOf)]
            assert all(str(tie).startswith(OT) for tie in ties)
            assert not set(graph.predicates()) & {SKOS.closeMatch, SKOS.relatedMatch, SKOS.broadMatch}


def test_the_ontology_says_what_it_is() -> None:
    ontology = load("ontology")
    assert ontology.value(ONTOLOGY, OWL.versionInfo) == Literal("0.2.0")
    assert ontology.value(ONTOLOGY, OWL.versionIRI)
    assert "not registered" in str(ontology.value(ONTOLOGY, RDFS.comment))


# --- the terms ------------------------------------------------------------------------------------------


def english(node: Node, said: URIRef) -> list[Node]:
    """What a property says of something in English, or in no language."""
    found = load("ontology").objects(node, said)
    return [text for text in found if not isinstance(text, Literal) or text.language in (None, "en")]


@pytest.mark.parametrize("kind", [OWL.Class, SKOS.ConceptScheme, SKOS.Collection, SKOS.Concept], ids=short)
def test_a_class_a_scheme_and_a_code_have_one_label_in_each_of_four_languages(kind: URIRef) -> None:
    ontology, found = load("ontology"), of_kind(kind)
    assert len(found) > 4
    for node in found:
        labels = [text for said in (RDFS.label, SKOS.prefLabel) for text in ontology.objects(node, said)]
        spoken = sorted(text.language or "" for text in labels if isinstance(text, Literal))
        assert spoken == sorted(LANGUAGES), node
        assert all(str(text) == str(text).strip() != "" for text in labels), node


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_codes_of_a_scheme_are_told_apart_in_every_language(language: str) -> None:
    ontology = load("ontology")
    for scheme in of_kind(SKOS.ConceptScheme):
        labels = [
            str(text)
            for node in ontology.subjects(SKOS.inScheme, scheme)
            for text in ontology.objects(node, SKOS.prefLabel)
            if isinstance(text, Literal) and text.language == language
        ]
        assert len(labels) == len(set(labels)), (scheme, language)


@pytest.mark.parametrize("term", TERMS, ids=short)
def test_a_term_has_label_definition_example_and_home(term: URIRef) -> None:
    ontology = load("ontology")
    assert str(term).startswith(OT)
    for said in (RDFS.label, SKOS.definition, SKOS.example):
        found = english(term, said)
        assert len(found) == 1, said
        assert isinstance(found[0], Literal)
        assert found[0].language == "en"
        assert str(found[0]).strip()
    assert list(ontology.objects(term, RDFS.isDefinedBy)) == [ONTOLOGY]


@pytest.mark.parametrize("term", PROPERTIES, ids=short)
def test_a_property_says_where_it_is_used_and_what_it_holds(term: URIRef) -> None:
    ontology = load("ontology")
    schema = "https://schema.org/"
    assert list(ontology.objects(term, URIRef(schema + "domainIncludes")))
    held = {str(node) for node in ontology.objects(term, URIRef(schema + "rangeIncludes"))}
    is_literal = {iri.startswith(str(XSD)) for iri in held}
    assert is_literal == {(term, RDF.type, OWL.DatatypeProperty) in ontology}


@pytest.mark.parametrize("term", PROPERTIES, ids=short)
def test_a_property_is_below_one_of_a_stable_vocabulary_or_says_why_not(term: URIRef) -> None:
    ontology = load("ontology")
    above = [each for each in ontology.objects(term, RDFS.subPropertyOf) if not str(each).startswith(OT)]
    notes = [text for text in ontology.objects(term, SKOS.note) if str(text).startswith("No superproperty: ")]
    assert bool(above) != bool(notes), (above, notes)


def test_what_people_walk_both_ways_has_a_name_in_the_other_direction() -> None:
    ontology = load("ontology")
    pairs = dict(ontology.subject_objects(OWL.inverseOf))
    walked = (
        "buyer supplier owner asset operator facility recruiter employer worksite target evidence sourcesFrom"
    )
    assert {URIRef(OT + name) for name in walked.split()} <= set(pairs.values())
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) | set(pairs.values()) <= of_kind(OWL.ObjectProperty)
    schema = "https://schema.org/"
    for back, forth in pairs.items():
        assert set(ontology.objects(back, URIRef(schema + "rangeIncludes"))) <= {
            *ontology.objects(forth, URIRef(schema + "domainIncludes"))
        }, back


def test_a_class_is_upper_camel_and_a_property_lower_camel() -> None:
    for term in TERMS:
        pattern = r"[A-Z][A-Za-z]*" if term in of_kind(OWL.Class) else r"[a-z][A-Za-z0-9]*"
        assert re.fullmatch(pattern, term.removeprefix(OT)), term


def test_every_term_of_the_tables_is_defined() -> None:
    assert own(classes_of_tables()) <= of_kind(OWL.Class)
    assert own(properties_of_tables()) <= of_kind(*PROPERTY_KINDS)


def test_every_term_that_the_code_writes_is_defined() -> None:
    defined = {str(node).removeprefix(OT) for node in load("ontology").subjects(RDF.type)}
    for path in sorted(Path(str(files("opentier.graph"))).rglob("*")):
        if path.suffix in (".py", ".rq"):
            text = path.read_text("utf-8")
            found = {
                *re.findall(r"\bot:([A-Za-z][A-Za-z0-9]*(?:-[a-z0-9]+)*)(?![\w-])", text),
                *re.findall(r"\b_?OT\.([A-Za-z]\w*)", text),
                *re.findall(r"\bOT \+ \"([A-Za-z][\w-]*)\"", text),
            }
            assert found <= defined | NO_TERMS, f"{path.name} uses what the vocabulary lacks"


def test_the_kinds_of_a_table_are_sub_classes_of_its_class() -> None:
    ontology = load("ontology")
    for table, column in COLUMNS:
        for _, name in column.classes:
            above = ontology.transitive_objects(URIRef(model.expand(name)), RDFS.subClassOf)
            assert URIRef(model.expand(table.rdf_class)) in above


def test_measures_and_risk_designations_are_apart() -> None:
    ontology = load("ontology")
    measure, risk = URIRef(OT + "Measure"), URIRef(OT + "RiskDesignation")
    assert (measure, OWL.disjointWith, risk) in ontology
    below = [set(ontology.transitive_subjects(RDFS.subClassOf, node)) for node in (measure, risk)]
    assert not below[0] & below[1]


# --- the schemes ----------------------------------------------------------------------------------------


def test_the_schemes_are_those_of_the_tables() -> None:
    ontology = load("ontology")
    references = {f"{OT}{scheme}-scheme" for scheme in REFERENCE_SCHEMES}
    schemes = {str(scheme) for scheme in ontology.subjects(RDF.type, SKOS.ConceptScheme)}
    assert references <= schemes
    found: dict[str, set[str]] = {scheme: set() for scheme in schemes - references}
    for node, scheme in ontology.subject_objects(SKOS.inScheme):
        if str(scheme) in found:
            found[str(scheme)].add(str(ontology.value(node, SKOS.notation)))
    assert found == {f"{OT}{scheme}-scheme": set(codes) for scheme, codes in tables.SCHEMES.items()}


@pytest.mark.parametrize(
    ("scheme", "code"), [(scheme, code) for scheme, codes in tables.SCHEMES.items() for code in codes]
)
def test_a_code_has_its_concept(scheme: str, code: str) -> None:
    ontology, node = load("ontology"), URIRef(model.concept(scheme, code))
    assert (node, RDF.type, SKOS.Concept) in ontology
    assert (node, SKOS.notation, Literal(code)) in ontology
    assert (node, SKOS.inScheme, URIRef(f"{OT}{scheme}-scheme")) in ontology
    assert (node, RDFS.isDefinedBy, ONTOLOGY) in ontology
    assert ontology.value(node, SKOS.prefLabel)
    assert ontology.value(node, SKOS.definition)


def concepts(scheme: str) -> dict[str, URIRef]:
    """The concepts of a scheme by their labels."""
    found = load("ontology").subjects(SKOS.inScheme, URIRef(f"{OT}{scheme}-scheme"))
    return {str(english(node, SKOS.prefLabel)[0]): node for node in found if isinstance(node, URIRef)}


def members(collection: str) -> set[URIRef]:
    found = load("ontology").objects(URIRef(OT + collection), SKOS.member)
    return {node for node in found if isinstance(node, URIRef)}


@pytest.mark.parametrize("scheme", [*tables.SCHEMES, *REFERENCE_SCHEMES])
def test_a_concept_is_named_and_defined_once_and_says_where_it_comes_from(scheme: str) -> None:
    ontology = load("ontology")
    found = set(ontology.subjects(SKOS.inScheme, URIRef(f"{OT}{scheme}-scheme")))
    assert len(concepts(scheme)) == len(found) > 0
    for node in found:
        assert (node, RDF.type, SKOS.Concept) in ontology
        assert str(node).startswith(f"{OT}{scheme}-")
        assert list(ontology.objects(node, SKOS.notation))
        for said in (SKOS.prefLabel, SKOS.definition):
            (text,) = english(node, said)
            assert isinstance(text, Literal)
            assert text.language == "en"
        assert len(list(ontology.objects(node, DCTERMS.source))) == (0 if scheme in UNSOURCED else 1)


def test_an_indicator_is_one_of_the_ilo_a_proxy_or_a_national_term() -> None:
    ontology = load("ontology")
    kinds = [members(f"indicators-{kind}") for kind in ("ilo", "proxy", "national")]
    assert len(kinds[0]) == 11
    assert sum(map(len, kinds)) == len(set.union(*kinds)) == len(tables.SCHEMES["indicator"])
    assert set.union(*kinds) == set(ontology.subjects(RDF.type, URIRef(OT + "Indicator")))
    source = Literal("ILO Indicators of Forced Labour (2012)")
    assert all((node, DCTERMS.source, source) in ontology for node in kinds[0])


def test_a_proxy_says_what_it_stands_for_and_what_it_cannot_show() -> None:
    ontology = load("ontology")
    for node in members("indicators-proxy"):
        stands_for = set(ontology.objects(node, URIRef(OT + "proxyFor")))
        assert stands_for
        assert stands_for <= members("indicators-ilo")
        assert len(list(ontology.objects(node, URIRef(OT + "caveat")))) == 1
    shapes = load("shapes")
    (head,) = shapes.objects(URIRef(OT + "ProxyShape"), SH["in"])
    assert set(shapes.items(head)) == members("indicators-proxy")


def test_crosswalks_lead_to_the_ilo_and_to_the_oecd() -> None:
    walks = Graph().parse(data=turtle("opentier.ontology")["crosswalks.ttl"], format="turtle")
    assert set(walks.predicates()) == {SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch}
    for sources, targets in (("indicators-national", "indicators-ilo"), ("steps-comply-chain", "steps-oecd")):
        for node in members(sources):
            assert set(walks.objects(node)) <= members(targets), node
            assert (node, None, None) in walks, node
    assert members("steps-oecd") <= {*walks.objects()}
    assert len(members("steps-oecd")) == 6
    assert len(members("steps-comply-chain")) == 8


def test_every_ilo_indicator_names_its_methods_of_control() -> None:
    ontology = load("ontology")
    assert all("HTCDS" in str(ontology.value(node, SKOS.note)) for node in members("indicators-ilo"))


def test_the_words_of_the_directory_are_those_of_the_data() -> None:
    table = tables.TABLES["initiatives"]
    rows = package("initiatives").tables["initiatives"]
    schemes = {"industry": "industry", "geography": "geography", "issues": "issue"}
    for column in table:
        if column.name in schemes:
            said = {word for row in rows for word in row.cells.get(column.name, "").split("|") if word}
            assert said <= set(concepts(schemes[column.name]))
    assert {*extents.industries(), "Cross-Industry"} == set(concepts("industry"))
    assert {*extents.areas(), "Global"} - {"EU"} == set(concepts("geography"))


def test_a_geography_has_codes_of_m49_and_a_wider_one() -> None:
    ontology = load("ontology")
    codes = [
        str(code) for node in concepts("geography").values() for code in ontology.objects(node, SKOS.notation)
    ]
    assert all(re.fullmatch(r"\d{3}", code) for code in codes)
    assert len(codes) == len(set(codes))
    world = URIRef(OT + "geography-global")
    for node in concepts("geography").values():
        assert world in ontology.transitive_objects(node, SKOS.broader)


# --- the context ----------------------------------------------------------------------------------------


def meaning(key: str) -> str:
    """The IRI that a key of the context stands for."""
    entry = context()[key]
    return model.expand(entry["@id"] if isinstance(entry, dict) else entry)


def keys() -> list[str]:
    return [key for key in context() if key not in ("@version", "@vocab", "id", "type", *model.PREFIXES)]


def test_the_context_has_the_prefixes_of_the_model() -> None:
    assert {prefix: context()[prefix] for prefix in model.PREFIXES} == model.PREFIXES


def test_every_class_and_property_is_in_the_context_under_its_own_name() -> None:
    wanted = {model.expand(name) for name in classes_of_tables() | properties_of_tables()}
    assert wanted | {str(node) for node in of_kind(OWL.Class)} <= {meaning(key) for key in keys()}
    for key in keys():
        assert meaning(key).endswith(key)


def test_the_context_types_what_the_mapping_types() -> None:
    typed = {
        "actor": "@id", "record": "@id", "product": "@id", "code": "@id", "identifier": "@id", "subject": "@id",
        "decimal": "xsd:decimal", "integer": "xsd:integer", "boolean": "xsd:boolean", "url": "xsd:anyURI",
        **dict.fromkeys(resources.KINDS, "@id"),
    }  # fmt: skip
    for _, column in COLUMNS:
        if column.term:
            entry = context()[column.term.partition(":")[2]]
            assert (entry["@type"] if isinstance(entry, dict) else None) == typed.get(column.kind), column


ROUND_TRIP = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/id/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix ot: <https://w3id.org/opentier/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:link a ot:SupplyLink ; ot:buyer ex:a ; ot:supplier ex:b ; ot:product <https://example.org/hs/5205> ;
    ot:startDate "2020"^^xsd:gYear ; ot:endDate "2021-03"^^xsd:gYearMonth ;
    ot:observedDate "2020-05-01"^^xsd:date ;
    ot:confidence 0.9 ; ot:value 1900000.0 ; ot:shipments 3 ; ot:crucial true , false ;
    ot:linkKind ot:link-kind-sale ; ot:evidence ex:e1 , ex:e2 ; dcterms:source "a list" .
ex:a a ot:Facility ; rdfs:label "A" ; skos:altLabel "柳湖针织" , "Ä" ; geo:lat 41.5 ; ot:country "NA" ;
    adms:identifier ex:lei ; foaf:homepage "https://example.org/"^^xsd:anyURI .
ex:lei a adms:Identifier ; skos:notation "007" ; ot:identifierScheme ot:identifier-scheme-duns .
"""


@inside_rdflib
def test_the_context_brings_a_graph_back_unchanged() -> None:
    graph = Graph().parse(data=ROUND_TRIP, format="turtle")
    text = graph.serialize(format="json-ld", context=context())
    assert to_isomorphic(Graph().parse(data=text, format="json-ld")) == to_isomorphic(graph)
    link = next(node for node in json.loads(text)["@graph"] if str(node.get("id", "")).endswith("link"))
    assert link["buyer"] == "https://example.org/id/a"
    assert link["startDate"] == {"@value": "2020", "type": "xsd:gYear"}


@inside_rdflib
def test_plain_json_becomes_what_the_mapping_writes() -> None:
    written = {
        "@context": context(), "id": "https://example.org/id/link", "type": "SupplyLink",
        "buyer": "https://example.org/id/a", "confidence": "0.9", "shipments": 3, "crucial": True,
        "status": "ot:link-status-current", "startDate": {"@value": "2020-05", "@type": "xsd:gYearMonth"},
    }  # fmt: skip
    graph = Graph().parse(data=json.dumps(written), format="json-ld")
    expected = {
        (RDF.type, URIRef(OT + "SupplyLink")),
        (URIRef(OT + "buyer"), URIRef("https://example.org/id/a")),
        (URIRef(OT + "confidence"), Literal("0.9", datatype=XSD.decimal)),
        (URIRef(OT + "shipments"), Literal("3", datatype=XSD.integer)),
        (URIRef(OT + "crucial"), Literal("true", datatype=XSD.boolean)),
        (URIRef(OT + "status"), URIRef(OT + "link-status-current")),
        (URIRef(OT + "startDate"), Literal("2020-05", datatype=XSD.gYearMonth)),
    }
    assert set(graph.predicate_objects(URIRef("https://example.org/id/link"))) == expected


# --- the shapes -----------------------------------------------------------------------------------------


def test_no_shape_is_blank() -> None:
    shapes = load("shapes")
    named = set(SHAPE_NODES)
    assert not [node for node in named if isinstance(node, BNode)]
    assert set(shapes.objects(None, SH.property)) <= named
    assert set(shapes.subjects(SH.path)) <= named
    assert {member for head in shapes.objects(None, SH["or"]) for member in shapes.items(head)} <= named


@pytest.mark.parametrize("shape", SHAPE_NODES, ids=short)
def test_a_shape_has_message_severity_and_home(shape: URIRef) -> None:
    shapes = load("shapes")
    assert re.fullmatch(re.escape(OT) + r"[A-Z][A-Za-z]*Shape(-[a-z]\w*)?", shape)
    message = str(shapes.value(shape, SH.message))
    assert re.search(r": .+\.$", message), f"{message!r} does not say what to do"
    assert "\n" not in message
    assert shapes.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info)
    assert list(shapes.objects(shape, RDFS.isDefinedBy)) == [SHAPES]


def test_a_property_shape_is_named_after_its_node_shape() -> None:
    shapes = load("shapes")
    for shape, part in shapes.subject_objects(SH.property):
        assert str(part).startswith(f"{shape}-")
    parts = list(shapes.objects(None, SH.property))
    assert len(parts) == len(set(parts)) == len(set(shapes.subjects(RDF.type, SH.PropertyShape)))


def test_every_class_of_the_tables_has_its_shape() -> None:
    shapes = load("shapes")
    for table in tables.TABLES.values():
        node = URIRef(model.expand(table.rdf_class))
        assert (URIRef(f"{node}Shape"), SH.targetClass, node) in shapes


def test_every_property_has_a_shape_or_a_reason() -> None:
    shapes = load("shapes")
    used = {node for head in shapes.objects(None, SH.path) for node in (head, *alternatives(shapes, head))}
    without = of_kind(*PROPERTY_KINDS) - used
    assert without == {URIRef(OT + name) for name in WITHOUT_SHAPE}
    assert {URIRef(model.expand(name)) for name in properties_of_tables()} <= used


def test_every_class_has_a_shape_or_a_reason() -> None:
    ontology, shapes = load("ontology"), load("shapes")
    targets = set(shapes.objects(None, SH.targetClass))
    without = {
        node
        for node in of_kind(OWL.Class)
        if not targets & set(ontology.transitive_objects(node, RDFS.subClassOf))
        and not targets & set(ontology.transitive_subjects(RDFS.subClassOf, node))
    }
    assert without == {URIRef(OT + name) for name in CLASSES_WITHOUT_SHAPE}


def test_every_code_is_allowed_by_some_shape() -> None:
    shapes = load("shapes")
    allowed = {node for head in shapes.objects(None, SH["in"]) for node in shapes.items(head)}
    codes = {
        URIRef(model.concept(scheme, code)) for scheme, every in tables.SCHEMES.items() for code in every
    }
    assert codes <= allowed


def test_a_required_column_is_required_by_its_shape() -> None:
    shapes = load("shapes")
    for table, column in COLUMNS:
        # A product that is an HS heading has no name of its own: ProductShape-named asks for either.
        if column.required and column.term and table.name != "products":
            shape = shape_of(table, column)
            assert shapes.value(shape, SH.minCount) == Literal(1), shape


def test_the_codes_and_ranges_of_the_shapes_are_those_of_the_tables() -> None:
    shapes = load("shapes")
    for table, column in COLUMNS:
        shape = shape_of(table, column)
        if column.scheme:
            head = shapes.value(shape, SH["in"])
            allowed = {URIRef(model.concept(column.scheme, code)) for code in column.codes}
            assert head is not None, shape
            assert set(shapes.items(head)) == allowed, shape
        for bound, limit in ((SH.minInclusive, column.minimum), (SH.maxInclusive, column.maximum)):
            if limit is not None and (shape, RDF.type, SH.PropertyShape) in shapes:
                found = shapes.value(shape, bound)
                assert isinstance(found, Literal), shape
                assert float(found) == limit, shape


def alternatives(shapes: Graph, path: Node) -> list[Node]:
    """The properties of an alternative path."""
    head = shapes.value(path, SH.alternativePath)
    return [] if head is None else list(shapes.items(head))


# --- the data structure of observations -----------------------------------------------------------------


def test_the_data_structure_of_observations_is_well_formed() -> None:
    """The checks of RDF Data Cube that fit a vocabulary without domains and ranges (IC-2 to IC-6, in part)."""
    ontology = load("ontology")
    (structure,) = ontology.subjects(RDF.type, QB.DataStructureDefinition)
    kinds = {
        QB.dimension: QB.DimensionProperty,
        QB.measure: QB.MeasureProperty,
        QB.attribute: QB.AttributeProperty,
    }
    found: dict[URIRef, set[str]] = {kind: set() for kind in kinds}
    for component in ontology.objects(structure, QB.component):
        ((kind, part),) = [(kind, part) for kind in kinds for part in ontology.objects(component, kind)]
        assert (part, RDF.type, kinds[kind]) in ontology
        found[kind].add(short(part))
    assert found == {
        QB.dimension: {"area", "period", "indicator", "sector", "product"},
        QB.measure: {"value"},
        QB.attribute: {"unit", "lower", "upper", "method", "sampleSize", "population"},
    }
    typed = {short(node) for kind in kinds.values() for node in ontology.subjects(RDF.type, kind)}
    assert typed == set.union(*found.values())
    assert ontology.value(URIRef(OT + "indicator"), QB.codeList) == URIRef(OT + "indicator-scheme")
    columns = {column.term for column in tables.TABLES["observations"] if column.term.startswith("ot:")}
    assert {f"ot:{name}" for name in typed} == columns - {"ot:retrievedAt"}


# --- reasoning ------------------------------------------------------------------------------------------

#: What the vocabularies that ours are tied to keep apart or put above each other, as far as it could clash.
STABLE = (
    (PROV.Activity, OWL.disjointWith, PROV.Entity),
    (PROV.Plan, RDFS.subClassOf, PROV.Entity),
    (ORG.ChangeEvent, RDFS.subClassOf, PROV.Activity),
    (PROV.wasDerivedFrom, RDFS.domain, PROV.Entity),
    (PROV.wasDerivedFrom, RDFS.range, PROV.Entity),
    (PROV.wasInvalidatedBy, RDFS.domain, PROV.Entity),
    (PROV.wasInvalidatedBy, RDFS.range, PROV.Activity),
)
ERROR = "http://www.daml.org/2002/03/agents/agent-ont#"


def package(dataset: str) -> submission.Contribution:
    """A shipped dataset, read."""
    folder = Path(str(files("opentier.graph").joinpath("datasets", dataset)))
    found = submission.read(folder, submission.Options(), folder)
    assert found.report.conforms, found.report.findings
    return found


#: Records that contradict the vocabulary: each is of two disjoint classes; one stands in the file of a bad example.
PLANTED = {
    "two-kinds": ("Incident", "RiskAssessment"),
    "two-entries": ("ImportOrder", "GoodsListing"),
}
BAD_RECORD = "https://example.org/id/incident"
BAD = Path(__file__).parent / "data" / "shapes" / "bad-incident-likelihood.ttl"
SHIPPED = ("example", "laws", "data-points")


def planted(name: str) -> URIRef:
    return URIRef(f"https://example.org/planted/{name}")


@pytest.fixture(scope="module")
def contradictions(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What OWL RL reasoning cannot make fit, in one run over all there is: what is said more takes nothing back."""
    graph, names, file = Graph(), model.Names(), tmp_path_factory.mktemp("mapped") / "records.nt"
    for dataset in SHIPPED:
        found = checking.check(package(dataset), names, set)
        written = lines.write(found, names, file)
        data = Graph().parse(file, format="nt")
        assert len(data) == written.triples > 100
        graph += data
    assert (None, PROV.wasInvalidatedBy, None) in graph
    graph += load("ontology")
    graph += Graph().parse(BAD, format="turtle")
    for name, classes in PLANTED.items():
        for each in classes:
            graph.add((planted(name), RDF.type, URIRef(OT + each)))
    for triple in STABLE:
        graph.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    assert not set(graph.subjects(RDF.type, OWL.Nothing))
    return [str(text) for text in graph.objects(None, URIRef(ERROR + "error"))]


@pytest.mark.parametrize("name", PLANTED)
def test_reasoning_finds_a_record_of_two_disjoint_classes(contradictions: list[str], name: str) -> None:
    [said] = [text for text in contradictions if str(planted(name)) in text]
    assert "isjoint" in said


def test_reasoning_finds_the_disjointness_in_the_bad_example(contradictions: list[str]) -> None:
    assert any(BAD_RECORD in text for text in contradictions)


def test_shipped_datasets_do_not_contradict_the_vocabulary(contradictions: list[str]) -> None:
    """Nor is any of their records both an entity and an activity of PROV."""
    expected = (BAD_RECORD, *(str(planted(name)) for name in PLANTED))
    assert [text for text in contradictions if not any(name in text for name in expected)] == []
