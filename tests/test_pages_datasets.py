"""The pages of datasets: what is here, one of them, one version, what changed, and its withdrawal."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.desk.jobs import PRIVATE
from opentier.api.linked import catalogue
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.profile import changes, holdings
from opentier.graph.written import licences
from tests.browsing import BROWSER, Visit
from tests.test_pages_desk import FORM

MILLS = "id,name,country\nm1,Amber Hollow Mill (invented),IN\nm2,Birch Ferry Mill (invented),TR\n"
LINKS = (
    "id,buyer,supplier,product,start_date,end_date,observed_date,confidence,evidence\n"
    "l1,m1,m2,610910,2023-01,,,0.9,e1|e2\nl2,m2,m1,,,,2024-05-01,0.5,e1\nl3,m1,example/borealis,,,,,,\n"
)
EVIDENCE = "id,type,title\ne1,purchase-order,Ledger (invented)\ne2,invoice,Letter (invented)\n"
DESCRIBED = """{{"name": "{name}", "title": "{title}", "version": "{version}", "licenses": [{{"name": "CC-BY-4.0"}}],
"contributors": [{{"title": "Mill watch (invented)"}}], "resources": [{{"name": "actors", "path": "actors.csv"}},
{{"name": "supply-links", "path": "supply_links.csv"}}, {{"name": "evidence", "path": "evidence.csv"}}]}}"""


def package(folder: Path, name: str, version: str, actors: str = MILLS, links: str = LINKS) -> Path:
    folder.mkdir(parents=True)
    said = DESCRIBED.format(name=name, title=f"The {name}", version=version)
    for file, text in (("datapackage.json", said), ("actors.csv", actors), ("supply_links.csv", links),
                       ("evidence.csv", EVIDENCE)):  # fmt: skip
        (folder / file).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def graph(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph with two versions of a dataset, and with one that is restricted."""
    folder = tmp_path_factory.mktemp("mills")
    graph = Graph.open(shutil.copytree(admitted, folder / "data"))
    alone = Options(match=False)
    graph.contribute(package(folder / "first", "mills", "2024"), alone)
    changed = MILLS.replace("Birch Ferry Mill", "Birch Ferry Mills") + "m3,Cedar Bend Mill (invented),VN\n"
    links = (
        LINKS.replace("l2,m2,m1,,,,2024-05-01,0.5,e1\n", "").replace("0.9", "0.8")
        + "l4,m3,m1,5201,2025,,,,\n"
    )
    graph.contribute(package(folder / "second", "mills", "2025", changed, links), alone)
    graph.contribute(
        package(folder / "closed", "closed-mills", "1"), Options(match=False, visibility="restricted")
    )
    return graph


@pytest.fixture(scope="module")
def owner(graph: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(graph, local=True), base_url="http://localhost", headers=FORM) as client:
        yield client


@pytest.fixture(scope="module")
def public(graph: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(graph), base_url="http://localhost", headers=FORM) as client:
        yield client


def test_the_list_says_what_one_may_do_with_each(owner: TestClient, graph: Graph) -> None:
    page = owner.get("/datasets").text
    current = graph.view(None).release.current
    assert f"{len(current)} datasets are here," in page
    for version in current.values():
        assert f'href="/datasets/{version.dataset}"' in page
        assert licences.words(version.licence) in page
    assert "restricted" in page


def test_a_dataset_that_is_not_public_has_no_name_for_others(public: TestClient) -> None:
    page = public.get("/datasets").text
    assert "closed-mills" not in page
    assert "Who sees it" not in page
    for address in ("", "/1", "/diff/1/1", "/diff"):
        assert public.get(f"/datasets/closed-mills{address}").status_code == 404


