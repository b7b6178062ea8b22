"""Who reads what came of a job: decided at each reading, whatever was seen when it was asked for.

Every kind of job is asked for by every role; then the dataset that they rest on is closed to some, to more, and opened
again. What was not admitted, and would not have been public, is its owner's alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.store.entries import VISIBILITY
from opentier.graph.tasks import readers
from opentier.graph.tasks.acts import ACTS
from opentier.graph.tasks.job import Job
from opentier.graph.tasks.readers import ALONE, WITHHELD
from tests.browsing import BROWSER
from tests.test_access import HOST, bearing
from tests.test_pages_desk import FORM

LIST = b"name,country\nAurora Apparel Imports (invented),US\n"
MILLS = b"id,name,country\nm1,Amber Hollow Mill,IN\n"
BROKEN = b"id,name,country\nm1,Amber Hollow Mill,Nowhere at all\n"
#: Who asks: the role of each key, and the restricted datasets that it names.
KEYS = {
    "reader": ("reader", ["other"]),
    "contributor": ("contributor", ["other"]),
    "trusted": ("contributor", ["example"]),
    "curator": ("curator", []),
}
WHO = ("public", *KEYS)
#: Who sees the dataset that all rests on, as it is closed more and more, and opened again.
CLOSED = (
    ("restricted", {"trusted", "curator"}),
    ("embargoed:2099-01-01", {"curator"}),
    ("public", set(WHO)),
)
SAID = {"licence": "CC0-1.0", "match": "false"}


@dataclass(frozen=True)
class Served:
    """A service, and what each sends with a request."""

    graph: Graph
    client: TestClient
    headers: dict[str, dict[str, str]]

    def sent(self, who: str, act: str, data: bytes, **said: str) -> dict[str, Any]:
        """Return a job of somebody once it has ended."""
        file = {"file": ("list.csv", data)}
        return self.ended(who, self.client.post(f"/{act}", files=file, data=said, headers=self.headers[who]))

    def ended(self, who: str, answer: Any) -> dict[str, Any]:
        assert answer.status_code in (200, 202), answer.text
        told: dict[str, Any] = answer.json()
        for _ in range(8):  # the first trace of a machine is compiled
            told = self.job(who, answer.json()["id"], "?wait=30").json()
            if told["ended"]:
                break
        assert told["ended"], told
        return told

    def job(self, who: str, id: str, more: str = "") -> Any:
        return self.client.get(f"/jobs/{id}{more}", headers=self.headers[who])

    def page(self, who: str, address: str, **said: str) -> Any:
        """Return the page to which somebody is led."""
        headers = {**(FORM if said else BROWSER), **self.headers[who]}
        if said:
            return self.client.post(address, data=said, headers=headers)
        return self.client.get(address, headers=headers)


@pytest.fixture(scope="module")
def served(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    graph = Graph.open(shutil.copytree(admitted, tmp_path_factory.mktemp("readers") / "data"))
    headers: dict[str, dict[str, str]] = {"public": {}}
    for who, (role, datasets) in KEYS.items():
        headers[who] = bearing(graph.keys.create(role, datasets=datasets)[1])
    with TestClient(create_app(graph), base_url=HOST) as client:
        yield Served(graph, client, headers)


def asked(served: Served, who: str) -> dict[str, dict[str, Any]]:
    """Return a job of each kind that somebody may ask for, by its act."""
    jobs = {
        "columns": served.sent(who, "columns", MILLS),
        "validate": served.sent(who, "validate", MILLS, dataset=f"of-{who}", **SAID),
        "match": served.sent(who, "match", LIST),
        "screen": served.sent(who, "screen", LIST),
    }
    if who not in ("public", "reader"):
        jobs["contribute"] = served.sent(who, "contributions", MILLS, dataset=f"of-{who}", **SAID)
        served.page(who, "/trace?actor=example/aurora", save=f"of-{who}")
        headers = served.headers[who]
        every = served.client.get("/jobs", headers=headers).json()["jobs"]
        jobs["trace"] = next(each for each in every if each["act"] == "trace")
        again = served.client.post(f"/screenings/of-{who}/again", headers=headers)
        jobs["again"] = served.ended(who, again)
    asks = {"affected": "/affected?dataset=example&from=0&to=1&roots=example"}
    if who == "curator":
        asks["withdraw"] = f"/datasets/of-{who}/1/withdraw?reason=A%20probe"
        asks["restore"] = f"/datasets/of-{who}/1/restore"
    for act, address in asks.items():
        jobs[act] = served.ended(who, served.client.post(address, headers=served.headers[who]))
    assert {each["state"] for each in jobs.values()} == {"done"}, jobs
    return jobs


def test_what_came_of_a_job_is_read_as_long_as_all_that_it_rests_on_is_seen(served: Served) -> None:
    jobs = {who: asked(served, who) for who in WHO}
    kinds = {act for of in jobs.values() for act in of}
    assert kinds == {act for act in ACTS if not act.startswith("list_")} - {
        "sync"
    }  # which nobody asks for over HTTP
    for said, sees in CLOSED:
        served.graph.show("example", said)
        for who, of in jobs.items():
            listed = served.client.get("/jobs", headers=served.headers[who]).json()["jobs"]
            for act, job in of.items():
                now = served.job(who, job["id"]).json()
                assert now["state"] == "done"
                assert who == "public" or now in listed
                if who in sees or act in ALONE:
                    assert now == job, (said, who, act)
                    for address in job["results"].values():
                        assert served.client.get(address, headers=served.headers[who]).status_code == 200
                    continue
                assert (now["outcome"], now["results"], now["error"]) == (None, {}, WITHHELD), (
                    said,
                    who,
                    act,
                )
                for address in (f"/jobs/{job['id']}/result", *job["results"].values()):
                    refused = served.client.get(address, headers=served.headers[who])
                    assert refused.status_code == 404
                    assert refused.json()["detail"] == WITHHELD
                shown = served.page(who, f"/jobs/{job['id']}")
                assert (shown.status_code, WITHHELD in shown.text) == (200, True)
        for who in ("curator",):
            others = served.client.get("/jobs", headers=served.headers[who]).json()["jobs"]
            assert {each["id"] for of in jobs.values() for each in of.values()} <= {e["id"] for e in others}
    ended = jobs["reader"]["match"]["id"]
    served.graph.show("example", "restricted")
    assert served.client.delete(f"/jobs/{ended}", headers=served.headers["reader"]).status_code == 204
    served.graph.show("example", "public")


def test_where_nobody_knows_any_more_who_may_see_what_nothing_is_shown(
    admitted: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(admitted, tmp_path / "data"))
    Graph.open(data).show("example", "restricted")
    for file in data.rglob(VISIBILITY):
        file.write_text("{", "utf-8")
    done = Job("match", "key", [], [], {}, state="done", outcome={"rows": 1}, rests=["example"])
    assert readers.withheld(Graph.open(data), done, readers.reader(done))
    assert not readers.withheld(Graph.open(data), done.but(rests=[]), readers.reader(done))


def test_the_steps_of_a_list_lead_to_asking_again_once_their_data_is_closed(served: Served) -> None:
    headers = {**FORM}
    sent = served.client.post("/screen", files={"file": ("list.csv", LIST)}, headers=headers)
    place = sent.url.path.rpartition("/")[0]
    assert place.startswith("/screen/")
    served.page(
        "public", f"{place}/columns", do="match", **{"column-name": "name", "column-country": "country"}
    )
    job = settled(served, f"{place}/matches")
    assert "example/aurora" in job.text
    served.page("public", f"{place}/matches", do="screen")
    assert "Aurora" in settled(served, f"{place}/result").text
    assert served.client.get(f"{place}/result.csv").status_code == 200
    served.graph.show("example", "restricted")
    for step in ("matches", "result"):
        shown = served.page("public", f"{place}/{step}")
        assert shown.url.path.startswith("/jobs/")
        assert WITHHELD in shown.text
    assert served.client.get(f"{place}/result.csv").status_code == 404
    assert served.page("public", place).url.path == f"{place}/columns"  # which rests on the list alone
    served.page(
        "public", f"{place}/columns", do="match", **{"column-name": "name", "column-country": "country"}
    )
    assert "example/aurora" not in settled(served, f"{place}/matches").text
    served.graph.show("example", "public")


def settled(served: Served, address: str) -> Any:
    """Return a page once nothing is waited for."""
    for _ in range(60):
        shown = served.page("public", address)
        if not shown.url.path.startswith("/jobs/"):
            return shown
        served.job("public", shown.url.path.rpartition("/")[2], "?wait=30")
    raise AssertionError(shown.text)


def test_what_was_not_admitted_and_is_not_public_is_its_owners_alone(served: Served) -> None:
    said = {"licence": "CC0-1.0", "match": "false"}
    owner = "contributor"
    closed = served.sent(
        owner, "contributions", MILLS, dataset="closed-mills", visibility="restricted", **said
    )
    assert closed["state"] == "done"
    theirs = [
        served.sent(owner, act, rows, dataset=dataset, **more, **said)
        for act, rows in (("contributions", BROKEN), ("validate", BROKEN), ("validate", MILLS))
        for dataset, more in (
            ("new-mills", {"visibility": "restricted"}),
            ("new-mills", {"visibility": "embargoed:2099-01-01"}),
            ("closed-mills", {}),
        )
    ]
    ours = [
        served.sent(owner, act, BROKEN, dataset="open-mills", **said) for act in ("contributions", "validate")
    ]
    for who in WHO:
        listed = served.client.get("/jobs", headers=served.headers[who])
        for job in [*theirs, *ours]:
            sees = who == owner or (who == "curator" and job in ours)
            for address in (f"/jobs/{job['id']}", f"/jobs/{job['id']}/result.json"):
                status = served.client.get(address, headers=served.headers[who]).status_code
                assert status == (200 if sees else 404), (who, job)
            assert (job["id"] in listed.text) == sees
    assert served.job("curator", closed["id"]).json()["state"] == "done"  # who sees all that was admitted
