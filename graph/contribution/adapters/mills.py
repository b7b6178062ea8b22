"""Mill lists of traders of palm oil: the trader buys from the mills that it lists; their parents operate them."""

from __future__ import annotations

import re
from typing import NamedTuple

from opentier.graph.contribution.foreign import Source, SourceRow, describe, on_earth, slug
from opentier.graph.model.cells import CellError, country
from opentier.graph.report.report import Where

OIL, FRUIT = "151110", "120710"
NUMBERED, LISTED = "numbered.csv", "uml.csv"
#: Cells of a numbered list behind the mill's name: country, region, latitude, longitude.
_BEHIND = 4
_NAMED = re.compile(
    r"(?P<trader>[^\W_]+).*mill.?list.*?(?P<year>20\d\d)\W?(?P<part>[QH][1-4])?", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?P<before>.*\n)?(?P<number>\d+)(?: (?P<after>.+))?", re.DOTALL)
_UML = re.compile(r"PO\d{10}")
#: Text whose UTF-8 was read as cp1252.
_TWICE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]")
_TORN = "The row is torn: its cells are not where they must be."
_MEND = "Compare it with the trader's list, and correct the row."


class Listing(NamedTuple):
    """Whose list it is, of which period, and which evidence stands for it."""

    trader: str
    name: str
    start: str
    end: str
    evidence: str
    title: str


class Mill(NamedTuple):
    """A mill as a list names it."""

    name: str
    parent: str
    code: str
    region: str
    uml: str
    lat: str
    lon: str


def convert(source: Source) -> None:
    """Emit the traders, the mills of their lists, and who operates them."""
    regions = describe("palmwatch")["lookups"]["regions"]
    for name in source.names("*mill*list*.csv"):
        listing = _listing(source, name)
        if listing is None:
            return
        layout = source.layout(name)
        source.edition = max(source.edition, listing.start[:4])
        mend = (lambda where, cells: _mended(source, where, cells)) if layout == NUMBERED else None
        seen: dict[str, Mill] = {}
        for row in source.rows(name, layout, mend):
            mill = _mill(source, row, layout, regions)
            if mill:
                _emit(source, row, mill, listing, seen)


def _listing(source: Source, name: str) -> Listing | None:
    """Return what a file's name says, or nothing after an error."""
    found = _NAMED.match(name)
    trader = found and source.lookup("traders", found["trader"].lower())
    if not found or not trader:
        advice = "Call it TRADER_mill_list_2018Q3.csv; add a trader to the lookup `traders` of adapters/mills.toml."
        source.report.add(
            "error", Where(name), "The file's name does not say whose list it is, and when.", advice
        )
        return None
    year, part = found["year"], (found["part"] or "").upper()
    months = 12 if not part else 3 if part[0] == "Q" else 6
    first = months * (int(part[1]) - 1) + 1 if part else 1
    period = f"{year} {part}".strip()
    return Listing(
        slug(trader), trader, f"{year}-{first:02}", f"{year}-{min(first + months - 1, 12):02}",
        f"mill-list-of-{slug(trader)}-{slug(period)}", f"Mill list of {trader}, {period}",
    )  # fmt: skip


def _mended(source: Source, where: Where, cells: list[str]) -> list[str] | None:
    """Return the cells of a row of a numbered list, mended where that is certain; None where it is left out."""
    whole = list(cells)
    while whole and not whole[-1]:
        whole.pop()
    head, behind = whole[:-_BEHIND], whole[-_BEHIND:]
    found = _NUMBERED.fullmatch(head[0]) if head else None
    if not found or '"' in "".join(cells) or not _placed(behind[0], *behind[2:]):
        source.refuse(where, _TORN, _MEND, value=" | ".join(cells))
        return None
    fused = (found["before"] or "") + (found["after"] or "")
    names = [part for part in (fused, *head[1:]) if part]
    if len(names) == 1 and not fused:
        names.insert(0, "")  # no parent company is stated
    mended = [found["number"], *names, *behind]
    if mended == cells:
        return cells
    if len(names) != 2 or where.row is None or int(found["number"]) != where.row - 1:
        source.refuse(where, _TORN, _MEND, value=" | ".join(cells))
        return None
    shown = ", ".join(" ".join(cell.split()) for cell in mended[:3])
    source.warn(where, f"The row is torn, and is read as: {shown}.", _MEND, value=" | ".join(cells))
    return mended


