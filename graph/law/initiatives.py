"""The directory of initiatives: filtered, its gaps, and which initiative fits a hop of a trace."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.model.areas import areas
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release

CROSS, WORLD = "Cross-Industry", "Global"
#: The issues of what a designation lists for.
_ISSUES = {
    "forced-labour": ("Forced Labour",),
    "not-stated": ("Forced Labour",),
    "forced-child-labour": ("Forced Labour", "Child Labour"),
    "child-labour": ("Child Labour",),
    "trafficking": ("Forced Labour", "Recruitment"),
}
#: Initiatives named for one exposure, the most particular first.
FITTING = 5
#: Known values that are named where none is near to an unknown one.
_LISTED = 12


@dataclass(frozen=True)
class Initiative:
    """An initiative or organisation of the directory."""

    iri: str
    name: str
    type: str
    organisers: tuple[str, ...]
    industries: tuple[str, ...]
    geographies: tuple[str, ...]
    issues: tuple[str, ...]
    tools: tuple[str, ...]
    website: str | None
    source: str | None


@lru_cache(maxsize=1)
def industries() -> dict[str, frozenset[str]]:
    """Return the industries, each with the HS chapters that belong to it."""
    said = tomllib.loads(files("opentier.graph.law").joinpath("industries.toml").read_text("utf-8"))
    return {name: frozenset(text.split()) for name, text in said.items()}


def industry(hs: str | None) -> str | None:
    """Return the industry of an HS code."""
    return next((name for name, chapters in industries().items() if hs and hs[:2] in chapters), None)


def _issues(exploitation: Collection[str]) -> tuple[str, ...]:
    """Return the issues of what a designation lists for."""
    return tuple(
        dict.fromkeys(issue for code in exploitation or ("not-stated",) for issue in _ISSUES.get(code, ()))
    )


class Initiatives:
    """The initiatives of a release."""

    def __init__(self, release: Release) -> None:
        self.names: Names = release.names
        #: The issues that the vocabulary knows, by name.
        self.issues = release.labels("issue")
        self.initiatives = [
            Initiative(
                iri=iri,
                name=min(fields["rdfs:label"]),
                type=min(fields["ot:initiativeType"]),
                organisers=tuple(sorted(fields.get("ot:organiser", ()))),
                industries=tuple(sorted(fields.get("ot:industry", ()))),
                geographies=tuple(sorted(fields.get("ot:geography", ()))),
                issues=tuple(sorted(fields.get("ot:issue", ()))),
                tools=tuple(sorted(fields.get("ot:tool", ()))),
                website=min(fields.get("foaf:homepage", ()), default=None),
                source=min(fields.get("dcterms:source", ()), default=None),
            )
            for iri, fields in release.records("initiatives")
        ]

    def find(
        self,
        *,
        type: str | None = None,
        industry: str | None = None,
        geography: str | None = None,
        issue: str | None = None,
        organiser: str | None = None,
    ) -> list[Initiative]:
        """Return the initiatives that have all that is asked for, by name; case does not matter.

        Raises
        ------
        UsageError
            If something is asked for that neither an initiative nor the vocabulary knows; the nearest are named.
        """
        asked = {
            "type": _known("type", type, self._named("type")),
            "industries": _known("industry", industry, self._named("industries") | set(industries())),
            "geographies": _known("geography", geography, self._named("geographies") | set(areas())),
            "issues": None if issue is None else self.issue(issue),
            "organisers": _known("organiser", organiser, self._named("organisers")),
        }
        found = [i for i in self.initiatives if all(_has(i, key, text) for key, text in asked.items())]
        return sorted(found, key=lambda initiative: (initiative.name.casefold(), initiative.iri))

    def issue(self, text: str) -> str:
        """Return an issue as it is written.

        Raises
        ------
        UsageError
            If neither an initiative nor the vocabulary knows it; the nearest are named.
        """
        return _known("issue", text, self._named("issues") | set(self.issues)) or text

    def _named(self, key: str) -> set[str]:
        """Return all values that initiatives have."""
        values = (getattr(initiative, key) for initiative in self.initiatives)
        return {value for found in values for value in ((found,) if isinstance(found, str) else found)}

    def gaps(self) -> dict[str, list[str]]:
        """Return the industries, regions and issues that no initiative is particular to."""
        named = {key: self._named(key) for key in ("industries", "geographies", "issues")}
        return {
            "industries": sorted(set(industries()) - named["industries"]),
            "geographies": sorted(set(areas()) - {"EU"} - named["geographies"]),
            "issues": sorted(set(self.issues) - named["issues"]),
        }

    def fitting(
        self, hs: str | None, country: str | None, exploitation: Collection[str] = ()
    ) -> list[tuple[Initiative, str]]:
        """Return the initiatives that fit a hop, each with the reason; those that fit by its region alone come last.

        Parameters
        ----------
        hs, country
            The product's HS code and the supplier's country.
        exploitation
            What the designation lists for; forced labour where it does not say.
        """
        mine, issues = industry(hs), _issues(exploitation)
        fits = []
        for initiative in self.initiatives:
            wanted = [issue for issue in issues if issue in initiative.issues]
            here = [g for g in initiative.geographies if country and country in areas().get(g, ())]
            sector = mine is not None and mine in initiative.industries
            everywhere = WORLD in initiative.geographies
            if not wanted or not (here or everywhere) or not (sector or here):
                continue
            if not (sector or CROSS in initiative.industries):
                continue
            why = [mine if sector and mine else CROSS, here[0] if here else WORLD, *wanted]
            fits.append((not sector, not here, initiative.name, initiative, ", ".join(why)))
        ordered = sorted(fits, key=lambda fit: fit[:3])[:FITTING]
        return [(initiative, why) for *_, initiative, why in ordered]

    def described(self, initiative: Initiative) -> dict[str, Any]:
        """Return an initiative as a JSON object."""
        return {
            "iri": initiative.iri,
            "id": self.names.id(initiative.iri),
            "name": initiative.name,
            "type": initiative.type,
            "organisers": list(initiative.organisers),
            "industries": list(initiative.industries),
            "geographies": list(initiative.geographies),
            "issues": list(initiative.issues),
            "tools": list(initiative.tools),
            "website": initiative.website,
            "source": initiative.source,
        }


def _known(name: str, text: str | None, known: Collection[str]) -> str | None:
    """Return a value as it is written; raise UsageError where it is none of the known ones."""
    if text is None:
        return None
    found = min((value for value in known if value.casefold() == text.strip().casefold()), default=None)
    if found is None:
        near = mean(text, sorted(known), _LISTED)
        raise UsageError(Named(name), f": nothing is called {text!r} in the directory.{near}")
    return found


def _has(initiative: Initiative, key: str, text: str | None) -> bool:
    if text is None:
        return True
    value = getattr(initiative, key)
    return text.casefold() in {item.casefold() for item in ((value,) if isinstance(value, str) else value)}
