"""IPIS visits: destinations buy from selling points, selling points from mines; what was recorded at the mines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from opentier.graph.contribution.foreign import Source, SourceRow
from opentier.graph.report.report import Where

FILE = "cod_mines_curated_all_opendata_p_ipis.csv"
POINTS, DESTINATIONS = "selling_points_mineral", "final_destination_mineral"
FORCED = "forced-labour-recorded"
#: Fewer people than this are not told of (small-cell suppression).
FEW = 10


@dataclass
class Cell:
    """Visits to the mines of a province in a year, for a mineral, on which one thing was asked."""

    where: Where
    asked: int = 0
    found: int = 0
    workers: int = 0


def convert(source: Source) -> None:
    """Emit the mines, their routes and what was recorded at them, then the places on the routes."""
    places: dict[str, tuple[Where, Counter[str]]] = {}
    cells: dict[tuple[str, str, str, str], Cell] = {}
    for row in source.rows(FILE):
        if not row["vid"] or not row["pcode"] or not row["name"]:
            source.refuse(
                row.where, "A visit has an id, a mine and its name.", "Complete it.", value=row["pcode"]
            )
            continue
        _mine(source, row)
        observed = _observed(source, row)
        _recorded(source, row, observed, cells)
        for buyer, supplier, mineral in sorted(set(_routes(source, row, places))):
            source.emit(
                "supply_links",
                row.where,
                buyer=buyer,
                supplier=supplier,
                product=(source.lookup("minerals", mineral) or {"hs": ""})["hs"],
                observed_date=observed,
                source=f"IPIS visit {row['vid']}",
                retrieved=source.spec["retrieved"],
                note=f"Mineral as recorded: {mineral}" if mineral else "",
            )
    _observations(source, cells)
    for key, (where, spellings) in places.items():
        name, *others = sorted(spellings, key=lambda text: (-spellings[text], not text.istitle(), text))
        country = source.lookup("countries", name) or "CD"
        source.emit("actors", where, id=key, name=name, country=country, also_known_as="|".join(others))


def _mine(source: Source, row: SourceRow) -> None:
    region = source.lookup("provinces", row["province"])
    if row["province"] and not region:
        advice = "Add it to the lookup `provinces`."
        source.warn(
            row.where, "This province is not known.", advice, column="province", value=row["province"]
        )
    source.emit(
        "actors",
        row.where,
        id=row["pcode"],
        name=row["name"],
        kind="mine",
        country="CD",
        region=region or row["province"],
        lat=_rounded(source, row, "latitude"),
        lon=_rounded(source, row, "longitude"),
        identifiers=f"ipis:{row['pcode']}",
        source=f"IPIS site {row['pcode']}",
        retrieved=source.spec["retrieved"],
    )


def _recorded(
    source: Source, row: SourceRow, observed: str, cells: dict[tuple[str, str, str, str], Cell]
) -> None:
    """Count what a visit asked about, and emit an incident where it recorded forced labour."""
    place, mineral = source.lookup("provinces", row["province"]) or "CD", row["mineral1"]
    product = (source.lookup("minerals", mineral) or {"hs": ""})["hs"]
    workers = int(row["workers_numb"]) if row["workers_numb"].isdigit() else None
    for indicator, said in source.spec["observations"].items():
        flags = [flag for column in said["columns"] if (flag := _flag(source, row, column)) is not None]
        if not flags:
            continue
        if indicator == FORCED and any(flags):
            _incident(source, row, observed, workers)
        if observed:
            cell = cells.setdefault((indicator, place, observed[:4], product), Cell(row.where))
            cell.asked += 1
            cell.found += any(flags)
            cell.workers += workers or 0


def _flag(source: Source, row: SourceRow, column: str) -> bool | None:
    """Return what a visit says to a question; None where it was not asked, which is no "no"."""
    text = row[column].strip().removesuffix(".0")
    if text not in ("", "0", "1"):
        message = "This is neither 1 (yes), 0 (no) nor empty (not asked); it counts as not asked."
        source.warn(row.where, message, "Correct the cell.", column=column, value=row[column])
    return {"1": True, "0": False}.get(text)


def _incident(source: Source, row: SourceRow, observed: str, workers: int | None) -> None:
    """Emit forced labour that a visit recorded: one source's word, of a place, of nobody in particular."""
    few = workers is not None and workers < FEW
    notes = [
        "Recorded on a visit of a survey team: forced labour exacted by an armed group.",
        "" if row["visit_onsite"].startswith("1") else "The team did not reach the mine itself.",
        f"Fewer than {FEW} workers were counted, so that the mine is not named." if few else "",
    ]
    source.emit(
        "incidents",
        row.where,
        id=f"forced-labour-{row['vid']}",
        status="alleged",
        facility="" if few else row["pcode"],
        region=source.lookup("provinces", row["province"]) or "",
        country="CD",
        source=f"IPIS visit {row['vid']}",
        retrieved=source.spec["retrieved"],
        note=" ".join(filter(None, notes)),
        **{"from": observed, "to": observed},
    )


