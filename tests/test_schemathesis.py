"""The service asked by somebody else's tool, with what its own description allows and with what it does not.

All checks of schemathesis are made but those that `data/schemathesis.toml` argues away: nothing fails on our side; each
status, type and header is described; bodies fit their schemas; what is not allowed is refused; `Allow` tells the truth.
By hand, with what it thinks of on the edges of each schema, too: ``python -m tests.test_schemathesis 500``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import admit, serving

CONFIG = Path(__file__).parent / "data" / "schemathesis.toml"
#: Requests of each operation in one run of the tests, and the seconds that all of them may take.
EXAMPLES, SECONDS = 2, 300.0
QUICK, WHOLE = "examples,fuzzing", "examples,coverage,fuzzing"


def asked(
    url: str, folder: Path, many: int, phases: str, seconds: float | None
) -> subprocess.CompletedProcess[str]:
    """Have every operation of a service asked, many times."""
    words = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{url}/openapi.json",
        "--phases", phases, "--max-examples", str(many), "--seed", "1", "--generation-database", "none",
        "--no-color", "--continue-on-failure",
    ]  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return subprocess.run(
        words, cwd=folder, env=kept, capture_output=True, text=True, timeout=seconds, check=False
    )


def test_what_is_asked_by_the_description_is_answered_as_it_says(directory: Path, tmp_path: Path) -> None:
    with serving(directory, tmp_path / "log") as started:
        run = asked(started.url, tmp_path, EXAMPLES, QUICK, SECONDS)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "Tested: 0" not in run.stdout
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(admit(folder / "data"), folder / "log") as running:
            found = asked(running.url, folder, int(sys.argv[1]), WHOLE, None)
    print(found.stdout, found.stderr)
    sys.exit(found.returncode)
