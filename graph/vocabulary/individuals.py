"""What is said of an individual that no dataset owns, and of which classes a record is, those above its own included.

The version that names an individual describes it too, always in the same words, so that each version's graph can be
read by itself.
"""

from __future__ import annotations

from functools import lru_cache

from opentier.graph.model.names import Names, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.resources import Resource
from opentier.graph.vocabulary import documents

_TYPE, _LABEL, _NOTATION, _BROADER = (
    IRI(expand(name)) for name in ("rdf:type", "rdfs:label", "skos:notation", "skos:broader")
)
_COUNTRY, _SAME, _HS_CODE = (IRI(expand(name)) for name in ("ot:country", "skos:exactMatch", "ot:hsCode"))
_PRODUCT = expand("ot:Product")


@lru_cache(maxsize=1024)
def classes(kind: str) -> tuple[str, ...]:
    """Return the IRI of a class and those of the classes of ours above it."""
    return (kind, *documents.above().get(kind, ()))


@lru_cache(maxsize=65536)
def described(found: Resource) -> tuple[Triple, ...]:
    """Return what is said of an individual: its classes, label and code, where it lies, and others' names for it."""
    node = IRI(found.iri)
    said = [Triple(node, _TYPE, IRI(kind)) for kind in classes(expand(found.kind))]
    said.append(Triple(node, _LABEL, Literal(found.label)))
    if found.notation:
        said.append(Triple(node, _NOTATION, Literal(found.notation)))
    if found.within:
        said.append(Triple(node, _COUNTRY, IRI(found.within)))
    return (*said, *(Triple(node, _SAME, IRI(same)) for same in found.same))


@lru_cache(maxsize=65536)
def heading(code: str, names: Names) -> tuple[Triple, ...]:
    """Return what is said of an HS heading, and of those above it."""
    said = []
    for length in range(2, len(code) + 1, 2):
        node, digits = IRI(names.hs(code[:length])), Literal(code[:length])
        said += [Triple(node, _TYPE, IRI(kind)) for kind in classes(_PRODUCT)]
        said += [Triple(node, _HS_CODE, digits), Triple(node, _NOTATION, digits)]
        said.append(Triple(node, _LABEL, Literal(f"HS {code[:length]}")))
        if length > 2:
            said.append(Triple(node, _BROADER, IRI(names.hs(code[: length - 2]))))
    return tuple(said)


def scheme(name: str, names: Names) -> tuple[Triple, ...]:
    """Return what is said of a scheme of identifiers that the vocabulary does not have."""
    node = IRI(names.shared("identifier-scheme", name))
    return (Triple(node, _TYPE, IRI(expand("skos:Concept"))), Triple(node, _NOTATION, Literal(name)))
