"""Keys: who may do what over the network. Of a key only its hash is kept, so that nobody can read it from a disk.

A key is 256 bits of chance. A password needs a slow hash, since people choose it and others guess it; nobody guesses
such a key, so that SHA-256 keeps it as well, and costs a request nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from opentier.graph.errors import Named, StoreError, UsageError, mean, unable
from opentier.graph.model.characters import controls, illegal, one_line
from opentier.graph.model.names import DATASET_ID
from opentier.graph.store import durable, lock
from opentier.graph.store.scope import OWNER, PUBLIC, Reader
from opentier.graph.trace.parameters import date

#: What a key lets one do; each may what those before it may.
Role = Literal["reader", "contributor", "curator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
#: What every key begins with, so that whoever finds one in a file knows what it opens.
PREFIX = "opentier"
#: Characters of a key's name.
LONGEST = 100
#: Seconds for which one who changes keys waits for another one.
_PATIENCE = 10.0
#: What stands in the place of the hash of a key that is not there.
_NONE = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Key:
    """What is kept of a key.

    Attributes
    ----------
    hash
        SHA-256 of its secret part.
    until
        The last day on which it opens anything (UTC); "" where there is none.
    revoked
        When it was revoked; "" where it is not.
    datasets
        The restricted datasets that it sees; all of them where it names none.
    own
        The datasets that it contributed, or may replace: it sees them whatever they are.
    """

    id: str
    role: Role
    hash: str
    created: str
    name: str = ""
    until: str = ""
    revoked: str = ""
    datasets: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Whether it opens anything now: valid, expired or revoked."""
        if self.revoked:
            return "revoked"
        return "expired" if self.until and self.until < _now()[:10] else "valid"

    @property
    def reader(self) -> Reader:
        """What it sees of the datasets that are not public."""
        if self.role in ("curator", "admin"):
            return OWNER
        return Reader(frozenset(self.own), frozenset(self.datasets) or None)

    def to_dict(self) -> dict[str, object]:
        """Return what one may know of it, which its hash is no part of."""
        said = asdict(self)
        del said["hash"]
        return {**said, "state": self.state}


class Keys:
    """The keys of a data directory; what another process changes is seen at once."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "access"
        self.file = self.folder / "keys.json"
        self._known = durable.Unchanged(lambda: [self.file], self._parsed)

    def all(self) -> Mapping[str, Key]:
        """Return the keys by id, revoked ones too, in the order in which they were made.

        Raises
        ------
        StoreError
            If they cannot be read: then nobody is let in, and nobody is taken for somebody else.
        """
        return self._known.get()

    def _parsed(self) -> Mapping[str, Key]:
        try:
            self.file.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(unable(error)) from error
        try:
            said = json.loads(self.file.read_text("utf-8"))
            if not isinstance(said, list):
                raise TypeError("it holds no list")
            return {key.id: key for key in map(_read, said)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.file} cannot be read ({error}). Nobody is let in. Move it away, and make the keys anew: "
                "opentier keys create"
            ) from error

    def reader(self, id: str) -> Reader:
        """Return what a key sees; one that opens nothing sees what the public sees."""
        key = self.all().get(id)
        return key.reader if key and key.state == "valid" else PUBLIC

    def find(self, text: str) -> Key | None:
        """Return the key that a text is, if it opens anything; what is compared takes as long whatever it is."""
        prefix, _, rest = text.partition("_")
        id, _, secret = rest.partition("_")
        key = self.all().get(id)
        same = hmac.compare_digest(_hashed(secret), key.hash if key else _NONE)
        return key if same and prefix == PREFIX and key is not None and key.state == "valid" else None

    # --- Changed -------------------------------------------------------------------------------------------------

    def create(
        self,
        role: str,
        *,
        name: str = "",
        datasets: Iterable[str] = (),
        own: Iterable[str] = (),
        until: str | None = None,
    ) -> tuple[Key, str]:
        """Make a key; return what is kept of it, and the key itself, which nobody can be told again.

        Raises
        ------
        UsageError
            If there is no such role, or something that is said is none of what it has to be.
        """
        if role not in ROLES:
            raise UsageError(
                Named("role"), f" is one of {', '.join(ROLES)}; not {role!r}.{mean(role, ROLES)}"
            )
        name = one_line(name).strip()
        if len(name) > LONGEST or illegal(name) or controls(name):
            raise UsageError(Named("name"), f" is a text of at most {LONGEST} characters.")
        if until is not None:
            date("until", until, day=True)
            if until < _now()[:10]:
                raise UsageError(Named("until"), f" {until} is over: the key would open nothing.")
        named = {"dataset": tuple(sorted(set(datasets))), "own": tuple(sorted(set(own)))}
        for option, each in ((option, each) for option, all in named.items() for each in all):
            if not DATASET_ID.fullmatch(each):
                raise UsageError(Named(option), f" {each!r} is no name of a dataset.")
        secret = secrets.token_urlsafe(32)
        with self._changing() as keys:
            id = next(id for id in iter(lambda: secrets.token_hex(4), "") if id not in keys)
            key = Key(
                id, role, _hashed(secret), _now(), name, until or "",
                datasets=named["dataset"], own=named["own"],
            )  # fmt: skip
            keys[id] = key
        return key, f"{PREFIX}_{id}_{secret}"

    def revoke(self, id: str) -> Key:
        """Have a key open nothing from now on; UsageError where there is none, or it is revoked already."""
        with self._changing() as keys:
            if id not in keys:
                raise UsageError(f"No key is called {id!r}. See: opentier keys list")
            if keys[id].revoked:
                raise UsageError(f"{id} is revoked already ({keys[id].revoked}).")
            keys[id] = replace(keys[id], revoked=_now())
            return keys[id]

    def contributed(self, id: str, dataset: str) -> None:
        """Remember that a dataset is a key's own, where there is such a key."""
        if (key := self.all().get(id)) is None or dataset in key.own:
            return
        with self._changing() as keys:
            keys[id] = replace(keys[id], own=tuple(sorted({*keys[id].own, dataset})))

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """Change the keys, one process at a time; what is left in the dictionary is written, all of it or nothing."""
        durable.make(self.folder)
        self.folder.chmod(0o700)
        with lock.held(self.folder / "lock", _PATIENCE, purpose="keys"):
            keys = dict(self.all())
            yield keys
            said = json.dumps([asdict(key) for key in keys.values()], indent=1, ensure_ascii=False)
            durable.replace(self.file, said + "\n", private=True)


def _read(said: dict[str, Any]) -> Key:
    """Return a key as it was written; TypeError, ValueError or KeyError where it is none."""
    lists = {name: tuple(map(str, said[name])) for name in ("datasets", "own")}
    key = Key(**{name: str(value) for name, value in said.items() if name not in lists}, **lists)  # type: ignore[arg-type]
    if key.role not in ROLES:
        raise ValueError(f"{key.id} has a role that there is not")
    return key


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
