"""A package on its way: it comes in parts, goes on where it stopped, and is looked at before anything is made of it."""

from __future__ import annotations

import lzma
import shutil
import zipfile
import zlib
from pathlib import Path

from opentier.graph.errors import ExchangeError, Forged, StoreError, Unreachable
from opentier.graph.exchange.client import Client
from opentier.graph.exchange.offers import Offer
from opentier.graph.intake import bounds
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.characters import one_line
from opentier.graph.store import durable

#: How many times a file is asked for, as long as some of it comes each time.
TRIES = 4
#: Bytes that are left to others on the disk.
FREE = 256 << 20
#: Bytes of a package's description.
_DESCRIPTION = 16 << 20
#: What the reading of an archive that is none raises.
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, TypeError, KeyError,
    AttributeError, RuntimeError, EOFError,
)  # fmt: skip
_ACCEPT = "application/zip, application/octet-stream;q=0.5"


def fetch(client: Client, offer: Offer, part: Path, progress: Progress) -> None:
    """Fetch a package to a file, from where that ends, until it is the one that was announced.

    Raises
    ------
    Unreachable
        If it does not come whole; what came stays, for the next time.
    Forged
        If what came is not what was announced; nothing of it stays.
    ExchangeError
        If it is too large.
    StoreError
        If the disk has no room for it.
    """
    most = client.bounds.file if offer.bytes is None else offer.bytes
    if most > client.bounds.file:
        raise ExchangeError(f"Its package has {most:,} bytes, and at most {client.bounds.file:,} are taken.")
    if shutil.disk_usage(part.parent).free < most * 3 + FREE:
        raise StoreError(f"The disk that holds {part.parent} has no room for its package of {most:,} bytes.")
    begun = _size(part)
    if begun and durable.sha256(part) == offer.sha256:
        return
    for attempt in range(TRIES):
        before = _size(part)
        try:
            if before != offer.bytes:
                _more(client, offer, part, most, progress)
            break
        except Unreachable:
            if attempt + 1 == TRIES or _size(part) == before:
                raise
    if durable.sha256(part) == offer.sha256:
        return
    part.unlink()
    if begun:  # what lay here may be what is wrong
        fetch(client, offer, part, progress)
        return
    raise Forged(
        f"The checksum of what came as version {offer.version} of {offer.dataset} is not the one that the catalogue "
        "announces. Nothing of it is used."
    )


def _more(client: Client, offer: Offer, part: Path, most: int, progress: Progress) -> None:
    """Fetch what lacks of a file, or all of it where its sender knows no parts."""
    stage = f"fetching {offer.dataset}"
    with client.asking(offer.url, _ACCEPT, client.bounds.file_seconds, _size(part)) as answer:
        begin = answer.begin
        if begin != (_size(part) if answer.status == 206 else 0):
            raise Unreachable(f"{offer.url} sends another part than was asked for.")
        with part.open("ab" if begin else "wb") as file:
            many = begin
            for piece in answer.pieces():
                many += len(piece)
                if many > most:
                    break
                file.write(piece)
                file.flush()
                progress(stage, many, most)
    if many > most:
        part.unlink()
        raise Forged(
            f"What comes as version {offer.version} of {offer.dataset} has more than the {most:,} bytes that it may "
            "have. Nothing of it is used."
        )
    if offer.bytes is not None and many < offer.bytes:
        raise Unreachable(f"{offer.url} sends {many:,} bytes of {offer.bytes:,}.")


def check(offer: Offer, file: Path) -> str:
    """Return the licence that a package states; it is what the catalogue says of it.

    Raises
    ------
    Forged
        If it is not.
    """
    name, licences = _described(file)
    if name != offer.dataset:
        raise Forged(f"The package calls itself {name!r}, and the catalogue {offer.dataset!r}.")
    if not {_short(each) for each in licences} & {_short(each) for each in offer.licences}:
        raise Forged(
            f"The package is under {' or '.join(licences) or 'no licence'}, and the catalogue says "
            f"{' or '.join(offer.licences)}."
        )
    return licences[0]


def _described(file: Path) -> tuple[str, list[str]]:
    """Return the name and the licences of a package, as its description has them."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open("datapackage.json") as member:
            data = member.read(_DESCRIPTION + 1)
        if len(data) > _DESCRIPTION:
            raise ValueError("its description is too long")
        said = bounds.parse_json(data.decode("utf-8"))
        listed = [each for each in said.get("licenses") or () if isinstance(each, dict)]
        words = [one_line(str(each[key])) for each in listed[:1] for key in ("name", "path") if each.get(key)]
        "".join(words).encode()  # ValueError where a text is none
        return str(said.get("name", ""))[:200], words
    except _BROKEN as error:
        raise Forged(f"What came is no Data Package as a zip: {str(error)[:200]}.") from None


def _short(licence: str) -> str:
    """Return a licence without regard to case, that of SPDX by its id."""
    return licence.casefold().rstrip("/").removeprefix("https://spdx.org/licenses/")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
