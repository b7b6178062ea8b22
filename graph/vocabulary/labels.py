"""What the concepts of the vocabulary are called, in each language that it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from opentier.graph.model.names import concept, expand
from opentier.graph.model.rdf import Literal
from opentier.graph.threads import once
from opentier.graph.vocabulary import syntax

#: Its own language; that of a concept which has no name in another.
ENGLISH = "en"
_LABEL = expand("skos:prefLabel")


@once
def _labels() -> Mapping[tuple[str, str], str]:
    """Return the labels of all concepts, by IRI and language."""
    return {
        (said.subject.value, said.object.language or ENGLISH): said.object.value
        for file in sorted(files("opentier.ontology").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".ttl")
        for said in syntax.read(file.read_bytes())
        if said.predicate.value == _LABEL and isinstance(said.object, Literal)
    }


def codes(scheme: str) -> list[str]:
    """Return the codes of a scheme."""
    begin, listed = concept(scheme, ""), concept(scheme, "scheme")
    return sorted(
        iri.removeprefix(begin)
        for iri, language in _labels()
        if language == ENGLISH and iri.startswith(begin) and iri != listed
    )


def label(scheme: str, code: str, language: str = ENGLISH) -> str:
    """Return what a code of a scheme is called in a language, in English where it has no name there, else the code."""
    iri, known = concept(scheme, code), _labels()
    return known.get((iri, language)) or known.get((iri, ENGLISH)) or code
