"""Every broken contribution is refused at its place and changes nothing; every odd one is admitted."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from opentier.graph.admission import admission
from opentier.graph.admission.admitted import Admission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import OT
from opentier.graph.model.rdf import IRI
from opentier.graph.report.report import ContributionError, Finding
from opentier.graph.store.directory import Store
from tests.broken import BROKEN, GOOD, NAME, ODD, Broken, Odd, cells, write

if TYPE_CHECKING:
    from tests.conftest import Command

SUPPLY_LINK = IRI(f"{OT}SupplyLink")


def silent(stage: str, done: int, total: int) -> None:
    pass


def contribute(path: Path, store: Store, options: Options | None = None) -> Admission:
    return admission.contribute(path, options or Options(), store, silent)


def contents(folder: Path) -> dict[str, str]:
    """Return every file below a folder with its hash, the lock left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / "lock"
    }


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store that holds the good package as dataset `settled`; nobody may change it."""
    folder = tmp_path_factory.mktemp("settled")
    store = Store.open(folder / "data", create=True)
    contribute(write(folder / "package", GOOD, "settled"), store)
    return store


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no test ask for an address, whatever becomes of the error."""
    asked: list[object] = []

    def refuse(*address: object, **_: object) -> NoReturn:
        asked.append(address)
        raise OSError("the tests have no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    yield
    assert not asked


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_contribution_is_refused_at_its_place(case: Broken, settled: Store, tmp_path: Path) -> None:
    path = case.build(tmp_path)
    before = contents(settled.path)
    with pytest.raises(ContributionError) as refused:
        contribute(path, settled, case.options)
    report = refused.value.report

    def fits(finding: Finding) -> bool:
        place = (finding.file, finding.row, finding.column) == (case.file, case.row, case.column)
        value = case.value is None or finding.value == case.value
        return finding.blocks and place and value and case.message in finding.message

    assert any(map(fits, report.findings)), report.to_text()
    assert not report.conforms
    assert all(finding.message for finding in report.findings)
    assert contents(settled.path) == before
    assert [(version.dataset, version.number) for version in settled.release().versions] == [("settled", 1)]


@pytest.mark.parametrize("case", ODD, ids=lambda case: case.name)
def test_an_odd_contribution_is_admitted(case: Odd, settled: Store, tmp_path: Path) -> None:
    shutil.copytree(settled.path, tmp_path / "data")
    store = Store.open(tmp_path / "data")
    admitted = contribute(case.build(tmp_path), store, case.options)
    assert admitted.new
    assert (admitted.version.dataset, admitted.version.number) == (NAME, 1)
    warnings = [finding for finding in admitted.report.sorted() if finding.severity == "warning"]
    if case.file:
        assert any(
            (finding.file, finding.row) == (case.file, case.row)
            and case.message in finding.message
            and (case.value is None or finding.value == case.value)
            for finding in warnings
        ), admitted.report.to_text()
    else:
        assert not warnings, admitted.report.to_text()
    quads = list(store.release().engine.match(admitted.version.iri))
    assert sum(quad.object == SUPPLY_LINK for quad in quads) == case.links
    assert set(case.holds) <= {str(quad.object) for quad in quads}
    assert len(quads) == admitted.version.triples


def test_the_cases_have_names_of_their_own() -> None:
    names = [case.name for case in BROKEN] + [case.name for case in ODD]
    assert len(names) == len(set(names))


def test_validate_finds_the_same_and_changes_nothing(settled: Store, tmp_path: Path) -> None:
    path = cells("supply_links", 3, buyer="nobody")(tmp_path)
    before = contents(settled.path)
    report = admission.validate(path, Options(), settled, silent)
    with pytest.raises(ContributionError) as refused:
        contribute(path, settled)
    assert refused.value.report.to_dict() == report.to_dict()
    assert contents(settled.path) == before


def test_a_refused_first_contribution_leaves_no_release(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data", create=True)
    with pytest.raises(ContributionError):
        contribute(cells("actors", 3, country="XX")(tmp_path), store)
    assert store.current is None
    assert contents(store.path).keys() == {"opentier.json"}


# Through the command line, as a contributor meets it.


def test_the_command_shows_file_row_column_value_and_what_to_do(command: Command, tmp_path: Path) -> None:
    path = cells("supply_links", 3, buyer="nobody", start_date="2021-02-30")(tmp_path)
    done = command("contribute", str(path), "--data", str(tmp_path / "data"))
    assert done.code == 1
    assert "Traceback" not in done.err + done.out
    for said in ("supply_links.csv", "3", "buyer", "nobody", "start_date", "2021-02-30"):
        assert said in done.out
    shown = " ".join(done.out.split())
    assert "There is no such day. Check day and month." in shown
    assert "probe refused: 2 error(s) to mend" in shown


def test_the_command_gives_the_report_as_json(command: Command, tmp_path: Path) -> None:
    path = cells("supply_links", 3, confidence="1.5")(tmp_path)
    done = command("contribute", str(path), "--data", str(tmp_path / "data"), "--format", "json", "--quiet")
    assert (done.code, done.err) == (1, "")
    report = json.loads(done.out)
    assert report["conforms"] is False
    assert report["dataset"] == NAME
    [finding] = report["findings"]
    assert {key: finding[key] for key in ("severity", "file", "row", "column", "value")} == {
        "severity": "error", "file": "supply_links.csv", "row": 3, "column": "confidence", "value": "1.5",
    }  # fmt: skip
    assert finding["advice"]


@pytest.mark.parametrize("name", ["impossible date in RDF", "a picture named .csv", "zip rotten inside"])
def test_the_command_never_shows_a_traceback(name: str, command: Command, tmp_path: Path) -> None:
    case = next(case for case in BROKEN if case.name == name)
    options = case.options
    said = ["--dataset", options.dataset, "--licence", options.licence] if options.dataset else []
    done = command("contribute", str(case.build(tmp_path)), "--data", str(tmp_path / "data"), *map(str, said))
    assert done.code == 1
    assert "Traceback" not in done.err + done.out
    assert case.message in " ".join(done.out.split())


def test_the_command_admits_what_is_odd_and_says_so(command: Command, tmp_path: Path) -> None:
    path = cells("actors", 3, country="Thailand")(tmp_path)
    done = command("contribute", str(path), "--data", str(tmp_path / "data"))
    assert done.code == 0
    shown = " ".join(done.out.split())
    for said in ("warning", "actors.csv", "Thailand", "Read as 'TH'.", "1 warned, 0 refused"):
        assert said in shown


def test_the_command_says_what_there_is_not(command: Command, tmp_path: Path) -> None:
    done = command("contribute", str(tmp_path / "nowhere"), "--data", str(tmp_path / "data"))
    assert done.code == 2
    assert "nowhere" in done.err
    assert "Traceback" not in done.err
