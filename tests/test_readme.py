"""The README's commands, typed as they stand there; what it prints of their output is compared line by line.

``make demo`` and ``make test`` are what runs this suite on a fresh machine; here the first is replaced by the
command that it runs, and the second is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests import spreadsheets
from tests.conftest import PATIENCE, free_port, wait_for

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: The section that leads from a colleague's workbook to a trace, the commands that it may take, and the seconds.
STORY, COMMANDS, SECONDS = "Your own spreadsheet", 4, 180.0
WORKBOOK = "vendors.xlsx"


@dataclass(frozen=True)
class Typed:
    command: str
    shown: tuple[str, ...]


def readme(*, story: bool = False) -> str:
    """Return a part of the README: its story, or all else."""
    before, heading, rest = (ROOT / "README.md").read_text("utf-8").partition(f"\n## {STORY}\n")
    told, after, others = rest.partition("\n## ")
    assert heading
    assert after
    return told if story else f"{before}\n## {others}"


def typed(text: str) -> Iterator[Typed]:
    """Yield the commands of a text with the output that it shows."""
    for block in BLOCK.findall(text):
        command, shown = "", list[str]()
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield Typed(command, tuple(shown))
                command, shown = line[2:], []
            elif line.startswith("> "):
                command += "\n" + line[2:]
            else:
                shown.append(line)
        yield Typed(command, tuple(shown))


def assert_shown(shown: tuple[str, ...], printed: str) -> None:
    """Assert that the shown lines stand in the output in this order; only ``...`` skips lines."""
    lines, at, skipping = printed.removeprefix("\ufeff").splitlines(), 0, False  # a mark that nobody sees
    for line in shown:
        if line == "...":
            skipping = True
            continue
        if skipping:
            assert line in lines[at:], f"the README shows {line!r}, which is not printed:\n{printed}"
            at = lines.index(line, at)
        assert at < len(lines), f"the README shows {line!r}, but the output has ended:\n{printed}"
        assert lines[at] == line
        at, skipping = at + 1, False
    if shown:
        assert skipping or at == len(lines), f"the README shows no more, but this is printed: {lines[at:]}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands are typed, with a package of one's own."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "graph" / "datasets" / "example", folder / "my-package")
    descriptor = folder / "my-package" / "datapackage.json"
    descriptor.write_text(
        descriptor.read_text("utf-8").replace('"name": "example"', '"name": "mine"', 1), "utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": beside, "OPENTIER_DATA": "demo-data"}


@pytest.fixture(scope="module")
def service(folder: Path, port: int, environment: dict[str, str]) -> Iterator[None]:
    command = ["opentier", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Type a command and return what it prints."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def test_commands(
    folder: Path, port: int, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    ran = []
    for line in typed(readme()):
        command = line.command
        if command in ("make test",) or command.startswith("export "):
            continue
        if command == "make demo":
            assert "opentier demo --data demo-data --out tier-picture.svg" in (ROOT / "Makefile").read_text(
                "utf-8"
            )
            command = "opentier demo --data demo-data --out tier-picture.svg"
        if command.startswith("opentier serve"):
            request.getfixturevalue("service")
            ran.append(command)
            continue
        if "ships_to.csv" in command:
            shared = Path(os.environ.get("OPENTIER_SHARED", ROOT.parent / "shared"))
            foreign = shared / "data" / "sayari_nike_tiers" / "ships_to.csv"
            if not foreign.exists():
                continue
            command = command.replace("ships_to.csv", str(foreign))
        if command.startswith("curl"):
            assert shutil.which("curl"), "curl is needed for the README's calls of the service"
            command = command.replace(":8087", f":{port}")
        assert_shown(line.shown, run(command, folder, environment))
        ran.append(command)
    assert len(ran) >= 10
    assert (folder / "tier-picture.svg").is_file()


def test_a_colleagues_workbook_is_traced_with_four_commands_in_three_minutes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / WORKBOOK, tmp_path / "docs")
    told = list(typed(readme(story=True)))
    words = [line.command.split() for line in told]
    assert [each[:2] for each in words] == [
        ["opentier", verb] for verb in ("columns", "contribute", "reference", "trace")
    ]
    assert len(told) <= COMMANDS
    assert not any(sign in line.command for line in told for sign in (";", "&&", "|", "\n"))
    started = time.monotonic()
    for line in told:
        printed = run(line.command, tmp_path, environment)
        assert line.shown
        assert_shown(line.shown, printed)
    assert time.monotonic() - started < 10 * SECONDS


def test_the_workbook_of_the_readme_is_what_code_makes(tmp_path: Path) -> None:
    spreadsheets.colleague(tmp_path / WORKBOOK)
    shipped, made = (CalamineWorkbook.from_path(folder / WORKBOOK) for folder in (ROOT / "docs", tmp_path))
    assert shipped.sheet_names == made.sheet_names
    for name in made.sheet_names:
        ours, theirs = shipped.get_sheet_by_name(name), made.get_sheet_by_name(name)
        assert ours.to_python() == theirs.to_python()
        assert ours.merged_cell_ranges == theirs.merged_cell_ranges


def test_the_python_example_runs(folder: Path, environment: dict[str, str]) -> None:
    [block] = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    demo = ["opentier", "demo", "--data", "demo-data", "--out", "tier-picture.svg", "--quiet"]
    subprocess.run(demo, cwd=folder, env=environment, check=True, capture_output=True, timeout=PATIENCE)
    checks = (
        "assert len(found.to_pandas()) == len(found.reached) > 0",
        "assert found.to_networkx().has_node(found.trace.root)",
        "assert found.exposures[0].paths[0].arcs",
    )
    code = "\n".join([block, *checks])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
