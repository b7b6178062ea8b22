"""PalmWatch: brands name mills; the mill list names their parent companies and groups."""

from __future__ import annotations

import re

from opentier.graph.contribution.foreign import Source, SourceRow, slug

MILLS, DISCLOSURES = "universal_mill_list.csv", "brand_mill_disclosures.csv"
OIL, FRUIT = "151110", "120710"


def convert(source: Source) -> None:
    """Emit mills with their parents and groups, then what the brands disclosed."""
    mills: set[str] = set()
    groups: dict[str, set[str]] = {}
    for row in source.rows(MILLS):
        mill = row["UML ID"]
        if not re.fullmatch(r"PO\d{10}", mill) or not row["Mill Name"]:
            source.refuse(
                row.where, "A mill has a UML ID and a name.", "Complete it.", column="UML ID", value=mill
            )
        elif mill in mills:
            source.refuse(row.where, "This mill came before.", "Keep one row.", column="UML ID", value=mill)
        else:
            mills.add(mill)
            _mill(source, row, groups)
    for row in source.rows(DISCLOSURES):
        _disclosure(source, row, mills)


def _mill(source: Source, row: SourceRow, groups: dict[str, set[str]]) -> None:
    where, mill, stated = row.where, row["UML ID"], f"{row['ISO']} {row['Country']}"
    country = source.lookup("countries", stated) or row["ISO"]
    if country != row["ISO"]:
        source.warn(
            where, f"{stated!r} is read as {country}.", "Correct the code.", column="ISO", value=row["ISO"]
        )
    source.emit(
        "actors",
        where,
        id=mill,
        name=row["Mill Name"],
        kind="facility",
        country=country,
        region=source.lookup("regions", row["Province"]) or row["Province"],
        lat=row["Latitude"],
        lon=row["Longitude"],
        identifiers=f"uml:{mill}",
        also_known_as=row["Alternative name"],
        source="Universal Mill List",
        retrieved=source.spec["retrieved"],
    )
    parent = _firm(source, row, "Parent Company", "parent")
    group = _firm(source, row, "Group Name", "group")
    if parent:
        source.emit("operation_links", where, operator=parent, facility=mill, source="Universal Mill List")
    known = groups.setdefault(parent, set())
    if not parent or not group or group in known:
        return
    if known:
        source.warn(
            where,
            f"{row['Parent Company']} stands under more than one group; every one is kept.",
            "Say which one controls it, and since when.",
            column="Group Name",
            value=row["Group Name"],
        )
    known.add(group)
    source.emit(
        "ownership_links",
        where,
        owner=group,
        asset=parent,
        interest="controlling",
        unspecified_reason="The mill list names the group of a parent company and states no share.",
        source="Universal Mill List",
    )


def _disclosure(source: Source, row: SourceRow, mills: set[str]) -> None:
    where, brand, year, mill = row.where, row["consumer_brand"], row["report_year"], row["UML ID"]
    if not brand or not re.fullmatch(r"20\d\d", year) or not re.fullmatch(r"PO\d{10}", mill):
        shown = f"{brand}, {year}, {mill}"
        source.refuse(
            where, "A disclosure is a brand, a year and a UML ID.", "Complete the row.", value=shown
        )
        return
    if mill not in mills:
        mills.add(mill)
        source.warn(
            where,
            "This mill is not in the mill list; it goes in under its id, without name, place and parent.",
            "Look it up in another edition of the list.",
            column="UML ID",
            value=mill,
        )
        source.emit("actors", where, id=mill, name=mill, kind="facility", identifiers=f"uml:{mill}")
    buyer, evidence = f"brand-{slug(brand)}", f"mills-of-{slug(brand)}-{year}"
    title, retrieved = f"Mill list of {brand}, {year}", source.spec["retrieved"]
    source.emit("actors", where, id=buyer, name=brand, kind="organisation")
    source.emit("evidence", where, id=evidence, type="supplier-list", title=title, retrieved=retrieved)
    if "product_inputs" not in source.tables:
        source.emit("product_inputs", where, input=FRUIT, output=OIL, source="Palm oil is made of palm fruit")
    source.emit(
        "supply_links",
        where,
        buyer=buyer,
        supplier=mill,
        product=OIL,
        observed_date=year,
        declared_by=brand,
        evidence=evidence,
        source=title,
    )


def _firm(source: Source, row: SourceRow, column: str, prefix: str) -> str:
    """Return the id of the firm of a cell, or nothing after reporting that it is not stated."""
    name = row[column]
    if name in ("", "UNKNOWN"):
        advice = "Nothing to do, or name the firm."
        source.warn(row.where, "No firm is stated; no link is made.", advice, column=column, value=name)
        return ""
    ident = f"{prefix}-{slug(name)}"
    source.emit("actors", row.where, id=ident, name=name, kind="organisation", source="Universal Mill List")
    return ident
