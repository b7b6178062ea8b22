"""The cases that are requests to the service, where they lie beside the project: each is answered as is said here.

A case's own package is contributed, the real service started over it, and each of its commands (a line of curl) sent as
curl would send it. What comes out stands by the case's folder, one text a command: the status, then words that all
stand in head or body, after `!` words of which none does; a space within a word is written as `_`.
"""

from __future__ import annotations

import argparse
import http.client
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.conftest import PATIENCE, serving

if TYPE_CHECKING:
    from tests.conftest import Command

#: What comes out, by the folder of a case.
RIGHT = {
    "300-api-head": ["200: content-type ! status", "200: opentier-verdict ! case/r", "200: ld+json ! case/r"],
    "301-api-unknown-parameter": ["400: min_confidance min_confidence problem+json"],
    "302-api-hyphen-parameter": [
        "400: max-tier max_tier problem+json ! --max",
        "200: not-testable ! case/a%2Fb",
        "400: max_tier_runs_from_0 ! --max",
    ],
    "303-api-exposure-format": ["400: 'parquet' 'csv' problem+json", "400: limit problem+json"],
    "304-api-repeated-parameter": ["400: actor_is_given_2_times problem+json"],
    "305-api-trailing-slash": ["307: /health", "404: case/r/ problem+json"],
    "306-api-encoded-slash": [
        '200: /case/a%2Fb "S"',
        "404: problem+json",
        '200: /case/a%252Fb "P"',
        '200: /case/a%20b "Sp"',
        '200: /case/a%2520b "Sp2"',
        '200: /case/%C3%A9 "E"',
    ],
    "307-api-raw-unicode-iri": ['200: /case/%C3%A9 "E"', "200: false", "200: true"],
    "308-api-dot-segments": ["404: problem+json", "404: problem+json"],
    "309-api-big-get": ['200: "x0" "x6000"'],
    "310-api-post-charset": ["200: true"],
    "311-api-no-accept": ["200: application/sparql-results+json true"],
    "312-api-accept-browser": ["200: text/html Yes.", "200: application/xml <boolean>true"],
    "313-api-update": ["400: Updates_are_not_served problem+json"],
    "314-api-service": ["400: SERVICE_is_not_served problem+json"],
    "315-api-control-in-query": ["400: not_understood problem+json"],
    "316-api-bad-dates": ["400: on_'2024-13-01' problem+json ! --on", "400: exchange_from_and_to ! --from"],
    "318-api-cors": ["200: access-control-allow-origin:_* content-type"],
}
#: The cases that other tests hold, with what they are about.
ELSEWHERE = {"317-api-reconcile-search": "the reconciliation API and the search, which stand by themselves"}

#: What the expectation of a case speaks of beyond its commands: what is asked, and what comes out.
ALSO = {
    "306-api-encoded-slash": [
        ("/id/case/a%23b", '200: /case/a%23b "H"'),
        ("/id/case/a%3Fb", '200: /case/a%3Fb "Q"'),
    ],
    "308-api-dot-segments": [
        ("/id/case/=..", '200: /case/=.. "Dots"'),
        ("/trace?actor=case/..", "200: /id/case/=.."),
    ],
}

#: What curl understands of its options, as far as the cases use them.
CURL = argparse.ArgumentParser("curl", add_help=False)
CURL.add_argument("-s", action="store_true")
CURL.add_argument("-i", action="store_true")
CURL.add_argument("-I", dest="head", action="store_true")
CURL.add_argument("-G", dest="get", action="store_true")
CURL.add_argument("-X", dest="method", default="")
CURL.add_argument("-H", dest="headers", action="append", default=[])
CURL.add_argument("--data-urlencode", dest="data", action="append", default=[])
CURL.add_argument("--path-as-is", dest="as_is", action="store_true")
CURL.add_argument("url")
#: Characters of the long address of case 309, of which its command holds the beginning alone.
LONG = 83_000


