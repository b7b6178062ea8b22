"""The integrity constraints of the RDF Data Cube vocabulary, as its recommendation states them (section 11).

https://www.w3.org/TR/vocab-data-cube/#wf: a cube is well-formed where, once its statements are closed (section 10,
phase one), none of the questions is answered with yes.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

PREFIXES = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""
#: The closure of types and component properties.
CLOSED = (
    "INSERT { ?o a qb:Observation } WHERE { [] qb:observation ?o }",
    "INSERT { ?o a qb:Observation } WHERE { ?o qb:dataSet [] }",
    "INSERT { ?s a qb:Slice } WHERE { [] qb:slice ?s }",
    *(
        f"INSERT {{ ?c qb:componentProperty ?p . ?p a qb:{kind} }} WHERE {{ ?c qb:{role} ?p }}"
        for role, kind in (
            ("dimension", "DimensionProperty"),
            ("measure", "MeasureProperty"),
            ("attribute", "AttributeProperty"),
        )
    ),
)
COMPONENT = "qb:dataSet/qb:structure/qb:component/qb:componentProperty"
CONSTRAINTS = {
    "IC-1 unique dataset": """
        { ?o a qb:Observation FILTER NOT EXISTS { ?o qb:dataSet ?d } }
        UNION { ?o a qb:Observation ; qb:dataSet ?d, ?e FILTER (?d != ?e) }""",
    "IC-2 unique structure": """
        { ?d a qb:DataSet FILTER NOT EXISTS { ?d qb:structure ?s } }
        UNION { ?d a qb:DataSet ; qb:structure ?s, ?t FILTER (?s != ?t) }""",
    "IC-3 a structure has a measure": """
        ?s a qb:DataStructureDefinition
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty/a qb:MeasureProperty }""",
    "IC-4 dimensions have a range": "?p a qb:DimensionProperty FILTER NOT EXISTS { ?p rdfs:range [] }",
    "IC-5 concepts have a code list": """
        ?p a qb:DimensionProperty ; rdfs:range skos:Concept FILTER NOT EXISTS { ?p qb:codeList [] }""",
    "IC-6 only attributes are optional": """
        ?s qb:component ?c . ?c qb:componentRequired false ; qb:componentProperty ?p
        FILTER NOT EXISTS { ?p a qb:AttributeProperty }""",
    "IC-7 slice keys are declared": """
        ?k a qb:SliceKey FILTER NOT EXISTS { ?s a qb:DataStructureDefinition ; qb:sliceKey ?k }""",
    "IC-8 slice keys are of the structure": """
        ?k a qb:SliceKey ; qb:componentProperty ?p . ?s qb:sliceKey ?k
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty ?p }""",
    "IC-9 unique slice structure": """
        { ?l a qb:Slice FILTER NOT EXISTS { ?l qb:sliceStructure ?k } }
        UNION { ?l a qb:Slice ; qb:sliceStructure ?k, ?j FILTER (?k != ?j) }""",
    "IC-10 slices have their dimensions": """
        ?l qb:sliceStructure/qb:componentProperty ?p FILTER NOT EXISTS { ?l ?p [] }""",
    "IC-11 observations have all dimensions": f"""
        ?o {COMPONENT} ?p . ?p a qb:DimensionProperty FILTER NOT EXISTS {{ ?o ?p [] }}""",
    "IC-12 no two observations agree in all dimensions": """
        FILTER (?all) {
          SELECT (MIN(?equal) AS ?all) WHERE {
            ?o qb:dataSet ?d . ?q qb:dataSet ?d FILTER (?o != ?q)
            ?d qb:structure/qb:component/qb:componentProperty ?p . ?p a qb:DimensionProperty .
            ?o ?p ?v . ?q ?p ?w BIND (?v = ?w AS ?equal)
          } GROUP BY ?o ?q
        }""",
    "IC-13 required attributes are there": """
        ?o qb:dataSet/qb:structure/qb:component ?c . ?c qb:componentRequired true ; qb:componentProperty ?p
        FILTER NOT EXISTS { ?o ?p [] }""",
    "IC-14 all measures are there": """
        ?o qb:dataSet/qb:structure ?s FILTER NOT EXISTS { ?s qb:component/qb:componentProperty qb:measureType }
        ?s qb:component/qb:componentProperty ?p . ?p a qb:MeasureProperty FILTER NOT EXISTS { ?o ?p [] }""",
    "IC-15 the measure of a measure type is there": """
        ?o qb:dataSet/qb:structure ?s ; qb:measureType ?m . ?s qb:component/qb:componentProperty qb:measureType
        FILTER NOT EXISTS { ?o ?m [] }""",
    "IC-16 one measure with a measure type": """
        ?o qb:dataSet/qb:structure ?s ; qb:measureType ?m ; ?n [] .
        ?s qb:component/qb:componentProperty qb:measureType ; qb:component/qb:componentProperty ?n .
        ?n a qb:MeasureProperty FILTER (?n != ?m)""",
    "IC-17 all measures at each point": """
        { SELECT ?many (COUNT(?q) AS ?count) WHERE {
            { SELECT ?s (COUNT(?m) AS ?many) WHERE {
                ?s qb:component/qb:componentProperty ?m . ?m a qb:MeasureProperty } GROUP BY ?s }
            ?o qb:dataSet/qb:structure ?s ; qb:dataSet ?d ; qb:measureType ?a .
            ?q qb:dataSet ?d ; qb:measureType ?b
            FILTER NOT EXISTS {
              ?s qb:component/qb:componentProperty ?p FILTER (?p != qb:measureType) ?p a qb:DimensionProperty .
              ?o ?p ?v . ?q ?p ?w FILTER (?v != ?w) }
          } GROUP BY ?o ?many HAVING (?count != ?many) }""",
    "IC-18 observations of slices are of the dataset": """
        ?d qb:slice/qb:observation ?o FILTER NOT EXISTS { ?o qb:dataSet ?d }""",
    "IC-19 codes are of their list": f"""
        ?o {COMPONENT} ?p . ?p a qb:DimensionProperty ; qb:codeList ?l . ?l a skos:ConceptScheme . ?o ?p ?v
        FILTER NOT EXISTS {{ ?v a skos:Concept ; skos:inScheme ?l }}""",
    "IC-19 codes are of their collection": f"""
        ?o {COMPONENT} ?p . ?p a qb:DimensionProperty ; qb:codeList ?l . ?l a skos:Collection . ?o ?p ?v
        FILTER NOT EXISTS {{ ?v a skos:Concept . ?l skos:member+ ?v }}""",
}
#: Of these two, a question for each property that a hierarchical code list is made with.
HIERARCHIES = {
    "IC-20 codes are of their hierarchy": (
        "SELECT ?p WHERE { ?h a qb:HierarchicalCodeList ; qb:parentChildProperty ?p FILTER ISIRI(?p) }",
        "<{0}>",
    ),
    "IC-21 codes are of their inverse hierarchy": (
        "SELECT ?p WHERE { ?h a qb:HierarchicalCodeList ; qb:parentChildProperty ?b . ?b owl:inverseOf ?p }",
        "(^<{0}>)",
    ),
}


def broken(turtle: bytes, more: Iterable[str] = ()) -> list[str]:
    """Return the constraints that a cube breaks, after some updates."""
    store = ox.Store()
    store.load(turtle, format=ox.RdfFormat.TURTLE)
    for update in (*more, *CLOSED):
        store.update(PREFIXES + update)
    found = [name for name, where in CONSTRAINTS.items() if _ask(store, where)]
    for name, (which, step) in HIERARCHIES.items():
        listed = store.query(PREFIXES + which)
        assert isinstance(listed, ox.QuerySolutions)
        for (property,) in list(listed):
            where = f"""
                ?o {COMPONENT} ?p . ?p a qb:DimensionProperty ; qb:codeList ?l . ?l a qb:HierarchicalCodeList .
                ?o ?p ?v FILTER NOT EXISTS {{ ?l qb:hierarchyRoot/{step.format(property.value)}* ?v }}"""
            found += [name] if _ask(store, where) else []
    return found


def _ask(store: ox.Store, where: str) -> bool:
    return bool(store.query(f"{PREFIXES} ASK {{ {where} }}"))
