"""What the areas and industries of the vocabulary take in: countries, and chapters of the Harmonized System."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from opentier.graph.model.names import concept, expand
from opentier.graph.model.rdf import Literal
from opentier.graph.vocabulary import syntax

#: Where they stand; no other file is read, for laws ask for areas when they are imported.
_FILE = "schemes-directory.ttl"
_LABEL, _NOTATION = expand("skos:prefLabel"), expand("skos:notation")
_SCHEME = expand("skos:inScheme")
_COUNTRY, _CHAPTER = expand("ot:memberCountry"), expand("ot:hsChapter")


@lru_cache(maxsize=1)
def _said() -> dict[str, dict[str, list[str]]]:
    """Return what is said in English, or in no language, of each concept and collection, by property."""
    found: dict[str, dict[str, list[str]]] = {}
    for triple in syntax.read(files("opentier.ontology").joinpath(_FILE).read_bytes()):
        language = triple.object.language if isinstance(triple.object, Literal) else ""
        if language in ("", "en", None):
            properties = found.setdefault(triple.subject.value, {})
            properties.setdefault(triple.predicate.value, []).append(triple.object.value)
    return found


@lru_cache(maxsize=1)
def areas() -> dict[str, frozenset[str]]:
    """Return the areas by name, each with the alpha-2 codes of its countries; the Union goes by its code, ``EU``."""
    return {
        min(said[_NOTATION] if "EU" in said[_NOTATION] else said[_LABEL]): frozenset(said[_COUNTRY])
        for said in _said().values()
        if _COUNTRY in said
    }


@lru_cache(maxsize=1)
def industries() -> dict[str, frozenset[str]]:
    """Return the industries by name, each with the HS chapters that belong to it."""
    return {min(said[_LABEL]): frozenset(said[_CHAPTER]) for said in _said().values() if _CHAPTER in said}


@lru_cache(maxsize=8)
def coded(scheme: str) -> dict[str, str]:
    """Return the English labels of the concepts of a scheme (issue, industry, geography) by their codes."""
    listed = concept(scheme, "scheme")
    return {
        code: min(said[_LABEL])
        for said in _said().values()
        if listed in said.get(_SCHEME, ())
        for code in said[_NOTATION]
    }


EU = areas()["EU"]


def covers(wide: str, narrow: str) -> bool:
    """Return whether one scope covers another: a country, a part of one, ``EU``, or ``worldwide``."""
    country = narrow.partition("-")[0]
    if wide in (narrow, country, "worldwide"):
        return True
    return wide == "EU" and country in EU
