"""Files that are sent to the service: the same results as of the commands, hostile ones, and whose they are.

One real service with keys for all of it, over a data directory of its own. What is read of it afterwards, the commands
read of the same directory.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from starlette.testclient import TestClient

from opentier.api.contract import uploads
from opentier.api.routes.submissions import COLUMNS, CONTRIBUTION, MATCH, SCREEN
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.store import lock
from opentier.graph.tasks.folder import STATE
from opentier.graph.tasks.queue import JOBS
from tests.conftest import PATIENCE, serving
from tests.processes import children, wait_until

if TYPE_CHECKING:
    from tests.conftest import Command, Started

BLOCKS = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: Who asks in these tests.
ROLES = {
    "admin": "admin",
    "curator": "curator",
    "one": "contributor",
    "other": "contributor",
    "reader": "reader",
}
SUPPLIERS = "Vendor,Country\nWillow Lake Knitting and Dyeing (invented),CN\nNobody of This Name GmbH,DE\n=1+1 Ltd,IN\n"
MILLS = "id,name,country\nm1,Amber Hollow Mill,IN\nm2,Birch Ferry Mill,XX\n"
FINE = "id,name,country\nm1,Amber Hollow Mill,IN\n"


@dataclass(frozen=True)
class Served:
    """The service, its data directory, and a client for each who asks."""

    started: Started
    data: Path
    clients: dict[str, httpx2.Client]

    @property
    def admin(self) -> httpx2.Client:
        return self.clients["admin"]

    @property
    def jobs(self) -> Path:
        return self.data / JOBS


@pytest.fixture(scope="module")
def served(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = shutil.copytree(admitted, tmp_path_factory.mktemp("uploads") / "data")
    keys = Graph.open(data).keys
    secrets = {name: keys.create(role)[1] for name, role in ROLES.items()}
    with serving(data, data.parent / "log") as started:
        clients = {
            name: httpx2.Client(
                base_url=started.url, timeout=PATIENCE, headers={"Authorization": f"Bearer {secret}"}
            )
            for name, secret in secrets.items()
        }
        clients["public"] = httpx2.Client(base_url=started.url, timeout=PATIENCE)
        try:
            yield Served(started, data, clients)
        finally:
            for client in clients.values():
                client.close()
        said = (data.parent / "log").read_text("utf-8")
        assert "Traceback" not in said, said


def send(
    client: httpx2.Client, path: str, text: str | bytes, name: str = "mills.csv", **said: Any
) -> httpx2.Response:
    return client.post(path, files={"file": (name, text)}, data=said)


def ended(client: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    """Return a job once it has ended."""
    assert answer.status_code in (200, 202), answer.text
    deadline = time.monotonic() + PATIENCE
    while (job := client.get(answer.headers["location"], params={"wait": 20}).json())["state"] in (
        "waiting", "running",
    ):  # fmt: skip
        assert time.monotonic() < deadline, job
    return dict(job)


def result(client: httpx2.Client, job: dict[str, Any], form: str) -> bytes:
    answer = client.get(job["results"][form])
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def refused(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def left(served: Served) -> list[str]:
    """Return what lies there of files that were not sent to their end."""
    return [path.name for path in served.jobs.glob(".new-*")]


# The same as of the commands.


def test_a_report_is_that_of_the_command(served: Served, call: Command, tmp_path: Path) -> None:
    path = tmp_path / "mills.csv"
    path.write_text(MILLS, "utf-8")
    said: dict[str, Any] = {"dataset": "mills", "licence": "CC0-1.0", "map": ["name=name", "id=id"]}
    job = ended(served.admin, send(served.admin, "/validate", MILLS, **said))
    assert (job["act"], job["state"], job["outcome"]["conforms"]) == ("validate", "done", False)
    assert job["outcome"]["counts"] == {"rows": 2, "accepted": 1, "warned": 0, "refused": 1}
    assert job["file"]["name"] == "mills.csv"
    assert job["options"]["map"] == said["map"]
    words = ["--dataset", "mills", "--licence", "CC0-1.0", "--map", "name=name", "--map", "id=id", "--quiet"]
    words += ["--data", str(served.data)]
    for form in ("json", "html", "txt", "csv"):
        out = tmp_path / f"out.{form}"
        assert call("validate", str(path), *words, "--report", str(out)).code == 1
        assert result(served.admin, job, form) == out.read_bytes(), form
    (line,) = [line for line in result(served.admin, job, "md").decode().splitlines() if "XX" in line]
    assert line.startswith("| mills.csv | 3 | country | error | XX |")
    with zipfile.ZipFile(io.BytesIO(result(served.admin, job, "zip"))) as packed:
        (name,) = packed.namelist()
        assert name.endswith(".problems.csv")
        assert b"Birch Ferry Mill" in packed.read(name)


def test_a_contribution_is_admitted_as_by_the_command(served: Served, call: Command, tmp_path: Path) -> None:
    twin = shutil.copytree(served.data, tmp_path / "twin", ignore=shutil.ignore_patterns(JOBS))
    path, out = tmp_path / "admitted-mills.csv", tmp_path / "out.json"
    path.write_text(FINE, "utf-8")
    said = {"licence": "CC0-1.0", "publisher": "Somebody"}
    one = served.clients["one"]
    answer = send(one, "/contributions", FINE, path.name, **said)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"
    job = ended(one, answer)
    assert (job["state"], job["outcome"]["dataset"], job["outcome"]["version"]) == (
        "done",
        "admitted-mills",
        1,
    )
    words = ["--licence", "CC0-1.0", "--publisher", "Somebody", "--data", str(twin), "--quiet"]
    assert call("contribute", str(path), *words, "--report", str(out)).code == 0
    assert result(one, job, "json") == out.read_bytes()
    mine, twins = (Graph.open(data).view().versions("admitted-mills")[-1] for data in (served.data, twin))
    assert (mine.checksum, mine.publisher) == (twins.checksum, "Somebody")
    assert one.get(f"/contributions/{job['id']}").json() == one.get(f"/jobs/{job['id']}").json()
    assert served.admin.get("/datasets/admitted-mills").json()["versions"][-1]["number"] == 1
    again = ended(one, send(one, "/contributions", FINE, path.name, **said))
    assert (again["outcome"]["version"], again["outcome"]["new"]) == (1, False)


def test_a_contribution_that_is_refused_has_failed_and_tells_why(served: Served) -> None:
    job = ended(served.admin, send(served.admin, "/contributions", MILLS, "bad-mills.csv", licence="CC0-1.0"))
    assert (job["state"], job["outcome"]["conforms"]) == ("failed", False)
    assert job["error"] == job["outcome"]["summary"]
    assert "XX" in result(served.admin, job, "txt").decode()
    assert served.admin.get("/datasets/bad-mills").status_code == 404


def test_what_columns_are_taken_for_is_what_the_command_says(
    served: Served, call: Command, tmp_path: Path
) -> None:
    path = tmp_path / "suppliers.csv"
    path.write_text(SUPPLIERS, "utf-8")
    job = ended(served.admin, send(served.admin, "/columns", SUPPLIERS, path.name, table="actors"))
    said = call(
        "columns", str(path), "--table", "actors", "--format", "json", "--out", str(tmp_path / "m.toml")
    )
    assert result(served.admin, job, "json").decode() == said.out
    mapping = result(served.admin, job, "toml")
    assert mapping == (tmp_path / "m.toml").read_bytes()
    files = {"file": (path.name, SUPPLIERS.encode()), "mapping": ("m.toml", mapping)}
    answer = served.admin.post("/validate", files=files, data={"dataset": "x", "licence": "CC0-1.0"})
    assert ended(served.admin, answer)["outcome"]["counts"]["rows"] == 3


@pytest.mark.parametrize("act", ["match", "screen"])
def test_a_list_comes_back_as_of_the_command(served: Served, call: Command, tmp_path: Path, act: str) -> None:
    path = tmp_path / "suppliers.csv"
    path.write_text(SUPPLIERS, "utf-8")
    said: dict[str, Any] = {"map": "name=Vendor", "all": "true", "country": "China"}
    words = ["--map", "name=Vendor", "--all", "--country", "China", "--data", str(served.data), "--quiet"]
    if act == "screen":
        said |= {"product": "6109", "max_tier": "3"}
        words += ["--product", "6109", "--max-tier", "3"]
    job = ended(served.admin, send(served.admin, f"/{act}", SUPPLIERS, path.name, **said))
    whole = ended(served.admin, send(served.admin, f"/{act}", SUPPLIERS, path.name, **said, format="json"))
    assert set(job["results"]) - {"limits.csv"} == {"csv", "xlsx"}
    assert set(whole["results"]) - {"limits.csv"} == {"json"}
    for form, of in (("csv", job), ("xlsx", job), ("json", whole)):
        out = tmp_path / f"out.{form}"
        assert call(act, str(path), *words, "--out", str(out)).code == 0
        assert result(served.admin, of, form) == out.read_bytes(), form
    if act == "screen":
        assert result(served.admin, job, "limits.csv") == (tmp_path / "out.limits.csv").read_bytes()
        assert job["outcome"]["verdict"]["result"] == "exposed"
    answer = served.admin.get(f"/jobs/{job['id']}/result", headers={"Accept": "text/csv"})
    assert answer.content == result(served.admin, job, "csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="suppliers.csv"'
    assert refused(served.admin.get(f"/jobs/{job['id']}/result.pdf"), 404).startswith(
        "This job has no result"
    )
    image = {"Accept": "image/png"}
    assert "text/csv" in refused(served.admin.get(f"/jobs/{job['id']}/result", headers=image), 406)


def test_a_screening_is_kept_and_asked_again(served: Served) -> None:
    one = served.clients["one"]
    answer = send(one, "/screen", SUPPLIERS, "suppliers.csv", save="first", product="6109")
    kept = ended(one, answer)["outcome"]["record"]
    assert one.get("/screenings/first").json()["hash"] == kept["hash"]
    assert [each["id"] for each in one.get("/screenings").json()] == ["first"]
    assert one.get("/screenings.csv").text.splitlines()[1].startswith("first,list,")
    again = ended(one, one.post("/screenings/first/again", params={"save": "second"}))
    assert again["outcome"]["changed"] is False
    assert one.get("/screenings/second").json()["again_of"]["id"] == "first"
    assert one.get("/screenings/first/diff/second").json() == json.loads(result(one, again, "json"))
    taken = send(one, "/screen", SUPPLIERS, "suppliers.csv", save="first")
    assert "kept already" in refused(taken, 400)
    assert "kept already" in refused(one.post("/screenings/first/again", params={"save": "second"}), 400)
    for path in ("/screenings/none", "/screenings/first/diff/none"):
        refused(one.get(path), 404)
    refused(one.post("/screenings/none/again"), 404)


# How a file is sent.


@pytest.mark.parametrize(
    ("kind", "said", "name"),
    [
        ("text/csv", "", "upload.csv"),
        ("text/csv; charset=utf-8", 'attachment; filename="own mills.csv"', "own mills.csv"),
        ("text/turtle", "", "upload.ttl"),
    ],
)
def test_a_file_is_taken_as_it_is_by_its_media_type(served: Served, kind: str, said: str, name: str) -> None:
    headers = {"Content-Type": kind} | ({"Content-Disposition": said} if said else {})
    answer = served.admin.post("/validate?dataset=mills&licence=CC0-1.0", content=FINE, headers=headers)
    job = ended(served.admin, answer)
    assert (job["file"]["name"], job["options"]["dataset"]) == (name, "mills")
    assert job["outcome"]["conforms"] == (name != "upload.ttl")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_what_is_neither_a_form_nor_a_known_file_is_415(served: Served, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert "multipart/form-data" in refused(
        served.admin.post("/match", content=SUPPLIERS, headers=headers), 415
    )
    packed = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    answer = served.admin.post("/match", content=gzip.compress(SUPPLIERS.encode()), headers=packed)
    assert "Content-Encoding" in refused(answer, 415)


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        ("/validate", {"licence_": "CC0-1.0"}, "Did you mean licence"),
        ("/match", {"leave_out": "true"}, "There is no parameter leave_out here"),
        ("/validate", {"older": "maybe"}, "older 'maybe' is not true or false."),
        ("/validate", {"dataset": ["a", "b"]}, "dataset is given 2 times"),
        ("/validate", {"dataset": " "}, "dataset is empty"),
        ("/match", {"country": "Nowhere"}, "country 'Nowhere'"),
        ("/screen", {"on": "2024-02-31"}, "on"),
        ("/screen", {"max_tier": "x"}, "max_tier 'x' is not a whole number."),
        ("/match", {"accept": "nan"}, "accept is at"),
        ("/screen", {"review": "inf"}, "review is at most 1; not inf."),
        ("/screen", {"format": "pdf"}, "format is 'csv', 'xlsx' or 'json'"),
        ("/screen", {"save": "Not An Id"}, "no id of a record"),
    ],
)
def test_an_option_that_is_wrong_is_refused_before_any_work(
    served: Served, path: str, said: dict[str, Any], told: str
) -> None:
    before = sorted(served.jobs.iterdir()) if served.jobs.exists() else []
    detail = refused(send(served.admin, path, SUPPLIERS, **said), 400)
    assert told in detail
    plain = {key.strip(): value for key, value in said.items()}
    headers = {"Content-Type": "text/csv"}
    assert told in refused(served.admin.post(path, params=plain, content=SUPPLIERS, headers=headers), 400)
    assert [path for path in sorted(served.jobs.iterdir()) if path.name != "lock"] == [
        path for path in before if path.name != "lock"
    ]


TOML = b"[headers"
#: A value of each option that no file fits, by its name; several where there are several ways.
BAD: dict[str, tuple[str | bytes, ...]] = {
    "from": ("nope",),
    "map": ("name", "nope=x", "name=x as %Q"),
    "table": ("nope",),
    "dataset": ("Not A Name", "x" * 500),
    "licence": ("a\x07b",),
    "publisher": ("a\x07b",),
    "visibility": ("secret", "embargoed:soon"),
    "country": ("Nowhere",),
    "accept": ("2", "0.01"),
    "review": ("2", "0.9999"),
    "format": ("pdf",),
    "save": ("Not An Id",),
    "mapping": (TOML, b"table = 'nope'", b"table = 'actors'\n[headers]\nnope = 'x'"),
    "corrections": (b"nope", b"{}", b'[{"file": "a.csv"}]'),
    "weights": (TOML, b"nope = 1"),
    "match_weights": (TOML, b"nope = 1"),
    "product": ("no product",),
    "kinds": ("nope",),
    "countries": ("Nowhere",),
    "datasets": ("nope",),
    "exploitation": ("nope",),
    **dict.fromkeys(("on", "to", "as_known", "observed_since"), ("2024-02-31",)),
    **dict.fromkeys(("max_tier", "min_confidence", "min_path_confidence", "min_share"), ("x", "-1")),
    **dict.fromkeys(
        ("leave_out", "older", "match", "anonymous", "all", "strict_product", "past", "pending"), ("maybe",)
    ),
}
#: What only the file can tell.
FREE = {"sheet"}
FIELDS = {
    "/validate": CONTRIBUTION, "/contributions": CONTRIBUTION, "/columns": COLUMNS, "/match": MATCH, "/screen": SCREEN,
}  # fmt: skip
WRONG = [
    (path, name, value)
    for path, fields in FIELDS.items()
    for name in (*fields.names, *fields.papers)
    if name not in FREE
    for value in BAD[name]
]


@pytest.mark.parametrize(("path", "name", "value"), WRONG)
def test_no_job_is_begun_with_an_option_that_no_file_fits(
    served: Served, path: str, name: str, value: str | bytes
) -> None:
    files: dict[str, Any] = {"file": ("a.csv", SUPPLIERS)}
    said = {name: value} if isinstance(value, str) else {}
    if isinstance(value, bytes):
        files[name] = (f"{name}.toml", value)
    answer = served.admin.post(path, files=files, data=said)
    detail = refused(answer, 400)
    assert str(served.data) not in detail
    assert "/sent/" not in detail
    assert left(served) == []


def form(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


def part(head: bytes, body: bytes = b"x", more: bytes = b"") -> bytes:
    return b"Content-Disposition: form-data; " + head + b"\r\n" + more + b"\r\n" + body


LIST = part(b'name="file"; filename="a.csv"', SUPPLIERS.encode())
HOSTILE = {
    "no file": (form(part(b'name="country"', b"CN")), "file is missing"),
    "nothing in it": (form(part(b'name="file"; filename="a.csv"', b"")), "file is empty: it has 0 bytes."),
    "no part": (form(), "file is missing"),
    "nothing at all": (b"", "no end"),
    "two files": (form(LIST, LIST), "file is given twice"),
    "another file": (form(LIST, part(b'name="weight"; filename="w"')), "Did you mean weights"),
    "no name": (form(part(b'filename="a.csv"')), "has no name"),
    "no end": (form(LIST, end=b""), "no end"),
    "no boundary in it": (b"--c\r\n" + LIST, "no form"),
    "no disposition": (form(b"Content-Type: text/csv\r\n\r\nx"), "has no name"),
    "a form in a form": (
        form(part(b'name="file"; filename="a"', more=b"Content-Type: multipart/mixed; boundary=c\r\n")),
        "a form in a form",
    ),
    "base64": (
        form(part(b'name="file"; filename="a"', more=b"Content-Transfer-Encoding: base64\r\n")),
        "is encoded",
    ),
    "another charset": (
        form(LIST, part(b'name="country"', more=b"Content-Type: text/plain; charset=utf-16\r\n")),
        "UTF-8, and in nothing else",
    ),
    "no text": (form(LIST, part(b'name="country"', b"\xff\xfe")), "is not UTF-8"),
    "ten thousand options": (form(*[part(b'name="map"')] * 10_000, LIST), "at most 200 parts"),
    "a long option": (form(LIST, part(b'name="country"', b"x" * 100_000)), "at most 65,536 bytes"),
    "a long paper": (
        form(LIST, part(b'name="weights"; filename="w"', b"x" * (2 << 20))),
        "at most 1,048,576",
    ),
    "a long header": (form(part(b'name="' + b"x" * 100_000 + b'"'), LIST), "no form"),
    "many headers": (form(part(b'name="country"', more=b"X: y\r\n" * 10_000), LIST), "no form"),
    "an option NUL": (form(LIST, part(b'name="country"', b"C\0N")), "country"),
    "a name of a path": (form(LIST, part(b'name="../../etc/passwd"', b"x")), "no parameter"),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_form_is_refused_in_words_and_leaves_nothing(served: Served, which: str) -> None:
    body, told = HOSTILE[which]
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert told in refused(served.admin.post("/match", content=body, headers=headers), 400)
    assert left(served) == []


@pytest.mark.parametrize("boundary", ["", "; boundary=", f"; boundary={'b' * 10_000}"])
def test_a_form_without_a_boundary_that_can_be_one_is_refused(served: Served, boundary: str) -> None:
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    assert "boundary" in refused(served.admin.post("/match", content=form(LIST), headers=headers), 400)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("mills.csv", "mills.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\my mills.xlsx", "my mills.xlsx"),
        ("..", "upload"),
        ("", "upload"),
        ("/", "upload"),
        ("-", "upload"),
        (".csv", "upload.csv"),
        ("a\0b\r\n.csv", "ab.csv"),
        ("vsc.\u202ecsv", "vsc.csv"),
        ("zero\u200bwidth.tar.gz", "zerowidth.tar.gz"),
        ("\ud83d mills.csv", "mills.csv"),
        ("名簿.xlsx", "名簿.xlsx"),
        (f"{'x' * 300}.csv", f"{'x' * 96}.csv"),
        (f"{'名' * 300}.csv", f"{'名' * 66}.csv"),
        ('a<b>:"c|d?*.csv', "a-b---c-d--.csv"),
        ("datapackage.json", "datapackage.json"),
        ("CON.csv", "CON.csv"),
    ],
)
def test_a_name_is_no_path_and_keeps_its_ending(said: str, name: str) -> None:
    assert uploads.named(said) == name
    assert len(name.encode()) < 255


def test_a_name_that_leads_elsewhere_writes_nothing_there(served: Served) -> None:
    answer = send(served.admin, "/match", SUPPLIERS, f"../../../{served.data.name}/current")
    job = ended(served.admin, answer)
    assert (job["state"], job["file"]["name"]) == ("done", "current")
    assert served.admin.get("/health").json()["release"]
    assert (served.data / "current").read_text().strip().isdigit()


def packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("bomb.zip", packed({f"{n}.csv": bytes(150 << 20) for n in range(2)}), "would unpack to"),
        ("bomb.csv.gz", gzip.compress(bytes(200 << 20)), "unpacks to more"),
        ("slip.zip", packed({"../../slip.csv": b"id,name\n"}), "leaves the package"),
        ("no.zip", b"PK\x03\x04 and no more", "zip"),
        ("package.zip", packed({"datapackage.json": b'{"resources": [{"path": "../../job.json"}]}'}), ""),
        ("datapackage.json", b'{"name": "x", "resources": [{"name": "actors", "path": "/etc/passwd"}]}', ""),
    ],
)
def test_a_hostile_file_has_a_report_and_leaves_nothing_but_that(
    served: Served, name: str, data: bytes, told: str
) -> None:
    job = ended(served.admin, send(served.admin, "/validate", data, name))
    assert (job["state"], job["outcome"]["conforms"]) == ("done", False)
    report = result(served.admin, job, "json").decode()
    assert told in report
    assert str(served.data) not in report
    assert "root:" not in report
    names = {path.name for path in (served.jobs / job["id"]).iterdir()}
    assert names == {STATE, "results"}


# Bodies that have no end, or too much of it.


def spoken(served: Served, *parts: bytes, close: bool = False) -> bytes:
    """Send bytes as they are, and return the answer."""
    secret = served.admin.headers["authorization"].encode()
    head = b"POST /match HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + secret + b"\r\n"
    address = ("127.0.0.1", int(served.started.url.rpartition(":")[2]))
    with socket.create_connection(address, PATIENCE) as line:
        try:
            line.sendall(head)
            for each in parts:
                line.sendall(each)
        except ConnectionError:  # it has answered, and reads no more
            pass
        if close:
            return b""
        answer = b""
        while b"}" not in answer and (more := line.recv(1 << 16)):  # a problem document is one object
            answer += more
        return answer


FORM = b"Content-Type: multipart/form-data; boundary=b\r\n"


def test_what_says_that_it_is_too_long_is_refused_before_it_is_sent(served: Served) -> None:
    answer = spoken(served, FORM, b"Content-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"67,108,864 bytes" in answer


def test_what_turns_out_too_long_is_refused_while_it_is_sent(served: Served) -> None:
    chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    begin = form(part(b'name="file"; filename="a.csv"', b""), end=b"")[:-2]
    first = f"{len(begin):x}\r\n".encode() + begin + b"\r\n"
    answer = spoken(served, FORM, b"Transfer-Encoding: chunked\r\n\r\n", first, *[chunk] * 66, b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    wait_until(lambda: not left(served))


def test_a_body_that_is_cut_leaves_nothing(served: Served) -> None:
    before = {path.name for path in served.jobs.iterdir() if not path.name.startswith(".new-")}
    head = FORM + b"Content-Length: 100000\r\n\r\n"
    spoken(served, head, form(LIST, end=b""), close=True)
    wait_until(lambda: not left(served))
    assert {path.name for path in served.jobs.iterdir()} == before


def test_a_length_that_is_too_small_cuts_the_form(served: Served) -> None:
    body = form(LIST)
    for _ in range(5):  # what is left of it is no request, and whoever sent it has gone
        length = f"Content-Length: {len(body) - 20}\r\n\r\n".encode()
        spoken(served, FORM, length, body, close=True)
    wait_until(lambda: not left(served))
    answer = spoken(served, FORM, f"Content-Length: {len(body) - 20}\r\n\r\n".encode(), body)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"no end" in answer
    wait_until(lambda: not left(served))


# Sent twice.


def test_a_request_that_is_sent_twice_has_one_job(served: Served) -> None:
    key = {"Idempotency-Key": "the same"}
    files = {"file": ("a.csv", SUPPLIERS)}
    first, again = (served.admin.post("/match", files=files, headers=key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    other = served.admin.post("/match", files=files, data={"country": "CN"}, headers=key)
    assert "another request" in refused(other, 409)
    assert served.clients["one"].post("/match", files=files, headers=key).json()["id"] != first.json()["id"]
    ended(served.admin, first)
    assert served.admin.post("/match", files=files, headers=key).status_code == 200
    refused(served.admin.post("/match", files=files, headers={"Idempotency-Key": "x" * 201}), 400)
    assert left(served) == []


def test_nobody_finds_the_job_of_another_by_guessing_its_word(served: Served) -> None:
    """Without a key of the service, the word is known with all of the request, and where it came from."""
    word, files = {"Idempotency-Key": "1"}, {"file": ("a.csv", SUPPLIERS)}

    def ask(host: str, **said: str) -> str:
        through = httpx2.HTTPTransport(local_address=host)
        with httpx2.Client(base_url=served.started.url, timeout=PATIENCE, transport=through) as client:
            answer = client.post("/match", files=files, data=said, headers=word)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["id"])

    first = ask("127.0.0.2")
    assert ask("127.0.0.2") == first
    assert len({first, ask("127.0.0.3"), ask("127.0.0.2", country="CN"), ask("127.0.0.3", country="CN")}) == 4


# Whose it is.


def test_who_may_send_what(served: Served) -> None:
    public, reader = served.clients["public"], served.clients["reader"]
    assert refused(send(public, "/contributions", FINE), 401)
    assert refused(send(reader, "/contributions", FINE), 403)
    assert refused(send(public, "/screen", SUPPLIERS, save="mine"), 401)
    for path in ("/screenings", "/screenings.csv", "/screenings/first", "/screenings/first/diff/first"):
        refused(public.get(path), 401)
        refused(reader.get(path), 403)
    refused(public.post("/screenings/first/again"), 401)
    for path in ("/validate", "/columns", "/match"):
        assert ended(public, send(public, path, SUPPLIERS))["state"] in ("done", "failed")
    assert left(served) == []


def test_a_job_is_known_to_whoever_asked_and_to_curators_alone(served: Served) -> None:
    one, other, curator = (served.clients[name] for name in ("one", "other", "curator"))
    answer = send(one, "/match", SUPPLIERS)
    place = answer.headers["location"]
    ended(one, answer)
    said = refused(other.get(place), 404).replace(place.rpartition("/")[2], "NAME")
    assert said == refused(other.get("/jobs/none"), 404).replace("none", "NAME")
    for method, path in (("GET", f"{place}/result"), ("GET", f"{place}/result.csv"), ("DELETE", place)):
        refused(other.request(method, path), 404)
    refused(served.clients["public"].get(place), 404)
    assert curator.get(place).status_code == 200
    mine = {each["id"] for each in one.get("/jobs").json()["jobs"]}
    assert place.rpartition("/")[2] in mine
    assert not mine & {each["id"] for each in other.get("/jobs").json()["jobs"]}
    assert mine <= {each["id"] for each in curator.get("/jobs").json()["jobs"]}
    assert served.clients["public"].get("/jobs").json() == {"jobs": []}
    assert one.delete(place).status_code == 204
    refused(one.get(place), 404)
    refused(one.get(place.replace("jobs", "contributions")), 404)


def test_a_job_of_the_public_is_known_to_whoever_knows_its_id(served: Served) -> None:
    public = served.clients["public"]
    answer = send(public, "/match", SUPPLIERS)
    place = answer.headers["location"]
    assert re.fullmatch(r"/jobs/[0-9a-f]{32}", place)
    ended(public, answer)
    assert public.get(f"{place}/result.csv").status_code == 200
    assert public.get(place).headers["cache-control"] == "no-store"
    assert public.delete(place).status_code == 204


def test_nobody_contributes_to_the_dataset_of_another(served: Served) -> None:
    one, other = served.clients["one"], served.clients["other"]
    said = {"dataset": "ones-own", "licence": "CC0-1.0"}
    assert ended(one, send(one, "/contributions", FINE, **said))["outcome"]["version"] == 1
    stopped = ended(other, send(other, "/contributions", FINE.replace("Amber", "Azure"), **said))
    assert (stopped["state"], stopped["results"]) == ("failed", {})
    assert stopped["error"].startswith("The name ones-own is taken")
    changed = ended(one, send(one, "/contributions", FINE.replace("Amber", "Ashen"), **said))
    assert (changed["state"], changed["outcome"]["version"]) == ("done", 2)


def test_what_the_public_may_not_see_is_in_none_of_its_jobs(served: Served) -> None:
    one, public = served.clients["one"], served.clients["public"]
    secret = "id,name,country\ns1,Quartz Otter Ginning Works,UZ\n"
    said = {"dataset": "secret", "licence": "CC0-1.0", "visibility": "embargoed:2999-12-31"}
    assert ended(one, send(one, "/contributions", secret, **said))["state"] == "done"
    listed = secret.replace("id,name", "no,name")
    seen = ended(one, send(one, "/match", listed))
    assert seen["outcome"]["counts"]["accept"] == 1
    for client in (public, served.clients["other"]):
        hidden = ended(client, send(client, "/match", listed))
        assert hidden["outcome"]["counts"]["accept"] == 0
        assert b"secret/" not in result(client, hidden, "csv")
    record = send(one, "/screen", listed, save="with-secret")
    assert ended(one, record)["state"] == "done"
    assert one.get("/screenings/with-secret").status_code == 200
    other = served.clients["other"]
    refused(other.get("/screenings/with-secret"), 404)
    refused(other.post("/screenings/with-secret/again"), 404)
    assert "with-secret" not in other.get("/screenings").text
    assert "embargoed:YYYY-MM-DD" in refused(send(one, "/validate", listed, visibility="secret"), 400)


def test_the_page_of_another_site_sends_nothing_for_whoever_sits_at_the_machine(admitted: Path) -> None:
    with TestClient(create_app(Graph.open(admitted), local=True), base_url="http://localhost") as client:
        origin = {"Origin": "https://example.org"}
        for path in ("/validate", "/columns", "/match", "/screen", "/contributions"):
            answer = client.post(path, files={"file": ("a.csv", SUPPLIERS)}, headers=origin)
            assert answer.status_code == 403, path
        assert client.delete("/jobs/none", headers=origin).status_code == 403
    assert not (admitted / JOBS).exists()


# The page about it.


def test_every_command_of_the_page_on_jobs_shows_what_it_says(served: Served, tmp_path: Path) -> None:
    (tmp_path / "suppliers.csv").write_text(SUPPLIERS, "utf-8")
    page = (Path(__file__).parents[1] / "docs" / "jobs.md").read_text("utf-8")
    typed = re.findall(r"^\$ (.*)\n((?:(?!\$ |```).*\n)*)", "".join(BLOCKS.findall(page)), re.MULTILINE)
    assert len(typed) == 7
    script = "".join(f"{command}\necho '%%'\n" for command, _ in typed)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env={**os.environ, "URL": served.started.url},
        capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("%%\n")[:-1]
    for (command, shown), out in zip(typed, said, strict=True):
        told = re.escape(shown).replace(r"\.\.\.", ".*")
        assert re.fullmatch(told, out), f"{command}\n{out}"


# Ended in the middle.


def test_a_contribution_outlives_kill_and_sigterm_and_is_admitted_once(
    admitted: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(admitted, tmp_path / "data")

    def running(client: httpx2.Client, place: str) -> bool:
        told = client.get(place).json()["progress"]
        return bool(told and told["stage"] == "validating")

    with lock.held(data / "lock", 0.0):
        with (
            serving(data, tmp_path / "log") as first,
            httpx2.Client(base_url=first.url, timeout=PATIENCE) as client,
        ):
            place = send(client, "/contributions", FINE, licence="CC0-1.0").headers["location"]
            wait_until(lambda: running(client, place))
            assert "409" in str(client.get(f"{place}/result").status_code)
            workers = children(first.pid)
            first.process.kill()
            first.process.wait(PATIENCE)
            assert workers
        with (
            serving(data, tmp_path / "log") as second,
            httpx2.Client(base_url=second.url, timeout=PATIENCE) as client,
        ):
            wait_until(lambda: running(client, place))
            begun = time.monotonic()
            second.process.send_signal(signal.SIGTERM)
            assert second.process.wait(PATIENCE) in (0, -signal.SIGTERM)
            assert time.monotonic() - begun < 100  # 10 are promised
        (kept,) = data.glob(f"{JOBS}/*/{STATE}")
        assert json.loads(kept.read_text())["state"] == "waiting"
    with (
        serving(data, tmp_path / "log") as third,
        httpx2.Client(base_url=third.url, timeout=PATIENCE) as client,
    ):
        job = client.get(place, params={"wait": 30}).json()
        while job["state"] in ("waiting", "running"):
            job = client.get(place, params={"wait": 30}).json()
        assert (job["state"], job["outcome"]["version"], job["outcome"]["new"]) == ("done", 1, True)
    assert [version.number for version in Graph.open(data).view().versions("mills")] == [1]
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
