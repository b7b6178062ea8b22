"""The pages on which somebody acts: jobs, files that are contributed step by step, and signing in with a key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from tests.test_pages import BROWSER

MILLS = b"id,name,country\nm1,Amber Hollow Mill,IN\nm2,Birch Ferry Mill,TR\n"
#: What a browser says beside its requests when a form of the same site is sent.
FORM = {**BROWSER, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}


@pytest.fixture(scope="module")
def data(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(admitted, tmp_path_factory.mktemp("desk") / "data"))


@pytest.fixture(scope="module")
def own(data: Path) -> Iterator[TestClient]:
    """Return the service as the owner of its machine has it."""
    with TestClient(create_app(Graph.open(data), local=True), base_url="http://localhost") as client:
        yield client


def done(client: TestClient, act: str, data: bytes = MILLS, **said: str) -> str:
    """Send a file, and return the job that it is, once it has ended."""
    sent = client.post(f"/{act}", files={"file": ("mills.csv", data)}, data=said)
    assert sent.status_code in (200, 202), sent.text
    id: str = sent.json()["id"]
    assert client.get(f"/jobs/{id}?wait=30").json()["ended"]
    return id


# --- Jobs ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_job_that_is_done_gives_what_came_of_it(own: TestClient) -> None:
    id = done(own, "validate", dataset="mills", licence="CC0-1.0")
    page = own.get(f"/jobs/{id}", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "It is done." in page.text
    for address in re.findall(r'href="(/jobs/[^"]+/result\.[^"]+)"', page.text):
        assert own.get(address).status_code == 200
    assert own.get(f"/jobs/{id}").json()["state"] == "done"


def test_whoever_waits_for_a_contribution_is_led_to_what_came_of_it(own: TestClient) -> None:
    id = done(own, "contributions", dataset="waited", licence="CC0-1.0")
    page = own.get(f"/jobs/{id}", headers=BROWSER, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, f"/contributions/{id}")
    part = own.get(f"/jobs/{id}", headers={"accept": "text/html", "hx-request": "true"})
    assert part.headers["hx-redirect"] == f"/contributions/{id}"


def test_a_job_that_has_ended_is_deleted_on_its_page(own: TestClient) -> None:
    id = done(own, "columns")
    assert own.post(f"/jobs/{id}/end", headers=FORM, follow_redirects=False).status_code == 303
    assert own.get(f"/jobs/{id}", headers=BROWSER).status_code == 404


def test_the_page_of_another_site_ends_no_job(own: TestClient) -> None:
    id = done(own, "columns")
    other = {**BROWSER, "origin": "https://example.org", "sec-fetch-site": "cross-site"}
    refused = own.post(f"/jobs/{id}/end", headers=other)
    assert refused.status_code == 403
    assert "another site" in refused.text
    assert own.get(f"/jobs/{id}").status_code == 200
