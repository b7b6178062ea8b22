"""IPIS visits: destinations buy from selling points, selling points from mines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date

from opentier.graph.contribution.foreign import Source, SourceRow
from opentier.graph.contribution.report import Where

FILE = "cod_mines_curated_all_opendata_p_ipis.csv"
POINTS, DESTINATIONS = "selling_points_mineral", "final_destination_mineral"


def convert(source: Source) -> None:
    """Emit the mines and their routes, then the places on them."""
    places: dict[str, tuple[Where, Counter[str]]] = {}
    for row in source.rows(FILE):
        if not row["vid"] or not row["pcode"] or not row["name"]:
            source.refuse(
                row.where, "A visit has an id, a mine and its name.", "Complete it.", value=row["pcode"]
            )
            continue
        _mine(source, row)
        observed = _observed(source, row)
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
