"""The tier picture in a real browser; where chromium is not installed, the test says so."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from opentier.graph.front import Graph

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_the_tier_picture_opens_in_a_browser(admitted: Path, tmp_path: Path) -> None:
    result = Graph.open(admitted).trace("example/aurora", product="6109")
    picture, shot = tmp_path / "picture.svg", tmp_path / "picture.png"
    picture.write_text(result.to_svg(), "utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [
        str(CHROMIUM),
        *QUIET,
        profile,
        "--window-size=1600,1000",
        f"--screenshot={shot}",
        picture.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert shot.read_bytes().startswith(b"\x89PNG")
    assert shot.stat().st_size > 20_000, "the screenshot is as good as blank"
    command = [str(CHROMIUM), *QUIET, profile, "--dump-dom", picture.as_uri()]
    seen = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert "error on line" not in seen
    for exposure in result.exposures:
        name = result.index.actors[exposure.actor].name
        assert re.search(re.escape(name), seen), f"{name} is not in the picture"
