"""How long it takes until a spreadsheet as people have them is in a new data directory, in a process of its own.

Run by ``make bench``; never part of the tests. `tests/test_spreadsheets.py` holds that what goes in is right.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests import test_desk as desk
from tests.spreadsheets import EVERY, LICENCE
from tests.test_readme import ROOT, SECONDS, WORKBOOK, readme, run, typed


def test_every_spreadsheet_goes_in(tmp_path: Path) -> None:
    """Print the seconds that each takes, start of Python and all, and how many of them were work."""
    print(f"\n{'file':<20} {'form':<8} {'commands':>8} {'seconds':>8} {'of work':>8}")
    for number, sheet in enumerate(EVERY):
        path = tmp_path / sheet.name
        sheet.write(path)
        words = ["contribute", str(path), "--dataset", "people", *LICENCE, *sheet.said, "--quiet"]
        start, before = time.perf_counter(), os.times()
        done = subprocess.run(
            [sys.executable, "-m", "opentier.api.cli.main", *words, "--data", str(tmp_path / f"data{number}")],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        seconds, after = time.perf_counter() - start, os.times()
        work = after.children_user + after.children_system - before.children_user - before.children_system
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{max(sheet.links, 0 if sheet.links else sheet.actors)} rows" in done.stdout
        print(f"{sheet.name:<20} {path.suffix[1:]:<8} {1:>8} {seconds:>8.2f} {work:>8.2f}")


def test_the_story_of_the_readme(tmp_path: Path) -> None:
    """Print the seconds of each of its commands, typed in a new folder, beside those that all may take."""
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / WORKBOOK, tmp_path / "docs")
    path, every = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", 0.0
    print()
    for line in typed(readme(story=True)):
        start = time.perf_counter()
        run(line.command, tmp_path, {**os.environ, "PATH": path})
        seconds = time.perf_counter() - start
        every += seconds
        print(f"{seconds:8.2f} s  {line.command[:60]}")
    met = "met" if every <= SECONDS else "SHORT"
    print(f"{every:8.2f} s  from the workbook to the trace; goal: at most {SECONDS:g} s {met}")


def test_the_story_of_the_desk(tmp_path: Path) -> None:
    """Print the seconds from a spreadsheet to a report for whoever signs, beside those that all may take."""
    start = time.perf_counter()
    desk.follow(tmp_path)
    every = time.perf_counter() - start
    met = "met" if every <= desk.SECONDS else "SHORT"
    print(
        f"{every:8.2f} s  from a spreadsheet to a signed-off report; goal: at most {desk.SECONDS:g} s {met}"
    )
