"""Withhold release orders and findings (CBP): an import order for each named actor, or one on goods of a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from opentier.graph.contribution.foreign import Source, SourceRow, slug
from opentier.graph.model.cells import CellError, country

FILE = "orders.csv"
#: Signs of several names, or of goods, in one cell; of several names in another name.
SIGNS = re.compile(
    r"a/k/a|[;:]| and | or |subsidiar|^all |^fishing vessel|\bproduced\b|\b(ltd|limited)\b.*\b(ltd|limited)\b",
    re.IGNORECASE,
)
ALIAS_SIGNS = re.compile(r"a/k/a|;| or ", re.IGNORECASE)
#: What remarks say: where an order is published, that a finding follows an order, who or what is taken out.
_PUBLISHED = re.compile(r"\d+ FR \d+|T\.D\. \d+(?:-\d+)?")
_SEE = re.compile(r"See [A-Z][\w ]+ (WRO|Finding)\.$")
_REMOVED = re.compile(r"(?:^|:|(?<=\d{4}))\s*([^:]+?) removed from the order, (?:by [^,]+, )?(\d+/\d+/\d{4})")
_SUPERSEDED = "superseded by enforcement of UFLPA"


class Remarks(NamedTuple):
    """What the remarks of a row say: where it is published, what is taken out and when, whether it is superseded."""

    source: str
    notes: list[str]
    removed: list[tuple[str, str]]
    superseded: bool


class Change(NamedTuple):
    """What became of an order."""

    status: str
    date: str
    reason: str


def convert(source: Source) -> None:
    """Emit the actors, the orders on their goods, and what became of these."""
    source.dated()
    seen: set[str] = set()
    for row in source.rows(FILE):
        entries, said = _entries(source, row), _common(source, row)
        if not entries or not said:
            continue
        remarks = _remarks(source, row)
        names = [entry["name"] for entry in entries if "name" in entry]
        for entry in entries:
            key = entry.get("id") or slug(entry["name"])
            order = f"{key}-{row['kind'].lower()}-{said['effective_date']}"
            if order in seen:
                advice = "The first row is kept."
                source.warn(row.where, "This order comes twice.", advice, column="name", value=key)
                continue
            seen.add(order)
            about = _about(source, row, key, entry, said)
            changes = list(_changes(source, entry.get("name"), names, remarks))
            notes = [
                f"Merchandise as printed: {row['merchandise']}. HS by hand: {said['merchandise']['note']}",
                f"Status as printed: {row['status']}.",
                *(f"{change.reason} ({change.date})." for change in changes),
                entry.get("note", ""),
                *remarks.notes,
                "" if row["name"] == entry.get("name") else f"Listed as: {row['name'].rstrip('.')}.",
            ]
            source.emit(
                "designations",
                row.where,
                id=order,
                effect=said["effect"],
                effective_date=said["effective_date"],
                exploitation="forced-labour",
                status="revoked" if any(c.status == "revoked" for c in changes) else said["status"],
                source=remarks.source,
                note=" ".join(filter(None, notes)),
                **about,
                **source.spec["designation"],
            )
            for change in changes:
                source.emit("status_changes", row.where, designation=order, **change._asdict())


def _about(
    source: Source, row: SourceRow, key: str, entry: dict[str, Any], said: dict[str, Any]
) -> dict[str, str]:
    """Return the cells that say what an order is about: the goods of its target, or goods of a place."""
    goods, code = said["merchandise"], entry.get("country", said["country"])
    place = {"country": code, "region": entry.get("region", "")}
    if "name" not in entry:
        return {**place, **source.good(row.where, key, row["merchandise"], goods["hs"], goods["note"])}
    source.emit(
        "actors",
        row.where,
        id=key,
        name=entry["name"],
        kind=entry.get("kind", "organisation"),
        address=entry.get("address", ""),
        also_known_as="|".join(entry.get("also_known_as", ())),
        note=entry.get("note", ""),
        **place,
    )
    subsidiaries = "true" if entry.get("includes_subsidiaries") else ""
    return {
        "target": key,
        "scope_products": "|".join(goods.get("hs", ())),
        "includes_subsidiaries": subsidiaries,
    }


def _entries(source: Source, row: SourceRow) -> list[dict[str, Any]]:
    """Return what the cells name; what is not looked up and seems to name several things is refused."""
    name, others = row["name"], [part.strip() for part in row["also_known_as"].split("|") if part.strip()]
    found = source.lookup("entities", name)
    if found is None and (not name or SIGNS.search(name)):
        advice = "Say in the lookup `entities` of adapters/cbp.toml what it names."
        source.refuse(row.where, "The cell may name several things.", advice, column="name", value=name)
        return []
    first, *more = found or [{"name": name}]
    names = list(first.get("also_known_as", ()))
    for other in others:
        known = source.lookup("aliases", other)
        if known is None and ALIAS_SIGNS.search(other):
            advice = "Say in the lookup `aliases` of adapters/cbp.toml which names it holds."
            source.refuse(
                row.where, "This may be several names.", advice, column="also_known_as", value=other
            )
            return []
        names += known or [other]
    return [{**first, "also_known_as": list(dict.fromkeys(names))}, *more]


def _common(source: Source, row: SourceRow) -> dict[str, Any]:
    """Return what a row says of all that it names, or nothing where some of it cannot be read."""
    found: dict[str, Any] = {}
    for column, lookup in (("kind", "effects"), ("status", "statuses"), ("merchandise", "merchandise")):
        value = source.lookup(lookup, row[column])
        if value is None:
            advice = f"Add it to the lookup `{lookup}` of adapters/cbp.toml."
            source.refuse(row.where, f"This {column} is not known.", advice, column=column, value=row[column])
            return {}
        found["effect" if column == "kind" else column] = value
    code = source.lookup("countries", row["country"])
    try:
        found["country"] = country(row["country"]) if code is None else code
    except CellError:
        advice = "Add it to the lookup `countries` of adapters/cbp.toml."
        source.refuse(row.where, "This country is not known.", advice, column="country", value=row["country"])
        return {}
    try:
        found["effective_date"] = date.fromisoformat(row["effective_date"]).isoformat()
    except ValueError:
        value = row["effective_date"]
        source.refuse(
            row.where, "This is no date.", "Write YYYY-MM-DD.", column="effective_date", value=value
        )
        return {}
    return found


def _remarks(source: Source, row: SourceRow) -> Remarks:
    """Return what the remarks say; those of which nothing is understood are told."""
    text = row["remarks"]
    removed = []
    for what, day in _REMOVED.findall(text):
        removed.append((what.strip(), datetime.strptime(day, "%m/%d/%Y").date().isoformat()))
    found = Remarks("; ".join(_PUBLISHED.findall(text)), [], removed, _SUPERSEDED in text)
    if see := _SEE.search(text):
        found.notes.append("A finding followed." if see[1] == "Finding" else "It followed an order.")
    if text and not (found.source or see or removed or found.superseded):
        found.notes.append("Its remarks are not read here: see the publisher's file.")
        advice = "Read it: it may change whom or what the order covers."
        source.warn(row.where, "This remark is not understood.", advice, column="remarks", value=text)
    return found


def _changes(source: Source, name: str | None, names: list[str], remarks: Remarks) -> Iterator[Change]:
    """Yield what became of the order on one of the names of a row; what became of another is not its own."""
    if remarks.superseded:
        yield Change(**source.spec["superseded"])
    for what, day in sorted(remarks.removed, key=lambda each: each[1]):
        if name is not None and name in what:
            yield Change("revoked", day, "Taken out of the order")
        elif not any(other in what for other in names):
            yield Change("modified", day, f"Taken out of the order: {what}")