def _observations(source: Source, cells: dict[tuple[str, str, str, str], Cell]) -> None:
    """Emit how many visits found what they asked about, by province, year and mineral."""
    for (indicator, place, year, product), cell in sorted(cells.items()):
        few = cell.workers < FEW
        source.emit(
            "observations",
            cell.where,
            indicator=indicator,
            area=place,
            period=year,
            value="" if few else str(cell.found),
            unit="visits",
            method=source.spec["observations"][indicator]["method"].strip(),
            sample_size=str(cell.asked),
            sector="B",
            product=product,
            source="IPIS, visits to artisanal mines",
            retrieved=source.spec["retrieved"],
            note=f"Left out: fewer than {FEW} workers were counted on these visits." if few else "",
        )


def _rounded(source: Source, row: SourceRow, column: str) -> str:
    """Return a coordinate to two decimals: informal sites are not shown to the metre."""
    try:
        return f"{float(row[column]):.2f}" if row[column] else ""
    except ValueError:
        source.warn(row.where, "This is not a coordinate.", "Correct it.", column=column, value=row[column])
        return ""


def _observed(source: Source, row: SourceRow) -> str:
    """Return the date of the visit; of 1 January only the year, as that is what it mostly stands for."""
    text = row["visit_date"]
    try:
        return text.removesuffix("-01-01") if date.fromisoformat(text) else ""
    except ValueError:
        source.warn(row.where, "This is not a date.", "Write YYYY-MM-DD.", column="visit_date", value=text)
        return ""


def _routes(
    source: Source, row: SourceRow, places: dict[str, tuple[Where, Counter[str]]]
) -> Iterator[tuple[str, str, str]]:
    """Yield (buyer, supplier, mineral) of each step from the mine to the destinations."""
    for number in "123":
        mineral = row[f"mineral{number}"]
        if mineral and not source.lookup("minerals", mineral):
            message = "This mineral has no HS code in the lookup; its links carry no product."
            source.warn(row.where, message, "Add it to the lookup.", column=f"mineral{number}", value=mineral)
        ends = []
        for column in (f"{POINTS}{number}", f"{DESTINATIONS}{number}"):
            names = list(dict.fromkeys(_names(source, row, column)))
            for name in names:
                places.setdefault(ident(name), (row.where, Counter()))[1][name] += 1
            ends.append([ident(name) for name in names])
        points, destinations = ends
        for point in points:
            yield point, row["pcode"], mineral
        for destination in destinations:
            for supplier in points or [row["pcode"]]:
                if supplier != destination:
                    yield destination, supplier, mineral


def _names(source: Source, row: SourceRow, column: str) -> Iterator[str]:
    """Yield the places of a free-text cell; whatever is changed or left out on the way is reported."""
    text = " ".join(row[column].split())
    split = source.lookup("splits", text)
    if split:
        _warn(source, row, column, text, f"Read as: {', '.join(split)}.")
    for part in split or re.split(r"[,;/|]|\bet\b", text):
        name = part.strip(" .")
        better, reason = source.lookup("spellings", name), source.lookup("not_places", name)
        if name and not ident(name):
            reason = "it has no letters"
        if reason:
            _warn(source, row, column, name, f"Left out, as it is no place: {reason}.")
        elif better:
            _warn(source, row, column, name, f"Read as {better}.")
            yield better
        elif name:
            yield name


def _warn(source: Source, row: SourceRow, column: str, value: str, message: str) -> None:
    source.warn(row.where, message, "Correct the cell, or the adapter's lookups.", column=column, value=value)


def ident(name: str) -> str:
    """Return the id of a place: its name without case, accents, spaces and punctuation, or nothing."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name).casefold() if letter.isalnum())
    return plain and f"place-{plain}"
