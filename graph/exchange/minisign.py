"""Signatures as minisign makes them: Ed25519 over the BLAKE2b hash of a file, with a comment that is signed, too.

The format is that of https://jedisct1.github.io/minisign/, so that its tool can make keys and check what is signed.
Why this one: docs/decisions/0012-signatures-are-minisign.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from opentier.graph.errors import Forged, StoreError, UsageError
from opentier.graph.store import durable

#: How a key, a signature of a hash, and the checksum of a secret key begin.
_KEY, _HASHED, _CHECKED = b"Ed", b"ED", b"B2"
#: Bytes of the number of a key, of its salt with its two costs, and of a signature.
_NUMBER, _COSTS, _SIGNED = 8, 48, 64
_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
#: Characters of a signature that is read.
LONGEST = 4096


@dataclass(frozen=True)
class PublicKey:
    """A key by which signatures are checked: its number, and the point of Ed25519 (32 bytes)."""

    number: bytes
    raw: bytes

    @classmethod
    def of(cls, text: str) -> PublicKey:
        """Return the key that a line, or a file of minisign, holds.

        Raises
        ------
        UsageError
            If it is none.
        """
        line = next((each.strip() for each in reversed(text.splitlines()) if each.strip()), "")
        try:
            raw = base64.b64decode(line, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 42 or raw[:2] != _KEY:
            raise UsageError(
                f"{line[:80]!r} is no public key of minisign: give the line that begins with RW, of 56 characters."
            )
        return cls(raw[2:10], raw[10:])

    def __str__(self) -> str:
        """Return it as minisign prints it."""
        return base64.b64encode(_KEY + self.number + self.raw).decode()

    @property
    def id(self) -> str:
        """Its number, as minisign prints it."""
        return _printed(self.number)

    def verify(self, signature: Signature, text: str) -> str:
        """Return the trusted comment of a signature over a text.

        Raises
        ------
        Forged
            If it is one of another key, or of something else.
        """
        known = Ed25519PublicKey.from_public_bytes(self.raw)
        try:
            known.verify(signature.made, _hashed(text))
            known.verify(signature.sealed, signature.made + signature.comment.encode())
        except InvalidSignature:
            raise Forged(f"Its signature is not one of key {self.id} over what came.") from None
        return signature.comment


@dataclass(frozen=True)
class Signature:
    """A signature: the number of its key, itself, its trusted comment, and the signature of both.

    Nothing that it says counts before a key has verified it.
    """

    number: bytes
    made: bytes
    comment: str
    sealed: bytes

    @classmethod
    def of(cls, text: str) -> Signature:
        """Return what the four lines of a signature say; Forged where they are none."""
        lines = text.splitlines() if len(text) <= LONGEST else []
        try:
            _, first, comment, second = lines[:4]
            raw, sealed = (base64.b64decode(each, validate=True) for each in (first, second))
        except (binascii.Error, ValueError):
            raise Forged("Its signature is none that minisign makes.") from None
        if len(raw) != 2 + _NUMBER + _SIGNED or len(sealed) != _SIGNED or not comment.startswith(_TRUSTED):
            raise Forged("Its signature is none that minisign makes.")
        if raw[:2] != _HASHED:
            raise Forged("Its signature is not over a hash: sign with minisign 0.6 or later, or with -H.")
        number, made = raw[2 : 2 + _NUMBER], raw[2 + _NUMBER :]
        return cls(number, made, comment.removeprefix(_TRUSTED), sealed)

    @property
    def key(self) -> str:
        """The number of its key, as minisign prints it."""
        return _printed(self.number)


class SecretKey:
    """A key that signs, as minisign keeps one without a password."""

    def __init__(self, number: bytes, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.public = PublicKey(number, self._key.public_key().public_bytes_raw())

    @classmethod
    def new(cls) -> SecretKey:
        """Make a key."""
        return cls(secrets.token_bytes(_NUMBER), secrets.token_bytes(32))

    @classmethod
    def read(cls, file: Path) -> SecretKey | None:
        """Return the key in a file; None where there is no file.

        Raises
        ------
        StoreError
            If it holds no key, or one that takes a password.
        """
        try:
            lines = file.read_text("ascii").split("\n")
            raw = base64.b64decode(lines[1], validate=True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, IndexError) as error:
            raise StoreError(f"{file} holds no secret key of minisign ({error}).") from None
        if raw[:2] != _KEY or len(raw) != 158:
            raise StoreError(f"{file} holds no secret key of minisign.")
        if raw[2:4] != b"\0\0":
            raise StoreError(
                f"{file} takes a password, which nobody types here: make it with minisign -G -W."
            )
        kept = raw[6 + _COSTS :]
        return cls(kept[:_NUMBER], kept[_NUMBER : _NUMBER + 32])

    def write(self, file: Path) -> None:
        """Write it to a file that its owner alone can read."""
        point = self.public.raw
        body = self.public.number + self._seed + point
        check = hashlib.blake2b(_KEY + body, digest_size=32).digest()
        raw = _KEY + b"\0\0" + _CHECKED + bytes(_COSTS) + body + check
        said = f"{_UNTRUSTED}minisign secret key {self.public.id}\n{base64.b64encode(raw).decode()}\n"
        durable.replace(file, said, private=True)

    def sign(self, text: str, comment: str) -> str:
        """Return a signature over a text, with a comment that is signed with it."""
        made = self._key.sign(_hashed(text))
        sealed = self._key.sign(made + comment.encode())
        first = base64.b64encode(_HASHED + self.public.number + made).decode()
        return (
            f"{_UNTRUSTED}signature of key {self.public.id}\n{first}\n{_TRUSTED}{comment}\n"
            f"{base64.b64encode(sealed).decode()}\n"
        )


def _printed(number: bytes) -> str:
    return number[::-1].hex().upper()


def _hashed(text: str) -> bytes:
    return hashlib.blake2b(text.encode()).digest()
