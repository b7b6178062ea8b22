"""Open Supply Hub: facilities of lists, of its download and of its interface; nobody buys by being named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opentier.graph.contribution.adapters.documents import Documents, Record
from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.intake.trees import Tree
from opentier.graph.model.cells import CellError, country
from opentier.graph.report.report import Where

LIST, DOWNLOAD = "list.csv", "download.csv"
_OS_ID = re.compile(r"[A-Z]{2}[0-9]{7}[A-Z0-9]{6}")
_POINT = re.compile(r"SRID=4326;POINT \((-?[\d.]+) (-?[\d.]+)\)")
_WORKERS = re.compile(r"(\d+)(?:\s?-\s?(\d+))?")
#: What stands in a cell of sectors where none is known.
_NO_SECTOR = ("", "Unspecified")
#: What a folder of Open Supply Hub's test data holds beside facilities: matches, list items and others.
_OTHERS = re.compile(r"contributors|matches|list_items|training|^sdx_")


class Facilities:
    """The facilities of a contribution, by their ids and by their names."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.ids: dict[str, tuple[str, str, str]] = {}
        self.known: dict[tuple[str, str, str], str] = {}

    def take(
        self,
        where: Where,
        os_id: str,
        name: str,
        code: str,
        address: str,
        point: tuple[str, str],
        **cells: str,
    ) -> str:
        """Emit a facility, and return its id; nothing after leaving it out."""
        name, address = " ".join(name.split()), " ".join(address.split())
        try:
            land = country(code)
        except CellError as error:
            self.source.refuse(where, error.message, error.advice, column="country", value=code)
            return ""
        if not name or (os_id and not _OS_ID.fullmatch(os_id)):
            message = "A facility has a name and, where it has one, an OS ID of fifteen characters."
            self.source.refuse(where, message, "Compare it with Open Supply Hub.", value=os_id or name)
            return ""
        if "\ufffd" in name + address:
            message = "Letters of the name or the address are lost (U+FFFD)."
            self.source.warn(where, message, "Get the list in its own encoding.", value=f"{name}, {address}")
        place = (slug(name), land, slug(address))
        key = os_id or self.known.get(place) or self._new(place)
        self.known.setdefault(place, key)
        identifiers = f"os-id:{os_id}" if os_id else ""
        self.source.emit(
            "actors", where, id=key, name=name, kind="facility", country=land, address=address,
            identifiers=identifiers, source="Open Supply Hub", **self.source.point(where, *point), **cells,
        )  # fmt: skip
        return key

    def _new(self, place: tuple[str, str, str]) -> str:
        """Return an id for a facility without an OS ID; another one for one of that name elsewhere."""
        base = key = f"facility-{place[0]}-{place[1].lower()}"
        times = 1
        while key in self.ids:
            times += 1
            key = f"{base}-{times}"
        self.ids[key] = place
        return key


def convert(source: Source) -> None:
    """Emit the facilities of all files, those with OS IDs first."""
    facilities, documents = Facilities(source), Documents(source)
    endings = tuple(source.spec["endings"])
    names = source.names("*")
    if source.path.is_dir():
        read = [
            name for name in names if name.lower().endswith((*endings, ".csv")) and not _OTHERS.search(name)
        ]
        for name in sorted(set(names) - set(read)):
            advice = "Lists (.csv) and facilities of the interface (.json, .geojson) are."
            source.warn(Where(name), "This file is not read.", advice)
        names = read or source.names("*.csv")
    for name in [name for name in names if name.lower().endswith(endings)]:
        _features(source, documents, name, facilities)
    for name in [name for name in names if not name.lower().endswith(endings)]:
        layout = DOWNLOAD if source.layout(name) == DOWNLOAD else LIST
        for row in source.rows(name, layout):
            if layout == LIST:
                _listed(source, row, facilities)
            else:
                _downloaded(source, row, facilities)


