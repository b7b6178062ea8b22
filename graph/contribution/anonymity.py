"""Anonymous contributions: what is published of one does not say who sent it, in words or by the name of a file.

The file as it was sent is kept for the operator and is never served; the audit log knows the key.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from opentier.graph.contribution.metadata import Metadata
from opentier.graph.errors import Named, UsageError

#: Who publishes a dataset that somebody contributed anonymously.
NOBODY = "anonymous contributor, known to the operator"
#: Endings of files that say how what is in them is packed, not what it is.
_PACKED = (".gz", ".bz2", ".xz", ".zst")


def check(dataset: str | None, *, adapter: str | None, publisher: str | None) -> None:
    """Raise UsageError unless a contribution can be anonymous."""
    if publisher:
        raise UsageError(Named("anonymous"), " names no publisher: leave ", Named("publisher"), " away.")
    if adapter:
        raise UsageError(
            Named("anonymous"), " is for data of your own: that of an adapter names who publishes it."
        )
    if not dataset:
        raise UsageError(
            Named("anonymous"), " takes ", Named("dataset"), ", the name of the dataset: one made of your file's may "
            "give you away."
        )  # fmt: skip


def unnamed(path: Path, dataset: str, scratch: Path) -> Path:
    """Return the same file under a name that says nothing; a folder is as it is, its name stands nowhere."""
    if path.is_dir():
        return path
    suffixes = path.suffixes[-2:] if path.suffix.lower() in _PACKED else path.suffixes[-1:]
    found = Path(tempfile.mkdtemp(dir=scratch)) / f"{dataset[:40]}{''.join(suffixes)}"
    found.symlink_to(path.resolve())
    return found


def hidden(said: Metadata) -> Metadata:
    """Return what is said about a contribution without who sent it."""
    return replace(said, publisher=NOBODY, homepage="")