def _placed(land: str, lat: str, lon: str) -> bool:
    """Return whether the cells of a place hold one: a country and coordinates."""
    try:
        return bool(country(land)) and on_earth(lat, lon)
    except CellError:
        return False


def _mill(source: Source, row: SourceRow, layout: str, regions: dict[str, str]) -> Mill | None:
    """Return the mill of a row, or nothing after the reason."""
    if layout == NUMBERED:
        columns = ("millName", "parentCompanyName", "country", "stateOrProvince", "latitude", "longitude")
    else:
        columns = ("Mill Name", "Parent Company", "Country", "Province", "Latitude", "Longitude")
    name, parent, land, region, lat, lon = (_clean(source, row, column) for column in columns)
    uml = row.get("UML ID", "")
    if not name or (layout == LISTED and not _UML.fullmatch(uml)):
        source.refuse(
            row.where, "A mill has a name, and its UML ID where the list has any.", "Complete it.", value=uml
        )
        return None
    try:
        code = country(land)
    except CellError:
        advice = "Correct it: a mill stands in a country."
        source.refuse(row.where, "This country is not known.", advice, column=columns[2], value=land)
        return None
    known = regions.get(region, "")
    return Mill(name, parent, code, known if known.startswith(code) else region, uml, lat, lon)


def _clean(source: Source, row: SourceRow, column: str) -> str:
    """Return a cell in one line; what a wrong encoding made of it is read back, with a warning."""
    text = " ".join(row.get(column, "").split())
    if not _TWICE.search(text):
        return text
    read = text.encode("cp1252", "replace").decode("utf-8", "replace")
    if "\ufffd" in read or "?" in read:
        return text
    source.warn(row.where, f"Read as {read!r}.", "Its UTF-8 was read as cp1252.", column=column, value=text)
    return read


def _emit(source: Source, row: SourceRow, mill: Mill, listing: Listing, seen: dict[str, Mill]) -> None:
    where, key = row.where, mill.uml or f"mill-{slug(f'{mill.name} {mill.code} {mill.region}')}"
    if not mill.uml and seen.get(key, mill) != mill:  # another one of that name, in the same region
        key = f"{key}-{slug(f'{mill.parent} {mill.lat} {mill.lon}')}"
    if key in seen:
        advice = "Nothing to do, or keep one row."
        source.warn(where, "This mill came before; the first row is kept.", advice, value=mill.name)
        return
    seen[key] = mill
    said = {"source": listing.title, "retrieved": source.spec["retrieved"]}
    source.emit("actors", where, id=listing.trader, name=listing.name, kind="organisation")
    source.emit("evidence", where, id=listing.evidence, type="supplier-list", title=listing.title)
    if "product_inputs" not in source.tables:
        source.emit("product_inputs", where, input=FRUIT, output=OIL, source="Palm oil is made of palm fruit")
    source.emit(
        "actors", where, id=key, name=mill.name, kind="facility", country=mill.code, region=mill.region,
        identifiers=mill.uml and f"uml:{mill.uml}", **source.point(where, mill.lat, mill.lon), **said,
    )  # fmt: skip
    if mill.parent:
        own = slug(mill.parent) == listing.trader
        operator = listing.trader if own else f"parent-{slug(mill.parent)}"
        source.emit("actors", where, id=operator, name=mill.parent, kind="organisation", **said)
        source.emit("operation_links", where, operator=operator, facility=key, source=listing.title)
    else:
        advice = "Nothing to do, or name the firm."
        source.warn(where, "No parent company is stated; nobody is said to operate the mill.", advice)
    source.emit(
        "supply_links", where, buyer=listing.trader, supplier=key, product=OIL, start_date=listing.start,
        end_date=listing.end, declared_by=listing.name, evidence=listing.evidence, **said,
    )  # fmt: skip
