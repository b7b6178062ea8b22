"""Stakes: owners that own each other in a circle, and assets of which more than all is held, over all datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from opentier.graph.admission.elsewhere import Elsewhere, named
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import concept
from opentier.graph.report.report import Report

#: How far owners of owners are looked for in other datasets, and how many of them.
STEPS, ABOVE = 20, 1_000
#: Links that are looked at of one circle or asset, each of them once for each day on which one begins.
LOOKED = 100_000
#: Actors of a circle that are named.
_NAMED = 6
_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Stake:
    """Who holds how much of what, and when, as a dataset says; `row` where the contribution does."""

    row: tuple[int, int, str | None] | None
    at: int | None
    dataset: str
    owner: str
    asset: str
    interest: str
    share: Decimal
    direct: bool
    first: int
    last: int


def tell(elsewhere: Elsewhere, report: Report) -> None:
    """Warn of owners that own each other in a circle, and of assets of which several datasets hold more than all."""
    if not elsewhere.records.has("ownership_links", "asset", "owner"):
        return
    _read(elsewhere)
    circles = list(_components(elsewhere))
    held = _held(elsewhere, circles)
    for circle in circles:
        _circle([held[link] for link in circle if link in held], elsewhere, report)
    _sums(held.values(), elsewhere, report)


def _read(elsewhere: Elsewhere) -> None:
    """Make table `edges`: the ownership links here, and those of others above them; joined actors are one in it.

    Of the owners that only others name the first are looked for.
    """
    staged = elsewhere.records.staged
    staged.query(
        f"""CREATE OR REPLACE TABLE "owned" AS
        SELECT "at", "iri" AS link, "owner" AS owner, "asset" AS asset FROM "ownership_links"
        WHERE {elsewhere.kept} AND "owner" <> "asset" AND {named('"owner"')} AND {named('"asset"')}"""
    )
    staged.query('CREATE OR REPLACE TABLE "asked" (actor VARCHAR)')
    ends = 'SELECT asset FROM "owned" UNION SELECT owner FROM "owned"'
    limit = ""
    left = ABOVE
    for step in range(STEPS):
        elsewhere.meet(ends)
        staged.query(
            f"""CREATE OR REPLACE TABLE "asking" AS
            SELECT coalesce(other, a) AS "end" FROM ({ends}) t (a) LEFT JOIN "alike" ON actor = a
            WHERE coalesce(other, a) NOT IN (SELECT actor FROM "asked") GROUP BY ALL ORDER BY ALL {limit}"""
        )
        ((new,),) = staged.rows('SELECT count("end") FROM "asking"')
        if not new:
            break
        left -= new if step else 0
        limit = f"LIMIT {left}"
        elsewhere.listed("owners", {"assets": """SELECT '<' || "end" || '>' FROM "asking" """}, "above")
        staged.query('INSERT INTO "asked" FROM "asking"')
        staged.query('INSERT INTO "owned" SELECT NULL, link, owner, asset FROM "above" WHERE owner <> asset')
    staged.query(
        """CREATE OR REPLACE TABLE "edges" AS
        SELECT "at", link, coalesce(o.one, owner) AS owner, coalesce(a.one, asset) AS asset
        FROM "owned" LEFT JOIN "stands" o ON o.actor = owner LEFT JOIN "stands" a ON a.actor = asset"""
    )


def _components(elsewhere: Elsewhere) -> Iterator[list[str]]:
    """Yield the links of each set of actors that all own each other, where one of these links is the contribution's."""
    import networkx as nx

    staged, count = elsewhere.records.staged, -1
    staged.query('CREATE OR REPLACE TABLE "inner" AS FROM "edges"')
    for _ in range(STEPS):  # whom nobody owns, and who owns nobody, is in no circle
        staged.query(
            """CREATE OR REPLACE TABLE "inner" AS FROM "inner"
            WHERE owner IN (SELECT asset FROM "inner") AND asset IN (SELECT owner FROM "inner")"""
        )
        ((left,),) = staged.rows('SELECT count(*) FROM "inner"')
        if left == count:
            break
        count = left
    edges = list(staged.rows('SELECT "at", link, owner, asset FROM "inner" ORDER BY ALL'))
    graph = nx.DiGraph((owner, asset) for _, _, owner, asset in edges)
    number = {
        actor: n for n, actors in enumerate(nx.strongly_connected_components(graph)) for actor in actors
    }
    links: dict[int, list[str]] = defaultdict(list)
    ours = set()
    for at, link, owner, asset in edges:
        if number[owner] == number[asset]:
            links[number[owner]].append(link)
            ours |= {number[owner]} if at is not None else set()
    yield from (said for n, said in links.items() if n in ours)


