"""Columns that are read together: facts with a place for a value, and regions with the countries of their rows."""

from __future__ import annotations

from opentier.graph.contribution.staging import Staged
from opentier.graph.model.cells import CellError
from opentier.graph.model.tables import TABLES, Column, Table
from opentier.graph.records.meanings import Meaning, Meanings, Told, placed
from opentier.graph.records.telling import Telling


def places(tables: Staged, telling: Telling, raw: str, stated: list[Column]) -> tuple[str, list[Column]]:
    """Return the facts with places that are given as values where their scope stands."""
    value, scope = (TABLES["actor_facts"].column(name) for name in ("value", "scope"))
    assert value is not None
    assert scope is not None
    three = ("metric", "value", "scope")
    distinct = f'SELECT DISTINCT "metric", "value", coalesce("scope", \'\') FROM {raw} '
    distinct += 'WHERE "metric" NOT NULL AND "value" NOT NULL'
    changes, told = list[tuple[str, str, str, str, str]](), dict[tuple[str, ...], list[Told]]()
    for said in tables.rows(distinct):
        try:
            found = placed(*said)
        except CellError as error:
            meaning = Meaning()
            meaning.refuse(said[1], error)
            told[said] = meaning.told
            found = ("0", said[2])  # it is no record, and no more is said of its value
        if found:
            changes.append((*said, *found))
    telling.of(value, raw, [f"coalesce(r.\"{name}\", '')" for name in three], told)
    if not changes:
        return raw, stated
    tables.keep("placed", dict(zip(("m", "v", "s", "v2", "s2"), zip(*changes, strict=True), strict=True)))
    tables.query(
        "CREATE OR REPLACE TABLE facts AS "
        'SELECT r.* REPLACE (coalesce(v2, r."value") AS "value", coalesce(nullif(s2, \'\'), r."scope") AS "scope") '
        f'FROM {raw} r LEFT JOIN placed ON r."metric" = m AND r."value" = v AND coalesce(r."scope", \'\') = s'
    )
    return "facts", [*stated, *([scope] if scope not in stated else [])]


def regions(
    tables: Staged, telling: Telling, meanings: Meanings, table: Table, stated: list[Column]
) -> list[Column]:
    """Read regions together with the countries of their rows; return the columns that are stated then."""
    column, country = table.column("region"), table.column("country")
    assert column is not None
    beside = '"country"' if country in stated else "NULL"
    raw = f'"{table.name}"'
    telling.begin()
    pairs = f'SELECT DISTINCT "region", coalesce({beside}, \'\') FROM {raw} WHERE "region" NOT NULL'
    means, told = list[tuple[str, str, str | None, str | None]](), dict[tuple[str, ...], list[Told]]()
    for text, within in tables.rows(pairs):
        found, of = meanings.region(text, within)
        if found.told:
            told[text, within] = found.told
        if found.fine:
            means.append((text, within, of or None, found.values[0] if found.values else None))
    beside = f"r.{beside}" if country in stated else "NULL"
    telling.of(column, raw, ['r."region"', f"coalesce({beside}, '')"], told)
    read = zip(*means, strict=True) if means else ((),) * 4
    tables.keep("regions", dict(zip(("r1", "c1", "c2", "r2"), read, strict=True)))
    changed = ['CASE WHEN r."region" IS NULL THEN NULL ELSE r2 END AS "region"']
    more = ""
    if country in stated:
        changed.append('coalesce(c2, r."country") AS "country"')
    elif country:
        more = ', c2 AS "country"'
    tables.query(
        f"CREATE OR REPLACE TABLE {raw} AS SELECT r.* REPLACE ({', '.join(changed)}){more} FROM {raw} r "
        f"LEFT JOIN regions ON r.\"region\" = r1 AND coalesce({beside}, '') = c1 "
        'WHERE r."at" NOT IN (SELECT "at" FROM bad)'
    )
    kept = {*stated, country} if country else {*stated}
    return [each for each in table if each in kept]
