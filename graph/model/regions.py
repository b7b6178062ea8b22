"""Regions: which ISO 3166-2 code a text means, and which of them are countries of their own.

Names are those of pycountry and of its translations, and what ``regions.toml`` adds to them.
"""

from __future__ import annotations

import gettext
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pycountry

from opentier.graph.written.faults import CellError
from opentier.graph.written.spelling import key

_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
#: Names of candidates that are listed.
_LISTED = 8
#: Names by key, each with the codes that go by it.
Index = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Reading:
    """Where something is, and what a contributor is told of how it was read: nothing where it stands as written.

    A region is an ISO 3166-2 code, a text that none stands for, or empty where the place is a country.
    """

    country: str
    region: str
    told: str = ""
    advice: str = ""

    @property
    def code(self) -> str:
        """The code of the place; nothing where it is a text only."""
        return self.region if self.region in _known() else "" if self.region else self.country


@lru_cache(maxsize=65536)
def read(text: str, country: str = "") -> Reading:
    """Return the place that a region's text means, in a country where one is given (ISO 3166-1 alpha-2).

    Raises
    ------
    CellError
        If it contradicts the country, or is a code that ISO 3166-2 does not have, or no longer.
    """
    text = " ".join(text.split())
    code = text.upper()
    if _CODE.fullmatch(code) and (code in _known() or code in said("countries")):
        return _placed(text, code, country)
    if _CODE.fullmatch(code) and code in withdrawn():
        raise CellError("ISO 3166-2 has withdrawn this code.", _succeeded(withdrawn()[code]))
    if _CODE.fullmatch(text):
        raise CellError(
            "This looks like an ISO 3166-2 code, but there is none such.",
            "Look it up, or give the region's name.",
        )
    return _named(text, country)


def _placed(text: str, code: str, country: str) -> Reading:
    """Return the place of a code."""
    own = said("countries").get(code, "")
    if own and country in ("", own, code[:2]):
        told = f"Read as the country {own}: a place of its own."
        return Reading(own, "", told, "Write it like that if it is what you mean.")
    if country and country == said("also").get(code):
        return Reading(country, "", f"Read as the country {country}.", "Leave the region empty.")
    if country and country != code[:2]:
        whose = own or code[:2]
        raise CellError(
            f"The region {code} is in {whose}, but the country is {country}.", "Correct one of the two."
        )
    if text == code:
        return Reading(country, code)
    return Reading(country, code, f"Read as {code!r}.", "Write it like that if it is what you mean.")


def _named(text: str, country: str) -> Reading:
    """Return the place of a name: a code where one alone goes by it, else the text as it stands."""
    name = key(text)
    found = _widest(_meant(name, country))
    if len(found) == 1:
        return _placed(text, found[0], country)
    if found:
        listed = ", ".join(found[:_LISTED]) + (", ..." if len(found) > _LISTED else "")
        told = f"Several regions are called so ({listed}): no designation of a region will match it."
        advice = "Give the code." if country else "Give the code, or the country too."
        return Reading(country, text, told, advice)
    elsewhere = _own("").get(name, frozenset()) if country else frozenset()
    if len({code[:2] for code in elsewhere}) == 1:
        return _placed(text, min(elsewhere), country)
    told = "No region is known by this name: no designation of a region will match it."
    return Reading(country, text, told, "Give an ISO 3166-2 code, such as CN-XJ.")


def _meant(name: str, country: str) -> frozenset[str]:
    """Return the codes that go by a name: in ISO 3166-2 or our list or, where there is none, in another language."""
    return _own(country).get(name) or _translated(country).get(name) or frozenset()


def _widest(codes: Iterable[str]) -> list[str]:
    """Return codes without those that are a part of another one of them: a city of a province of the same name."""
    found = set(codes)
    return sorted(code for code in found if _known()[code].parent_code not in found)


def _succeeded(codes: list[str]) -> str:
    if len(codes) == 1:
        return f"Give its successor, {codes[0]}."
    return f"Give the one of its successors that is meant: {', '.join(codes)}."


@lru_cache(maxsize=1)
def _known() -> dict[str, Any]:
    """Return the subdivisions of ISO 3166-2 by code."""
    subdivisions: Any = pycountry.subdivisions
    return {each.code: each for each in subdivisions}


@lru_cache(maxsize=512)
def _own(country: str) -> Index:
    """Return the names of a country's regions in ISO 3166-2 and in our list; of all regions where it is empty."""
    found = defaultdict(set)
    for code in _codes()[country] if country else _known():
        each = _known()[code]
        for name in (*_parts(each.name), *said("names").get(code, ())):
            for form in (name, f"{name} {each.type}", f"{each.type} of {name}"):
                found[key(form)].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


@lru_cache(maxsize=512)
def _translated(country: str) -> Index:
    """Return the names of a country's regions in other languages; of all regions where it is empty."""
    found = defaultdict(set)
    for code in _codes()[country] if country else _known():
        each = _known()[code]
        names = {language.gettext(each.name) for language in _languages()} - {each.name}
        for name in names:
            for form in (name, f"{name} {each.type}"):
                found[key(form)].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


@lru_cache(maxsize=1)
def _codes() -> dict[str, list[str]]:
    """Return the codes of the regions of each country."""
    found = defaultdict(list)
    for code in sorted(_known()):
        found[code[:2]].append(code)
    return found


@lru_cache(maxsize=1)
def _languages() -> list[gettext.NullTranslations]:
    """Return the translations of the names of ISO 3166-2."""
    folder = Path(pycountry.LOCALES_DIR)
    return [
        gettext.translation("iso3166-2", folder, languages=[language.name])
        for language in sorted(folder.iterdir())
        if (language / "LC_MESSAGES" / "iso3166-2.mo").is_file()
    ]


def _parts(name: str) -> Iterator[str]:
    """Yield a name of ISO 3166-2, and what stands in it: several of them, and one with another in brackets."""
    yield name
    yield from name.split(";")
    yield re.sub(r"[\[(].*", "", name)


@lru_cache(maxsize=1)
def _file() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("opentier.graph.model").joinpath("regions.toml").read_text("utf-8"))


def said(part: str) -> dict[str, Any]:
    """Return a part of ``regions.toml``."""
    return _file()[part]


@lru_cache(maxsize=1)
def withdrawn() -> dict[str, list[str]]:
    """Return the codes that ISO 3166-2 no longer has, each with its successors."""
    found = {}
    for country, text in said("withdrawn").items():
        for item in text.split(","):
            old, *successors = item.split()
            found[f"{country}-{old}"] = [f"{country}-{each}" for each in successors]
    return found
