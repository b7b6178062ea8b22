"""Country profiles on child labour (ILAB): observations of the children at work, by country, age and sector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from opentier.graph.contribution.foreign import Source, describe
from opentier.graph.model.cells import CellError, country
from opentier.graph.report.report import Where

FILE = "countries_2021.xml"
_WORK = "Country_Statistics/Children_Work_Statistics/"
_BOTH = "Country_Statistics/Children_Working_and_Studying_7-14_yrs_old/"
#: What the file says where it has no figure.
_NONE = ("", "Unavailable", "N/A")
_METHOD = "Household surveys, as collected for the report; the years of the surveys are not stated."


def convert(source: Source) -> None:
    """Emit what the profiles state of children at work."""
    name = FILE if source.path.is_dir() else source.path.name
    year = source.spec["editions"].get(name, "")
    if not year:
        advice = "Add it to `editions` of adapters/ilab_profiles.toml: an observation has a period."
        source.report.add("error", Where(name), "The edition of this file is not known.", advice)
        return
    source.edition = year
    root = source.xml(name)
    profiles = [] if root is None else list(root.iter("Country"))
    source.expect(name, len(profiles), source.spec["files"][FILE])
    wheres = [Where(source.find(name).name, number) for number in range(1, len(profiles) + 1)]
    source.report.rows.update(wheres)
    known = [_known(source, where, profile) for where, profile in zip(wheres, profiles, strict=True)]
    if all(known):
        for where, profile in zip(wheres, profiles, strict=True):
            _profile(source, where, profile, year)


def _known(source: Source, where: Where, profile: Element) -> bool:
    """Return whether all elements of a profile are read or left out; each other one is an error, told once."""
    spec = source.spec["files"][FILE]
    told = {finding.column for finding in source.report.findings}
    unread = [
        path
        for path in dict.fromkeys(_paths(profile, ""))
        if path not in spec["read"] and not any(f"{path}/".startswith(f"{left}/") for left in spec["ignore"])
    ]
    for path in unread:
        if path not in told:
            advice = "Is it a new edition? Tell its maintainers."
            source.report.add(
                "error", where, "This element is not known to the adapter.", advice, column=path
            )
    return not unread


def _paths(element: Element, above: str) -> Iterator[str]:
    """Yield the paths of the elements that hold no others."""
    for child in element:
        path = f"{above}{child.tag}"
        yield from _paths(child, f"{path}/") if len(child) else (path,)


def _profile(source: Source, where: Where, profile: Element, year: str) -> None:
    """Emit the figures of one country."""
    name = " ".join((profile.findtext("Name") or "").split())
    listed = source.lookup("countries", name) or describe("ilab")["lookups"]["countries"].get(name)
    try:
        area = listed or country(name)
    except CellError:
        advice = "Add it to the lookup `countries` of adapters/ilab_profiles.toml."
        source.refuse(where, "This country is not known.", advice, column="Name", value=name)
        return
    age = _text(source, where, profile, f"{_WORK}Age_Range")
    both = _text(source, where, profile, f"{_BOTH}Age_Range")
    population = _population(source, where, profile, age)
    found = [
        _figure(
            source,
            where,
            profile,
            f"{_WORK}Total_Percentage_of_Working_Children",
            "percent of children aged",
            age,
        ),
        {"value": population, "unit": f"children at work aged {age}"} if population else {},
        _figure(
            source,
            where,
            profile,
            f"{_BOTH}Total",
            "percent of children who work and go to school, aged",
            both,
        ),
    ]
    for sector, code in source.spec["lookups"]["sectors"].items():
        figure = _figure(source, where, profile, f"{_WORK}{sector}", "percent of working children aged", age)
        found.append({**figure, "sector": code, "population": population} if figure else {})
    stated = [figure for figure in found if figure]
    if not stated:
        source.refuse(
            where, "The profile states no figure of children at work.", "Nothing to do.", value=name
        )
    for figure in stated:
        source.emit(
            "observations", where, indicator="children-under-15", area=area, period=year, method=_METHOD,
            source=f"Findings on the Worst Forms of Child Labor, {year}: {name}", **figure,
        )  # fmt: skip


def _population(source: Source, where: Where, profile: Element, age: str) -> str:
    """Return how many children work, or nothing."""
    path = f"{_WORK}Total_Working_Population"
    text = _text(source, where, profile, path)
    if text and not (text.isascii() and text.isdigit() and age):
        advice = "Compare it with the report."
        source.warn(
            where, "This is no number of children of an age; it is left out.", advice, column=path, value=text
        )
        return ""
    return text


def _figure(source: Source, where: Where, profile: Element, path: str, unit: str, age: str) -> dict[str, str]:
    """Return a share as an observation in percent, or nothing where none is stated, or none that can be read."""
    text = _text(source, where, profile, path)
    if not text:
        return {}
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 1:
        message = "This is no share between 0 and 1; it is left out."
        source.warn(where, message, "Compare it with the report.", column=path, value=text)
        return {}
    if not age:
        message = "The figure has no age; it is left out."
        source.warn(where, message, "Compare it with the report.", column=path, value=text)
        return {}
    return {"value": f"{(share * 100).normalize():f}", "unit": f"{unit} {age}"}


def _text(source: Source, where: Where, profile: Element, path: str) -> str:
    """Return the text of an element, empty where nothing is stated; of two that differ nothing is taken."""
    texts = Counter(" ".join((element.text or "").split()) for element in profile.iterfind(path))
    if len(texts) > 1:
        message = "There are two figures, for parts of the country that are not named; both are left out."
        source.warn(where, message, "Compare it with the report.", column=path, value=" | ".join(texts))
        return ""
    (text,) = texts or ("",)
    return "" if text in _NONE else text
