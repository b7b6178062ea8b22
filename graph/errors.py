"""The errors of OpenTier.

::

    OpenTierError
    ├── UsageError            the call is wrong: an unknown option, dataset, format
    │   ├── UnknownActor      no actor goes by that name
    │   ├── UnknownDataset    no dataset, or no version of one, goes by that name
    │   └── AmbiguousActor    several actors go by that name; they are listed
    ├── ContributionError     a contribution is refused; carries its report, beside which it stands
    ├── StoreError            the data directory cannot be used
    │   ├── NothingYet        nothing was contributed to it yet
    │   ├── StoreBusy         another process is writing
    │   └── UnreadableRecord  a record, or judgements together, that no index can be made of
    ├── QueryError            a SPARQL query is malformed or asks for what is not served
    ├── NotInstalled          an extra is needed that is not installed
    ├── AccessError           whoever asks may not
    │   ├── KeyNeeded         it takes a key, or the one that was given opens nothing
    │   ├── NotAllowed        the key that was given opens something else
    │   └── TooOften          it was asked too much in too short a time
    ├── ExchangeError         another instance cannot be read, or what it offers is not taken
    │   ├── Unreachable       it does not answer as it must, within its bounds
    │   ├── NotOurs           a name is somebody else's here
    │   └── Forged            what came is not what was announced, or not signed by whom it must be
    └── WorkError             long work could not be done
        ├── WorkTooLong       it took longer than its time
        ├── WorkTooLarge      it needs more memory, or gives a longer answer, than it may
        └── WorkBusy          nobody is free to do it now
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Callable, Iterable, Sequence


class OpenTierError(Exception):
    """Base of all errors that a user may meet; the message says what to do."""


class Named(str):
    """The name of a parameter in a message, as the library and the service spell it: ``observed_since``."""


class UsageError(OpenTierError):
    """The call is wrong.

    Parameters
    ----------
    parts
        The message in pieces; a `Named` one is a parameter, which each face spells in its own way.
    near
        What may be meant in the place of what was given.
    """

    def __init__(self, *parts: str, near: Sequence[str] = ()) -> None:
        self.parts, self.near = parts, tuple(near)
        super().__init__("".join(parts))

    def spelled(self, spell: Callable[[str], str]) -> str:
        """Return the message with the names of its parameters as a face spells them."""
        return "".join(spell(part) if isinstance(part, Named) else part for part in self.parts)


def mean(said: str, known: Iterable[str], most: int = 0) -> str:
    """Return a sentence that names what is nearest to an unknown name: by the whole name or by one of its words.

    Where nothing is near, it names all there are, up to `most`.
    """
    names = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(said.casefold(), names, n=3, cutoff=0.6)
    if not near:
        words = {word: name for name in names for word in name.replace(",", " ").split()}
        near = [words[word] for word in difflib.get_close_matches(said.casefold(), words, n=3, cutoff=0.75)]
    if near:
        return f" Did you mean {' or '.join(names[name] for name in dict.fromkeys(near))}?"
    listed = list(names.values())
    more = ", ..." if len(listed) > most else "."
    return f" There are: {', '.join(listed[:most])}{more}" if most and listed else ""


class UnknownActor(UsageError):
    """No actor goes by that name, identifier or IRI."""


class UnknownDataset(UsageError):
    """No dataset, or no version of one, goes by that name."""


class UnknownRelease(UsageError):
    """No release of that number is kept."""


class AmbiguousActor(UsageError):
    """Several actors go by that name."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        listed = "\n".join(f"  {candidate}" for candidate in self.candidates)
        super().__init__(
            f"{name!r} is the name of {len(self.candidates)} actors; give one of these ids:\n{listed}"
        )


class StoreError(OpenTierError):
    """The data directory cannot be used."""


class NothingYet(StoreError):
    """Nothing was contributed to the data directory yet."""


class StoreBusy(StoreError):
    """Another process is writing to the data directory."""


class UnreadableRecord(StoreError):
    """A record says what cannot be read, or judgements contradict each other; no index can be made of it."""

    def __init__(self, message: str, advice: str = "Correct it, and contribute its dataset again.") -> None:
        self.advice = advice
        super().__init__(message)


class QueryError(OpenTierError):
    """A SPARQL query is malformed or asks for what is not served."""


class NotInstalled(OpenTierError):
    """What is asked for needs an extra that is not installed."""


class AccessError(OpenTierError):
    """Whoever asks may not."""


class KeyNeeded(AccessError):
    """What is asked takes a key, or the one that was given opens nothing."""


class NotAllowed(AccessError):
    """The key that was given opens something else."""


class TooOften(AccessError):
    """It was asked too much in too short a time; after some seconds it may be asked again."""

    def __init__(self, message: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(message)


class ExchangeError(OpenTierError):
    """Another instance cannot be read, or what it offers is not taken."""


class Unreachable(ExchangeError):
    """Another instance does not answer as it must, within its bounds."""


class NotOurs(ExchangeError):
    """What another instance offers has a name that is somebody else's here."""


class Forged(ExchangeError):
    """What came is not what was announced, or not signed by whom it must be."""


class WorkError(OpenTierError):
    """Long work could not be done."""


class WorkTooLong(WorkError):
    """Work took longer than its time."""


class WorkTooLarge(WorkError):
    """Work needs more memory, or gives a longer answer, than it may."""


class WorkBusy(WorkError):
    """Too much work waits already, or the service is shutting down."""


#: Why the system refuses a file or a folder, and what to do.
_REFUSALS = {
    errno.ENOENT: ("there is no such file or folder", "Give another path, or make its folder first."),
    errno.ENOTDIR: ("a part of this path is a file, not a folder", "Give another path."),
    errno.EISDIR: ("this is a folder", "Name a file in it."),
    errno.EEXIST: ("it is there already", "Give another path, or move it away."),
    errno.EACCES: ("this user may not do that there", "Give another path, or change the rights of this one."),
    errno.EPERM: ("this user may not do that there", "Give another path, or change the rights of this one."),
    errno.EROFS: ("it cannot be written, the file system is read-only", "Give a path that can be written."),
    errno.ENOSPC: ("it cannot be written, the disk is full", "Make room, and run the command again."),
    errno.EDQUOT: (
        "it cannot be written, the user's share of the disk is full",
        "Make room, and run the command again.",
    ),
    errno.ENAMETOOLONG: ("the name is too long", "Give a shorter one."),
}


def unable(error: OSError) -> str:
    """Return what the system refuses, why, and what to do."""
    paths = " to ".join(str(path) for path in (error.filename, error.filename2) if path is not None)
    why, advice = _REFUSALS.get(error.errno or 0, (error.strerror or str(error), ""))
    return f"{paths or 'The output'}: {why}. {advice}".rstrip()
