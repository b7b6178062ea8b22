"""The page on the API: every line that asks is answered, and it names what the service has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
BASE = "http://127.0.0.1:8087"
#: What the files of a suffix begin with.
BEGINS = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "zip": b"PK", "ttl": b"@prefix"}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def test_the_page_has_lines_to_ask() -> None:
    assert len(LINES) > 20


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_page_is_answered(client: TestClient, line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "curl"
    address = next(word for word in words if word.startswith(BASE)).removeprefix(BASE)
    headers = dict([words[words.index("-H") + 1].split(": ")]) if "-H" in words else {}
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    suffix = address.partition("?")[0].rpartition(".")[2]
    if suffix in BEGINS and not address.startswith("/questions"):  # CSV of SPARQL is for programs
        assert answer.content.startswith(BEGINS[suffix])
    if "Accept" in headers:
        assert answer.headers["content-type"] == headers["Accept"]
