"""Packages: the current versions as files that others take, made once and kept, each with its checksum and signature.

They lie in `packages/` of the data directory, and are derived: what is removed there is made again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentier.graph.errors import StoreError, UsageError
from opentier.graph.exchange.minisign import PublicKey, SecretKey, hashed, told
from opentier.graph.export import package
from opentier.graph.model.versions import Version, Withdrawal
from opentier.graph.query import dcat
from opentier.graph.store import durable, lock
from opentier.graph.store.release import Release

#: The secret key of a data directory, and the public one, beside its other keys.
SECRET, PUBLIC = "signing.key", "signing.pub"
#: Seconds for which one who makes packages waits for another one.
_PATIENCE = 600.0
#: How often a package is begun whose making is ended, since that takes too long or the process is ended.
TRIES = 3
_DRAFT = ".new-"


def subject(dataset: str, version: str) -> str:
    """Return what is signed with the bytes of a package: of which dataset it is which version."""
    return f"dataset={dataset} version={version}"


def statement(dataset: str, version: str, begun: str, reason: str) -> str:
    """Return what is signed of a withdrawal."""
    return f"withdrawn {subject(dataset, version)} begun={begun} reason={reason}"


@dataclass(frozen=True)
class Made:
    """A package that is kept: its file, and what is said of it."""

    file: Path
    said: dcat.Package


class Packages:
    """The packages of a data directory."""

    def __init__(self, data: Path) -> None:
        self.folder, self.secret, self.public = (
            data / "packages",
            data / "access" / SECRET,
            data / "access" / PUBLIC,
        )

    @classmethod
    def of(cls, release: Release) -> Packages:
        """Return those of the data directory in which a release lies."""
        return cls(release.path.parents[1])

    def key(self) -> PublicKey | None:
        """Return the key by which signatures of this data directory are checked; None where it signs nothing."""
        try:
            return PublicKey.of(self.public.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, UsageError) as error:
            raise StoreError(f"{self.public} holds no public key: {error}") from None

    def published(self, release: Release) -> tuple[dcat.Published, bool]:
        """Return what the catalogue says of what is made, and whether anything that it could say is not made yet."""
        key = self.key()
        versions = list(release.current.values())
        made = {each.iri: self.known(each, key) for each in versions}
        taken_back = dcat.withdrawn(release)
        signed = {
            release.names.withdrawal(about.dataset, about.number): self._signed(about, key)
            for about, _ in taken_back
        }
        lacking = any(
            each is None and not self._tried(of) for each, of in zip(made.values(), versions, strict=True)
        )
        lacking |= key is not None and "" in signed.values()
        packages = {iri: each.said for iri, each in made.items() if each is not None}
        told = {iri: each for iri, each in signed.items() if each}
        return dcat.Published(packages, told, "" if key is None else str(key)), lacking

    def known(self, version: Version, key: PublicKey | None) -> Made | None:
        """Return the package of a version, signed where there is a key; None where it is not made."""
        said = self._read(self._note(version))
        if said.get("key", "") != ("" if key is None else str(key)):
            return None
        file = self._file(version, said)
        if file is None:
            return None
        return Made(file, dcat.Package(said["sha256"], said["bytes"], said["signature"]))

    def _file(self, version: Version, said: dict[str, Any]) -> Path | None:
        """Return the file of a version that a note tells of, whoever signed it; None where it is not there."""
        if not said or said.get("of") != _of(version):
            return None
        file = self.folder / version.dataset / str(said["file"])
        return file if file.is_file() and file.stat().st_size == said["bytes"] else None

    def make(self, release: Release, only: str = "", *, again: bool = False) -> Iterator[str]:
        """Make what lacks of the current versions that are seen, small ones first; yield of which none can be, and why.

        Parameters
        ----------
        only
            The one dataset of which it is made.
        again
            Whether what was begun `TRIES` times before and not ended is tried again.

        Raises
        ------
        StoreError
            If nothing can be written, or the key cannot be read.
        """
        key = self.key()
        secret = SecretKey.read(self.secret) if key is not None else None  # one alone signs nothing
        if key is not None and (secret is None or str(secret.public) != str(key)):
            raise StoreError(
                f"{self.secret} is not the key of {self.public}: opentier keys signing --from FILE"
            )
        durable.make(self.folder)
        with lock.held(self.folder / "lock", _PATIENCE, purpose="packages"):
            for version in sorted(release.current.values(), key=lambda each: each.rows):
                if only not in ("", version.dataset) or self.known(version, key) is not None:
                    continue
                if again or not self._tried(version):
                    tries = TRIES if again else self._tries(version) + 1
                    try:
                        self._make(release, version, secret, tries)
                    except UsageError as error:
                        self._begin(version, TRIES)
                        yield f"{version.dataset} version {version.number}: {error}"
            for about, version in dcat.withdrawn(release):
                if secret is not None and not self._signed(about, key):
                    self._sign(about, version, secret)

    def _make(self, release: Release, version: Version, secret: SecretKey | None, tries: int) -> None:
        """Make the package of a version; those of versions that were replaced before the last one go."""
        place = self.folder / version.dataset
        durable.make(place)
        for left in place.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
        self._begin(version, tries)
        known = self._read(self._note(version))
        kept = self._file(version, known)
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=place) as scratch:
            draft = Path(scratch) / "package.zip"
            if kept and durable.sha256(kept) == known["sha256"]:  # others took it: its bytes stay
                shutil.copyfile(kept, draft)
            else:
                package.write(release, version, "datapackage", draft)
            digest = durable.sha256(draft)
            signed = ""
            if secret is not None:
                signed = secret.sign(hashed(draft), subject(version.dataset, str(version.number)))
            file = place / f"{version.number}-{digest[:16]}.zip"
            size = draft.stat().st_size
            durable.sync(draft)
            durable.rename(draft, file)
        said = {
            "of": _of(version), "file": file.name, "sha256": digest, "bytes": size, "signature": signed,
            "key": "" if secret is None else str(secret.public),
        }  # fmt: skip
        durable.replace(self._note(version), json.dumps(said, indent=1) + "\n")
        self._mark(version).unlink(missing_ok=True)
        for old in place.glob("*-*.zip"):
            number = int(old.name.partition("-")[0])
            if number < version.number - 1 or (number == version.number and old != file):
                old.unlink(missing_ok=True)

    def _note(self, version: Version) -> Path:
        return self.folder / version.dataset / f"{version.number}.json"

    def _mark(self, version: Version) -> Path:
        """Return the file that says that a package was begun; it stays where that does not end."""
        return self.folder / version.dataset / f"{version.number}.begun"

    def _begin(self, version: Version, tries: int) -> None:
        durable.replace(self._mark(version), json.dumps({"of": _of(version), "tries": tries}))

    def _tries(self, version: Version) -> int:
        said = self._read(self._mark(version))
        return int(said["tries"]) if said.get("of") == _of(version) else 0

    def _tried(self, version: Version) -> bool:
        return self._tries(version) >= TRIES

    def _read(self, file: Path) -> dict[str, Any]:
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _withdrawal(self, about: Withdrawal) -> Path:
        return self.folder / about.dataset / f"withdrawal-{about.number}.json"

    def _signed(self, about: Withdrawal, key: PublicKey | None) -> str:
        said = self._read(self._withdrawal(about)) if key else {}
        same = said.get("key") == str(key) and said.get("begun") == about.begun
        return str(said["signature"]) if same else ""

    def _sign(self, about: Withdrawal, version: Version, secret: SecretKey) -> None:
        text = statement(about.dataset, str(version.number), about.begun, about.reason)
        said = {"begun": about.begun, "signature": secret.sign(told(text), text), "key": str(secret.public)}
        durable.make(self.folder / about.dataset)
        durable.replace(self._withdrawal(about), json.dumps(said, indent=1) + "\n")


def _of(version: Version) -> list[str]:
    """Return what tells a version from another one of its number, in a directory that was restored."""
    return [version.iri, version.checksum, version.admitted]


def keep(data: Path, secret: SecretKey) -> PublicKey:
    """Have a data directory sign with a key from now on."""
    found = Packages(data)
    durable.make(found.secret.parent)
    found.secret.parent.chmod(0o700)
    secret.write(found.secret)
    durable.replace(
        found.public, f"untrusted comment: minisign public key {secret.public.id}\n{secret.public}\n"
    )
    return secret.public