@dataclass(frozen=True)
class Request:
    """A request as curl sends it."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


def request(line: str) -> Request:
    """Return what curl sends for a line of a case's commands."""
    said = CURL.parse_args(shlex.split(line)[1:])
    split = (each.partition("=") for each in said.data)
    data = "&".join(f"{name}={quote(value, safe='')}" for name, _, value in split)
    address, _, query = said.url.partition("?")
    path = urlsplit(address if said.as_is else urljoin(address, urlsplit(address).path)).path
    # Beyond ASCII, curl writes escapes in small letters.
    path = re.sub("[^\x00-\x7f]", lambda found: quote(found[0]).lower(), path)
    body = "" if said.get else data
    query = data if said.get else query
    sent = {"Accept": "*/*"} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    for header in said.headers:
        name, _, value = header.partition(":")
        sent[name] = value.strip()
    method = said.method or ("HEAD" if said.head else "POST" if body else "GET")
    return Request(
        method,
        f"{path}?{query}" if query else path,
        {name: value for name, value in sent.items() if value},
        body,
    )


def commands(folder: Path) -> list[str]:
    """Return the commands of a case; a line break within quotes is none between commands, and 309's end is put back."""
    lines = (folder / "commands.txt").read_bytes().decode("utf-8").split("\n")
    found = [line for line in lines if line.strip()]
    if folder.name == "309-api-big-get":
        begin = found[-1].removesuffix("%'")
        more = (f"%22x{number}%22%20" for number in count(21))
        while len(begin) < LONG:
            begin += next(more)
        found[-1] = begin + "%7D%20%7D'"
    return found


def answer(url: str, asked: Request) -> str:
    """Return the answer to a request in one line: status, headers and body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    try:
        connection.putrequest(asked.method, asked.target, skip_accept_encoding=True)
        for name, value in asked.headers.items():
            connection.putheader(name, value)
        if asked.body:
            connection.putheader("Content-Length", str(len(asked.body)))
        connection.endheaders(asked.body.encode())
        found = connection.getresponse()
        body = found.read().decode("utf-8")
    finally:
        connection.close()
    head = [f"{name.lower()}: {value}" for name, value in found.getheaders()]
    assert not any(line.startswith("server:") for line in head)
    return re.sub(r"\s+", "_", "\n".join((f"{found.status}:", *head, "", body)))


def fits(found: str, said: str) -> bool:
    """Return whether an answer has the status and holds the words that are said of it."""
    status, _, words = said.partition(":")
    wanted, _, unwanted = words.partition("!")
    return (
        found.startswith(f"{status}:")
        and all(word in found for word in wanted.split())
        and not any(word in found for word in unwanted.split())
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Iterator[Callable[[Path], str]]:
    """Return a function that does what a case does first, and gives the service's address: once for equal packages."""
    known: dict[bytes, str] = {}
    with ExitStack() as running:

        def address(folder: Path) -> str:
            package = b"".join(path.read_bytes() for path in sorted((folder / "pkg").iterdir()))
            if package not in known:
                place = tmp_path_factory.mktemp("served")
                shutil.copytree(folder, place / "case")
                words = [word.replace("DATA", str(place / "data")) for word in commands(folder)[0].split()]
                run = command(*words[1:], cwd=place / "case")
                assert run.code == 0, run.out
                known[package] = running.enter_context(serving(place / "data", place / "log")).url
            return known[package]

        yield address


def test_every_case_of_requests_is_held_by_its_name(shared: Path) -> None:
    there = {path.name for path in (shared / "cases").glob("3??-*")}
    assert there == RIGHT.keys() | ELSEWHERE.keys()
    assert ALSO.keys() <= RIGHT.keys()


@pytest.mark.parametrize("name", RIGHT)
def test_a_case_is_answered_right(name: str, shared: Path, served: Callable[[Path], str]) -> None:
    folder = shared / "cases" / name
    first, second, *asked = commands(folder)
    assert first.startswith("opentier contribute pkg --data DATA")
    assert second == "opentier serve --port PORT --data DATA"
    url = served(folder)
    asked += [f"curl -s 'http://127.0.0.1:PORT{path}'" for path, _ in ALSO.get(name, ())]
    said = [*RIGHT[name], *(words for _, words in ALSO.get(name, ()))]
    for line, words in zip(asked, said, strict=True):
        found = answer(url, request(line))
        assert fits(found, words), f"{line[:200]}: {words} is not {found[:2000]}"
