"""Sealed documents: JSON objects kept one by one, each with a hash over all of it; never altered.

A file holds its document in the one form that RFC 8785 gives it, so that no byte of it can be another one. The hash is
SHA-256 over that form of the document without its member ``hash``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785

from opentier.graph.errors import StoreError, UsageError, mean, unable
from opentier.graph.model.names import DATASET_ID
from opentier.graph.store import durable

#: Characters of an id, which is part of the name of a file.
MOST = 100
#: What to do about a document that was altered.
ADVICE = "Take it from a backup (opentier restore), or move the file away and make the record again"


def digest(document: Mapping[str, Any]) -> str:
    """Return the hash of a document: SHA-256 in hexadecimal digits, whatever it says of its own hash."""
    said = {name: value for name, value in document.items() if name != "hash"}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def check(id: str) -> str:
    """Return an id that a document can go by.

    Raises
    ------
    UsageError
        If it cannot: it becomes the name of a file.
    """
    if len(id) > MOST or not DATASET_ID.fullmatch(id):
        raise UsageError(
            f"{id[:MOST]!r} is no id of a record: use at most {MOST} lower-case letters, digits and single dashes, "
            "dots or underscores between them, for example suppliers-2026-q1."
        )
    return id


class Sealed:
    """The documents in a folder, each by its id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, id: str) -> Path:
        """Return where a document is kept."""
        return self.folder / f"{check(id)}.json"

    def ids(self) -> list[str]:
        """Return the ids of all documents, in order."""
        found = self.folder.glob("*.json") if self.folder.is_dir() else ()
        return sorted(file.stem for file in found if DATASET_ID.fullmatch(file.stem) and file.is_file())

    def free(self, id: str) -> str:
        """Return an id that no document has yet.

        Raises
        ------
        UsageError
            If one has it, or none can.
        """
        if self.file(id).exists():
            raise UsageError(f"A record {id} is kept already, and none is ever altered. Give another id.")
        return id

    def keep(self, id: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a document for good, and return it with its hash; the caller holds the directory for writing.

        Raises
        ------
        UsageError
            If there is one by that id, or the id is none.
        """
        self.free(id)
        durable.make(self.folder)
        sealed = {**document, "hash": digest(document)}
        durable.replace(self.file(id), _written(sealed))
        return sealed

    def read(self, id: str) -> dict[str, Any]:
        """Return a document.

        Raises
        ------
        UsageError
            If there is none by that id; the nearest is named.
        StoreError
            If it is not what was kept.
        """
        file = self.file(id)
        if not file.is_file():
            known = self.ids()
            more = mean(id, known, 12) if known else " None is kept yet: opentier trace ACTOR --save ID"
            raise UsageError(f"No record is called {id!r}.{more}")
        if wrong := self.wrong(id):
            raise StoreError(f"{self.folder.name}/{file.name} {wrong}, and it is not read. {ADVICE}.")
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found

    def faults(self) -> list[tuple[str, str]]:
        """Return the names of the files that are not what was kept, each with what is wrong."""
        found = [(f"{id}.json", wrong) for id in self.ids() if (wrong := self.wrong(id))]
        known = {f"{id}.json" for id in self.ids()}
        odd = (item.name for item in self.folder.iterdir()) if self.folder.is_dir() else ()
        found += [(name, "is no record") for name in odd if name not in known and not name.startswith(".")]
        return sorted(found)

    def wrong(self, id: str) -> str:
        """Return what is wrong with a document; nothing where it is what was kept."""
        try:
            kept = self.file(id).read_bytes()
            said = json.loads(kept)
            if not isinstance(said, dict) or said.get("id") != id:
                return "holds no record of that name"
            if said.get("hash") != digest(said) or kept != _written(said).encode():
                return "is not what was kept: its bytes do not have the hash that stands in it"
        except OSError as error:
            return f"cannot be read ({unable(error)})"
        except (ValueError, RecursionError):
            return "is not what was kept: it cannot be read"
        return ""


def _written(sealed: Mapping[str, Any]) -> str:
    return rfc8785.dumps(sealed).decode() + "\n"
