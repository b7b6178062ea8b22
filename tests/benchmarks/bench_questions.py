"""How long the shipped questions take on the shipped datasets; what they answer is held by `tests/test_questions.py`.

Run by ``make bench``; never part of the tests.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from opentier.graph import Graph
from opentier.graph.query import questions
from opentier.graph.store.engine import Rows
from tests.benchmarks.table import Goal, Row, Table, timed

DATASETS = (
    "laws", "registers", "data-points", "practices", "terms", "initiatives", "example", "example-customs",
)  # fmt: skip


def test_questions(tmp_path: Path) -> None:
    graph, table = Graph.open(tmp_path / "data", create=True), Table()
    with as_file(files("opentier.graph") / "datasets") as datasets:
        for name in DATASETS:
            graph.contribute(datasets / name)
    view = graph.view()

    def rows(text: str) -> int:
        answer = view.query(text)
        assert isinstance(answer, Rows)
        return sum(1 for _ in answer)

    for one in questions.questions():
        text = questions.question(one.number, view.release.names.base).text
        seconds, found = timed(lambda: rows(text))  # noqa: B023
        goal = Goal(1.0, most=True, own=True)
        table.add(Row("F15", one.id, "shipped", seconds, goal=goal, note=f"{found} rows"))
    table.show()
    table.write(Path("build/bench/questions.json"))
