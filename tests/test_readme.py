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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from tests.conftest import PATIENCE, free_port, wait_for

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    command: str
    shown: tuple[str, ...]


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
    rows = [
        ["Vendor name", "Country", "Street", "City", "HS code"],
        ["Beta Mills", "China", "1 Mill Rd", "Ürümqi", 520512],
        ["Gamma Knits", "TH", "", "Bangkok", 610910],
        ["Delta Dyes", "Türkiye", "5 Color St", "Bursa", 320411],
    ]
    with xlsxwriter.Workbook(folder / "suppliers.xlsx") as book:
        book.add_worksheet("Read me").write(0, 0, "Our suppliers")
        sheet = book.add_worksheet("Suppliers")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
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


def test_commands(
    folder: Path, port: int, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    ran = []
    for line in typed((ROOT / "README.md").read_text("utf-8")):
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
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert_shown(line.shown, done.stdout)
        ran.append(command)
    assert len(ran) >= 10
    assert (folder / "tier-picture.svg").is_file()


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
