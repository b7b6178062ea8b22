"""The file that makes a folder a data directory: its format, the base of its IRIs, whether files have hashes, and where
its versions are, if not in its releases."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from opentier.graph.errors import StoreError, UsageError, unable
from opentier.graph.model.names import DEFAULT_BASE
from opentier.graph.store import durable
from opentier.graph.triples import address

NAME = "opentier.json"
FORMAT = 2
#: Formats of earlier versions, and who made them.
EARLIER = {1: "OpenTier 0.1"}


def read(path: Path, *, earlier: bool = False) -> dict[str, Any]:
    """Return what a data directory says of itself.

    Raises
    ------
    StoreError
        If it is none, cannot be read, or is of another format; of an `earlier` one, unless that is asked for.
    """
    try:
        found: dict[str, Any] = json.loads((path / NAME).read_text("utf-8"))
        format, _ = int(found["format"]), str(found["base"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = unable(error) if isinstance(error, OSError) else error
        raise StoreError(
            f"{path} is no data directory of OpenTier, or its {NAME} is damaged ({said}). That holds "
            f'one line such as {{"format": {FORMAT}, "base": "{DEFAULT_BASE}", "hashes": true}}. '
            f"Write it again, or restore the whole from a backup."
        ) from error
    if format in EARLIER and not earlier:
        raise StoreError(
            f"{path} was made by {EARLIER[format]}, and nothing of it was changed. Make it one of this version, with "
            f"all that it holds (keep a copy of the folder to go back): opentier upgrade --data {path}"
        )
    if format not in (FORMAT, *EARLIER):
        raise StoreError(
            f"{path} has format {format}; this version reads format {FORMAT}, and nothing was changed. A newer version "
            f"of OpenTier made it: install that, or restore a backup from before."
        )
    return found


def write(path: Path, said: dict[str, Any]) -> None:
    """Write what a data directory says of itself, in the place of what it said."""
    durable.replace(path / NAME, json.dumps(said) + "\n")


def elsewhere(store: str) -> dict[str, str]:
    """Return what a new data directory says of a store elsewhere, which is looked for, and of itself there.

    Raises
    ------
    StoreError
        If there is none.
    UsageError
        If it is no address.
    """
    from opentier.graph.triples import protocol  # whose libraries nobody else needs

    return {"store": str(protocol.found(address.of(store))), "owner": uuid.uuid4().hex}


def place(path: Path, told: dict[str, str]) -> None:
    """Say of a data directory that its versions are elsewhere, or, where nothing is told, that they are here."""
    known = {name: value for name, value in read(path).items() if name not in ("store", "owner")}
    write(path, {**known, **told})


def same(path: Path, known: str | None, store: str) -> None:
    """Raise UsageError unless `store` is the one whose address a data directory has `known` since it was made."""
    asked = address.of(store)
    if known is None:
        raise UsageError(
            f"The versions of {path} are in its releases, not in a store at {asked.place}. "
            f"To move them there: opentier --store {asked} move --data {path}"
        )
    kept = address.of(known)
    if kept not in (asked, *(each for _, each in asked.possible())):
        raise UsageError(
            f"The versions of {path} are in the store {known}, not in {asked}. Leave that away, give another data "
            f"directory, or move them: opentier --store {asked} move --data {path}"
        )


def check_empty(path: Path) -> None:
    """Raise StoreError unless a data directory can be made at `path`."""
    if (path / NAME).exists():
        raise StoreError(
            f"{path} is a data directory already, and nothing is overwritten. Choose another with --data."
        )
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StoreError(
            f"{path} is not empty and no data directory of OpenTier. Choose another with --data."
        )
