"""What the tests share.

Strategy: the real thing, made once. `admitted` is one data directory with the shipped datasets, admitted through
the library and read by everybody, in all processes of a run (`once`); a test that changes a data directory has a
copy of its own (`directory`). Temporary folders lie in memory where there is room: the store waits for a disk some
fifty times for each contribution, and what it waits for is tested (`test_store_safety`), not endured. `command`
runs the real command line in a process of its own; `call` runs it within the test, for the many cases that say
nothing about processes (an exception that it lets through fails the test). `service` starts the real service on
loopback, over a data directory of its own, so that tests may contribute to it while it runs. Real data is used
where it lies (`shared`) and never copied; tests that need it are skipped where it is absent. Nothing is mocked,
every wait ends. Tests are marked by what they use (`MARKS`, `FILES`), so that `make quick` can leave out what is
slow; how many examples are generated is said in `counts`. What fills the machine, or kills at some moment, is
`threads`: it runs last, two files at a time.
"""

from __future__ import annotations

import gc
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.cli import main
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.front import View
from opentier.graph.store import lock
from tests import browsing, elsewhere
from tests import counts as counts  # the profiles of hypothesis
from tests.browsing import Visit

#: Seconds that one run of the command line may take, and that the service may take to start.
PATIENCE = 120.0
#: Marks that tests have by a fixture that they use, and by the file in which they stand.
MARKS = {
    "service": "server",
    "reading": "server",
    "chromium": "server",
    "shared": "data",
    "command": "process",
}
FILES = {
    "test_readme": "server",
    "test_browser": "server",
    "test_cases_served": "server",
    "test_conformance_trace": "data",
    "test_real_data": "data",
    "test_engine_threads": "process",
    "test_atomicity": "process",
    "test_store_safety": "process",
    "test_workers": "threads",
    "test_crowd": "process",
    "test_spark": "threads",
    "test_work": "server",
    "test_visibility": "process",
    "test_visibility_served": "server",
    "test_roles": "server",
    "test_uploads": "server",
    "test_jobs": "process",
    "test_readers": "process",
    "test_placed": "process",
    "test_schemathesis": "server",
    "test_clients": "server",
    "test_operations": "server",
    "test_remote": "server",
    "test_virtuoso": "server",
    "test_hostile": "threads",
    "test_survival": "threads",
    "test_in_ci": "process",
    "test_desk": "process",
    "test_exchange": "process",
    "test_compiled": "process",
    "test_layout": "process",
    "test_mcp": "process",
    "test_locks": "process",
    "test_options": "process",
    "test_figures": "process",
    "test_index_damage": "process",
}
#: What takes longest, by file or by test: with the profile `quick`, which CI takes, it is left out.
LONG = (
    "test_affected.py::test_a_list_asked_again_names_exactly_the_rows_that_changed",
    "test_affected.py::test_over_two_editions_of_ilab_every_brand_of_palmwatch_is_as_its_traces",
    "test_beside.py::test_question_nine_answers_on_real_visits",
    "test_beside.py::test_real_flags_reach_the_chain_and_are_no_exposure",
    "test_compiled.py",
    "test_desk.py::test_a_report_for_whoever_signs_is_made_of_a_spreadsheet_in_five_minutes",
    "test_engine_threads.py::test_answers_stay_those_of_their_release_while_links_change",
    "test_figures.py",
    "test_in_ci.py::test_a_source_that_is_refused_leaves_nothing_half_done",
    "test_index_damage.py::test_a_damaged_index_gives_the_true_answer_or_a_clear_error",
    "test_locks.py::test_every_development_dependency_is_imported_or_called",
    "test_matching_page.py",
    "test_questions_agree.py",
    "test_questions_real.py",
    *(
        f"test_rdf_rows.py::test_random_documents_of_rdf_are_found_as_the_tables_that_they_are_made_of[{part}]"
        for part in range(2, 5)
    ),
    "test_real_data.py::test_every_row_has_one_outcome",
    "test_real_data.py::test_the_same_files_again_change_nothing",
    "test_real_data_rows.py",
    "test_remote.py::test_a_writer_killed_at_any_request_leaves_the_release_as_it_was",
    "test_roles.py::test_no_answer_tells_what_its_reader_may_not_see[admin]",
    "test_roles.py::test_no_answer_tells_what_its_reader_may_not_see[curator]",
    "test_store_safety.py::test_verify_finds_every_changed_byte_of_a_release",
    "test_tables_again.py::test_foreign_files_become_tables_that_give_the_same_graph_in_a_new_store[ilab]",
    "test_tables_again.py::test_foreign_files_become_tables_that_give_the_same_graph_in_a_new_store[ipis]",
    "test_tables_again.py::test_foreign_files_become_tables_that_give_the_same_graph_in_a_new_store[palmwatch]",
    "test_validation_sets.py::test_the_w3c_suite_is_passed_or_told_to_be_unknown",
    "test_versions.py::test_two_processes_that_contribute_different_datasets_at_once_both_end_admitted",
)
#: Cases that a test may have before some of them are left out (`--every`).
MANY = 6
#: A file system in memory, and the bytes that it must have left: a worker's folders take some hundred million.
MEMORY, ROOM = Path("/dev/shm"), 4_000_000_000
#: What the environment may say and a test must not inherit.
_CLEARED = (
    "OPENTIER_DATA",
    "OPENTIER_STORE",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "TERM",
    "PYTHONWARNINGS",
)