def _held(elsewhere: Elsewhere, circles: Iterable[list[str]]) -> dict[str, Stake]:
    """Return the stakes in circles and in assets of the contribution, by link."""
    staged, cell = elsewhere.records.staged, elsewhere.cell
    staged.keep("circling", {"link": [link for circle in circles for link in circle] or [None]})
    staged.query(
        """CREATE OR REPLACE TABLE "wanted" AS
        SELECT link, number FROM "edges" JOIN (SELECT asset, min("at") AS number FROM "edges" GROUP BY asset
                                               HAVING count("at") BETWEEN 1 AND count(*) - 1) USING (asset)
        UNION SELECT link, -1 FROM "circling" WHERE link NOT NULL"""
    )
    staged.query(
        """CREATE OR REPLACE TABLE "theirs" AS
        SELECT link, number FROM "wanted" WHERE link IN (SELECT link FROM "edges" WHERE "at" IS NULL)"""
    )
    names = ("interest", "share_exact", "share_minimum", "direct", "start_date", "end_date", "confidence")
    own = ", ".join(cell("ownership_links", name) for name in names)
    parts = [
        f"""SELECT "at", ("file", "row", "focus"), '', link, e.owner, e.asset, {own}
        FROM "edges" e JOIN "ownership_links" USING ("at") WHERE link IN (SELECT link FROM "wanted")"""
    ]
    if elsewhere.choose("stakes", "theirs", "number"):
        parts.append(
            f"""SELECT NULL, NULL, {elsewhere.called("link")}, link, e.owner, e.asset,
            interest, exact, minimum, direct, start, "end", confidence
            FROM "edges" e JOIN "chosen" USING (link) JOIN "said" USING (place)"""
        )
    stem = concept("interest", "")
    found: dict[str, Stake] = {}
    for text in parts:
        for at, row, dataset, link, owner, asset, *said in staged.rows(text):
            interest, exact, minimum, direct, start, end, confidence = said
            if confidence is None or Decimal(confidence):
                found[link] = Stake(
                    row, at, dataset, owner, asset, (interest or "").removeprefix(stem),
                    Decimal(exact or minimum or 0), direct != "false",
                    first_day(start) if start else EVER, last_day(end) if end else NEVER,
                )  # fmt: skip
    return found


def _days(stakes: list[Stake]) -> list[int]:
    """Return the days on which stakes begin; of many stakes the last days."""
    return sorted({stake.first for stake in stakes})[-max(1, LOOKED // max(1, len(stakes))) :]


def _circle(stakes: list[Stake], elsewhere: Elsewhere, report: Report) -> None:
    """Warn of actors that own each other in a circle on one day, at the first link of it in the contribution."""
    import networkx as nx

    told = set[Stake]()
    for day in _days(stakes):
        holding = [stake for stake in stakes if stake.first <= day <= stake.last]
        graph = nx.DiGraph((stake.owner, stake.asset) for stake in holding)
        for actors in nx.strongly_connected_components(graph):
            inside = [stake for stake in holding if stake.owner in actors and stake.asset in actors]
            ours = sorted((stake for stake in inside if stake.row), key=lambda stake: stake.at or 0)
            if not ours or not told.isdisjoint(ours):
                continue
            told.update(ours)
            first = ours[0]
            circle = [first.owner, *nx.shortest_path(graph, first.asset, first.owner)]
            ids = [elsewhere.release.names.id(actor) for actor in circle]
            shown = [*ids[: _NAMED - 1], "...", ids[-1]] if len(ids) > _NAMED else ids
            where = [elsewhere.records.staged.where(*stake.row) for stake in ours if stake.row]
            report.add(
                "warning", where[0], f"These actors own each other in a circle: {' owns '.join(shown)}.",
                "Check who owns whom, since when and until when, and whether actors are joined that differ.",
                count=len(ours), column="owner", rows=[each.row for each in where if each.row is not None],
            )  # fmt: skip


def _sums(stakes: Iterable[Stake], elsewhere: Elsewhere, report: Report) -> None:
    """Warn where several datasets together say that more than all of an asset is held on one day."""
    by: dict[tuple[str, str], list[Stake]] = defaultdict(list)
    for stake in stakes:
        if stake.share and stake.direct:
            by[stake.asset, stake.interest].append(stake)
    for held in by.values():
        for day in _days(held):
            now = [stake for stake in held if stake.first <= day <= stake.last]
            ours = sorted((stake for stake in now if stake.row), key=lambda stake: stake.at or 0)
            if ours and sum(stake.share for stake in ours) <= _PERCENT < (total := _total(now)):
                others = sorted({stake.dataset for stake in now} - {""})
                listed = ", ".join(others[:_NAMED]) + (", ..." if len(others) > _NAMED else "")
                row = ours[0].row
                assert row is not None
                report.add(
                    "warning", elsewhere.records.staged.where(*row),
                    f"Together with {listed}, the owners of this asset hold {total.normalize():f} % of it at the same "
                    "time.", "Both are kept. Correct the shares here, or the dates of those that ended.",
                    column="asset",
                )  # fmt: skip
                break


def _total(stakes: Iterable[Stake]) -> Decimal:
    """Return how much all owners hold: of each as much as the dataset says that says most, as two may say the same."""
    by: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for stake in stakes:
        by[stake.owner][stake.dataset] += stake.share
    return sum((max(said.values()) for said in by.values()), Decimal(0))
