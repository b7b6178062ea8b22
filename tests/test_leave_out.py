"""One bad row never bars the others: rows that cannot be admitted are left out, and given back with why."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.report.report import ContributionError
from tests.conftest import Command

ACTORS = "id,name,country\na,A Ltd,CN\nb,B Ltd,Atlantis\nc,C Ltd,VN\nd,D Ltd,IN\n"
LINKS = """buyer,supplier,product,confidence,start_date
a,c,5201,0.5,2020
a,b,5201,0.5,2020
c,d,5201,1.5,2020
d,a,5201,0.5
c,a,52011,0.5,2020
d,c,5201,0.5,2021
"""


def package(folder: Path, actors: str = ACTORS, links: str = LINKS, **more: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "actors.csv").write_text(actors, "utf-8")
    (folder / "supply_links.csv").write_text(links, "utf-8")
    resources = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
    described = {"name": "probe", "licenses": [{"name": "CC0-1.0"}], "resources": resources, **more}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    return folder


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_what_can_be_admitted_is_and_what_refers_to_what_is_not_goes_with_it(
    command: Command, tmp_path: Path
) -> None:
    path, data = package(tmp_path / "package"), tmp_path / "data"
    run = command("contribute", str(path), "--leave-out", "--data", str(data))
    assert run.code == 0, run.err
    assert "left out: 5 rows" in run.err
    release = Graph.open(data).store.release()
    assert [iri.rpartition("/")[2] for iri, _ in release.records("actors")] == ["a", "c", "d"]
    assert len(release.records("supply_links")) == 2
    report = json.loads((Graph.open(data).store.folder("probe", 1) / "report.json").read_text("utf-8"))
    assert report["counts"]["refused"] == 5
    header, *left = rows(path / "supply_links.problems.csv")
    assert header[-1] == "problem"
    assert [row[:3] for row in left] == [
        ["a", "b", "5201"], ["c", "d", "5201"], ["d", "a", "5201"], ["c", "a", "52011"]
    ]  # fmt: skip
    assert "no such id" in left[0][-1]
    assert "at most 1" in left[1][-1]
    assert "4 cells" in left[2][-1]
    assert "052011" in left[3][-1]
    assert [row[0] for row in rows(path / "actors.problems.csv")] == ["id", "b"]


def test_what_was_left_out_is_mended_and_contributed_as_it_came_back(
    command: Command, tmp_path: Path
) -> None:
    path, data = package(tmp_path / "package"), tmp_path / "data"
    assert command("contribute", str(path), "--leave-out", "--data", str(data)).code == 0
    again = tmp_path / "again"
    again.mkdir()
    for name in ("actors", "supply_links"):
        text = (path / f"{name}.problems.csv").read_text("utf-8-sig")
        text = text.replace("Atlantis", "IN").replace("1.5", "0.5").replace("52011", "5201")
        (again / f"{name}.csv").write_text(text.replace("a,b,", "probe/a,b,"), "utf-8")
    links = rows(again / "supply_links.csv")
    kept = [links[0], links[1]]
    with (again / "supply_links.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(kept)
    resources = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
    described = {"name": "mended", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (again / "datapackage.json").write_text(json.dumps(described), "utf-8")
    run = command("contribute", str(again), "--data", str(data))
    assert run.code == 0, run.out


def test_without_the_option_nothing_is_admitted_and_the_rows_are_given_back_all_the_same(
    command: Command, tmp_path: Path
) -> None:
    path, data, beside = package(tmp_path / "package"), tmp_path / "data", tmp_path / "beside"
    beside.mkdir()
    run = command("contribute", str(path), "--report", str(beside / "report.json"), "--data", str(data))
    assert run.code == 1
    assert Graph.open(data).store.current is None
    assert [row[0] for row in rows(beside / "actors.problems.csv")] == ["id", "b"]
    assert not list(path.glob("*.problems.csv"))


def test_what_shapes_refuse_is_left_out_too(tmp_path: Path) -> None:
    links = "buyer,supplier,start_date,end_date\na,c,2020-01-01,2019-01-01\nc,d,2020-01-01,2021-01-01\n"
    actors = "id,name,country\na,A Ltd,CN\nc,C Ltd,VN\nd,D Ltd,IN\n"
    graph = Graph.open(tmp_path / "data", create=True)
    path = package(tmp_path / "package", actors, links)
    with pytest.raises(ContributionError):
        graph.contribute(path)
    admitted = graph.contribute(path, Options(leave_out=True))
    assert admitted.report.counts() == {"rows": 5, "accepted": 3, "warned": 1, "refused": 1} or (
        admitted.report.counts()["refused"] == 1
    )
    assert len(graph.store.release().records("supply_links")) == 1


@pytest.mark.parametrize(
    ("actors", "more", "said"),
    [
        ("id,name,country\nb,B Ltd,Atlantis\n", {}, "nothing in this contribution"),
        (ACTORS, {"licenses": []}, "licence"),
    ],
)
def test_what_is_wrong_with_all_of_it_is_refused_whatever_may_be_left_out(
    actors: str, more: dict[str, object], said: str, tmp_path: Path
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    path = package(tmp_path / "package", actors, "buyer,supplier\nx,y\n", **more)
    with pytest.raises(ContributionError) as refused:
        graph.contribute(path, Options(leave_out=True))
    assert any(said in finding.message for finding in refused.value.report.findings if finding.blocks)
    assert graph.store.current is None