@dataclass(frozen=True)
class Run:
    """What a run of the command line left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


class Command(Protocol):
    """Runs ``opentier`` with some words, a text on standard input, and more variables."""

    def __call__(self, *words: str, stdin: str = "", cwd: Path | None = None, **variables: str) -> Run: ...


@dataclass(frozen=True)
class Service:
    """A running service: its address and its data directory."""

    url: str
    data: Path


def pytest_configure() -> None:
    """Have temporary folders in memory, unless somebody says where they are to be, and Ctrl-C end what tests start.

    What a shell starts in the background is told to ignore it, and so would all that it starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is asked once, and kept
    if elsewhere.ELSEWHERE:
        elsewhere.install()


def pytest_unconfigure() -> None:
    """End the servers that data directories were given."""
    elsewhere.end()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Have an option by which a run takes a part of the cases alone."""
    told = f"of a test with more than {MANY} cases, run each Nth"
    parser.addoption("--every", type=int, default=1, metavar="N", help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test by what it uses; leave out what takes longest where few examples are made, and by `--every`."""
    cases = Counter(item.nodeid.partition("[")[0] for item in items)
    seen, every = Counter[str](), config.getoption("every")
    left: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        name = item.nodeid.partition("[")[0]
        out = cases[name] > MANY and seen[name] % every > 0
        seen[name] += 1
        left[out or (counts.few() and item.nodeid.removeprefix("tests/").startswith(LONG))].append(item)
    if left[True]:
        config.hook.pytest_deselected(items=left[True])
        items[:] = left[False]
    for item in items:
        used = MARKS.keys() & set(getattr(item, "fixturenames", ()))
        for mark in sorted({MARKS[name] for name in used} | {FILES.get(item.path.stem, "")} - {""}):
            item.add_marker(mark)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared material: ``OPENTIER_SHARED``, or ``shared`` beside the repository."""
    path = Path(os.environ.get("OPENTIER_SHARED") or Path(__file__).parents[2] / "shared")
    if not path.is_dir():
        pytest.skip(f"{path} is not here; OPENTIER_SHARED names another")
    return path


@pytest.fixture(scope="session")
def lists(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return three real lists in one store: ILAB, IPIS and PalmWatch. Nobody may change it."""

    def make(data: Path) -> None:
        graph = Graph.open(data, create=True)
        for name, folder in (("ilab", "ilab_goods"), ("ipis", "ipis_mines"), ("palmwatch", "palmwatch")):
            assert graph.contribute(shared / "data" / folder, Options(adapter=name)).new

    return Graph.open(once(tmp_path_factory.getbasetemp(), "lists", make))


def admit(path: Path) -> Path:
    """Admit the shipped datasets into a new data directory."""
    graph = Graph.open(path, create=True)
    for name in ("initiatives", "laws", "example"):
        with as_file(files("opentier.graph") / "datasets" / name) as package:
            assert graph.contribute(package).new
    return path


