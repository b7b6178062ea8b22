"""The tier picture, and pages, in a real browser; where chromium is not installed, the test says so."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import views
from opentier.graph.front import Graph
from tests import sites
from tests.browsing import LEAST, Visit
from tests.conftest import PATIENCE, free_port
from tests.processes import wait_until

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


#: Pages that are no part of the site, and are read on a telephone, too.
MORE = ("/id/example/aurora.html", "/ns/SupplyLink.html", "/catalog.html", "/trace.html?actor=example/aurora")


def test_no_page_is_wider_than_a_telephone(visit: Visit) -> None:
    for address in (*sites.PAGES.values(), *MORE):
        visit.to(address)
        visit.fit()
        visit.fit(LEAST)
    assert visit.wrong == []


def test_the_parts_of_a_version_are_folded(admitted: Path) -> None:
    with TestClient(create_app(Graph.open(admitted))) as client:
        version = client.get("/id/dataset/example/1.html").text
    (parts,) = re.findall(r"<details><summary>([\d,]+) parts</summary>", version)
    assert (
        20
        < int(parts.replace(",", ""))
        == len(re.findall(r'<section id="[^"]+">\s*<h2>', version)) - version.count('id="named-by"')
    )
    assert version.count("<details>") == version.count("</details>") == 1


@pytest.mark.parametrize("script", [True, False])
def test_whoever_looks_while_much_is_read_sees_the_page_once_it_is(
    chromium: Browser, admitted: Path, monkeypatch: pytest.MonkeyPatch, script: bool
) -> None:
    monkeypatch.setattr(views, "_LITTLE", 0)
    graph, port = Graph.open(admitted), free_port()
    graph.views.opening = opening = views.Opening(graph.view().release)
    server = uvicorn.Server(
        uvicorn.Config(create_app(graph, local=True), "127.0.0.1", port, log_level="warning")
    )
    serving = threading.Thread(target=server.run)
    serving.start()
    try:
        wait_until(lambda: server.started)
        visit = Visit(chromium, f"http://127.0.0.1:{port}", script=script)
        page = visit.to("/search?q=aurora")
        assert page.get_by_text("reads its data: 0% so far").is_visible()
        if script:
            visit.look()
        opening.read = opening.whole // 2
        page.wait_for_selector("text=reads its data: 50% so far")
        opening.through(lambda: None)
        page.wait_for_selector("main a:has-text('Aurora Apparel Imports')")
        visit.close()
    finally:
        server.should_exit = True
        serving.join(PATIENCE)
