"""The public API stands in a snapshot: a change of it is seen, meant, and told in the changelog."""

from __future__ import annotations

import difflib
from pathlib import Path

from tests.public_api import SNAPSHOT, surface, text

MEANT = "The public API has changed. Where that is meant: run `make snapshot` and add a line to CHANGELOG.md."


def test_the_public_api_is_that_of_the_snapshot(admitted: Path) -> None:
    found, kept = text(surface(admitted)), SNAPSHOT.read_text("utf-8")
    changed = difflib.unified_diff(kept.splitlines(), found.splitlines(), "snapshot", "now", lineterm="", n=1)
    assert found == kept, "\n".join((MEANT, *changed))


def test_the_snapshot_holds_every_face() -> None:
    kept = SNAPSHOT.read_text("utf-8")
    for said in (
        '"trace": [',
        '"GET /trace"',
        '"contribute": "(self',
        "exposures[].paths[].hops[].record",
        '"main"',
    ):
        assert said in kept, said
