"""What the page of a trace takes beside the answer that it shows (P16), and how large it is.

Run by ``make bench``; never part of the tests, and no clock fails it. The peer is the engine in the same run: a trace
up to its finished result, with paths, severity, chokepoints and limits. The page is asked over HTTP, of a real service.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from opentier.graph import Graph
from opentier.graph.trace.parameters import Parameters
from tests.benchmarks.table import Goal, Row, Table, timed
from tests.conftest import serving

WHERE = Path("build/bench/pages.json")
#: Who is traced, and how often.
ASKED = ("palmwatch/brand-nestle", "ipis/place-bukavu")
RUNS, BUDGET = 9, 60.0
#: How much longer than the engine a page may take, and seconds beside that; the most bytes of its picture.
TIMES, BESIDE, PICTURE = 1.5, 0.05, 80_000
BROWSER = {"Accept": "text/html", "Prefer": "wait=60"}


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.show()
    made.write(WHERE)


def test_p16_page(lists: Graph, table: Table, tmp_path: Path) -> None:
    view = lists.view()
    view.tend()

    def finished(actor: str) -> int:
        found = view.trace(actor, Parameters())
        assert found.verdict.result == "exposed"
        _ = found.limits, found.chokepoints
        return len(found.reached)

    with serving(lists.store.path, tmp_path / "log") as service:
        host = urlsplit(service.url).netloc

        def page(actor: str) -> bytes:
            with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
                connection.request("GET", f"/trace?actor={actor}", headers=BROWSER)
                answer = connection.getresponse()
                assert answer.status == 200
                return answer.read()

        for actor in ASKED:
            first = page(actor)
            theirs, reached = timed(lambda: finished(actor), RUNS, BUDGET)  # noqa: B023
            ours, made = timed(lambda: page(actor), RUNS, BUDGET)  # noqa: B023
            assert made == first
            assert f"All {reached:,} companies and sites".encode() in made
            drawn = made[made.index(b'<svg xmlns="') : made.index(b"</figure>")]
            assert len(drawn) < PICTURE
            bound = TIMES * theirs + BESIDE
            note = f"{reached:,} actors, {len(made):,} bytes, {len(drawn):,} of them the picture"
            table.add(
                Row(
                    "P16", f"page of {actor}", "shipped", ours, "the result alone", "x 1.5 + 50 ms", bound,
                    bound / ours, Goal(1.0), note=note,
                )
            )  # fmt: skip
