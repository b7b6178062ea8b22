"""What many records name and no dataset owns: places, currencies, authorities, registers, legal bases.

Each is an individual with a label. Two datasets that name the same country or the same authority name one thing. A
code gives the individual, and the individual gives the code; what has no code is known by its name, and spellings of
one name (``resources.toml``) mean one thing. A law or a register that is shipped as reference data is meant by its
title or its id too.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pycountry

from opentier.graph.model.names import Names, digest
from opentier.graph.model.tables import Column

#: Kinds of columns whose values are such individuals; those of `CODED` have a code.
CODED = frozenset({"country", "region", "jurisdiction", "scope", "area", "currency"})
KINDS = CODED | {"named"}
#: The segments under which they stand.
SEGMENTS = ("country", "region", "area", "body", "currency", "authority", "register", "law")

_EU = "http://publications.europa.eu/resource/authority/"
_WIKIDATA = "http://www.wikidata.org/entity/"
_REGION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_AREA = re.compile(r"\d{3}|worldwide")
#: Individuals that have a name and no code, by segment: their class, and the shipped table that holds some.
_NAMED = {
    "authority": ("ot:Authority", "", ""),
    "register": ("ot:Register", "registers", "name"),
    "law": ("ot:LegalBasis", "laws", "title"),
}
#: Characters of a name in an IRI; what is longer ends in a digest.
_LONG = 80


@dataclass(frozen=True, slots=True)
class Resource:
    """An individual: its IRI, class and label; its code; the country it lies in; other people's IRIs of it."""

    iri: str
    kind: str
    label: str
    notation: str = ""
    within: str = ""
    same: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _said() -> dict[str, Any]:
    return tomllib.loads(files("opentier.graph.model").joinpath("resources.toml").read_text("utf-8"))


def slug(name: str) -> str:
    """Return a name as it stands in an IRI: lower case, letters and digits, a dash for all between them."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    found = re.sub(r"[\W_]+", "-", folded).strip("-")
    if found and len(found) <= _LONG:
        return found
    return f"{found[:_LONG].strip('-')}-{digest([folded])}".strip("-")


def meant(column: Column, value: str, names: Names, country: str = "") -> Resource:
    """Return what the canonical value of a cell means.

    Parameters
    ----------
    country
        The code of the country of the same record: a region without a code is one of that country.
    """
    if column.kind == "named":
        return _named(column.segment, value, names)
    if column.kind == "currency":
        return _currency(value, names)
    if column.kind == "region" and not _REGION.fullmatch(value):
        return _region(value, country, names)
    return place(value, names)


@lru_cache(maxsize=4096)
def place(code: str, names: Names) -> Resource:
    """Return the country, region, area or international body that has a code."""
    if code in _said()["bodies"]:
        label, item = _said()["bodies"][code]
        same = (_WIKIDATA + item,) if item else ()
        return Resource(names.shared("body", code), "ot:InternationalBody", label, code, same=same)
    if _AREA.fullmatch(code):
        code = "worldwide" if code == "001" else code
        label = _said()["areas"].get(code, f"UN M49 {code}")
        return Resource(names.shared("area", code), "ot:Area", label, code)
    if region := _REGION.fullmatch(code):
        subdivisions: Any = pycountry.subdivisions
        known = subdivisions.get(code=code)
        within = names.shared("country", region[1])
        return Resource(
            names.shared("region", code), "ot:Region", known.name if known else code, code, within
        )
    countries: Any = pycountry.countries
    known = countries.get(alpha_2=code)
    items = dict(pair.split(":") for pair in _said()["countries"].split())
    if known is None:
        return Resource(names.shared("country", code), "ot:Country", code, code)
    label, others = getattr(known, "common_name", known.name), [f"{_EU}country/{known.alpha_3}"]
    others += [_WIKIDATA + items[code]] if code in items else []
    return Resource(names.shared("country", code), "ot:Country", label, code, same=tuple(others))


@lru_cache(maxsize=512)
def _currency(code: str, names: Names) -> Resource:
    currencies: Any = pycountry.currencies
    known = currencies.get(alpha_3=code)
    label, same = (known.name, (f"{_EU}currency/{code}",)) if known else (code, ())
    return Resource(names.shared("currency", code), "ot:Currency", label, code, same=same)


@lru_cache(maxsize=65536)
def _region(name: str, country: str, names: Names) -> Resource:
    within = names.shared("country", country) if country else ""
    local = f"{country}/{slug(name)}" if country else slug(name)
    return Resource(names.shared("region", local), "ot:Region", name, within=within)


@lru_cache(maxsize=65536)
def _named(segment: str, name: str, names: Names) -> Resource:
    kind, table, _ = _NAMED[segment]
    kept, label = spelled(segment).get(slug(name), ("", name))
    if kept:
        return Resource(names.record(table, segment, kept), kind, label)
    return Resource(names.shared(segment, slug(label)), kind, label)


@cache
def spelled(segment: str) -> Mapping[str, tuple[str, str]]:
    """Return what a spelling means, by its slug: the id of a shipped record, or none, and the name that is kept."""
    _, table, title = _NAMED[segment]
    found: dict[str, tuple[str, str]] = {}
    labels: dict[str, str] = {}
    if table:
        text = files("opentier.graph").joinpath("datasets", table, f"{table}.csv").read_text("utf-8")
        for row in csv.DictReader(io.StringIO(text)):
            labels[row["id"]] = row[title]
            for spelling in (row["id"], row[title]):
                found[slug(spelling)] = (row["id"], row[title])
    for kept, spellings in _said()[segment].items():
        for spelling in (kept, *spellings):
            found[slug(spelling)] = (kept, labels[kept]) if kept in labels else ("", kept)
    return found


def at(iri: str, names: Names) -> Resource | None:
    """Return the individual of an IRI where the IRI says all about it: what has a code."""
    code = code_of(iri, names)
    if code is None:
        return None
    found = _currency(code, names) if iri.startswith(names.shared("currency", "")) else place(code, names)
    return found if found.iri == iri and found.label != code else None  # there is no such code


def shipped(iri: str, names: Names) -> Resource | None:
    """Return the law or register of the shipped data that has an IRI."""
    for segment, (kind, table, _) in _NAMED.items():
        if table and iri.startswith(stem := names.record(table, segment, "")):
            kept, label = spelled(segment).get(slug(iri.removeprefix(stem)), ("", ""))
            if names.record(table, segment, kept) == iri:
                return Resource(iri, kind, label)
    return None


def labelled(iri: str, label: str, names: Names) -> Resource | None:
    """Return what is called so where an IRI stands for an individual known by its name; None for other IRIs."""
    for segment in _NAMED:
        if iri.startswith(names.shared(segment, "")):
            return _named(segment, label, names)
    stem = names.shared("region", "")
    if not iri.startswith(stem) or code_of(iri, names) is not None:
        return None
    country, slash, _ = iri.removeprefix(stem).partition("/")
    return _region(label, country if slash else "", names)


def code_of(iri: str, names: Names) -> str | None:
    """Return the code that an IRI of ours stands for; None for what is known by its name, and for all others."""
    if not iri.startswith(names.base):
        return None
    segment, _, local = iri[len(names.base) :].partition("/")
    code = unquote(local)
    if segment in ("country", "currency", "body") and code.isalpha() and code.isupper():
        return code
    if segment == "region" and _REGION.fullmatch(code):
        return code
    return code if segment == "area" and _AREA.fullmatch(code) else None
