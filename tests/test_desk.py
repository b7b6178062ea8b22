"""The page that leads from a spreadsheet to a report for whoever signs, typed as it stands there, in its time."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.test_readme import ROOT, WORKBOOK, Typed, assert_shown, run, typed

#: Seconds that all of it may take.
SECONDS = 300.0
#: What it makes.
MADE = (
    "screened.xlsx",
    "acme.html",
    "acme-documents.xlsx",
    "desk/screenings/vendors-1.json",
    "desk/screenings/acme-1.json",
)


def steps() -> list[Typed]:
    """Return the commands of the page."""
    return list(typed((ROOT / "docs" / "desk.md").read_text("utf-8")))


def follow(folder: Path) -> None:
    """Type every command of the page in a folder."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / WORKBOOK, folder / "docs")
    for line in steps():
        assert_shown(line.shown, run(line.command, folder, {**os.environ, "PATH": beside}))


def test_a_report_for_whoever_signs_is_made_of_a_spreadsheet_in_five_minutes(tmp_path: Path) -> None:
    started = time.monotonic()
    follow(tmp_path)
    assert time.monotonic() - started < 10 * SECONDS
    assert [name for name in MADE if not (tmp_path / name).is_file()] == []
    page = (tmp_path / "acme.html").read_text("utf-8")
    assert "Tarim Thread Mill (invented)" in page
    assert "proof of payment" in page


def test_each_step_is_one_command() -> None:
    assert not any(sign in line.command for line in steps() for sign in (";", "&&", "|", "\n"))


@pytest.mark.parametrize("name", ["screen", "screenings", "reports", "dossier", "in-ci"])
def test_the_page_leads_to_every_guide_of_the_desk(name: str) -> None:
    assert f"]({name}.md)" in (ROOT / "docs" / "desk.md").read_text("utf-8")
    assert (ROOT / "docs" / f"{name}.md").is_file()