def once(base: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return a data directory that one process of the run makes for all; nobody may change it.

    Parameters
    ----------
    base
        Where this process has the folders of its tests.
    """
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    folder.mkdir(exist_ok=True)
    with lock.held(folder / "lock", lock.PATIENCE):
        if not (folder / "data").exists():
            make(folder / "draft")
            (folder / "draft").rename(folder / "data")
    return folder / "data"


def copied(folder: Path, name: str, make: Callable[[Path], object]) -> Graph:
    """Return a graph of its own in the folder of a test (its ``tmp_path``): a copy of one that is made once."""
    return Graph.open(shutil.copytree(once(folder.parent, name, make), folder / "data"))


@pytest.fixture(scope="session")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the shipped datasets; nobody may change it."""
    return once(tmp_path_factory.getbasetemp(), "admitted", admit)


@pytest.fixture(scope="session")
def stocked(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same with data points and the practices of States; nobody may change it."""

    def make(path: Path) -> None:
        graph = Graph.open(shutil.copytree(admitted, path))
        for name in ("data-points", "practices"):
            with as_file(files("opentier.graph") / "datasets" / name) as package:
                assert graph.contribute(package, Options(match=False)).new

    return once(tmp_path_factory.getbasetemp(), "stocked", make)


@pytest.fixture
def directory(admitted: Path, tmp_path: Path) -> Path:
    """Return a data directory with the shipped datasets that the test may change."""
    return shutil.copytree(admitted, tmp_path / "data")


@pytest.fixture(scope="module")
def view(graph: Graph) -> View:
    """Return the current release of a module's own `graph`."""
    return graph.view()


@pytest.fixture(scope="module")
def client(graph: Graph) -> Iterator[TestClient]:
    """Return a client of the service over a module's own `graph`, without a process."""
    gc.collect()  # answers of earlier tests end in this thread, not in one of the service
    with TestClient(create_app(graph, local=True)) as client:
        yield client


@pytest.fixture(scope="session")
def example() -> Iterator[Path]:
    """Return the folder of the shipped worked example."""
    with as_file(files("opentier.graph") / "datasets" / "example") as package:
        yield package


def _environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _CLEARED}
    return {**kept, "PYTHONWARNINGS": "error", **variables}


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Return a function that runs the command line in a process of its own, away from the repository."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(*words: str, stdin: str = "", cwd: Path | None = None, **variables: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "opentier.api.cli.main", *words],
            input=stdin.encode("utf-8", "surrogateescape"), capture_output=True, timeout=PATIENCE,
            cwd=cwd or elsewhere, env=_environment(**variables), check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Return a function that runs the command line within the test."""

    def run(*words: str, stdin: str = "", cwd: Path | None = None, **variables: str) -> Run:
        with monkeypatch.context() as patch:
            for name in _CLEARED:
                patch.delenv(name, raising=False)
            for name, value in {"OPENTIER_STORE": "", **variables}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["opentier", *words])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.chdir(cwd or tmp_path)
            capsys.readouterr()
            code: object = 0
            try:
                main.main()
            except SystemExit as stop:
                code = stop.code or 0
        assert isinstance(code, int)
        return Run(code, *capsys.readouterr())

    return run


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Started:
    """A service that a test started for itself: its address and its process."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid


@contextmanager
def serving(data: Path, log: Path, *words: str) -> Iterator[Started]:
    """Start the real service on a free port of loopback; end it by its process id."""
    port = free_port()
    given = ["serve", "--host", "127.0.0.1", "--port", str(port), "--data", str(data), *words]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "opentier.api.cli.main", *given],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_environment(),
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health", process, log)
        yield Started(url, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def service(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the real service over a data directory of its own."""
    data = shutil.copytree(admitted, tmp_path_factory.mktemp("service") / "data")
    with serving(data, data.parent / "log") as started:
        yield Service(started.url, data)


@pytest.fixture(scope="session")
def reading(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the real service over the shipped datasets, for tests of pages that change nothing."""
    with serving(admitted, tmp_path_factory.mktemp("reading") / "log") as started:
        yield Service(started.url, admitted)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the system's chromium; skip where there is none. It ends with its module: its loop bars others."""
    with browsing.browser() as started:
        yield started


@pytest.fixture
def visit(chromium: Browser, reading: Service) -> Iterator[Visit]:
    """Return a visitor of the pages over the shipped datasets."""
    found = Visit(chromium, reading.url)
    yield found
    found.close()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Wait until a process that was just started answers at an address; fail where it ends or never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the service did not start: {log.read_text('utf-8', 'replace') if log else ''}")
