"""Anonymous contributions: nothing that is published of one says who sent it; the audit log knows the key."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.anonymity import NOBODY
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.report.report import ContributionError
from tests.broken import write
from tests.sheets import xlsx

if TYPE_CHECKING:
    from tests.conftest import Command

#: Whom nothing may name: in a file's name, in a package, in a workbook.
NAME = "Secretcorp"
OPTIONS = Options(dataset="from-nobody", licence="CC0-1.0", anonymous=True, match=False)


def _package(folder: Path) -> Path:
    place = write(
        folder / NAME, {"actors": [["id", "name", "country"], ["mill", "Bee Mill", "CN"]]}, "from-nobody"
    )
    said = json.loads((place / "datapackage.json").read_text("utf-8"))
    said |= {
        "contributors": [{"title": NAME, "email": f"a@{NAME}.example"}],
        "homepage": f"https://{NAME}.example/",
    }
    (place / "datapackage.json").write_text(json.dumps(said), "utf-8")
    return place


def _zip(folder: Path) -> Path:
    place = _package(folder)
    with zipfile.ZipFile(folder / f"{NAME}.zip", "w") as archive:
        for file in place.iterdir():
            archive.write(file, f"{NAME}/{file.name}")
    return folder / f"{NAME}.zip"


def _zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / f"{NAME}.zip", "w") as archive:
        archive.writestr(f"{NAME} suppliers.csv", "name,country\nBee Mill,CN\n")
    return folder / f"{NAME}.zip"


def _csv(folder: Path) -> Path:
    (folder / f"{NAME} suppliers.v2.csv").write_text("name,country\nBee Mill,CN\n,FR\n", "utf-8")
    return folder / f"{NAME} suppliers.v2.csv"


def _packed(folder: Path) -> Path:
    (folder / f"{NAME}.csv.gz").write_bytes(gzip.compress(b"name,country\nBee Mill,CN\n"))
    return folder / f"{NAME}.csv.gz"


def _turtle(folder: Path) -> Path:
    graph = (
        "@prefix ot: <https://w3id.org/opentier/ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<https://w3id.org/opentier/id/from-nobody/mill> a ot:LegalEntity ; rdfs:label "Bee Mill" .\n'
    )
    (folder / f"{NAME}.ttl").write_text(graph, "utf-8")
    return folder / f"{NAME}.ttl"


def _workbook(folder: Path) -> Path:
    about = [["key", "value"], ["publisher", NAME], ["homepage", f"https://{NAME}.example/"]]
    sheets = {"actors": [["id", "name", "country"], ["mill", "Bee Mill", "CN"]], "dataset": about}
    xlsx(folder / f"{NAME}.xlsx", sheets)
    return folder / f"{NAME}.xlsx"


MADE: dict[str, Callable[[Path], Path]] = {
    "package": _package, "zip": _zip, "a file in a zip": _zipped, "csv": _csv, "gz": _packed, "turtle": _turtle,
    "workbook": _workbook,
}  # fmt: skip


@pytest.mark.parametrize("how", MADE)
def test_what_is_published_of_an_anonymous_contribution_names_nobody(how: str, tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    kept, _ = graph.keys.create("contributor", name=NAME)
    sent = MADE[how](tmp_path)
    options = Options(**{**vars(OPTIONS), "leave_out": how == "csv"})
    version = graph.acting(kept.id).contribute(sent, options).version
    assert (version.dataset, version.publisher, version.homepage) == ("from-nobody", NOBODY, "")
    folder = graph.store.folder("from-nobody", 1)
    told = "".join((folder / f"report.{end}").read_text("utf-8") for end in ("json", "txt", "ttl"))
    every = tmp_path / "all.nq"
    graph.view().export("from-nobody", 1, "nquads", every)
    told += every.read_text("utf-8")
    with TestClient(create_app(graph), base_url="http://localhost") as client:
        for path in ("/datasets", "/datasets/from-nobody", "/.well-known/void", "/sparql?query=SELECT+*+{?a+?b+?c}",
                     "/sparql?query=SELECT+*+{GRAPH+?g+{?a+?b+?c}}"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code == 200, path
            told += answer.text
    assert NAME.lower() not in told.lower()
    assert kept.id not in told
    assert NOBODY in told
    (line,) = graph.audit.lines(who=kept.id)
    assert (line.act, line.what, line.checksum) == ("contribute", "from-nobody version 1", version.checksum)


def test_the_checksum_does_not_tell_the_name_of_the_file_or_of_who_is_left_out(tmp_path: Path) -> None:
    found = []
    for name in (NAME, "Otherfirm"):
        graph = Graph.open(tmp_path / f"data {name}", create=True)
        place = tmp_path / name
        place.mkdir()
        (place / f"{name}.csv").write_text("name,country\nBee Mill,CN\n", "utf-8")
        found.append(graph.contribute(place / f"{name}.csv", OPTIONS).version.checksum)
    assert found[0] == found[1]


def test_what_is_refused_of_an_anonymous_contribution_is_given_back(call: Command, tmp_path: Path) -> None:
    sent = _csv(tmp_path)
    run = call("contribute", str(sent), "--anonymous", "--dataset", "from-nobody", "--licence", "CC0-1.0",
               "--leave-out", "--no-match", "--report", "back.csv", "--data", "data", cwd=tmp_path)  # fmt: skip
    assert run.code == 0, run.err
    assert "refused: name" in (tmp_path / "back.csv").read_text("utf-8")
    (left,) = tmp_path.glob("*.problems.csv")
    assert ",FR" in left.read_text("utf-8")
    assert NAME.lower() not in run.out.lower()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"dataset": None}, "takes dataset"),
        ({"publisher": "Me"}, "publisher"),
        ({"adapter": "osh"}, "adapter"),
    ],
)
def test_what_would_name_somebody_is_refused(said: dict[str, str], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        Options(**{**vars(OPTIONS), **said})


def test_a_refused_anonymous_contribution_is_reported_without_a_name(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(ContributionError) as refused:
        Graph.open(tmp_path / "data", create=True).contribute(tmp_path / f"{NAME}.xlsx", OPTIONS)
    assert NAME not in refused.value.report.to_text() + refused.value.report.to_json()