def test_many_datasets_come_in_parts(owner: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PART", 3)
    first = owner.get("/datasets").text
    assert 'rel="next" href="?page=2"' in first
    named = re.findall(r'<th scope="row"><a href="/datasets/([\w-]+)"', first)
    second = owner.get("/datasets?page=2").text
    assert len(named) == 3
    assert not set(named) & set(re.findall(r'<th scope="row"><a href="/datasets/([\w-]+)"', second))


def test_a_dataset_says_what_it_is_how_whole_it_is_and_what_changed(owner: TestClient, graph: Graph) -> None:
    page = owner.get("/datasets/mills").text
    assert "Version 2 is current: 8 rows, admitted whole." in re.sub(r"\s+", " ", page)
    assert licences.WORDS["CC-BY-4.0"] in page
    assert "Mill watch (invented)" in page
    for said in ("Cedar Bend Mill (invented) buys HS 5201 from", "Cedar Bend Mill (invented)"):
        assert said in page
    assert "From version 1 to 2: 2 added, 2 changed, 1 removed" in page
    version = graph.view(None).current("mills")
    assert version.checksum in page
    assert f"{version.triples:,} statements" in page
    for address in re.findall(r'href="(/datasets/mills/2/download\.\w+)"', page):
        assert owner.get(address).status_code == 200
    for address in re.findall(r'rel="alternate" title="\w+" href="([^"]+)"', page):
        assert owner.get(address).headers["content-type"].partition(";")[0] in (
            "application/json",
            "text/turtle",
        )


def test_the_numbers_of_links_are_those_of_the_tables(graph: Graph) -> None:
    view = graph.view(None)
    first = holdings.Holdings(view.release, view.version("mills", 1))
    assert {name: many for name, many in first.tables() if name != "products"} == {
        "supply_links": 3, "actors": 2, "evidence": 2,
    }  # fmt: skip
    assert {each.words: (each.part, each.whole) for each in first.links()} == {
        "with a good": (1, 3), "with a beginning": (1, 3), "with an end": (0, 3),
        "with a day on which they were seen": (1, 3), "with a document": (2, 3), "with a confidence": (2, 3),
    }  # fmt: skip
    assert holdings.Holdings(view.release, view.current("laws")).links() == []


def test_documents_of_too_many_links_are_not_counted(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "COUNTED", 2)
    view = graph.view(None)
    shares = holdings.Holdings(view.release, view.version("mills", 1)).links()
    assert {each.words: each.part for each in shares}["with a document"] is None


def test_a_difference_is_told_in_sentences(graph: Graph) -> None:
    view = graph.view(None)
    lines = changes.Changes(view, view.difference("mills", 1, 2)).lines(25)
    told = {(line.change, line.record): (line.before, line.after) for line in lines}
    mill, other = "Amber Hollow Mill (invented)", "Birch Ferry Mill (invented)"
    third, seen = "Cedar Bend Mill (invented)", "observed date 2024-05-01, confidence 0.5"
    assert told == {
        ("added", "m3"): ("", f"{third}, country VN"),
        ("added", "l4"): ("", f"{third} buys HS 5201 from {mill}, start date 2025"),
        ("changed", "m2"): (f"name {other}", "name Birch Ferry Mills (invented)"),
        ("changed", "l1"): ("confidence 0.9", "confidence 0.8"),
        ("removed", "l2"): (f"{other} buys from {mill}, {seen}", ""),
    }  # fmt: skip
    assert len(changes.Changes(view, view.difference("mills", 1, 2)).lines(2)) == 2


def test_a_difference_has_an_address_and_its_files(owner: TestClient) -> None:
    page = owner.get("/datasets/mills/diff/1/2").text
    assert "2 added, 2 changed, 1 removed." in page
    for address in set(re.findall(r'href="(/datasets/mills/diff\?[^"]+)"', page)):
        assert owner.get(address.replace("&amp;", "&")).status_code == 200
    led = owner.get("/datasets/mills/diff", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/datasets/mills/diff/1/2")
    assert owner.get("/datasets/mills/diff", headers={"accept": "application/json"}).json()["to"] == 2
    assert owner.get("/datasets/mills/diff/1/9").status_code == 404


def ended(client: TestClient, page: Any) -> Any:
    """Return the page to which whoever waits for a job is led once it has ended."""
    if not page.url.path.startswith("/jobs/"):
        return page
    for _ in range(8):
        said = client.get(f"{page.url.path}?wait=30", headers={"accept": "application/json"}).json()
        if said["ended"]:
            break
    return client.get(page.url.path)


def test_what_a_version_changed_in_traces_is_shown_and_asked_as_a_job(owner: TestClient) -> None:
    page = owner.get("/datasets/mills/diff/1/2").text
    address = re.search(r'href="(/affected\?[^"]+)"', page)
    assert address
    where = address[1].replace("&amp;", "&")
    shown = owner.get(where)
    assert shown.status_code == 200, shown.text
    assert "what this changed in traces" in shown.text
    for form in ("json", "csv"):
        assert owner.get(f"{where}&format={form}").status_code == 200
    asked = ended(owner, owner.post(where))
    assert asked.url.path.endswith("/affected")
    found = owner.get(f"{where}&format=json").json()
    assert found == owner.get(asked.url.path.replace("/affected", "/result.json")).json()
    assert owner.get("/affected?dataset=mills&from=9").status_code == 404
    assert owner.get("/affected?dataset=mill").status_code == 404


def test_a_curator_withdraws_a_version_and_takes_it_back(owner: TestClient, public: TestClient) -> None:
    for act in ("withdraw", "restore"):
        assert public.post(f"/datasets/mills/{act}", data={"reason": "x"}).status_code == 401
    other = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    assert owner.post("/datasets/mills/withdraw", data={"reason": "x"}, headers=other).status_code == 403
    assert owner.post("/datasets/mills/withdraw", data={"reason": " "}).status_code == 400
    page = ended(
        owner,
        owner.post("/datasets/mills/withdraw", data={"reason": "Two mills were mixed up", "version": "2"}),
    )
    late = ended(
        owner, owner.post("/datasets/mills/withdraw", data={"reason": "Pressed twice", "version": "2"})
    )
    assert "The current version of mills is 1, and not 2" in late.text
    assert "Version 1 is current" in page.text
    assert "Two mills were mixed up" in page.text
    assert "Version 2 is withdrawn." in owner.get("/datasets/mills/2").text
    page = ended(owner, owner.post("/datasets/mills/restore"))
    assert "Version 2 is current" in page.text
    assert "It came back on" in page.text


def test_pages_of_drafts_and_jobs_are_kept_by_nobody(owner: TestClient) -> None:
    assert owner.get("/contribute").headers["cache-control"] == PRIVATE["Cache-Control"] == "no-store"


def test_the_pages_of_datasets_are_pages_like_any_others(visit: Visit) -> None:
    visit.to("/datasets")
    visit.look()
    visit.follow("Worked example (invented companies)")
    visit.look()
    visit.to("/key")
    visit.look()
    assert BROWSER


def test_parts_of_the_list_are_of_the_release_that_is_named_and_there_are_no_more(
    owner: TestClient, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PART", 1)
    said = f"release={int(graph.view(None).release.id)}"
    page = owner.get(f"/datasets?{said}&page=1").text
    assert f'rel="next" href="?{said}&amp;page=2"' in page
    assert f'href="/datasets.json?{said}"' in page
    assert re.search(rf'<th scope="row"><a href="/datasets/[\w-]+\?{said}"', page)
    assert owner.get(f"/datasets.json?{said}").status_code == 200
    for far in ("1000", "1" + "0" * 30):
        assert owner.get(f"/datasets?page={far}").status_code == 404
