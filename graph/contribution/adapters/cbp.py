"""Withhold release orders and findings (CBP): an import order per actor, or per good and place."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.model.cells import CellError, country

FILE = "cbp_wro_active_fy26dec.csv"
#: Signs of several names, or of goods, in one cell.
SIGNS = re.compile(r"a/k/a|[;:]| and | or |subsidiar|^all |^fishing vessel|\bproduced\b", re.IGNORECASE)


def convert(source: Source) -> None:
    """Emit the actors and the orders on their goods."""
    seen: set[str] = set()
    for row in source.rows(FILE):
        entries = _entries(source, row)
        common = _common(source, row)
        if not entries or not common:
            continue
        for entry in entries:
            key = entry.get("id") or slug(entry["name"])
            order = f"{key}-{row['type'].lower()}-{common['effective_date']}"
            if order in seen:
                source.warn(
                    row.where, "This order comes twice.", "The first row is kept.", column="entity", value=key
                )
                continue
            seen.add(order)
            if "name" in entry:
                _actor(source, row, key, common["country"], entry)
            notes = [f"Listed as: {row['entity'].rstrip('.')}.", entry.get("note", "")]
            source.emit(
                "designations",
                row.where,
                id=order,
                target=key if "name" in entry else "",
                product=entry.get("product", ""),
                country="" if "name" in entry else common["country"],
                effect=common["effect"],
                effective_date=common["effective_date"],
                exploitation="|".join(entry.get("exploitation", ["forced-labour"])),
                scope_products="|".join(entry.get("scope_products", ())),
                includes_subsidiaries="true" if entry.get("includes_subsidiaries") else "",
                note=" ".join(filter(None, [*notes, f"CBP centre: {row['industry']}."])),
                **source.spec["designation"],
            )


def _entries(source: Source, row: SourceRow) -> list[dict[str, Any]]:
    """Return what the cell names; one that is not looked up and seems to name several things is refused."""
    entity = row["entity"]
    found = source.lookup("entities", entity)
    if isinstance(found, str):
        found = source.lookup("entities", found)
    if found is None and (not entity or SIGNS.search(entity)):
        advice = "Say in the lookup `entities` what it names."
        source.refuse(row.where, "The cell may name several things.", advice, column="entity", value=entity)
        return []
    entries: list[dict[str, Any]] = [{"name": entity}] if found is None else found
    return entries


def _common(source: Source, row: SourceRow) -> dict[str, str]:
    """Return country, effect and date of the row, or nothing where one of them cannot be read."""
    effect = source.lookup("effects", row["type"])
    if effect is None:
        advice = f"Types are: {', '.join(source.spec['lookups']['effects'])}."
        source.refuse(row.where, "This type is not known.", advice, column="type", value=row["type"])
    code = source.lookup("countries", row["country"])
    try:
        code = code or country(row["country"])
    except CellError:
        advice = "Add it to the lookup `countries`."
        source.refuse(row.where, "This country is not known.", advice, column="country", value=row["country"])
    text, date = row["effective_date_mdY"], ""
    try:
        date = datetime.strptime(text, "%m/%d/%Y").date().isoformat()
    except ValueError:
        advice = "Write month/day/year."
        source.refuse(row.where, "This is no date.", advice, column="effective_date_mdY", value=text)
    return {"effect": effect, "country": code, "effective_date": date} if effect and code and date else {}


def _actor(source: Source, row: SourceRow, key: str, code: str, entry: dict[str, Any]) -> None:
    source.emit(
        "actors",
        row.where,
        id=key,
        name=entry["name"],
        kind=entry.get("kind", "organisation"),
        country=code,
        region=entry.get("region", ""),
        address=entry.get("address", ""),
        also_known_as="|".join(entry.get("also_known_as", ())),
        note=entry.get("note", ""),
    )
