"""Entries: what a release keeps of versions, withdrawals and visibility, as it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from opentier.graph.errors import StoreError
from opentier.graph.model import visibility
from opentier.graph.model.names import Names
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.store.scope import Reader

#: The file of a release that holds the visibility of each dataset that is not public; there is none where all are.
VISIBILITY = "VISIBILITY"


def unseen(said: Mapping[str, str], day: str, reader: Reader) -> frozenset[str]:
    """Return the datasets that a reader may not see on a day, of some with their visibility."""
    return frozenset(
        name for name, text in said.items() if visibility.closed(text, day) and not reader.sees(name, text)
    )


def visibilities(path: Path) -> dict[str, str]:
    """Return the visibility of each dataset that is held back in the release in a folder.

    Raises
    ------
    StoreError
        If what is kept of it cannot be read: then nobody knows what may be shown.
    """
    file = path / VISIBILITY
    try:
        if not file.exists():
            return {}
        found = json.loads(file.read_text("utf-8"))
        return {str(dataset): str(said) for dataset, said in found.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise StoreError(f"{file} is damaged, and says not who may see what. See: opentier verify") from error


def version(row: Mapping[str, str], names: Names) -> Version:
    """Return a version of a row of query `versions`."""
    text = row.__getitem__
    return Version(
        dataset=text("series").rpartition("/")[2],
        number=int(text("number")),
        iri=text("version"),
        title=text("title"),
        licence=text("licence"),
        publisher=text("publisher"),
        package_version=text("packageVersion"),
        checksum=text("checksum"),
        adapter=text("adapter"),
        admitted=text("admitted"),
        homepage=text("homepage"),
        description=text("description"),
        triples=int(text("triples")),
        rows=int(text("rows")),
        accepted=int(text("accepted")),
        warned=int(text("warned")),
        refused=int(text("refused")),
        created=text("created"),
    )


def withdrawal(row: Mapping[str, str]) -> Withdrawal:
    """Return a withdrawal of a row of query `withdrawals`."""
    series, _, number = row["withdrawal"].rpartition("/withdrawal/")
    dataset = series.rpartition("/")[2]
    return Withdrawal(dataset, int(number), row["version"], row["reason"], row["begun"], row["ended"])
