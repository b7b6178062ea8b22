"""What opens the store of a release: the one that lies in its folder, or one that a file there names."""

from __future__ import annotations

from pathlib import Path

from opentier.graph.triples import embedded
from opentier.graph.triples.divided import Divided
from opentier.graph.triples.elsewhere import Elsewhere, Notes
from opentier.graph.triples.engine import Engine


def read_only(folder: Path, notes: Notes | None = None) -> Engine:
    """Open a store that nobody changes; a writer, who has `notes`, also one that does not show its release yet.

    Raises
    ------
    StoreError
        If there is none, or it cannot be opened. One elsewhere is asked when something is wanted of it.
    """
    place = Elsewhere.of(folder)
    here = embedded.read_only(folder)
    return here if place is None else Divided(here, place, notes)


def writable(folder: Path, notes: Notes) -> Engine:
    """Open a store to change it, or make one; graphs elsewhere are noted in a file before they are changed."""
    place = Elsewhere.of(folder)
    here = embedded.writable(folder)
    return here if place is None else Divided(here, place, notes)
