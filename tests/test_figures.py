"""A property of links that one can filter on is declared in three files, and everything else follows.

A copy of the package gets one that it does not have yet: the least quantity of supply links.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracles.tables import chain, written
from tests.test_compiled import copied, run

#: What is written into each of the three files, and before what.
ADDED = {
    "graph/engine/arrays.py": [
        ("\n\n_SAID = ", "    quantity: Annotated[Any, np.float64, FIGURE]\n"),
        ("    some_datasets: bool\n", "    quantity: float\n    some_quantity: bool\n"),
    ],
    "graph/engine/kernels.py": [
        (
            "    return not (keep.some_places",
            "    if keep.some_quantity and not arcs.quantity[a] >= keep.quantity:\n        return False\n",
        ),
    ],
    "graph/trace/parameters.py": [
        (
            "    paths: int = _asked(",
            "    min_quantity: float | None = _asked(\n"
            '        None, "Of every supply link.", bounds=(0, 1e12), column="quantity"\n    )\n',
        ),
    ],
}
#: Every face is asked, over an index that was built and over one with an addition.
ASKING = """
import contextlib, io, json, sys
from pathlib import Path
from starlette.testclient import TestClient
from opentier.api.cli import main
from opentier.api.service import create_app
from opentier.graph import Graph

data, *packages = map(Path, sys.argv[1:])
graph = Graph.open(data, create=True)
for package in packages:
    assert graph.contribute(package).new
    with TestClient(create_app(graph)) as client:
        for least in (None, 5, 50):
            asked = "" if least is None else f"&min_quantity={least}"
            print(json.dumps(client.get(f"/trace?actor=random/a{asked}").json()))
        assert client.get("/trace?actor=random/a&min_quantity=-1").status_code == 400
        assert "min_quantity" in client.get("/openapi.json").text
for said in (["--format", "csv"], [], ["--help"]):
    sys.argv = ["opentier", "trace", "random/a", "--min-quantity", "5", "--data", str(data), "--quiet", *said]
    with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
        main.app()
    print(json.dumps(shown.getvalue()))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package that has one more property to filter on."""
    folder = copied(tmp_path / "copy")
    for name, changes in ADDED.items():
        file = folder / "opentier" / name
        text = file.read_text("utf-8")
        for before, new in changes:
            assert text.count(before) == 1, before
            text = text.replace(before, new + before)
        file.write_text(text, "utf-8")
    return folder


def package(folder: Path, *links: tuple[str, str, str, str]) -> Path:
    """Write a package of supply links, each with an id and a quantity."""
    tables, _ = chain(*[(buyer, supplier, "") for _, buyer, supplier, _ in links])
    for row, (local, _, _, quantity) in zip(tables["supply_links"], links, strict=True):
        row |= {"id": local, "quantity": quantity}
    written(tables, folder)
    return folder


def test_a_property_to_filter_on_is_declared_in_three_files(copy: Path, tmp_path: Path) -> None:
    links = [("s1", "a", "b", "10"), ("s2", "b", "x", "60"), ("s3", "a", "c", ""), ("s4", "a", "d", "4.5")]
    one = package(tmp_path / "one", *links)
    two = package(tmp_path / "two", *links, ("s5", "a", "x", "70"))
    lines = run(ASKING, copy, tmp_path / "data", one, two)
    *traces, csv, table, described = map(json.loads, lines)
    reached = [{actor["id"].partition("/")[2]: actor["tier"] for actor in each["reached"]} for each in traces]
    assert reached == [
        {"b": 1, "c": 1, "d": 1, "x": 2}, {"b": 1, "x": 2}, {},
        {"b": 1, "c": 1, "d": 1, "x": 1}, {"b": 1, "x": 1}, {"x": 1},
    ]  # fmt: skip
    assert [each["parameters"]["min_quantity"] for each in traces] == [None, 5, 50] * 2
    stated = [
        [hop["quantity"] for hop in each["exposures"][0]["paths"][0]["hops"]]
        for each in traces
        if each["exposures"]
    ]
    assert stated == [[10, 60], [10, 60], [70], [70], [70]]
    assert len(csv.splitlines()) == 3
    assert "min quantity 5" in table
    assert "--min-quantity" in described
