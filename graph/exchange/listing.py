"""The list: what a catalogue offers and what it takes back, as one text that its publisher signs with a number.

Whoever pins the publisher's key holds the whole catalogue against it, so that nobody leaves out a withdrawal, adds one,
or shows what was offered once. The number never goes back: it is that of the release which the catalogue is of. The
threats are those of The Update Framework (https://theupdateframework.io/): rollback, and a mix of old and new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opentier.graph.errors import Forged, UsageError
from opentier.graph.exchange.minisign import PublicKey, SecretKey, Signature
from opentier.graph.exchange.offers import Catalogue

_NUMBER = re.compile(r"catalogue release=([0-9]{1,15})")
_FOLLOWS = "followed by "


@dataclass(frozen=True)
class Accepted:
    """A list that counts: the key that signed it, and its number."""

    key: PublicKey
    number: int


def text(catalogue: Catalogue) -> str:
    """Return the list of a catalogue: a line of fields with tabs between them for each version, in order.

    They are ``offered``, dataset, version, SHA-256 of the package; or ``withdrawn``, dataset, version, day, reason.
    """
    said = [("offered", each.dataset, each.version, each.sha256) for each in catalogue.offers.values()]
    gone = [
        ("withdrawn", each.dataset, each.version, each.begun, each.reason)
        for each in catalogue.withdrawn.values()
    ]
    return "".join(sorted("\t".join(fields) + "\n" for fields in (*said, *gone)))


def signed(secret: SecretKey, catalogue: Catalogue, number: int) -> str:
    """Return the signature of a catalogue as that of the release of a number."""
    return secret.sign(text(catalogue), f"catalogue release={number}")


def followed(secret: SecretKey, by: PublicKey) -> str:
    """Return the word of a key that another one follows it: a signature over that one's line."""
    return secret.sign(str(by), f"{_FOLLOWS}{by}")


def accepted(catalogue: Catalogue, pinned: PublicKey, number: int = 0) -> Accepted:
    """Return the key and the number of a catalogue that is signed by the pinned key, or by one that follows it.

    Parameters
    ----------
    number
        That of the last list of the pinned key that was accepted; those of another key are counted anew.

    Raises
    ------
    Forged
        If it is not signed so, or older than the last one.
    """
    if not catalogue.signature:
        raise Forged(
            f"The catalogue is not signed, and the subscription takes only what key {pinned.id} signed."
        )
    signature = Signature.of(catalogue.signature)
    key = next(
        (each for each in _known(pinned, catalogue.successions) if each.number == signature.number), None
    )
    if key is None:
        raise Forged(
            f"The catalogue is signed by key {signature.key}, and the one that is pinned is {pinned.id}, which does "
            "not say that another one follows it. Ask the publisher by another way; if the key was replaced, subscribe "
            "--again with the new one."
        )
    try:
        found = _NUMBER.fullmatch(key.verify(signature, text(catalogue)))
    except Forged:
        raise Forged(
            f"What the catalogue offers and takes back is not what key {key.id} signed: somebody changed it."
        ) from None
    if found is None:
        raise Forged(f"What key {key.id} signed is {signature.comment[:100]!r}, and no catalogue.")
    if key == pinned and int(found[1]) < number:
        raise Forged(
            f"The catalogue is an old one: it is signed as that of release {int(found[1])}, and that of release "
            f"{number} was read before. If the publisher restored a backup, it has to replace its key."
        )
    return Accepted(key, int(found[1]))


def _known(pinned: PublicKey, successions: Iterable[str]) -> list[PublicKey]:
    """Return a key, and those that follow it by the word of the one before."""
    found, words = [pinned], list(successions)
    for key in found:  # it grows
        for word in words:
            try:
                said = Signature.of(word)
                new = PublicKey.of(said.comment.removeprefix(_FOLLOWS))
                key.verify(said, str(new))
            except (Forged, UsageError):
                continue
            if new not in found:
                found.append(new)
    return found
