"""The directory of initiatives: filtered, its gaps, and which initiative fits a hop of a trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.exposure.words import product
from opentier.graph.law import commodities
from opentier.graph.law.entries import CROSS, WORLD, Initiative, countries, entries, industry, worked_on
from opentier.graph.model.cells import CellError, SeveralMeant, country
from opentier.graph.model.characters import folded
from opentier.graph.model.dates import NEVER
from opentier.graph.model.names import Names
from opentier.graph.network.network import Designation
from opentier.graph.store.release import Release
from opentier.graph.vocabulary.extents import areas, coded, industries

#: Initiatives named for one exposure, the most particular first.
FITTING = 5
#: Known values that are named where none is near to an unknown one.
_LISTED = 12
#: A code of the Harmonized System, however it is written.
_HS = re.compile(r"(?:hs[:\s]*)?(\d[\d.]*)", re.IGNORECASE)


class Initiatives:
    """The initiatives of a release; `listings` gives the designations that gaps are counted for."""

    def __init__(self, release: Release, listings: Callable[[], Iterable[Designation]] = tuple) -> None:
        self.names: Names = release.names
        self.listings = listings
        #: The issues that the vocabulary knows, by name.
        self.issues = release.labels("issue")
        self.initiatives = entries(release)
        # Thousands of exposures of a trace ask the same three things: palm oil, Indonesia, forced labour.
        self._fitting: dict[tuple[str | None, str | None, tuple[str, ...]], list[tuple[Initiative, str]]] = {}

    def find(
        self,
        *,
        type: str | None = None,
        industry: str | None = None,
        geography: str | None = None,
        issue: str | None = None,
        organiser: str | None = None,
    ) -> list[Initiative]:
        """Return the initiatives that have all that is asked for, by name.

        What is asked for is a name of the directory or the vocabulary, a code of it, or the beginning of a word of
        names; case does not matter. An industry may be an HS code, a geography a country, by code or name.

        Raises
        ------
        UsageError
            If something is asked for that neither an initiative nor the vocabulary knows; the nearest are named.
        """
        asked = {
            "type": _known("type", type, self._named("type")),
            "geographies": self._geographies(geography),
            "issues": None if issue is None else self._issue(issue),
            "organisers": _known("organiser", organiser, self._named("organisers")),
        }
        fits = self._industry(industry)
        found = [
            i for i in self.initiatives if fits(i) and all(_has(i, key, said) for key, said in asked.items())
        ]
        return sorted(found, key=lambda initiative: (initiative.name.casefold(), initiative.iri))

    def issue(self, text: str) -> str:
        """Return an issue as it is written.

        Raises
        ------
        UsageError
            If neither an initiative nor the vocabulary knows it, or several are meant; these or the nearest are named.
        """
        found = sorted(self._issue(text))
        if len(found) > 1:
            raise UsageError(Named("issue"), f": {text!r} is a part of {' and of '.join(found)}; give one.")
        return found[0]

    def _issue(self, text: str) -> frozenset[str]:
        return _known("issue", text, self._named("issues") | set(self.issues), coded("issue")) or frozenset()

    def _industry(self, text: str | None) -> Callable[[Initiative], bool]:
        """Return what says whether an initiative is of an industry, or works on the product of an HS code."""
        if text is not None and (code := _HS.fullmatch(text.strip())):
            hs = code[1].replace(".", "")
            sector, goods = industry(hs), commodities.of(hs)
            if sector is None:
                raise UsageError(Named("industry"), f": the Harmonized System has no chapter {hs[:2]!r}.")
            return lambda i: (
                bool(i.goods & goods) or (sector in i.industries and (len(hs) < 4 or not i.goods))
            )
        known = self._named("industries") | set(industries())
        said = _known("industry", text, known, coded("industry"))
        return lambda i: _has(i, "industries", said)

    def _geographies(self, text: str | None) -> frozenset[str] | None:
        """Return the regions that a text names, or in which the country lies that it names."""
        if text is None:
            return None
        known = self._named("geographies") | set(areas())
        try:
            code = country(text)
        except SeveralMeant as error:
            raise UsageError(Named("geography"), f": {text!r}: {error}") from None
        except CellError:
            return _known("geography", text, known, coded("geography"))
        return frozenset(name for name in known if code in countries(name))

    def _named(self, key: str) -> set[str]:
        """Return all values that initiatives have."""
        values = (getattr(initiative, key) for initiative in self.initiatives)
        return {value for found in values for value in ((found,) if isinstance(found, str) else found)}

    def gaps(self) -> dict[str, list[Any]]:
        """Return the industries, regions and issues that no initiative is particular to, and the risks without any.

        A risk is a good that is listed of a country; an initiative is there for it where it works on the good or on its
        industry, on what the good is listed for, and in the country or everywhere.

        Raises
        ------
        UsageError
            If no initiative is known at all: then everything would seem a gap.
        """
        if not self.initiatives:
            raise UsageError(
                "No initiative is in this data, so nothing can be said of gaps. Run: opentier reference"
            )
        named = {key: self._named(key) for key in ("industries", "geographies", "issues")}
        regions = {name for name, members in areas().items() if len(members) > 1} - {"EU"}
        return {
            "industries": sorted(set(industries()) - named["industries"]),
            "geographies": sorted(regions - named["geographies"]),
            "issues": sorted(set(self.issues) - named["issues"]),
            "risks": self._risks(),
        }

    def _risks(self) -> list[dict[str, Any]]:
        """Return the listed goods, each of a country, that no initiative is there for; listings in force alone."""
        found = []
        for listing in self.listings():
            good, place = listing.product, listing.place
            lasting = any(last == NEVER for _, last in listing.in_force)
            if listing.kind != "goods-listing" or good is None or place is None or not lasting:
                continue
            where = place.country or place.region[:2]
            codes = [each.code for each in listing.goods if each.code] or [""]
            goods = frozenset[str]().union(*map(commodities.of, codes)) or commodities.named((good.name,))
            issues = set(worked_on(listing.exploitation))
            if any(
                issues & set(i.issues) and i.where(where) and i.about(goods, sector) not in (None, CROSS)
                for i in self.initiatives
                for sector in {industry(code) for code in codes}
            ):
                continue
            found.append(
                {
                    "designation": self.names.id(listing.iri),
                    "good": product(good),
                    "hs": "|".join(codes) or None,
                    "country": where,
                    "exploitation": list(listing.exploitation),
                }
            )
        return sorted(found, key=lambda risk: (risk["country"], risk["good"], risk["designation"]))

    def fitting(
        self, hs: str | None, country: str | None, exploitation: Collection[str] = ()
    ) -> list[tuple[Initiative, str]]:
        """Return the initiatives that fit a hop by product, place and exploitation, each with the reason.

        Those about the very good come first, though they work elsewhere or on something else (the reason says so); then
        those of its industry, and those of its region alone.

        Parameters
        ----------
        hs, country
            The product's HS code and the supplier's country.
        exploitation
            What the designation lists for; forced labour where it does not say.
        """
        asked = hs, country, tuple(exploitation)
        if asked not in self._fitting:
            self._fitting[asked] = list(self._fits(*asked))
        return self._fitting[asked]

    def _fits(
        self, hs: str | None, country: str | None, exploitation: Collection[str]
    ) -> Iterator[tuple[Initiative, str]]:
        goods, sector, issues = commodities.of(hs), industry(hs), worked_on(exploitation)
        fits = []
        for initiative in self.initiatives:
            wanted = [issue for issue in issues if issue in initiative.issues]
            what, place = initiative.about(goods, sector), initiative.where(country)
            if what is None or (what, place) == (CROSS, WORLD):
                continue
            if not ((wanted and place) or (what in goods and (wanted or place))):
                continue
            why = ", ".join(part for part in (what, place, *wanted) if part)
            if not wanted:
                why += f"; works on {' and '.join(initiative.issues)}, not on {' and '.join(issues)}"
            elif place is None:
                why += f"; works in {' and '.join(initiative.geographies)}"
            rank = (
                what not in goods,
                not wanted,
                place is None,
                what == CROSS,
                place == WORLD,
                initiative.name,
            )
            fits.append((rank, initiative, why))
        for _, initiative, why in sorted(fits, key=lambda fit: fit[0])[:FITTING]:
            yield initiative, why

    def described(self, initiative: Initiative) -> dict[str, Any]:
        """Return an initiative as a JSON object."""
        return {
            "iri": initiative.iri,
            "id": self.names.id(initiative.iri),
            "name": initiative.name,
            "type": initiative.type,
            "organisers": list(initiative.organisers),
            "funders": list(initiative.funders),
            "focus_areas": list(initiative.focus_areas),
            "industries": list(initiative.industries),
            "geographies": list(initiative.geographies),
            "issues": list(initiative.issues),
            "tools": list(initiative.tools),
            "website": initiative.website,
            "source": initiative.source,
        }


def _known(
    name: str, text: str | None, known: Collection[str], codes: Mapping[str, str] | None = None
) -> frozenset[str] | None:
    """Return the known values that a text names: one by its name or code, else those with a word that begins with it.

    Raises
    ------
    UsageError
        If it names none of them.
    """
    if text is None:
        return None
    key = folded(text)
    found = {value for value in known if folded(value) == key}
    if not found and codes and key in codes:
        found = {codes[key]}
    if not found and key:
        found = {value for value in known if re.search(rf"\b{re.escape(key)}", folded(value))}
    if not found:
        near = mean(text, sorted(known), _LISTED)
        raise UsageError(Named(name), f": nothing is called {text!r} in the directory.{near}")
    return frozenset(found)


def _has(initiative: Initiative, key: str, said: frozenset[str] | None) -> bool:
    if said is None:
        return True
    value = getattr(initiative, key)
    return not said.isdisjoint((value,) if isinstance(value, str) else value)
