"""Properties: what a client may say of whom it looks for beside a name, and what it may ask of an actor."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from opentier.graph.errors import UsageError, mean
from opentier.graph.matching.parties import Party
from opentier.graph.model import cells, identifiers, regions
from opentier.graph.threads import once
from opentier.graph.written.faults import CellError

#: What stands between the numbers of coordinates, and between several identifiers.
_BETWEEN, _BAR = re.compile(r"\s*[,;]\s*|\s+"), "|"


@dataclass(frozen=True)
class Property:
    """A property as it is listed; one without a feature of the matcher is no part of a query."""

    id: str
    name: str
    about: str
    feature: str = ""


@once
def properties() -> Mapping[str, Property]:
    """Return all properties by id."""
    text = files("opentier.graph.reconciliation").joinpath("properties.toml").read_text("utf-8")
    return {id: Property(id, **said) for id, said in tomllib.loads(text).items()}


def given(id: str) -> Property:
    """Return a property that an actor may have.

    Raises
    ------
    UsageError
        If there is none such.
    """
    return _known(id, properties())


def asked(id: str) -> Property:
    """Return a property that may be part of a query; UsageError as of `given`."""
    return _known(id, {id: each for id, each in properties().items() if each.feature})


def _known(id: str, among: Mapping[str, Property]) -> Property:
    if id not in among:
        raise UsageError(f"There is no property {id!r} here.{mean(id, among, len(among))}")
    return among[id]


def party(names: Sequence[str], said: Mapping[str, Sequence[str]]) -> Party:
    """Return the party of which a query says some names and properties; a value that cannot be read says nothing."""
    countries = tuple(_read(said.get("country", ()), cells.country))
    country = countries[0] if len(countries) == 1 else ""
    known = Party(
        called=(*names, *said.get("also_known_as", ())),
        countries=countries,
        regions=tuple(_read(said.get("region", ()), lambda text: regions.read(text, country).region)),
        address=" ".join(said.get("address", ())),
        identifiers=tuple(identified(said.get("identifiers", ()))),
        sector=" ".join(said.get("sector", ())),
    )
    return replace(known, position=next(filter(None, map(_position, said.get("coordinates", ()))), None))


def identified(texts: Iterable[str]) -> Iterator[str]:
    """Yield the identifiers that some texts say, in the form of their schemes; fillers are none."""
    parts = (part.strip() for text in texts for part in text.split(_BAR))
    return (each for each in _read(parts, identifiers.read) if not identifiers.filler(each))


def _read(texts: Iterable[str], reader: Callable[[str], str]) -> Iterator[str]:
    for text in texts:
        try:
            yield reader(text.strip())
        except (
            CellError
        ):  # a client's cells are as people filled them: what says nothing is no ground to refuse others
            continue


def _position(text: str) -> tuple[float, float] | None:
    try:
        north, east = map(float, _BETWEEN.split(text.strip()))
    except ValueError:
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def told(parties: Iterable[Party], id: str) -> list[str]:
    """Return what some records of one actor say of a property, each value once."""
    return list(dict.fromkeys(value for each in parties for value in _told(each, id)))


def _told(party: Party, id: str) -> Iterable[str]:
    match id:
        case "name":
            return party.called
        case "also_known_as":
            return party.called[1:]
        case "coordinates":
            return [", ".join(f"{degrees:g}" for degrees in party.position)] if party.position else ()
        case "country" | "region":
            return party.countries if id == "country" else party.regions
        case "identifiers":
            return party.identifiers
    text: str = getattr(party, id)
    return [text] if text else ()
