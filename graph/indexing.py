"""Where indexes are kept: in folder ``index`` of the data directory, one for the release that it was built from.

An index is derived: what is not there, or does not name the release that is asked for, is built from the release.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from opentier.graph import builder
from opentier.graph.errors import StoreError
from opentier.graph.index import Index
from opentier.graph.release import Release
from opentier.graph.rows import Told
from opentier.graph.survey import survey


def folder(release: Release) -> Path:
    """Return the folder of the indexes of a data directory."""
    return release.path.parent.parent / "index"


def index(release: Release, told: Told = lambda done: None) -> Index:
    """Open the index of a release; build it where there is none yet.

    Raises
    ------
    StoreError
        If a negative identity judgement stands against positive ones.
    """
    for kept in sorted(folder(release).glob("[0-9]*")):
        if (kept / f"{release.id}.json").is_file():
            try:
                return Index.open(kept, release.id)
            except StoreError:
                shutil.rmtree(kept, ignore_errors=True)  # derived, and so built anew
    target = folder(release) / release.id
    builder.build(survey(release), target, told)
    _prune(release)
    return Index.open(target, release.id)


def rebuild(release: Release, told: Told = lambda done: None) -> Index:
    """Build the index of a release anew, whatever is there."""
    shutil.rmtree(folder(release), ignore_errors=True)
    return index(release, told)


def _prune(release: Release) -> None:
    """Remove the indexes of releases that are gone; processes that have one open keep what they have."""
    kept = {path.name for path in release.path.parent.iterdir()}
    for path in folder(release).glob("[0-9]*"):
        if not any(described.stem in kept for described in path.glob("[0-9]*.json")):
            shutil.rmtree(path, ignore_errors=True)
