"""How it is run by others: the unit of systemd and the image, built and started where the tools are there.

Where no Docker answers, the file of the image is read: what it copies is there, all that it installs is in the lock and
held against hashes, and it runs as nobody.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import httpx2
import pytest

from tests.conftest import PATIENCE, free_port
from tests.processes import wait_until

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "opentier.service"
#: Seconds that building an image may take.
BUILD = 900.0
STEPS = [
    (word, rest.strip())
    for word, _, rest in (
        line.partition(" ")
        for line in (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
        if line and not line.startswith("#")
    )
]


def given(word: str) -> list[str]:
    """Return what the Dockerfile says with a word."""
    return [rest for said, rest in STEPS if said == word]


# The unit.


def test_the_unit_is_what_systemd_reads() -> None:
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not installed")
    words = [analyze, "verify", "--man=no", str(UNIT)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_waits_longer_than_the_service_takes_to_end_and_lets_kernels_be_compiled() -> None:
    said = dict(
        line.partition("=")[::2] for line in UNIT.read_text("utf-8").splitlines() if not line.startswith("#")
    )
    assert int(said["TimeoutStopSec"]) > 10
    assert said["Restart"] == "on-failure"
    assert "MemoryDenyWriteExecute" not in said
    assert "AF_UNIX" in said["RestrictAddressFamilies"].split()  # the lines to workers
    assert f"--data %S/{said['StateDirectory']} " in said["ExecStart"]


def test_the_guide_leads_to_the_unit_and_the_image_and_shows_neither() -> None:
    page = (ROOT / "docs" / "serving.md").read_text("utf-8")
    assert "(../deploy/opentier.service)" in page
    assert "(../Dockerfile)" in page
    assert "[Service]" not in page
    assert "FROM python" not in page


# The image.


def test_what_the_image_copies_is_there_and_not_kept_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for copied in given("COPY"):
        if copied.startswith("--from"):
            continue
        for source in copied.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored
            assert not any(
                fnmatch.fnmatch(source, line) for line in ignored if line != "*" and "!" not in line
            )
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / each).exists() for each in kept)


def test_all_that_is_built_from_is_copied() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    places = {Path(place).parts[0] for place in built["tool"]["setuptools"]["package-dir"].values() if place}
    copied = {source for line in given("COPY") for source in line.split()[:-1]}
    needed = places | {"pyproject.toml", built["project"]["readme"], *built["project"]["license-files"]}
    assert needed <= copied | {""}


def test_all_that_the_image_installs_is_in_the_lock_by_its_hash() -> None:
    installs = [
        step
        for run in given("RUN")
        for step in run.split("&&")
        if re.search(r"\b(pip|apt|apt-get) +install\b", step)
    ]
    assert installs
    for step in installs:
        assert "--require-hashes" in step or "--no-deps --no-build-isolation /src" in step, step
    assert not re.search(
        r"https?://(?!127\.0\.0\.1)|index-url|trusted-host", (ROOT / "Dockerfile").read_text("utf-8")
    )
    lock = (ROOT / "constraints.txt").read_text("utf-8")
    assert re.search(r"^setuptools==", lock, re.MULTILINE)  # what builds it is named there, too


def test_the_image_runs_as_nobody_and_is_asked_whether_it_is_alive() -> None:
    assert int(given("USER")[-1]) > 0
    assert "/health" in given("HEALTHCHECK")[-1]
    assert json.loads(given("ENTRYPOINT")[-1]) == ["opentier"]
    assert json.loads(given("CMD")[-1])[:3] == ["serve", "--host", "0.0.0.0"]
    stages = given("FROM")
    assert len(stages) == 2
    assert all(stage.split()[0].startswith("python:3.11") for stage in stages)


def docker(*words: str, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=seconds, check=False)


def test_the_image_is_built_and_answers_with_a_root_that_nobody_may_write_to() -> None:
    if not shutil.which("docker") or docker("info").returncode:
        pytest.skip("no Docker answers here")
    name, port = "opentier-test", free_port()
    built = docker("build", "--quiet", "--tag", name, str(ROOT), seconds=BUILD)
    if built.returncode and re.search(r"resolve|network|registry|timeout|denied", built.stderr):
        pytest.skip("what images are made from cannot be fetched here")
    assert built.returncode == 0, built.stderr
    bare = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    data = ("--volume", f"{name}:/data")
    try:
        made = docker(
            "run", "--rm", *bare, *data, name, "demo", "--data", "/data", "--out", "/tmp/picture.svg"
        )
        assert made.returncode == 0, made.stderr
        address = ("--publish", f"127.0.0.1:{port}:8087")
        begun = docker("run", "--detach", "--name", name, *bare, *data, *address, name)
        assert begun.returncode == 0, begun.stderr

        def answers() -> bool:
            try:
                return httpx2.get(f"http://127.0.0.1:{port}/ready").status_code == 200
            except httpx2.TransportError:
                return False

        wait_until(answers)
        assert docker("exec", name, "id", "--user").stdout.strip() == "10001"
        assert docker("stop", "--time", "15", name).returncode == 0
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "0"
    finally:
        docker("rm", "--force", name)
        docker("volume", "rm", "--force", name)
