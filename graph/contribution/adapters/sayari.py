"""Sayari's `ships_to` links: the target buys from the source."""

from __future__ import annotations

from opentier.graph.contribution.foreign import Source, SourceRow


def convert(source: Source) -> None:
    """Emit the firms and their links."""
    for row in source.rows("ships_to.csv"):
        if row["field"] != "ships_to":
            source.refuse(
                row.where, "Only ships_to is read.", "Leave it out.", column="field", value=row["field"]
            )
            continue
        if not all([_firm(source, row, "source"), _firm(source, row, "target")]):
            continue
        for end in ("source", "target"):
            source.emit(
                "actors",
                row.where,
                id=row[end],
                name=row[f"{end}_label"],
                kind="organisation",
                identifiers=f"sayari:{row[end]}",
            )
        source.emit(
            "supply_links",
            row.where,
            buyer=row["target"],
            supplier=row["source"],
            source="Sayari: ships_to",
            retrieved=source.spec["retrieved"],
        )


def _firm(source: Source, row: SourceRow, end: str) -> bool:
    """Return whether one end of a link is a firm; what is not as it should be is reported."""
    ident, name, kind = row[end], row[f"{end}_label"], row[f"{end}_type"]
    if not ident or not name:
        column = end if not ident else f"{end}_label"
        source.refuse(row.where, "This cell is empty.", "Every link names both firms.", column=column)
        return False
    if kind == "company":
        return True
    if kind == "person" and source.lookup("firms", ident):
        source.warn(
            row.where,
            f"{name} is typed {kind!r} and is taken as an organisation: {source.lookup('firms', ident)}.",
            "Nothing to do; the publisher's type is wrong.",
            column=f"{end}_type",
            value=kind,
        )
        return True
    source.refuse(
        row.where,
        "This is not known to be a firm; no natural person is published.",
        "If it is a firm, add its id to the lookup `firms` of the adapter.",
        column=f"{end}_type",
        value=kind,
    )
    return False
