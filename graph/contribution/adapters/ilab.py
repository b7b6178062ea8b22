"""The List of Goods Produced by Child Labor or Forced Labor (ILAB): a goods listing per good and country."""

from __future__ import annotations

import unicodedata
from typing import Any
from xml.etree import ElementTree

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.contribution.report import Where
from opentier.graph.model.cells import CellError, country

NEWEST = "goods_2021.xml"


def convert(source: Source) -> None:
    """Emit a goods listing for each good, country and HS heading."""
    file = source.find(NEWEST).name
    edition = source.lookup("editions", file) or ""
    if not edition:
        advice = "Its listings do not say when they were seen; add it to the lookup `editions`."
        source.warn(Where(file), "The edition of this file is not known.", advice)
    seen: set[tuple[str, str]] = set()
    for row in _records(source):
        good, code, entry = row["Good_Name"], _country(source, row), source.lookup("goods", row["Good_Name"])
        if entry is None:
            advice = "Add it to the lookup `goods`."
            source.refuse(row.where, "This good is not known.", advice, column="Good_Name", value=good)
        elif code and (good, code) in seen:
            advice = "The first record is kept."
            source.warn(
                row.where, "This good and country come twice.", advice, column="Good_Name", value=good
            )
        elif code:
            seen.add((good, code))
            _listings(source, row, code, edition, entry)


def _listings(source: Source, row: SourceRow, code: str, edition: str, entry: dict[str, Any]) -> None:
    good, hs, kinds = row["Good_Name"], entry.get("hs", []), source.spec["lookups"]["exploitation"]
    products = [hs] if isinstance(hs, str) else hs
    if not products:
        products = [slug(good)]
        source.emit("products", row.where, id=products[0], name=good, note=entry["note"])
        advice = "It is kept as a text good."
        source.warn(row.where, "No HS heading fits this good.", advice, column="Good_Name", value=good)
    note = f"Listed as {good}. HS: {entry['note']}"
    if row.get("Derived_Labor_Exploitation") == "Yes":
        note += " Derived: an input of the good is made with child labour or forced labour in "
        note += f"{row['Derived_Country']}; the list does not say which."
    for product in products:
        source.emit(
            "designations",
            row.where,
            id=slug(f"{good} {code}") + (f"-{product}" if len(products) > 1 else ""),
            product=product,
            country=code,
            exploitation="|".join(kind for column, kind in kinds.items() if row[column] == "Yes"),
            observed_date=edition,
            note=note,
            **source.spec["designation"],
        )


def _country(source: Source, row: SourceRow) -> str:
    name = row["Country_Name"]
    try:
        return str(source.lookup("countries", name) or country(name))
    except CellError:
        advice = "Add it to the lookup `countries`."
        source.refuse(row.where, "This country is not known.", advice, column="Country_Name", value=name)
        return ""


def _records(source: Source) -> list[SourceRow]:
    """Return a record for each good and country; XML has no rows: its running number stands for the row."""
    path, spec = source.find(NEWEST), source.spec["files"][NEWEST]
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        advice = "Check that it is the whole file."
        source.report.add(
            "error", Where(path.name, error.position[0]), f"The file is not XML: {error}.", advice
        )
        return []
    pairs = [(good, item) for good in root.iter("Good") for item in good.iterfind("Countries/Country")]
    rows = [
        SourceRow(Where(path.name, number), _texts(good) | _texts(item))
        for number, (good, item) in enumerate(pairs, 1)
    ]
    source.report.rows.update(row.where for row in rows)
    source.expect(NEWEST, len(rows))
    unread = {name for row in rows for name in row} - {*spec["read"], *spec["optional"], *spec["ignore"]}
    for name in sorted(unread):
        where = next(row.where for row in rows if name in row)
        advice = "Is it a new edition? Tell its maintainers."
        source.report.add("error", where, "This element is not known to the adapter.", advice, column=name)
    for row in rows:
        for name in sorted(set(spec["read"]) - row.keys()):
            source.refuse(row.where, "The record lacks this element.", "Is it the whole file?", column=name)
    return [] if unread else [row for row in rows if row.keys() >= set(spec["read"])]


def _texts(element: ElementTree.Element) -> dict[str, str]:
    """Return the texts of the elements directly below, by name, their letters composed."""
    return {
        item.tag: unicodedata.normalize("NFC", (item.text or "").strip()) for item in element if not len(item)
    }
