"""Where things are: a country and a region, as codes; what stays text is no place that anything matches."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.oracles.rows import Package, Row, kept

#: Country and region, each "" where it is not stated.
Place = tuple[str, str]

#: A region that is no code and no name that is known: nothing matches it.
TEXT = "(text)"
#: Names of regions that packages of tests use, in lower case.
NAMES = {
    "xinjiang": "CN-XJ", "xuar": "CN-XJ", "xinjiang uyghur autonomous region": "CN-XJ", "新疆": "CN-XJ",
    "guangdong": "CN-GD", "hong kong": "HK", "macao": "MO", "macau": "MO", "taiwan": "TW",
}  # fmt: skip
#: Places of their own that ISO 3166-2 lists below CN, too.
OWN = {"CN-HK": "HK", "CN-MO": "MO", "CN-TW": "TW"}


def place(row: Row) -> Place:
    """Return where a row says that something is; a code of ISO 3166-2 says its country too.

    Hong Kong, Macao and Taiwan are places of their own, whatever country stands beside their codes below CN.
    """
    country, text = row.get("country", "").upper(), row.get("region", "").strip()
    region = NAMES.get(text.lower(), text.upper())
    region = OWN.get(region, region)
    if region in OWN.values():
        return region, ""
    if region and not re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", region):
        return country, TEXT
    return country or region[:2], region


def places(package: Package, alias: Mapping[str, str]) -> dict[str, set[Place]]:
    """Return where each canonical actor is: wherever one of its members is."""
    found: dict[str, set[Place]] = {actor: set() for actor in alias.values()}
    for row in kept(package, "actors"):
        found[alias[row["id"]]].add(place(row))
    return found


def covers(row: Row, other: Place) -> bool:
    """Whether a designation's country or region covers a place; a country covers its regions."""
    country, region = place(row)
    if region:
        return region != TEXT and (country, region) == other
    return bool(country) and country == other[0]
