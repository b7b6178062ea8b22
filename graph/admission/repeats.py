"""Repeats: records that another dataset has too, and links of which two datasets say what excludes each other."""

from __future__ import annotations

from opentier.graph.admission.elsewhere import MOST, Elsewhere, named
from opentier.graph.model import resources
from opentier.graph.model.names import concept
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Report

#: Pairs of buyers and suppliers that other datasets are asked of: the first ones of a contribution.
PAIRS = 50_000
#: Columns of links by which one tells what is said twice, as tables here and queries call them.
_COLUMNS = {
    "product": "product", "start": "start_date", "end": "end_date", "observed": "observed_date", "status": "status"
}  # fmt: skip


def tell(elsewhere: Elsewhere, report: Report) -> None:
    """Tell of records that other datasets have too, and warn of links on which another one says the opposite."""
    if elsewhere.records.has("supply_links", "buyer", "supplier"):
        some, more = _beside(elsewhere)
        if some:
            _repeated(elsewhere, report, "At least " if more else "")
            _opposed(elsewhere, report)
    if elsewhere.records.has("designations", "target", "authority"):
        _designations(elsewhere, report)


def _beside(elsewhere: Elsewhere) -> tuple[bool, bool]:
    """Make table `both` of the links here, each beside those of others of the same ends and product.

    Returned is whether there are any, and whether there may be more than were compared.
    """
    staged = elsewhere.records.staged
    elsewhere.meet('SELECT "buyer" FROM "supply_links" UNION SELECT "supplier" FROM "supply_links"')
    staged.query(
        f"""CREATE OR REPLACE TABLE "pairs" AS
        SELECT number, coalesce(b.other, one) AS buyer, coalesce(s.other, two) AS supplier
        FROM (SELECT min("at") AS number, "buyer" AS one, "supplier" AS two FROM "supply_links"
              WHERE {elsewhere.kept} AND {named('"buyer"')} AND {named('"supplier"')}
              GROUP BY one, two ORDER BY number LIMIT {PAIRS})
        LEFT JOIN "alike" b ON b.actor = one LEFT JOIN "alike" s ON s.actor = two"""
    )
    ((buyers, suppliers, asked),) = staged.rows(
        'SELECT count(DISTINCT buyer), count(DISTINCT supplier), count(DISTINCT number) FROM "pairs"'
    )
    near, far = ("buyer", "supplier") if buyers > suppliers else ("supplier", "buyer")
    pairs = """SELECT '(' || number || ' <' || buyer || '> <' || supplier || '>)' FROM "pairs" GROUP BY ALL"""
    lists = {"pairs": pairs, "ends": f"""SELECT '<' || {near} || '>' FROM "pairs" GROUP BY ALL"""}
    elsewhere.listed("between", lists, "found", near=near, far=far)
    if not (compared := elsewhere.choose("links", "found", "number")):
        return False, False
    cell = elsewhere.cell
    here = ", ".join(f"{cell('supply_links', name)} AS here_{key}" for key, name in _COLUMNS.items())
    there = ", ".join(f'o."{key}" AS there_{key}' for key in _COLUMNS if key != "status")
    staged.query(
        f"""CREATE OR REPLACE TABLE "both" AS
        SELECT m.*, t.* EXCLUDE (number),
               bool_or(there_status = 'current') OVER (PARTITION BY "at", dataset) AS holds_there
        FROM (SELECT "at", "file", "row", "focus", min("at") OVER ends AS number, {here},
                     bool_or({cell("supply_links", "status")} = 'current')
                     OVER (PARTITION BY "buyer", "supplier", {cell("supply_links", "product")}) AS holds_here
              FROM "supply_links" WHERE {elsewhere.kept} WINDOW ends AS (PARTITION BY "buyer", "supplier")) m
        JOIN (SELECT number, link, {elsewhere.called("link")} AS dataset, {there},
                     replace(o.status, ?, '') AS there_status
              FROM "found" JOIN "chosen" USING (link) JOIN "said" o USING (place)) t
          ON t.number = m.number AND there_product IS NOT DISTINCT FROM here_product""",
        [concept("link-status", "")],
    )
    return True, compared == MOST or asked == PAIRS


