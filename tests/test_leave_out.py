"""One bad row never bars the others: rows that cannot be admitted are left out, and given back with why."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution import originals
from opentier.graph.contribution.submission import Options
from opentier.graph.report import beside, kinds
from opentier.graph.report.report import ContributionError, Report, Where
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
    assert admitted.report.counts() == {"rows": 5, "accepted": 4, "warned": 0, "refused": 1}
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


def bare(folder: Path, text: str, name: str = "links.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_a_wrong_row_of_a_bare_table_takes_nobody_elses_actor_with_it(tmp_path: Path) -> None:
    text = "buyer,supplier,product\nAcme,Mill A,520\nAcme,Mill B,5201\nAcme,Mill C,5201\nAcme,Mill A,5202\n"
    graph = Graph.open(tmp_path / "data", create=True)
    admitted = graph.contribute(bare(tmp_path, text), Options(licence="CC0-1.0", leave_out=True))
    assert admitted.report.counts()["refused"] == 1
    release = graph.store.release()
    assert len(release.records("supply_links")) == 3
    assert {iri.rpartition("/")[2] for iri, _ in release.records("actors")} == {
        "acme",
        "mill-a",
        "mill-b",
        "mill-c",
    }


def test_what_is_contributed_is_never_written_over_nor_what_somebody_else_wrote(
    command: Command, tmp_path: Path
) -> None:
    text = "id,buyer,supplier,product\nl1,Acme,Mill A,520\nl3,Gamma,Mill C,520\nl4,D,E,5201\n"
    data, file = tmp_path / "data", bare(tmp_path / "own", text)
    words = ("--licence", "CC0-1.0", "--data", str(data))
    assert command("contribute", str(file), "--leave-out", *words).code == 0
    problems = file.parent / "links.problems.csv"
    mended = problems.read_text("utf-8-sig").replace("Mill A,520,", "Mill A,5203,")
    problems.write_text(mended, "utf-8")
    assert command("contribute", str(problems), *words).code == 1
    assert problems.read_text("utf-8") == mended
    assert rows(file.parent / "links.problems1.csv")[1][:2] == ["l3", "Gamma"]
    problems.write_text(mended.replace("Mill C,520,", "Mill C,5203,"), "utf-8")
    run = command("contribute", str(problems), *words)
    assert run.code == 0
    assert "links-problems version 1" in run.err
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", "utf-8")
    path = package(tmp_path / "linked")
    (path / "actors.problems.csv").symlink_to(precious)
    assert command("contribute", str(path), "--data", str(data)).code == 1
    assert precious.read_text("utf-8") == "mine"


@pytest.mark.parametrize("table", ["retractions", "status_changes", "identity_judgements"])
def test_what_takes_something_back_is_never_left_out(table: str, tmp_path: Path) -> None:
    wrong = {
        "retractions": "record,reason,date\nl,wrong,someday\n",
        "status_changes": "designation,status,date\nd,dormant,2020\n",
        "identity_judgements": "left,right,judgement\na,c,differs\n",
    }
    path = package(tmp_path / "package", "id,name\na,A\nc,C\n", "id,buyer,supplier\nl,a,c\n")
    described = json.loads((path / "datapackage.json").read_text("utf-8"))
    more = {"designations": "id,kind,authority,target\nd,entity-listing,X,a\n", table: wrong[table]}
    for name, text in more.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
        described["resources"].append({"name": name, "path": f"{name}.csv"})
    (path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    graph = Graph.open(tmp_path / "data", create=True)
    with pytest.raises(ContributionError) as refused:
        graph.contribute(path, Options(leave_out=True))
    assert any("take something back" in finding.message for finding in refused.value.report.findings)


def test_what_was_left_out_is_looked_at_again_when_it_comes_again(command: Command, tmp_path: Path) -> None:
    data, path = (
        tmp_path / "data",
        package(tmp_path / "package", "id,name\na,A\n", "buyer,supplier\na,other/m\n"),
    )
    words = ("--data", str(data))
    assert command("contribute", str(path), "--leave-out", *words).code == 0
    assert command("contribute", str(path), *words).code == 1
    other = package(tmp_path / "other", "id,name\nm,M\nn,N\n", "buyer,supplier\nm,n\n", name="other")
    assert command("contribute", str(other), *words).code == 0
    run = command("contribute", str(path), "--leave-out", *words)
    assert "probe version 2" in run.err
    assert len(Graph.open(data).store.release().records("supply_links")) == 2


def test_a_cell_that_no_text_holds_is_left_out_with_its_row(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    path = bare(tmp_path, "id,name\na,A\nb,x\x1fy\nc,C\n", "actors.csv")
    admitted = graph.contribute(path, Options(licence="CC0-1.0", leave_out=True))
    assert admitted.report.counts()["refused"] == 1
    assert len(graph.store.release().records("actors")) == 2


def test_every_row_that_is_left_out_says_why_however_many_there_are(tmp_path: Path) -> None:
    many = kinds.LISTED + 200
    actors = "id,name,country\n" + "".join(
        f"a{n},Actor {n},{'Atlantis' if n < many else 'CN'}\n" for n in range(many + 3)
    )
    links = "buyer,supplier,confidence\n" + "".join(f"a{many},a{n % 7},{n % 3}.5\n" for n in range(3 * many))
    path = package(tmp_path / "package", actors, links)
    graph, options = Graph.open(tmp_path / "data", create=True), Options(leave_out=True)
    report = graph.contribute(path, options).report
    (tmp_path / "scratch").mkdir()
    given = originals.problems(path, options, report, path, tmp_path / "scratch")
    assert [file.name for file in given] == ["actors.problems.csv", "supply_links.problems.csv"]
    for file, left, reason in zip(
        given, (many, 3 * many), ("Atlantis", "confidence|no such id"), strict=True
    ):
        _, *back = rows(file)
        assert len(back) == left
        unsaid = [row for row in back if not row[-1].startswith("refused: ") or "see the report" in row[-1]]
        assert unsaid == []
        assert re.search(reason, back[0][-1])
        assert {row[-1].count("\n") for row in back} == {0}
    last = rows(given[0])[-1]
    assert (last[0], last[-1].partition(":")[2].split(" ", 2)[1]) == (f"a{many - 1}", "country:")


def test_rows_that_one_finding_stands_for_all_say_why() -> None:
    report = Report()
    report.rows.add_range("t.csv", 2, 9)
    report.add("error", Where("t.csv", 2), "Too much.", "Take some.", column="share", count=3, rows=[2, 4, 7])
    told = beside.of_rows(report, "t.csv")
    assert sorted(told) == [2, 4, 7]
    assert set(told.values()) == {"error: share: Too much. Take some."}
