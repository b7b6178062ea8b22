"""The tier picture, and pages, in a real browser; where chromium is not installed, the test says so."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
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


#: The width of a telephone.
NARROW = 390
PAGES = (
    "/id/example/aurora.html",
    "/ns/SupplyLink.html",
    "/catalog.html",
    "/sparql",
    "/problems",
    "/problems/unknown-actor",
    "/ontology",
    "/shapes",
    "/trace.html?actor=example/aurora",
)
#: Says of each frame how wide what is in it is, and whose text stands over the edge of its cell.
MEASURED = """<script>addEventListener("load", () => document.body.append(JSON.stringify(
[...document.querySelectorAll("iframe")].map(frame => [frame.contentDocument.documentElement.scrollWidth,
[...frame.contentDocument.querySelectorAll("th, td")].filter(cell => cell.scrollWidth > cell.clientWidth + 1)
.map(cell => cell.textContent)]))))</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_no_page_is_wider_than_a_telephone(admitted: Path, tmp_path: Path) -> None:
    with TestClient(create_app(Graph.open(admitted))) as client:
        texts = [client.get(page, headers={"accept": "text/html"}).text for page in PAGES]
        version = client.get("/id/dataset/example/1.html").text
    assert [text for text in texts if 'name="viewport"' not in text] == []
    assert (
        20
        < int(re.findall(r"<details><summary>(\d+) parts</summary>", version)[0])
        == version.count("<h2>") - 1
    )
    assert version.count("<details>") == version.count("</details>") == 1
    frame = f'<iframe width={NARROW} height=800 srcdoc="%s"></iframe>'
    held = tmp_path / "pages.html"
    held.write_text(MEASURED + "".join(frame % html.escape(text) for text in texts), "utf-8")
    command = [
        str(CHROMIUM),
        *QUIET,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        held.as_uri(),
    ]
    seen = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    measured = json.loads(html.unescape(seen[seen.rindex("</iframe>") + 9 : seen.rindex("</body>")]))
    assert len(measured) == len(PAGES)
    assert {
        page: found for page, found in zip(PAGES, measured, strict=True) if found[0] > NARROW or found[1]
    } == {}
