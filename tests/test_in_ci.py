"""The page on screening in a pipeline: its Makefile is run, in a repository of its own, as a pipeline would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tests.conftest import PATIENCE

PAGE = (Path(__file__).parents[1] / "docs" / "in-ci.md").read_text("utf-8")
HEAD = "id,name,country\n"
EXPOSED = '1,"Quiet River Yarn (invented)",CN\n'


def block(language: str) -> str:
    """Return the block of the page in a language."""
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a pipeline in a folder, with opentier on the path."""
    where = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": where, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE * 2, check=False
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a list and one source, screened once: what it left stands in the folder."""
    for tool in ("make", "git"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("in-ci") / "suppliers"
    (folder / "sources").mkdir(parents=True)
    (folder / "Makefile").write_text(block("make"), "utf-8")
    (folder / "suppliers.csv").write_text(HEAD + EXPOSED, "utf-8")
    with as_file(files("opentier.graph") / "datasets" / "example") as package:
        shutil.copytree(package, folder / "sources" / "example")
    for words in (("init", "-q"), ("add", "suppliers.csv", "Makefile"),
                  ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "A list")):  # fmt: skip
        done = run(folder, "git", *words)
        assert done.returncode == 0, done.stderr
    done = run(folder, "make", "screen")
    (folder / "said.txt").write_text(done.stdout + done.stderr, "utf-8")
    return folder


def test_a_run_fails_where_a_row_is_exposed_and_keeps_its_record(repository: Path) -> None:
    said = (repository / "said.txt").read_text("utf-8")
    assert "Error 3" in said, said
    record = (
        repository / f"suppliers-{run(repository, 'git', 'rev-parse', '--short', 'HEAD').stdout.strip()}.json"
    )
    kept = json.loads(record.read_text("utf-8"))
    assert (kept["kind"], kept["verdict"]["result"], kept["id"]) == ("list", "exposed", record.stem)
    assert (repository / "screened.xlsx").stat().st_size > 0


def test_what_changes_within_a_source_or_goes_makes_the_data_anew(repository: Path) -> None:
    def anew() -> bool:
        return "opentier reference" in run(repository, "make", "-n", "screen").stdout

    data = (repository / "opentier-data" / "opentier.json").stat().st_mtime
    assert not anew()
    inside = repository / "sources" / "example" / "actors.csv"
    for each in (inside, inside.parent.parent):  # a folder changes when something of it goes
        before = each.stat().st_mtime
        os.utime(each, (data + 60, data + 60))
        assert anew(), each
        os.utime(each, (before, before))
    assert not anew()


@pytest.fixture(scope="module")
def second(repository: Path) -> str:
    """Return what a run said of a list with one row that is not in the data; its record is `suppliers-second`."""
    (repository / "suppliers.csv").write_text(HEAD + "1,Nobody Ever Heard Of It,DE\n", "utf-8")
    return run(repository, "make", "screen", "RECORD=suppliers-second").stderr


def test_a_run_fails_otherwise_where_a_row_could_not_be_tested(repository: Path, second: str) -> None:
    assert "Error 4" in second, second
    assert json.loads((repository / "suppliers-second.json").read_text("utf-8"))["hash"]


def test_a_record_that_was_looked_at_is_asked_again_and_an_altered_one_is_refused(
    repository: Path, second: str
) -> None:
    kept = repository / "opentier-data" / "screenings" / "suppliers-second.json"
    text = (repository / "suppliers-second.json").read_text("utf-8")
    data = ("--data", "opentier-data", "--fail-on", "change")
    same = run(repository, "opentier", "screenings", "again", "suppliers-second", *data)
    assert same.returncode == 0, (second, same.stderr)
    kept.write_text(text.replace("Nobody", "Nobodi"), "utf-8")
    altered = run(repository, "opentier", "screenings", "again", "suppliers-second", *data)
    assert altered.returncode == 1, altered.stderr
    assert "altered" in altered.stderr or "hash" in altered.stderr


def test_a_source_that_is_refused_leaves_nothing_half_done(repository: Path) -> None:
    (repository / "sources" / "broken.csv").write_text("a,b\n1,2\n", "utf-8")
    try:
        done = run(repository, "make", "screen", "RECORD=suppliers-third")
        assert done.returncode != 0
        assert not (repository / "opentier-data").exists()
        assert not (repository / "suppliers-third.json").exists()
    finally:
        (repository / "sources" / "broken.csv").unlink()


def test_the_workflow_is_what_a_reader_of_yaml_reads() -> None:
    yaml = pytest.importorskip("yaml")
    said = yaml.safe_load(block("yaml"))
    steps = said["jobs"]["screen"]["steps"]
    assert {"run": "make screen"} in steps
    assert steps[-1]["if"] == "always()"
