"""Spark answers what our own engine answers: figures of random packages, restarts, executors that die, and Sail.

Skipped where PySpark or Java is not installed: neither is among what development needs (``pip install
'opentier[spark]'``). A session takes some seconds to begin and each question a few more, so that few are asked, each
with all of its figures. One process has one session: what runs elsewhere runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.admission import admission
from opentier.graph.batch import counts, everybody
from opentier.graph.batch.everybody import Exposures
from opentier.graph.contribution.submission import Options
from opentier.graph.distributed import candidates, columns, exposure, sessions, validation
from opentier.graph.distributed.work import held
from opentier.graph.errors import UsageError
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import silent
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.parties import Party
from opentier.graph.records.checking import check
from opentier.graph.report.report import Report
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from tests import faults
from tests.counts import runs
from tests.oracles import draw
from tests.oracles.draw import Tables, packages, questions
from tests.oracles.tables import Rows, built, kept, networked, parameters
from tests.test_batch import STEADY, simplified

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.conftest import Command

ROOT = Path(__file__).parents[1]
try:
    NEWER = version("pyspark") >= "4.2"
except PackageNotFoundError:  # the client of Spark Connect alone, or nothing
    NEWER = False
JAVA = shutil.which("java") is not None or "JAVA_HOME" in os.environ
pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None or not JAVA, reason="PySpark or Java is not installed"),
    pytest.mark.filterwarnings(
        "ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
    ),
]


#: What is quick for a few rows: nothing is compiled for them, nor cut into many parts.
FEW_ROWS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
}


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with sessions.opened("local[2]") as found:
        for name, value in FEW_ROWS.items():
            found.conf.set(name, value)
        yield found


def same(ours: Exposures, theirs: Exposures) -> None:
    """Check that two engines found the same: sums may differ by the order in which they are added up."""
    assert ours.nearest_tiers.tolist() == theirs.nearest_tiers.tolist()
    assert ours.distinct.tolist() == theirs.distinct.tolist()
    assert ours.weighed.basis.tolist() == theirs.weighed.basis.tolist()
    assert ours.open.marks.tolist() == theirs.open.marks.tolist()
    for name in ("share", "lower", "upper"):
        assert getattr(theirs.weighed, name) == pytest.approx(getattr(ours.weighed, name), abs=1e-9), name
    assert theirs.open.possible == pytest.approx(ours.open.possible, abs=1e-9)
    assert theirs.told() == ours.told()


@runs(4)
@given(packages(), STEADY, st.sampled_from((None, None, 0, 1, 2)))
def test_steady_questions_have_the_same_answer(
    session: SparkSession,
    tmp_path_factory: pytest.TempPathFactory,
    tables: Tables,
    asked: Parameters,
    most: int | None,
) -> None:
    tables = simplified(tables)
    index = built(networked(tables))
    said = replace(parameters(asked, Rows(tables)), max_tier=most)
    assert counts.steady(index, Asked.of(index, said))
    work = tmp_path_factory.mktemp("work")
    same(everybody.exposures(index, said), exposure.exposures(session, work, index, said))


@runs(3)
@given(packages(), questions())
def test_other_questions_have_the_same_answer(
    session: SparkSession, tmp_path_factory: pytest.TempPathFactory, tables: Tables, asked: Parameters
) -> None:
    said = parameters(asked, Rows(tables))
    work = tmp_path_factory.mktemp("work")
    with kept(networked(tables)) as index:  # what traces opens it again
        same(everybody.exposures(index, said), exposure.exposures(session, work, index, said))


@pytest.fixture(scope="module")
def wide() -> Index:
    """Return the index of a graph with more exposed actors than a pass has bits, cycles, and hops that add no tier."""
    random = np.random.default_rng(5)
    arcs = draw.arcs(random, 1200, 4000, operations=120)
    return built(draw.network(1200, arcs, range(100, 1100)))


ASKED = Parameters(on="2024-06-30")


def test_more_exposed_actors_than_one_pass_has_bits(
    session: SparkSession, wide: Index, tmp_path: Path
) -> None:
    same(everybody.exposures(wide, ASKED), exposure.exposures(session, tmp_path / "work", wide, ASKED))
    assert (tmp_path / "work" / "counts-1").exists()


class Killed(Exception):
    """A job that is ended from outside."""


def test_a_killed_job_goes_on_from_its_last_whole_round(
    session: SparkSession, wide: Index, tmp_path: Path
) -> None:
    work = tmp_path / "work"

    def ending(stage: str, done: int, total: int) -> None:
        if stage == "adding up" and done == 4:
            raise Killed

    with pytest.raises(Killed):
        exposure.exposures(session, work, wide, ASKED, ending)
    whole = {path.name: path.stat().st_mtime_ns for path in work.iterdir() if path.name[0] != "."}
    assert "round-4" in whole
    (work / "round-5.draft").mkdir()  # what it was at when it was killed
    told: list[tuple[str, int]] = []
    found = exposure.exposures(
        session, work, wide, ASKED, lambda stage, done, total: told.append((stage, done))
    )
    same(everybody.exposures(wide, ASKED), found)
    assert next(done for stage, done in told if stage == "adding up") == 4
    for name, when in whole.items():
        if not name.startswith("round-"):
            assert (work / name).stat().st_mtime_ns == when, name


def test_a_work_directory_is_one_jobs_alone(session: SparkSession, wide: Index, tmp_path: Path) -> None:
    work = tmp_path / "work"
    asked = replace(ASKED, max_tier=0)
    exposure.exposures(session, work, wide, asked)
    with pytest.raises(UsageError, match="parameters"):
        exposure.exposures(session, work, wide, replace(asked, past=True))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("not to be touched")
    with pytest.raises(UsageError, match="other things"):
        exposure.exposures(session, tmp_path / "full", wide, asked)


def test_columns_that_were_written_before_are_used(
    session: SparkSession, wide: Index, tmp_path: Path
) -> None:
    work, asked = tmp_path / "work", replace(ASKED, max_tier=0)
    columns.write(wide, work / exposure.COLUMNS)
    when = (work / exposure.COLUMNS).stat().st_mtime_ns
    exposure.exposures(session, work, wide, asked)
    assert (work / exposure.COLUMNS).stat().st_mtime_ns == when


@pytest.mark.parametrize("likely", [False, True])
def test_candidate_pairs_are_those_of_the_matcher(
    session: SparkSession, admitted: Path, tmp_path: Path, likely: bool
) -> None:
    books = Books.of(Graph.open(admitted).view().release)
    known = [books.party(number) for number in range(0, len(books), max(len(books) // 60, 1))]
    names = ["Willow Lake Knitting & Dyeing Co., Ltd", "Aurora", "no such name at all", ""]
    parties = [*known, *(Party(called=(name,)) for name in names)]
    ours = list(books.candidates(parties, 10, likely=likely))
    assert sum(map(len, ours)) > 30
    with held(tmp_path / "work", session, {"job": "candidates"}) as work:
        candidates.pairs(work, books, parties, 10, likely=likely)
        assert candidates.listed(work, len(parties)) == ours


def test_findings_are_those_of_the_local_check(session: SparkSession, tmp_path: Path) -> None:
    path, read = faults.package(tmp_path / "faults"), []
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        found, names, _ = admission.submitted(path, Options(), None, tmp_path / name, silent)
        read.append(found)
    ours, theirs = read
    check(ours, names, lambda iris: set())
    with held(tmp_path / "work", session, {"job": "validation"}) as work:
        validation.checked(work, theirs, names, lambda iris: set())
        looked = columns.load(str(work.folder / "looked" / "*.parquet"), "count(*) AS many")["many"][0]
    assert ours.report.blocking > 500
    assert looked < sum(map(len, faults.rows_of().values())) * 0.7
    assert theirs.report.counts() == ours.report.counts()
    assert told(theirs.report) == told(ours.report)
    said = theirs.report.to_dict()
    assert (said["conforms"], said["not_tested"]) == (False, list(validation.UNTESTED))


def told(report: Report) -> set[tuple[object, ...]]:
    """Return what a report tells, but for its advice."""
    return {
        (each.severity, each.file, each.row, each.column, each.value, each.message, each.count)
        for each in report.findings
    }


# --- In a process of its own -------------------------------------------------------------------------------------


def apart(code: str, *given: str, seconds: float = 900.0) -> str:
    """Return what a program prints that is run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *given], capture_output=True, text=True, cwd=ROOT, timeout=seconds,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


