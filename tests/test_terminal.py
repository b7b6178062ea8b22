"""What came from data cannot steer a terminal, turn text round, or be taken for markup; where answers are written."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from opentier.api.console import account, answers, terminal
from opentier.graph import Graph
from opentier.graph.errors import UsageError
from opentier.graph.model.characters import legal, visible

if TYPE_CHECKING:
    from tests.conftest import Command

#: A title of a window, a red text, a bell, a carriage return, marks of direction, separators, markup.
WICKED = "A\x1b]0;owned\x07B\x1b[31mC\rD\x9bE\u202eF\u2066G\u200fH\u2028I\x7fJ\nK [bold]L[/] [/nope] \\"
STEERING = set("\x1b\x07\r\x9b\u202e\u2066\u200f\u2028\x7f")


def test_every_character_that_is_not_seen_is_shown_by_its_code_point() -> None:
    unseen = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
              0xFEFF, 0xFFFE, 0xFFFF, 0xD800, 0xDFFF]  # fmt: skip
    for code in unseen:
        assert visible(chr(code)) == f"<U+{code:04X}>"
    for text in ("Ça 🧵 é", "شركة النسيج", "棉纺厂", "a\u200db", "<b>&"):
        assert visible(text) == text
    assert visible("a\nb\tc", keep="\n") == "a\nb<U+0009>c"
    assert legal("a\x01\t\n\r\ufffe\u202e") == "a\ufffd\t\n\r\ufffd\u202e"


def seen(out: str) -> None:
    """Assert that a text prints all of the wicked name and nothing of what it would do."""
    assert not set(out) & STEERING
    flat = "".join(out.split()).replace("│", "").replace("┃", "")
    assert "A<U+001B>]0;owned<U+0007>B<U+001B>[31mC" in flat
    assert "[bold]L[/][/nope]\\" in flat


@pytest.fixture
def found(admitted: Path) -> dict[str, Any]:
    """Return a trace whose every text from data is wicked."""
    found = Graph.open(admitted).trace("example/aurora", product="6109").to_dict(grouped=25)
    return {key: found[key] if key == "parameters" else spoil(found[key]) for key in found}


def spoil(found: Any) -> Any:
    """Put the wicked name in the place of every text."""
    if isinstance(found, str):
        return WICKED
    if isinstance(found, dict):
        return {key: spoil(value) for key, value in found.items()}
    return [spoil(value) for value in found] if isinstance(found, list) else found


def test_a_trace_is_seen(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    account.trace(found)
    out = capsys.readouterr().out
    seen(out)
    assert out.count("<U+000A>") > 50


def test_obligations_are_seen(admitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers.obligations(spoil(Graph.open(admitted).view().obligations("example/mistral")), None)
    seen(capsys.readouterr().out)


def test_initiatives_and_gaps_are_seen(admitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = Graph.open(admitted).view().initiatives
    answers.initiatives([{**directory.described(directory.initiatives[0]), "name": WICKED}], None)
    assert not set(capsys.readouterr().out) & STEERING
    risk = {"good": WICKED, "country": WICKED, "exploitation": [WICKED], "designation": WICKED}
    answers.gaps({"industries": [WICKED], "geographies": [], "issues": [WICKED], "risks": [risk]}, None)
    seen(capsys.readouterr().out)


def test_answers_of_queries_are_seen(call: Command, admitted: Path) -> None:
    literal = json.dumps(WICKED)
    run = call("query", "-", "--data", str(admitted), stdin=f"SELECT ?x {{ BIND ({literal} AS ?x) }}")
    assert run.code == 0, run.err
    seen(run.out)


def test_a_report_is_seen(call: Command, tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text('id,name,country\na,A,"X\x1b[31m\u202e[bold]"\n', "utf-8")
    resources = [{"name": "actors", "path": "actors.csv"}]
    described = {"name": "case", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), "utf-8")
    run = call("validate", str(tmp_path), "--quiet", "--data", str(tmp_path / "data"))
    assert run.code == 1
    assert not set(run.out + run.err) & STEERING
    assert "X<U+001B>[31m<U+202E>[bold]" in "".join(run.out.split())


def test_errors_are_seen(call: Command, admitted: Path) -> None:
    for words in (
        ("trace", WICKED),
        ("trace", "example/aurora", "--product", WICKED),
        ("trace", "example/aurora", "--countries", WICKED),
        ("datasets", "show", WICKED),
        ("query", WICKED),
        ("validate", WICKED.replace("\n", "")),
    ):
        run = call(*words, "--data", str(admitted))
        assert run.code in (1, 2), words
        assert not set(run.err) & STEERING
        assert "Traceback" not in run.err


def test_data_formats_are_as_they_are_for_programs_and_seen_on_a_terminal(admitted: Path) -> None:
    query = 'SELECT ?x { BIND ("A\\u001B[31mB\\u202EC" AS ?x) }'
    words = [
        sys.executable,
        "-m",
        "opentier.api.cli.main",
        "query",
        "-",
        "--format",
        "csv",
        "--data",
        str(admitted),
    ]
    piped = subprocess.run(words, input=query, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "A\x1b[31mB\u202eC" in piped
    master, slave = pty.openpty()
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=slave, stderr=slave)
    os.close(slave)
    assert process.stdin is not None
    process.stdin.write(query.encode())
    process.stdin.close()
    printed = read(master)
    assert process.wait(60) == 0
    assert "A<U+001B>[31mB<U+202E>C" in printed
    assert "\x1b" not in printed


def read(master: int) -> str:
    """Return what a program writes to a terminal, until it ends or a minute has passed."""
    found, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 1)
        if ready:
            try:
                part = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            found += part
    os.close(master)
    return found.decode()


# Where answers are written.


def test_the_suffix_tells_the_format_of_every_command(call: Command, admitted: Path, tmp_path: Path) -> None:
    rows, triples = "SELECT * { ?s a ot:Actor }", "CONSTRUCT { ?s a ot:Actor } WHERE { ?s a ot:Actor }"
    for words, stdin, formats in (
        (("trace", "example/aurora", "--quiet"), "", {"json": "{", "csv": "\ufeff", "svg": "<svg", "txt": "Upstream"}),
        (("exposure", "--quiet"), "", {"json": "{", "csv": "\ufeff"}),
        (("obligations", "example/mistral", "--quiet"), "", {"json": "{", "txt": "Mistral"}),
        (("initiatives",), "", {"json": "[", "txt": "name"}),
        (("query", "-"), rows, {"json": "{", "xml": "<?xml", "csv": "s\r\n", "tsv": "?s\n", "txt": "s "}),
        (("query", "-"), triples, {"ttl": "@prefix", "nt": "<http", "rdf": "<?xml", "jsonld": "{"}),
        (("questions",), "", {"json": "[", "txt": "N "}),
        (("questions", "11"), "", {"json": "{", "xml": "<?xml", "csv": "industry", "rq": "PREFIX"}),
    ):  # fmt: skip
        for suffix, begins in formats.items():
            out = tmp_path / f"x.{suffix}"
            run = call(*words, "--out", str(out), "--data", str(admitted), stdin=stdin)
            assert (run.code, run.out) == (0, ""), (words, suffix, run.err)
            assert out.read_bytes().decode().startswith(begins), (words, suffix)
            out.unlink()
        for name in ("x.docx", "x"):
            run = call(*words, "--out", str(tmp_path / name), "--data", str(admitted), stdin=stdin)
            assert run.code == 2, (words, name)
            assert all(f".{suffix}" in run.err for suffix in formats), run.err
            assert not (tmp_path / name).exists()


def test_what_is_said_wins_over_the_suffix(call: Command, admitted: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    words = ("trace", "example/aurora", "--quiet", "--data", str(admitted), "--out", str(out))
    assert call(*words, "--format", "json").code == 0
    assert json.loads(out.read_text("utf-8"))["root"]["id"] == "example/aurora"
    assert terminal.form("json", Path("x.docx"), ("table", "json")) == "json"
    with pytest.raises(UsageError, match="format is one of table, json"):
        terminal.form("docx", Path("x.json"), ("table", "json"))
