"""Elsewhere: what other datasets say of what a contribution names, as tables of the engine that holds its records.

A record of the dataset itself is known by its IRI, and left out; so is what the contribution retracts. Only what the
contribution names is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from opentier.graph.identity import closure
from opentier.graph.identity.judgements import Judgements, admitted
from opentier.graph.model.names import Names
from opentier.graph.records.records import Records
from opentier.graph.report.report import Report, Where
from opentier.graph.store import references, union
from opentier.graph.store.release import Release

#: Records of others that are read as a whole, of each kind: those which the first records of a contribution name.
MOST = 10_000


@dataclass
class Elsewhere:
    """The other datasets of a release, beside the records of a contribution.

    Table `alike` of the engine has all actors that are one with an actor, itself too, of those that `meet` was told of
    and that are not alone.

    Attributes
    ----------
    judgements
        All that is said of who is who, where the contribution says anything of it.
    scratch
        A folder for what is read.
    """

    records: Records
    dataset: str
    release: Release
    judgements: Judgements | None
    scratch: Path

    def __post_init__(self) -> None:
        release, before = self.release, self.release.current.get(self.dataset)
        if not release.united or release.joined is None or (before and closure.speaks(release, [before.iri])):
            others = release.within(release.scope.leaving_out(self.dataset))
            self.judgements = self.judgements or admitted(others)
        self.records.staged.query('CREATE OR REPLACE TABLE "stands" (actor VARCHAR, one VARCHAR)')
        if self.judgements is not None:
            self._put(dict(self.judgements.joined().merged()))
        else:
            self._alike()
        self._joins = self.judgements is None and bool(union.same(release))

    def listed(self, name: str, lists: Mapping[str, str], table: str, **words: str) -> None:
        """Make a table of what a shipped query finds of what queries of the engine list (see `Release.listing`)."""
        given = {
            key: " ".join(item for (item,) in self.records.staged.rows(text)) for key, text in lists.items()
        }
        own = f"{self.release.names.base}{self.dataset}/"
        with (place := self.scratch / f"{table}.tsv").open("wb") as output:
            columns = self.release.listing(name, {**given, **words, "own": own}, output)
        texts = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
        plain = ", ".join(f'{_plain(column)} AS "{column}"' for column in columns)
        self.records.staged.query(
            f"""CREATE OR REPLACE TABLE "{table}" AS SELECT {plain}
            FROM read_csv(?, columns={{{texts}}}, delim='\t', quote='', escape='', header=true, auto_detect=false)""",
            [str(place)],
        )
        place.unlink()

    def choose(self, name: str, found: str, number: str) -> int:
        """Make table `said` of what query `name` finds of the first links of a table, by their places in `chosen`."""
        staged = self.records.staged
        staged.query(
            f'CREATE OR REPLACE TABLE "{found}" AS SELECT f.* REPLACE ({number}::BIGINT AS number) FROM "{found}" f'
        )
        staged.query(
            f"""CREATE OR REPLACE TABLE "chosen" AS SELECT link, row_number() OVER (ORDER BY min(number), link) AS place
            FROM "{found}" GROUP BY link QUALIFY place <= {MOST}"""
        )
        ((count,),) = staged.rows('SELECT count(*) FROM "chosen"')
        if count:
            links = """SELECT '(' || place || ' <' || link || '>)' FROM "chosen" """
            self.listed(name, {"links": links}, "said")
            staged.query(
                'CREATE OR REPLACE TABLE "said" AS SELECT s.* REPLACE (place::BIGINT AS place) FROM "said" s'
            )
        return int(count)

    def meet(self, actors: str) -> None:
        """Find out who is one with the actors that a query of the engine's gives."""
        if not self._joins:
            return
        new = f"""SELECT '<' || a || '>' FROM ({actors}) t (a)
                  WHERE {named("a")} AND a NOT IN (SELECT actor FROM "stands") GROUP BY ALL"""
        self.listed("same", {"actors": new}, "met")
        stands: dict[str, str] = {}
        for actor, least, others in self.records.staged.rows(
            'SELECT actor, least(actor, min(other)), list(other) FROM "met" GROUP BY actor'
        ):
            stands |= dict.fromkeys([actor, *others], least)
        self._put(stands)

    def _put(self, stands: Mapping[str, str]) -> None:
        """Put down which actors are one: each with the one that stands for it."""
        if every := {**stands, **{one: one for one in stands.values()}}:
            self.records.staged.keep("stands", {"actor": list(every), "one": list(every.values())}, more=True)
        self._alike()

    def _alike(self) -> None:
        self.records.staged.query(
            """CREATE OR REPLACE TABLE "alike" AS SELECT a.actor AS actor, b.actor AS other
            FROM "stands" a JOIN "stands" b ON a.one = b.one GROUP BY ALL"""
        )

    def cell(self, table: str, column: str) -> str:
        """Return an expression for a column of the contribution, which perhaps nobody states."""
        return f'"{column}"' if self.records.has(table, column) else "CAST(NULL AS VARCHAR)"

    @property
    def kept(self) -> str:
        """A condition for records that the contribution does not retract itself."""
        gone = '"iri" NOT IN (SELECT "record" FROM "retractions")'
        return gone if self.records.has("retractions", "record") else "true"

    def called(self, iri: str) -> str:
        """Return an expression for the dataset of a record."""
        return f"split_part(substr({iri}, {len(self.release.names.base) + 1}), '/', 1)"


def missed(dropped: Collection[str], names: Names, report: Report) -> None:
    """Warn of what a contribution names as it did before, and others no longer hold."""
    gone: dict[str, list[str]] = {}
    for id in sorted(map(names.id, dropped)):
        gone.setdefault(id.partition("/")[0], []).append(id)
    for dataset, ids in sorted(gone.items()):
        first, many = ", ".join(ids[: references.FIRST]), f"{len(ids):,} record{'s' if len(ids) > 1 else ''}"
        more = ", ..." if len(ids) > references.FIRST else ""
        report.add(
            "warning", Where(""), f"{dataset} no longer holds {many} that this package names: {first}{more}.",
            "The references are kept; name what stands in their place, where something does.",
        )  # fmt: skip


def named(iri: str) -> str:
    """Return a condition for an IRI that SPARQL can name; what is none is named nowhere."""
    return f"""NOT regexp_matches({iri}, '[\\x00-\\x20<>"{{}}|^`\\\\]')"""


def _plain(column: str) -> str:
    """Return an expression for the text that stands for a term of TSV."""
    term = f'"{column}"'
    return (
        f"CASE WHEN starts_with({term}, '<') THEN substr({term}, 2, length({term}) - 2) "
        f"WHEN starts_with({term}, '\"') THEN split_part({term}, '\"', 2) ELSE {term} END"
    )