def _features(source: Source, documents: Documents, name: str, facilities: Facilities) -> None:
    """Read a page of the interface, or the facilities of its test data."""

    def picked(document: Record) -> Iterator[Tree]:
        if document.text("model") == "api.facility" or document.text("type") == "Feature":
            yield document
        elif document.text("type") == "FeatureCollection":
            if documents.known(document, "page"):
                yield from document.each("features")
        else:
            documents.stranger(document, "neither a FeatureCollection nor a Feature of Open Supply Hub")

    path = source.find(name)
    for item in documents.records(path, picked):
        if item.text("model"):
            if documents.known(item, "facility"):
                _tested(source, item, facilities)
        elif documents.known(item, "feature"):
            _feature(source, item, facilities)
    documents.withhold(path)


def _feature(source: Source, item: Record, facilities: Facilities) -> None:
    said = item.at("properties")
    os_id = said.text("os_id") or said.text("oar_id") or item.text("id")
    point = item.at("geometry").texts("coordinates")
    if point and (len(point) != 2 or item.text("geometry", "type") != "Point"):
        message = "The place is no point; it is left out."
        source.warn(
            item.where, message, "Nothing to do.", column="/geometry", value=item.text("geometry", "type")
        )
        point = []
    lon, lat = point or ("", "")
    moved = said.text("new_os_id")
    facilities.take(
        item.where, os_id, said.text("name"), said.text("country_code"), said.text("address"), (lat, lon),
        also_known_as="|".join(" ".join(name.replace("|", " ").split()) for name in said.texts("other_names")),
        note=" ".join(
            filter(None, [_closed(source, item.where, said.text("is_closed")), moved and f"Its OS ID is {moved} now."])
        ),
    )  # fmt: skip


def _tested(source: Source, item: Record, facilities: Facilities) -> None:
    said = item.at("fields")
    found = _POINT.fullmatch(said.text("location"))
    lon, lat = found.groups() if found else (said.text("location"), "")
    facilities.take(
        item.where,
        item.text("pk"),
        said.text("name"),
        said.text("country_code"),
        said.text("address"),
        (lat, lon),
    )


def _listed(source: Source, row: SourceRow, facilities: Facilities) -> None:
    key = facilities.take(
        row.where, "", row["name"], row["country"], row["address"], (row.get("lat", ""), row.get("lng", "")),
        sector=_sector(row), **_workers(source, row),
    )  # fmt: skip
    if key and (buyer := " ".join(row.get("buyer", "").split())):
        name = f"buyer-{slug(buyer)}"
        source.emit("actors", row.where, id=name, name=buyer, kind="organisation")
        source.emit(
            "supply_links",
            row.where,
            buyer=name,
            supplier=key,
            declared_by=buyer,
            source=f"Facility list of {buyer}",
        )


def _downloaded(source: Source, row: SourceRow, facilities: Facilities) -> None:
    facilities.take(
        row.where, row["os_id"], row["name"], row["country_code"], row["address"], (row["lat"], row["lng"]),
        sector=_sector(row), note=_closed(source, row.where, row.get("is_closed", "")), **_workers(source, row),
    )  # fmt: skip


def _sector(row: SourceRow) -> str:
    """Return the sectors of a row, as they are called."""
    return ", ".join(part for part in row.get("sector", "").split("|") if part not in _NO_SECTOR)


def _closed(source: Source, where: Where, text: str) -> str:
    """Return the note on a facility that is closed."""
    closed = source.lookup("closed", text) if text else False
    if closed is None:
        message = "Whether it is closed cannot be read."
        source.warn(
            where,
            message,
            "Add it to the lookup `closed` of adapters/osh.toml.",
            column="is_closed",
            value=text,
        )
    return "Open Supply Hub says that it is closed." if closed else ""


def _workers(source: Source, row: SourceRow) -> dict[str, str]:
    """Return the least and the most workers that a row states."""
    text = row.get("number_of_workers", "")
    parts = [_WORKERS.fullmatch(part.strip()) for part in text.split("|")] if text else []
    if not all(parts):
        message = "These are no numbers of workers; they are left out."
        source.warn(row.where, message, "Write 120, or 100-200.", column="number_of_workers", value=text)
        return {}
    numbers = [int(end) for found in parts if found for end in found.groups() if end]
    return {"workers_min": str(min(numbers)), "workers_max": str(max(numbers))} if numbers else {}