_COMPARED = """if True:
    import sys
    from pathlib import Path
    from opentier.graph import Graph
    from opentier.graph.batch import everybody
    from opentier.graph.distributed import exposure, sessions
    from opentier.graph.trace.parameters import Parameters
    from tests.test_spark import FEW_ROWS, dying, same
    data, master, work, kill = sys.argv[1:]
    view = Graph.open(data).view()
    known = view.unindexed(view.index)
    with sessions.opened(master) as session:
        for name, value in FEW_ROWS.items() if kill else ():
            session.conf.set(name, value)
        told = dying(session) if kill else lambda *said: None
        for number, asked in enumerate([Parameters(on="2024-01-01"), *([] if kill else [Parameters(max_tier=0)])]):
            ours = everybody.exposures(view.index, asked, unindexed=known)
            same(ours, exposure.exposures(session, Path(work, str(number)), view.index, asked, told, known))
    print("equal", getattr(told, "killed", ""))
"""


class dying:
    """Kills one executor of a local cluster when shares are added up, and remembers which."""

    def __init__(self, session: Any) -> None:
        self.gateway, self.killed = session.sparkContext._gateway.proc.pid, 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "adding up" and done == 2 and not self.killed:
            below = [
                int(child)
                for task in Path(f"/proc/{self.gateway}/task").iterdir()
                for child in (task / "children").read_text().split()
            ]
            executors = [
                child for child in below
                if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{child}/cmdline").read_bytes()
            ]  # fmt: skip
            assert len(executors) > 1, below
            os.kill(executors[0], signal.SIGKILL)
            self.killed = executors[0]


