"""The peers that are databases: DuckDB, Oxigraph and Ladybug (Kuzu's heir), each in its own query language."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tests.benchmarks.chains import Array, Chain
from tests.benchmarks.peers import Peer

#: Prefix of the IRIs of actors, and the property between them.
ACTOR, BUYS = "urn:a:", "<urn:buys>"


class DuckDB(Peer):
    """Recursive queries with a key (each actor once), over tables in order of their buyers; two threads."""

    name = "duckdb"
    needs = ("pyarrow",)
    _QUERY = """
        WITH RECURSIVE reached(actor, tier) USING KEY (actor) AS (
          SELECT ?::UINTEGER, 0 UNION (
            SELECT link.supplier, min(reached.tier) + 1
            FROM reached JOIN {table} link ON link.buyer = reached.actor
            LEFT JOIN recurring.reached known ON known.actor = link.supplier
            WHERE known.actor IS NULL AND reached.tier < ? {filter} GROUP BY link.supplier))
        SELECT actor, tier FROM reached"""
    _FILTER = "AND link.start <= ? AND link.finish >= ? AND link.confidence >= ?"

    def load(self, chain: Chain) -> None:
        super().load(chain)
        self.base = self.module.connect(":memory:", config={"threads": 2})
        columns = {
            "buyer": chain.buyer,
            "supplier": chain.supplier,
            "start": chain.start,
            "finish": chain.end,
        }
        self.base.register("given", import_module("pyarrow").table(columns | {"confidence": chain.sure}))
        self.base.execute("CREATE TABLE links AS SELECT * FROM given ORDER BY buyer, supplier")
        self.base.execute("CREATE TABLE pairs AS SELECT DISTINCT buyer, supplier FROM given ORDER BY ALL")
        self.base.unregister("given")

    def close(self) -> None:
        self.base.close()

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        return answer["actor"].astype(np.int64), answer["tier"]

    def _ask(self, table: str, tests: str, *values: float) -> Any:
        return self.base.execute(self._QUERY.format(table=table, filter=tests), list(values)).fetchnumpy()

    def reach(self, root: int, max_tier: int) -> Any:
        return self._ask("pairs", "", root, max_tier)

    def whole(self, root: int) -> Any:
        return self._ask("pairs", "", root, 1_000_000)

    def reach_filtered(self, root: int, max_tier: int, day: int, least_confidence: float) -> Any:
        return self._ask("links", self._FILTER, root, max_tier, day, day, least_confidence)


class Oxigraph(Peer):
    """SPARQL property paths: one alternative for every tier. No tiers, no tests on links."""

    name = "pyoxigraph"
    largest = 2_000_000
    lacks: ClassVar[dict[str, str]] = dict.fromkeys(("reach", "whole"), "no tiers, actors only")

    def load(self, chain: Chain) -> None:
        super().load(chain)
        made = np.unique(chain.buyer.astype(np.int64) * chain.actors + chain.supplier)
        rows = zip(*(part.tolist() for part in np.divmod(made, chain.actors)), strict=True)
        lines = "".join(f"<{ACTOR}{buyer}> {BUYS} <{ACTOR}{supplier}> .\n" for buyer, supplier in rows)
        self.store = self.module.Store()
        self.store.bulk_load(lines.encode(), format=self.module.RdfFormat.N_TRIPLES)

    def close(self) -> None:
        self.store = None

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        return np.array([int(row[0].value[len(ACTOR) :]) for row in answer], np.int64), None

    def reach(self, root: int, max_tier: int) -> Any:
        path = "|".join("/".join([BUYS] * tier) for tier in range(1, max_tier + 1))
        return list(self.store.query(f"SELECT DISTINCT ?x {{ <{ACTOR}{root}> {path} ?x }}"))

    def whole(self, root: int) -> Any:
        return list(self.store.query(f"SELECT ?x {{ <{ACTOR}{root}> {BUYS}+ ?x }}"))


class Ladybug(Peer):
    """Cypher, shortest variable-length paths with the tests inside; two threads."""

    name = "ladybug"
    needs = ("pyarrow",)
    largest = 2_000_000
    _TESTS = "(l, n | WHERE l.start <= $day AND l.finish >= $day AND l.confidence >= $least)"

    def load(self, chain: Chain) -> None:
        super().load(chain)
        self.base = self.module.Database(":memory:", buffer_pool_size=4 << 30, max_num_threads=2)
        self.session = self.module.Connection(self.base, num_threads=2)
        self.session.execute("CREATE NODE TABLE Actor(id INT64 PRIMARY KEY)")
        fields = "start INT32, finish INT32, confidence DOUBLE"
        self.session.execute(f"CREATE REL TABLE Buys(FROM Actor TO Actor, {fields})")
        columns = {"buyer": chain.buyer.astype(np.int64), "supplier": chain.supplier.astype(np.int64)}
        columns |= {"start": chain.start, "finish": chain.end, "confidence": chain.sure}
        with tempfile.TemporaryDirectory() as folder:
            for name, table in (("Actor", {"id": np.arange(chain.actors)}), ("Buys", columns)):
                file = Path(folder, f"{name}.parquet")
                import_module("pyarrow.parquet").write_table(import_module("pyarrow").table(table), file)
                self.session.execute(f"COPY {name} FROM '{file}'")

    def close(self) -> None:
        self.session.close()
        self.base.close()

    def read(self, answer: Any) -> tuple[Array, Array | None]:
        return answer.column(0).to_numpy(), answer.column(1).to_numpy()

    def _ask(self, most: int, tests: str, **values: float) -> Any:
        query = f"MATCH (a:Actor {{id: $root}})-[e:Buys* SHORTEST 1..{most} {tests}]->(b:Actor) RETURN b.id, length(e)"
        return self.session.execute(query, values).get_as_arrow()

    def reach(self, root: int, max_tier: int) -> Any:
        return self._ask(max_tier, "", root=root)

    def reach_filtered(self, root: int, max_tier: int, day: int, least_confidence: float) -> Any:
        return self._ask(max_tier, self._TESTS, root=root, day=day, least=least_confidence)