def _repeated(elsewhere: Elsewhere, report: Report, least: str) -> None:
    """Tell how many links another dataset has too."""
    same = " AND ".join(
        f"here_{key} IS NOT DISTINCT FROM there_{key}" for key in ("start", "end", "observed")
    )
    found = elsewhere.records.staged.rows(
        f"""SELECT dataset, count(DISTINCT "at"), min("at"), arg_min(("file", "row", "focus"), "at")
        FROM "both" WHERE {same} AND NOT {_excluded("here", "there")} AND NOT {_excluded("there", "here")}
        GROUP BY dataset, "file" ORDER BY 3, 1"""
    )
    for dataset, count, _, place in found:
        many = "1 of these links is" if count == 1 else f"{count:,} of these links are"
        message = f"{least}{many} in {dataset}, too: of the same buyer, supplier, product and dates."
        _told(elsewhere, report, message, count, place)


def _opposed(elsewhere: Elsewhere, report: Report) -> None:
    """Warn of links of which two datasets say what excludes each other."""
    wrong = f"{_excluded('here', 'there')} AND NOT coalesce(holds_here, false)"
    wrong += f" OR {_excluded('there', 'here')} AND NOT coalesce(holds_there, false)"
    found = elsewhere.records.staged.rows(
        f"""SELECT "at", ("file", "row", "focus"), dataset, here_status, there_status FROM "both" WHERE {wrong}
        GROUP BY ALL ORDER BY ALL"""
    )
    for _, place, dataset, here, there in found:
        report.add(
            "warning", elsewhere.records.staged.where(*place),
            f"{dataset} says that this link is {there}; here it is {here}.",
            "Both are kept. Correct the status or the dates here, or say in contradictions what is wrong there.",
            column="status", value=here,
        )  # fmt: skip


def _excluded(ended: str, holds: str) -> str:
    """Return a condition: one link ended, or never was, and the other holds, not in a later time, nor until then."""
    last = f"({ended}_end || substr('-12-31', length({ended}_end) - 3))"
    first = f"({holds}_start || substr('-01-01', length({holds}_start) - 3))"
    apart = f"{first} > {last} OR {holds}_observed <= {last} OR {holds}_end <= {last}"
    return (
        f"coalesce({holds}_status = 'current' AND ({ended}_status = 'retracted' OR "
        f"{ended}_status = 'closed' AND NOT coalesce({apart}, false)), false)"
    )


def _designations(elsewhere: Elsewhere, report: Report) -> None:
    """Tell how many designations another dataset has too."""
    staged, cell = elsewhere.records.staged, elsewhere.cell
    elsewhere.meet('SELECT "target" FROM "designations" WHERE "target" NOT NULL')
    column = TABLES["designations"].column("authority")
    assert column is not None
    said = [text for (text,) in staged.rows('SELECT "authority" FROM "designations" GROUP BY ALL')]
    meant = [resources.meant(column, text, elsewhere.release.names).iri for text in said if text]
    staged.keep("authorities", {"said": [text for text in said if text], "meant": meant})
    mine = f"""SELECT d.*, coalesce(a.other, "target") AS on_whom, meant,
                      coalesce({cell("designations", "listing_date")}, {cell("designations", "effective_date")}) AS day
               FROM "designations" d JOIN "authorities" ON said = "authority" LEFT JOIN "alike" a ON a.actor = "target"
               WHERE {elsewhere.kept} AND {named("on_whom")}"""
    targets = f"SELECT '<' || on_whom || '>' FROM ({mine}) GROUP BY ALL"
    elsewhere.listed("designated", {"targets": targets}, "found")
    found = staged.rows(
        f"""SELECT {elsewhere.called("designation")} AS dataset, count(DISTINCT "at"), min("at"),
                   arg_min(("file", "row", "focus"), "at")
        FROM ({mine}) JOIN "found" f ON f.target = on_whom AND f.authority = meant AND coalesce(listed, effective) = day
        GROUP BY dataset, "file" ORDER BY 3, 1"""
    )
    for dataset, count, _, place in found:
        many = "1 of these designations is" if count == 1 else f"{count:,} of these designations are"
        message = f"{many} in {dataset}, too: by the same authority, of the same target and day."
        _told(elsewhere, report, message, count, place)


def _told(
    elsewhere: Elsewhere, report: Report, message: str, count: int, place: tuple[int, int, str | None]
) -> None:
    """Tell how many records stand elsewhere, too."""
    where = elsewhere.records.staged.where(*place)
    report.add("info", where, message, "Both are kept. Leave them out where one was taken from the other.",
                    count=count)  # fmt: skip