def test_an_executor_that_is_killed_changes_nothing(admitted: Path, tmp_path: Path) -> None:
    said = apart(_COMPARED, str(admitted), "local-cluster[2,1,1024]", str(tmp_path), "kill")
    word, process = said.split()
    assert word == "equal"
    assert not Path(f"/proc/{process}").exists()


@pytest.mark.skipif(find_spec("pysail") is None, reason="Sail is not installed")
@pytest.mark.skipif(NEWER, reason="Sail speaks with PySpark up to 4.1")
def test_sail_answers_the_same(admitted: Path, tmp_path: Path) -> None:
    assert apart(_COMPARED, str(admitted), "sail", str(tmp_path), "").split() == ["equal"]


def command(*words: str, conf: Path) -> subprocess.Popen[str]:
    """Start a command in a process of its own, on a Spark that is quick for a few rows."""
    conf.mkdir(exist_ok=True)
    (conf / "spark-defaults.conf").write_text(
        "".join(f"{name} {value}\n" for name, value in FEW_ROWS.items())
    )
    return subprocess.Popen(
        [sys.executable, "-m", "opentier.api.cli.main", *words], text=True, cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ | {"SPARK_CONF_DIR": str(conf), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> str:
    """Return what a command printed that ended well."""
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, err[-4000:]
    assert "Traceback" not in err
    return out


def on_spark(work: Path) -> tuple[str, ...]:
    return ("--engine", "spark", "--master", "local[2]", "--work", str(work))


def test_a_command_that_is_killed_goes_on_when_it_is_run_again(
    admitted: Path, call: Command, tmp_path: Path
) -> None:
    words, work = ["exposure", "--data", str(admitted), "--on", "2024-06-30", "--quiet"], tmp_path / "work"
    process = command(*words, *on_spark(work), conf=tmp_path / "conf")
    until = time.monotonic() + 900
    while not (work / "round-3").exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    whole = {path.name: path.stat().st_mtime_ns for path in work.iterdir() if path.name[0] != "."}
    assert {"counts-0", "inputs", "links", "sums"} <= set(whole)
    assert "round-10" not in whole
    out = ended(command(*words, *on_spark(work), conf=tmp_path / "conf"))
    assert out.splitlines() == call(*words).out.splitlines()
    assert (work / "round-10").exists()
    for name, when in whole.items():
        if not name.startswith("round-"):
            assert (work / name).stat().st_mtime_ns == when, name


def test_the_command_answers_as_without_spark(admitted: Path, call: Command, tmp_path: Path) -> None:
    words = ["exposure", "--data", str(admitted), "--on", "2024-06-30", "--max-tier", "2", "--quiet"]
    out = ended(command(*words, *on_spark(tmp_path / "work"), conf=tmp_path / "conf"))
    assert out.splitlines() == call(*words).out.splitlines()
    assert Graph.open(admitted).exposure(on="2024-06-30", max_tier=2).distinct.any()


def test_the_command_finds_the_pairs_that_it_finds_without_spark(
    admitted: Path, call: Command, tmp_path: Path
) -> None:
    names = ["Willow Lake Knitting & Dyeing Co., Ltd", "Aurora", "no such name at all", "Cotton"]
    (tmp_path / "list.csv").write_text("name\n" + "".join(f'"{name}"\n' for name in names))
    words = ["candidates", str(tmp_path / "list.csv"), "--data", str(admitted), "--format", "json", "--quiet"]
    theirs = json.loads(ended(command(*words, *on_spark(tmp_path / "work"), conf=tmp_path / "conf")))
    ours = json.loads(call(*words).out)
    assert len(ours["pairs"]) > 3
    assert theirs == ours


def test_the_command_says_what_spark_did_not_test(admitted: Path, tmp_path: Path) -> None:
    words = [
        "validate",
        str(faults.small(tmp_path / "good")),
        "--data",
        str(admitted),
        "--format",
        "json",
        "--quiet",
    ]
    said = json.loads(ended(command(*words, *on_spark(tmp_path / "work"), conf=tmp_path / "conf")))
    assert said["conforms"] is None
    assert said["not_tested"] == list(validation.UNTESTED)
    assert not [each for each in said["findings"] if each["severity"] == "error"]
