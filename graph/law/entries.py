"""The entries of the directory of initiatives: what each is about, where it works, and on what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache

from opentier.graph.law import commodities
from opentier.graph.model.cells import CellError, country
from opentier.graph.store.release import Release
from opentier.graph.vocabulary.extents import areas, industries

CROSS, WORLD = "Cross-Industry", "Global"
#: The issues of what a designation lists for.
_ISSUES = {
    "forced-labour": ("Forced Labour",),
    "not-stated": ("Forced Labour",),
    "forced-child-labour": ("Forced Labour", "Child Labour"),
    "child-labour": ("Child Labour",),
    "trafficking": ("Forced Labour", "Recruitment"),
}


@lru_cache(maxsize=1024)
def countries(geography: str) -> frozenset[str]:
    """Return the codes of the countries of a region by its name; a country is one of its own."""
    if geography in areas():
        return areas()[geography]
    try:
        return frozenset({country(geography)})
    except CellError:
        return frozenset()


@dataclass(frozen=True)
class Initiative:
    """An initiative or organisation of the directory."""

    iri: str
    name: str
    type: str
    organisers: tuple[str, ...]
    funders: tuple[str, ...]
    focus_areas: tuple[str, ...]
    industries: tuple[str, ...]
    geographies: tuple[str, ...]
    issues: tuple[str, ...]
    tools: tuple[str, ...]
    website: str | None
    source: str | None

    @cached_property
    def goods(self) -> frozenset[str]:
        """The goods that it is about; none where it is about its industry."""
        return commodities.named((self.name, *self.focus_areas, *self.tools))

    def about(self, goods: Collection[str], sector: str | None) -> str | None:
        """Return what of it fits a product of some goods and an industry: a good, the industry, or all industries.

        An initiative about other goods fits nothing, however near its industry.
        """
        if self.goods:
            return min(self.goods & set(goods), default=None)
        if sector is not None and sector in self.industries:
            return sector
        return CROSS if CROSS in self.industries else None

    def where(self, place: str | None) -> str | None:
        """Return which of its regions takes in a country, the smallest first; the world where none does."""
        here = (name for name in self.geographies if place and place in countries(name))
        nearest = min(here, key=lambda name: (len(countries(name)), name), default=None)
        return nearest or (WORLD if WORLD in self.geographies else None)


def industry(hs: str | None) -> str | None:
    """Return the industry of an HS code."""
    return next((name for name, chapters in industries().items() if hs and hs[:2] in chapters), None)


def worked_on(exploitation: Collection[str]) -> tuple[str, ...]:
    """Return the issues of what a designation lists for."""
    return tuple(
        dict.fromkeys(issue for code in exploitation or ("not-stated",) for issue in _ISSUES.get(code, ()))
    )


def entries(release: Release) -> list[Initiative]:
    """Return the initiatives of a release."""
    return [
        Initiative(
            iri=iri,
            name=min(fields["rdfs:label"]),
            type=min(fields["ot:initiativeType"]),
            organisers=tuple(sorted(fields.get("ot:organiser", ()))),
            funders=tuple(sorted(fields.get("ot:funder", ()))),
            focus_areas=tuple(sorted(fields.get("ot:focusArea", ()))),
            industries=tuple(sorted(fields.get("ot:industry", ()))),
            geographies=tuple(sorted(fields.get("ot:geography", ()))),
            issues=tuple(sorted(fields.get("ot:issue", ()))),
            tools=tuple(sorted(fields.get("ot:tool", ()))),
            website=min(fields.get("foaf:homepage", ()), default=None),
            source=min(fields.get("dcterms:source", ()), default=None),
        )
        for iri, fields in release.records("initiatives")
    ]
