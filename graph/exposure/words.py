"""The words of answers, in one place for all faces (words.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pycountry

from opentier.graph.exposure.exposures import Exposure
from opentier.graph.model import printed
from opentier.graph.model.products import Product
from opentier.graph.network.network import Designation, Place
from opentier.graph.written import hs
from opentier.graph.written.goods import called

#: Kinds of actors that are places of work.
_SITES = frozenset({"facility", "mine", "vessel", "dormitory"})
#: Headings of a listed good that a title names.
_HEADINGS = 3
#: Sites that a reason names.
_SITES_NAMED = 5
#: Countries that English has a shorter name for than the standard's.
_COUNTRIES = {
    "BN": "Brunei", "CD": "DR Congo", "CG": "Congo (Brazzaville)", "FM": "Micronesia", "IR": "Iran",
    "KP": "North Korea", "KR": "South Korea", "LA": "Laos", "PS": "Palestine", "RU": "Russia", "SY": "Syria",
    "VA": "Vatican City",
}  # fmt: skip
#: Regions that English has a shorter name for than the standard's.
_REGIONS = {"CN-XJ": "Xinjiang", "CN-XZ": "Tibet", "CN-NM": "Inner Mongolia"}


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the words as they ship."""
    return tomllib.loads(files("opentier.graph.exposure").joinpath("words.toml").read_text("utf-8"))


class Figure(int):
    """A number in a sentence: ``{n}`` is 2,000, ``{n:actor}`` 2,000 actors, ``{n:is|are}`` a form."""

    def __format__(self, form: str) -> str:
        """Return the number, alone or with a noun; or one of two forms of a word."""
        one, bar, many = form.partition("|")
        if bar:
            return one if self == 1 else many
        if not form:
            return f"{int(self):,}"
        *before, noun = form.split(" ")
        plural = shipped()["nouns"].get(noun, noun + "s")
        return " ".join((f"{int(self):,}", *before, noun if self == 1 else plural))


def said(table: str, key: str, **figures: Any) -> str:
    """Return the words of a key with its figures; a key that is not known says itself."""
    found = shipped()[table].get(key, key)
    assert isinstance(found, str)
    numbers = {
        name: Figure(value) if type(value) is int else value for name, value in figures.items()
    }  # fmt: skip
    return found.format(**numbers) if figures else found


def sentence(key: str, **figures: Any) -> str:
    """Return why a verdict is what it is."""
    return said("sentences", key, **figures)


def exposed(exposures: Sequence[Exposure]) -> str:
    """Return what is exposed, in one sentence; "possibly" where all that is known are possible identities."""
    actors = len({exposure.actor for exposure in exposures})
    possibly = all(exposure.group == "possible" for exposure in exposures)
    return sentence("possibly-exposed" if possibly else "exposed", exposures=len(exposures), actors=actors)


def listed(items: Sequence[str]) -> str:
    """Return such as ``supply, operation and ownership``."""
    return " and ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else "".join(items)


def few(items: Sequence[str], most: int) -> str:
    """Return the first so many as `listed` does, and how many more there are."""
    more = [f"{len(items) - most:,} more"] if len(items) > most else []
    return listed([*items[:most], *more])


def between(start: str | None, end: str | None) -> str:
    """Return such as ``2020 to 2021``, ``since 2020`` or ``until 2021``; nothing where neither is stated."""
    if start and end:
        return f"{start} to {end}"
    return f"since {start}" if start else f"until {end}" if end else ""


def band(confidence: float) -> str:
    """Return how sure a confidence is, in a word."""
    return next(word for word, least in shipped()["bands"].items() if confidence >= float(least))


def severity(found: Mapping[str, Any]) -> str:
    """Return a severity with the factors that it is a product of; those that are 1 change nothing."""
    factors = {said("factors", name): value for name, value in found["factors"].items() if value != 1}
    product = " x ".join(f"{name} {printed.score(value, '.3g')}" for name, value in factors.items())
    return f"{printed.score(found['value'], '.3f')} = {product or 'every factor 1'}"


# --- What things are called ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def country(code: str | None) -> str:
    """Return the name of a country by its code; the code where nobody has a name for it."""
    if code in _COUNTRIES:
        return _COUNTRIES[code]
    known: Any = pycountry.countries
    found = known.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", None) or found.name) if found else code or "country not known"


def country_and_code(code: str | None) -> str:
    """Return the name of a country and its code."""
    name = country(code)
    return f"{name} ({code})" if code and name != code else name


@lru_cache(maxsize=1024)
def region(code: str) -> str:
    """Return the name of a region by its code; a text as it is."""
    known: Any = pycountry.subdivisions
    found = known.get(code=code)
    return _REGIONS.get(code) or (str(found.name) if found else code)


def place(found: Place) -> str:
    """Return what a place is called."""
    return region(found.region) if found.region else country(found.country)


def product(found: Product) -> str:
    """Return what a product is called, its code after it; by its dataset where that has a name for it."""
    if not found.code:
        return found.label
    return _coded(found.code, found.name if found.name != f"HS {found.code}" else "")


def goods(label: str | None) -> str | None:
    """Return a product's label as it is told: ``raw cotton (HS 5201)`` for ``hs:5201``."""
    return _coded(label[3:]) if label and label.startswith("hs:") else label


def _coded(code: str, name: str = "") -> str:
    name, code = name or called(code), f"HS {hs.dotted(code)}"
    return f"{name} ({code})" if name else code


# --- Designations ----------------------------------------------------------------------------------------------------


def title(entry: Designation, target: str | None) -> str:
    """Return what a designation does, and to what."""
    titles = shipped()["titles"]
    forms = titles.get(entry.kind, titles["else"])
    form = forms.get(entry.effect, forms["else"])
    found = str(form.format(goods=_goods(entry, target), about=target or _goods(entry, target)))
    only = set(entry.exploitation) == {"child-labour"}
    return said("about", "child-labour-only", title=found) if only else found


def _goods(entry: Designation, target: str | None) -> str:
    """Return the goods that a designation is about."""
    carried = [entry.product] if entry.product else list(entry.scope)
    named = listed([product(one) for one in carried])
    if entry.headed:
        headings = [f"HS {hs.dotted(one.code)}" if one.code else one.label for one in entry.scope]
        if len(headings) > _HEADINGS:
            headings[_HEADINGS:] = [f"{len(headings) - _HEADINGS} more"]
        named = said("about", "headed", good=named, headings=listed(headings))
    if target:
        return said("about", "of-target", goods=named or said("about", "goods"), target=target)
    if entry.place is None:
        return named or said("about", "nothing")
    form = "of-place" if named else "made-in"
    return said("about", form, goods=named, place=place(entry.place))


def reason(code: str, entry: Designation, *, kind: str, share: float, sites: Sequence[str] = ()) -> str:
    """Return why a designation touches an actor, as a sentence.

    Parameters
    ----------
    kind
        What the actor is.
    share
        The least share of ownership that was asked about, in percent.
    sites
        The sites that it operates and that are the reason; the first are named.
    """
    if code == "possible-identity" and entry.place is not None and entry.target is None:
        code = "possible-place"
    return said(
        "reasons",
        code,
        entry=said("entries", entry.kind),
        party="site" if kind in _SITES else "company",
        place=place(entry.place) if entry.place else "",
        area="region" if entry.place and entry.place.region else "country",
        share=f"{share:g}",
        sites=f": {few(sites, _SITES_NAMED)}" if sites else "",
    )
