"""The List of Goods Produced by Child Labor or Forced Labor (ILAB): a goods listing per good and country.

An edition is an observation: it says that a good was on the list then, and nothing of when it came there.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from xml.etree import ElementTree

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.model.cells import CellError, country
from opentier.graph.report.report import Where

NEWEST = "goods_2021.xml"


@dataclass
class Listed:
    """A good of a country: its record in the newest edition that has it, and the editions that have it."""

    row: SourceRow
    code: str
    years: list[str] = field(default_factory=list)


def convert(source: Source) -> None:
    """Emit a goods listing for each good and country of the newest edition, and what was taken off before it."""
    names, editions = [source.path.name], source.spec["editions"]
    if source.path.is_dir():
        names = [name for name in editions if name == NEWEST or (source.path / name).is_file()]
    listed: dict[tuple[str, str], Listed] = {}
    years = []
    for name in names:
        year = editions.get(name, {}).get("year", "")
        if not year:
            advice = (
                "Its listings do not say when they were seen; add it to `editions` of adapters/ilab.toml."
            )
            source.warn(Where(name), "The edition of this file is not known.", advice)
        years.append(year)
        _edition(source, name, year, listed)
    source.edition = years[-1]
    for (good, code), found in listed.items():
        _listing(source, good, code, found, years)
    for good, row in {good: found.row for (good, _), found in listed.items()}.items():
        _made(source, good, row)


def _made(source: Source, good: str, row: SourceRow) -> None:
    """Emit what a good is made into, where the list once named that: who buys it is still told of the good."""
    for heading in source.lookup("made", good) or ():
        of, note = source.lookup("goods", good)["hs"], f"Made of {good}; by hand, not of the list."
        source.emit("product_inputs", row.where, input=of, output=heading, note=note)


def _edition(source: Source, name: str, year: str, listed: dict[tuple[str, str], Listed]) -> None:
    """Read what one edition lists."""
    seen = set()
    for row in _records(source, name):
        printed, code = row["Good_Name"], _country(source, row)
        good = source.lookup("renamed", printed) or printed
        if source.lookup("goods", good) is None:
            advice = "Add it to the lookup `goods` of adapters/ilab.toml."
            source.refuse(row.where, "This good is not known.", advice, column="Good_Name", value=printed)
        elif code and (good, code) in seen:
            advice = "The first record is kept."
            source.warn(
                row.where, "This good and country come twice.", advice, column="Good_Name", value=printed
            )
        elif code:
            seen.add((good, code))
            found = listed.setdefault((good, code), Listed(row, code))
            found.row = row
            found.years.append(year)


def _listing(source: Source, good: str, code: str, found: Listed, years: list[str]) -> None:
    """Emit one listing, and that it was taken off where a later edition does not have it."""
    entry, row, kinds = source.lookup("goods", good), found.row, source.spec["lookups"]["exploitation"]
    headings = [entry["hs"]] if isinstance(entry.get("hs"), str) else entry.get("hs", [])
    if not headings:
        advice = "It is kept as a text good."
        source.warn(row.where, "No HS heading fits this good.", advice, column="Good_Name", value=good)
    first, last = found.years[0], found.years[-1]
    note = f"Listed as {good}. HS by hand: {entry['note']}"
    if row.get("Derived_Labor_Exploitation") == "Yes":
        note += " Derived: an input of the good is made with child labour or forced labour in "
        note += f"{row['Derived_Country']}; the list does not say which."
    if first:
        before = " or before" if first == years[0] else f", not in that of {years[years.index(first) - 1]}"
        note += f" First seen in the edition of {first}{before}; last seen in that of {last}."
    listing = slug(f"{good} {code}")
    off = years[years.index(last) + 1] if last != years[-1] else last and source.lookup("removed", listing)
    source.emit(
        "designations",
        row.where,
        id=listing,
        country=code,
        exploitation="|".join(kind for column, kind in kinds.items() if row[column] == "Yes"),
        observed_date=first,
        status="revoked" if off else "",
        note=note,
        **source.good(row.where, slug(good), good, headings, entry["note"]),
        **source.spec["designation"],
    )
    if off:
        reason = f"Not in the edition of {off}"
        source.emit(
            "status_changes", row.where, designation=listing, status="revoked", date=off, reason=reason
        )


def _country(source: Source, row: SourceRow) -> str:
    name = row["Country_Name"]
    try:
        return str(source.lookup("countries", name) or country(name))
    except CellError:
        advice = "Add it to the lookup `countries` of adapters/ilab.toml."
        source.refuse(row.where, "This country is not known.", advice, column="Country_Name", value=name)
        return ""


def _records(source: Source, name: str) -> list[SourceRow]:
    """Return a record for each good and country; XML has no rows: its running number stands for the row."""
    path, spec, root = source.find(name), source.spec["files"][NEWEST], source.xml(name)
    if root is None:
        return []
    pairs = [(good, item) for good in root.iter("Good") for item in good.iterfind("Countries/Country")]
    rows = [
        SourceRow(Where(path.name, number), _texts(good) | _texts(item))
        for number, (good, item) in enumerate(pairs, 1)
    ]
    source.report.rows.update(row.where for row in rows)
    source.expect(name, len(rows), {**spec, **source.spec["editions"].get(name, {})})
    unread = {name for row in rows for name in row} - {*spec["read"], *spec["optional"], *spec["ignore"]}
    for element in sorted(unread):
        where = next(row.where for row in rows if element in row)
        advice = "Is it a new edition? Tell its maintainers."
        source.report.add("error", where, "This element is not known to the adapter.", advice, column=element)
    for row in rows:
        for element in sorted(set(spec["read"]) - row.keys()):
            source.refuse(
                row.where, "The record lacks this element.", "Is it the whole file?", column=element
            )
    return [] if unread else [row for row in rows if row.keys() >= set(spec["read"])]


def _texts(element: ElementTree.Element) -> dict[str, str]:
    """Return the texts of the elements directly below, by name, their letters composed."""
    return {
        item.tag: unicodedata.normalize("NFC", (item.text or "").strip()) for item in element if not len(item)
    }
