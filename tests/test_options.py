"""The command line's own: version, completion, options given twice, and what the system refuses, in words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from opentier.api.cli import main
from opentier.api.console import commands
from opentier.graph import __version__
from tests.conftest import PATIENCE, serving
from tests.counts import few

if TYPE_CHECKING:
    from tests.conftest import Command, Run, Service


def test_the_version_is_printed(call: Command) -> None:
    run = call("--version")
    assert (run.code, run.out, run.err) == (0, f"opentier {__version__}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "wanted"), [("opentier init", "initiatives"), ("opentier trace --strict-p", "--strict-product")]
)
def test_a_shell_completes_commands_and_options(shell: str, typed: str, wanted: str) -> None:
    words = {
        "bash": {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": typed},
        "fish": {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    done = subprocess.run(
        [Path(sys.executable).parent / "opentier"],
        env={**os.environ, "_OPENTIER_COMPLETE": f"complete_{shell}", **words},
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert wanted in done.stdout
    assert "obligations" not in done.stdout


# Options given twice.


def leaves(found: Any, *before: str) -> list[tuple[tuple[str, ...], Any]]:
    """Return every command with its words."""
    if not hasattr(found, "commands"):
        return [(before, found)]
    own = [(before, found)] if before else []
    return own + [leaf for name, each in found.commands.items() for leaf in leaves(each, *before, name)]


LEAVES = leaves(typer.main.get_command(main.app))


def test_every_command_is_one_of_ours() -> None:
    assert len(LEAVES) > 15
    assert all(isinstance(each, commands.Command | commands.Group) for _, each in LEAVES)


@pytest.mark.parametrize(
    ("words", "found"), LEAVES, ids=lambda each: " ".join(each) if isinstance(each, tuple) else ""
)
def test_an_option_that_is_given_twice_is_refused(call: Command, words: tuple[str, ...], found: Any) -> None:
    options = [param for param in found.params if param.param_type_name == "option" and param.name != "help"]
    assert options
    assert {option.opts[0] for option in options if option.multiple} <= {
        "--fail-on",
        "--map",
        "--law",
        "--service",
        "--drop",
        "--kind",
        "--dataset",
        "--own",
        "--host",
    }
    once = [option for option in options if not option.multiple]
    for option in once[:: 4 if few() else 1]:
        value = [] if option.is_flag else ["1"]
        run = call(*words, option.opts[0], *value, option.opts[0], *value)
        assert (run.code, run.out) == (2, ""), run
        assert f"{option.opts[0]} is given 2 times; give it once." in run.err


def test_the_inputs_of_questions_are_given_once_too(call: Command, admitted: Path) -> None:
    run = call("questions", "3", "--on", "2024-01-01", "--on", "2023-01-01", "--data", str(admitted))
    assert (run.code, run.out) == (2, "")
    assert "--on is given 2 times" in run.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trace", "x", "--max-tier", "x"), "--max-tier 'x' is not a whole number."),
        (("exposure", "--min-confidence", "x"), "--min-confidence 'x' is not a number."),
        (("questions", "x"), "[N] 'x' is not a whole number."),
        (("serve", "--port", "70000"), "--port is at most 65535; not 70000."),
        (("serve", "--query-seconds", "0"), "--query-seconds is at least 0.1; not 0."),
    ],
)
def test_a_value_of_another_type_is_refused_in_our_words(
    call: Command, words: tuple[str, ...], said: str
) -> None:
    run = call(*words)
    assert (run.code, run.out) == (2, "")
    assert said in " ".join(run.err.split())


@pytest.mark.parametrize("name", ["type", "industry", "geography", "issue", "organiser"])
def test_gaps_take_no_filter(call: Command, admitted: Path, name: str) -> None:
    run = call("initiatives", "--gaps", f"--{name}", "Asia", "--data", str(admitted))
    assert (run.code, run.out) == (2, "")
    assert f"take --{name} away" in run.err


# What the system refuses.


def refused(run: Run, *said: str) -> None:
    assert run.code == 1, run
    assert "Errno" not in run.err
    assert "Traceback" not in run.err
    for text in said:
        assert text in run.err


@pytest.mark.parametrize("form", ["json", "csv", "table", "svg"])
def test_a_file_that_cannot_be_written_is_named_with_the_reason(
    call: Command, admitted: Path, tmp_path: Path, form: str
) -> None:
    words = ("trace", "example/aurora", "--quiet", "--data", str(admitted), "--format", form, "--out")
    missing = tmp_path / "no" / "x.json"
    refused(
        call(*words, str(missing)), f"{missing}: there is no such file or folder. ", "make its folder first"
    )
    refused(call(*words, str(tmp_path)), f"{tmp_path}: this is a folder. Name a file in it.")
    (tmp_path / "file").write_text("x", "utf-8")
    refused(call(*words, str(tmp_path / "file" / "x")), "a part of this path is a file")
    if Path("/dev/full").exists():
        refused(call(*words, "/dev/full"), "/dev/full: it cannot be written, the disk is full. Make room")


def test_exposures_and_pictures_name_their_file_too(call: Command, admitted: Path, tmp_path: Path) -> None:
    for name in ("x.csv", "x.json", "x.parquet"):
        missing = tmp_path / "no" / name
        words = ("exposure", "--quiet", "--data", str(admitted), "--out", str(missing))
        refused(call(*words), f"{missing}: there is no such file or folder.")
    missing = tmp_path / "no" / "x.svg"
    refused(
        call("demo", "--quiet", "--data", str(tmp_path / "demo"), "--out", str(missing)),
        f"{missing}: there is no such file or folder.",
    )


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no folder in which nobody can write")
def test_a_backup_that_cannot_be_written_says_why(call: Command, admitted: Path) -> None:
    run = call("backup", "/proc/backup.tar", "--quiet", "--data", str(admitted))
    refused(run, "/proc/", "there is no such file or folder. Give another path")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_standard_output_is_no_success(admitted: Path) -> None:
    words = [sys.executable, "-m", "opentier.api.cli.main", "trace", "example/aurora", "--quiet"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*words, "--data", str(admitted)],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert (
        done.stderr
        == "error: The output: it cannot be written, the disk is full. Make room, and run the command again.\n"
    )


def test_a_port_that_is_taken_is_named_and_nothing_is_said_to_be_served(
    command: Command, admitted: Path, service: Service
) -> None:
    port = service.url.rpartition(":")[2]
    run = command("serve", "--port", port, "--data", str(admitted))
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(
        f"error: Nothing can be served at 127.0.0.1, port {port}: address already in use. "
    )
    assert "(--port)" in run.err
    assert "OpenTier serves" not in run.err


def test_what_is_served_is_said_once_it_is(admitted: Path, tmp_path: Path) -> None:
    with serving(admitted, tmp_path / "log") as started:
        said = (tmp_path / "log").read_text("utf-8")
        assert said.startswith(f"OpenTier serves {started.url}/ (its routes: {started.url}/openapi.json).")


@pytest.mark.parametrize("name", ["opentier.json", "current", "releases/new.json", "index/more/x.json"])
def test_no_answer_is_written_into_the_data_directory(call: Command, directory: Path, name: str) -> None:
    before = sorted(path for path in directory.rglob("*"))
    run = call(
        "trace",
        "example/aurora",
        "--format",
        "json",
        "--out",
        str(directory / name),
        "--data",
        str(directory),
    )
    assert run.code == 2
    assert "is inside the data directory" in run.err
    assert sorted(path for path in directory.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [
        ("trace", "example/aurora", "--on", "DAY"),
        ("trace", "example/aurora", "--to", "DAY"),
        ("exposure", "--from", "DAY"),
        ("search", "aurora", "--as-known", "DAY"),
        ("obligations", "example/aurora", "--on", "DAY"),
        ("dossier", "example/aurora", "--law", "au-msa-2018", "--on", "DAY"),
        ("questions", "3", "--on", "DAY"),
    ],
)
def test_a_day_in_the_future_is_told_to_people_and_to_no_program(
    call: Command, admitted: Path, words: tuple[str, ...]
) -> None:
    def asked(day: str, *more: str) -> Run:
        return call(*(day if each == "DAY" else each for each in words), *more, "--data", str(admitted))

    ahead, past = asked("2099-12-31"), asked("2024-06-30")
    option = words[words.index("DAY") - 1]
    told = f"note: {option} 2099-12-31 is in the future: what will be known or in force then is not known."
    assert (ahead.code, told in ahead.err, told in ahead.out) == (0, True, False)
    assert "in the future" not in past.err
    if words[0] not in ("search", "questions"):
        assert asked("2099-12-31", "--quiet").err == ""
