"""How long the shipped questions take, on the shipped datasets and on real lists (``OPENTIER_SHARED``).

What they answer is held by `tests/test_questions.py`.
Run by ``make bench``; never part of the tests.
"""

from __future__ import annotations

import os
from importlib.resources import as_file, files
from pathlib import Path

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.query import questions
from opentier.graph.triples.engine import Rows
from tests.benchmarks.table import Goal, Row, Table, timed

DATASETS = (
    "laws", "registers", "data-points", "practices", "terms", "initiatives", "example", "example-customs",
)  # fmt: skip


#: The real lists of P17, by adapter; they are asked where they are there.
REAL = {"ilab": "ilab_goods", "ipis": "ipis_mines", "palmwatch": "palmwatch"}
BUYERS = """SELECT ?buyer (COUNT(*) AS ?many) { ?buyer ot:sourcesFrom ?supplier } GROUP BY ?buyer
ORDER BY DESC(?many) ?buyer LIMIT 1"""


def measure(graph: Graph, table: Table, size: str, actor: str | None, goal: Goal) -> None:
    """Ask every question, of an actor where one is given."""
    view = graph.view()

    def rows(text: str) -> int:
        answer = view.query(text)
        assert isinstance(answer, Rows)
        return sum(1 for _ in answer)

    for one in questions.questions():
        said = {"actor": actor} if actor and "actor" in {given.name for given in one.inputs} else {}
        text = view.question(one.number, said).text
        seconds, found = timed(lambda: rows(text))  # noqa: B023
        table.add(Row("P17" if actor else "F15", one.id, size, seconds, goal=goal, note=f"{found} rows"))


def test_questions(tmp_path: Path) -> None:
    graph, table = Graph.open(tmp_path / "data", create=True), Table()
    with as_file(files("opentier.graph") / "datasets") as datasets:
        for name in DATASETS:
            graph.contribute(datasets / name)
    measure(graph, table, "shipped", None, Goal(1.0, most=True, own=True))
    shared = os.environ.get("OPENTIER_SHARED")
    if shared:
        real = Graph.open(tmp_path / "real", create=True)
        for adapter, folder in REAL.items():
            real.contribute(Path(shared) / "data" / folder, Options(adapter=adapter))
        found = real.query(BUYERS)
        assert isinstance(found, Rows)
        [(buyer, _)] = found
        assert buyer is not None
        del found
        measure(real, table, "real lists", real.store.names.id(buyer.value), Goal(2.0, most=True, own=True))
    table.show()
    table.write(Path("build/bench/questions.json"))
