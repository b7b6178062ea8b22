"""Right of reply: whoever is named in a listing or an incident may answer; what is accepted stands under it.

A reply that somebody sends waits, unseen, until a person of the operator accepts or refuses it. An accepted one is a
row of the dataset `replies`, the next version of which is admitted like any contribution; one to what is not public is
a row of `replies-closed`, which is restricted. How to reach who sent it is for the operator alone, and is forgotten
with the decision.
"""

from __future__ import annotations

import datetime
import json
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from opentier.graph.access.audit import Audit
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import Named, StoreBusy, StoreError, UsageError, WorkBusy
from opentier.graph.export.edition import Edition
from opentier.graph.identity.judgements import BESIDE, REPLIES
from opentier.graph.judging.draft import Seen, Shown
from opentier.graph.model import cells
from opentier.graph.model.characters import controls, illegal, one_line, tidy
from opentier.graph.model.names import expand, plain
from opentier.graph.model.tables import TABLES
from opentier.graph.network.reading import dataset_of
from opentier.graph.report.report import ContributionError
from opentier.graph.store import durable, lock
from opentier.graph.trace.parameters import date as check_date

if TYPE_CHECKING:
    from opentier.graph.access.acts import Acts  # SHACL takes a while to import

#: What the dataset is called, and the table of its rows.
TITLE, TABLE = "Replies of those who are named", "responses"
#: What may be answered: records of these classes.
ANSWERED = {expand(TABLES[name].rdf_class) for name in ("designations", "incidents")}
#: The most characters of each text.
LONGEST = {"to": 1_000, "party": 1_000, "text": 5_000, "url": 2_000, "contact": 300, "reason": 1_000}
#: Replies that wait at once; more are too many for anybody to read.
MOST = 1_000
PENDING, ACCEPTED, REFUSED = "pending", "accepted", "refused"
_MARKUP = re.compile(r"<\s*[/!?a-z]", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{16}")
_PATIENCE = 10.0
#: How often an edition is made anew, since others have published one meanwhile.
_TRIES = 20


@dataclass(frozen=True)
class Reply:
    """A reply: to which record (IRI), of whom (IRI), what it says, and what became of it.

    Attributes
    ----------
    contact
        How to reach who sent it, as long as nobody has decided.
    decided, reason
        When it was accepted or refused, and why it was refused.
    """

    id: str
    to: str
    party: str
    date: str
    text: str = ""
    url: str = ""
    contact: str = ""
    received: str = ""
    state: str = PENDING
    decided: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return what whoever decides may know over the network: all but how to reach who sent it."""
        return {name: value for name, value in asdict(self).items() if name != "contact"}


def understood(
    shown: Shown,
    to: str,
    party: str,
    *,
    text: str = "",
    url: str = "",
    date: str | None = None,
    contact: str = "",
) -> Reply:
    """Return a reply as it is kept, of what somebody says who sees a release.

    Parameters
    ----------
    to, party
        IRIs or ids: of a designation or an incident, and of the actor that answers.

    Raises
    ------
    UsageError
        If one of them is not there for whoever asks, or something that is said is none of what it has to be.
    """
    said = {"to": to, "party": party, "text": text, "url": url, "contact": contact}
    said = {name: _text(name, value) for name, value in said.items()}
    if not (said["text"] or said["url"]):
        raise UsageError("A reply has a ", Named("text"), ", or the ", Named("url"), " where it stands.")
    if said["url"]:
        try:  # as the table of replies takes it, in which it will stand
            said["url"] = cells.url(said["url"])
        except cells.CellError:
            raise UsageError(
                Named("url"), " is a web address such as https://example.org/our-answer."
            ) from None
    now = _now()
    if date is not None:
        check_date("date", date, day=True)
        if date > now[:10]:
            raise UsageError(
                Named("date"), f" {date} is to come: a reply is of today ({now[:10]}) or before."
            )
    seen = Seen(shown)
    return Reply(
        secrets.token_hex(8), _record(seen, said["to"]), seen.sides.meant(said["party"]).iri, date or now[:10],
        said["text"], said["url"], said["contact"], now,
    )  # fmt: skip


def _record(seen: Seen, said: str) -> str:
    """Return the IRI of the record that is answered."""
    names = seen.release.names
    iri = plain(said) if "://" in said else names.base + plain(said)
    if not ANSWERED.isdisjoint(seen.release.types([iri]).get(iri, ())):
        return iri
    raise UsageError(
        Named("to"), f" {said[:200]!r} is no listing and no incident: give its IRI, as a trace prints it."
    )


def _text(name: str, said: str) -> str:
    """Return a text as it is kept: one line, without markup."""
    found = tidy(one_line(said), code=False)[0]
    if len(found) > LONGEST[name]:
        raise UsageError(Named(name), f" has {len(found):,} characters; it has at most {LONGEST[name]:,}.")
    if illegal(found) or controls(found):
        raise UsageError(Named(name), " is a text without control characters.")
    if _MARKUP.search(found):
        raise UsageError(
            Named(name), " is plain text: HTML is not shown. Take out what stands in angle brackets."
        )
    return found


class Replies:
    """The replies that were sent to a data directory: those that wait, and what became of the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Reply]:
        """Return all of them, the first that came first."""
        found = self.folder.glob("*.json") if self.folder.is_dir() else ()
        return sorted(map(self._read, found), key=lambda reply: (reply.received, reply.id))

    def waiting(self) -> list[Reply]:
        """Return those that nobody has decided on."""
        return [reply for reply in self.all() if reply.state == PENDING]

    def one(self, id: str) -> Reply:
        """Return the reply of an id that waits.

        Raises
        ------
        UsageError
            If there is none, or it is decided.
        """
        file = self.folder / f"{id}.json"
        if not _ID.fullmatch(id) or not file.is_file():
            raise UsageError(f"No reply is called {id[:100]!r}. See: opentier reply list")
        found = self._read(file)
        if found.state != PENDING:
            raise UsageError(f"{id} is {found.state} already ({found.decided}).")
        return found

    def keep(self, reply: Reply) -> None:
        """Keep a reply, all of it or nothing; only the operator can read it.

        Raises
        ------
        WorkBusy
            If too many wait already.
        """
        durable.make(self.folder)
        self.folder.chmod(0o700)
        with lock.held(self.folder / "lock", _PATIENCE, purpose="replies"):
            if reply.state == PENDING and len(self.waiting()) >= MOST:
                raise WorkBusy(
                    "Too many replies wait to be read. Send yours later, or write to the operator."
                )
            file = self.folder / f"{reply.id}.json"
            if reply.state == PENDING and file.exists():
                raise StoreBusy(f"Another reply is called {reply.id} already: send it again.")
            text = json.dumps(asdict(reply), indent=1, ensure_ascii=False)
            durable.replace(file, text + "\n", private=True)

    def _read(self, file: Path) -> Reply:
        try:
            return Reply(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"{file} cannot be read ({error}). Mend it, or move it away.") from error


@dataclass(frozen=True)
class Desk:
    """Where replies are taken and decided on, in somebody's name.

    Attributes
    ----------
    view
        Gives the current release with its index, as the operator sees it.
    acts
        Contributes the accepted ones.
    """

    view: Callable[[], Shown]
    kept: Replies
    audit: Audit
    who: str
    acts: Callable[[], Acts]

    def take(self, reply: Reply) -> Reply:
        """Keep a reply until somebody decides on it."""
        self.kept.keep(reply)  # what is not taken is in no log, which anybody could fill
        with self.audit.act(self.who, "reply", self._named(reply)) as told:
            told.outcome = PENDING
        return reply

    def accept(self, id: str) -> Reply:
        """Publish a reply that waits."""
        return self.publish(self.kept.one(id))

    def refuse(self, id: str, reason: str) -> Reply:
        """Refuse a reply that waits, with a reason; it is never shown."""
        if not (why := _text("reason", reason)):
            raise UsageError(Named("reason"), " says why the reply is refused.")
        found = self.kept.one(id)
        with self.audit.act(self.who, "refuse-reply", self._named(found)):
            self.kept.keep(_decided(found, REFUSED, why))
        return found

    def publish(self, reply: Reply) -> Reply:
        """Publish a reply: the next version of the dataset of replies has its row.

        Raises
        ------
        StoreBusy
            If others write for longer than is waited.
        """
        acts = self.acts()
        for _ in range(_TRIES):
            release = self.view().release
            closed = any(dataset_of(iri, release.names) in release.held for iri in (reply.to, reply.party))
            edition = Edition(release, BESIDE[REPLIES] if closed else REPLIES, TITLE)
            said = {name: getattr(reply, name) for name in ("to", "date", "text", "url")}
            edition.put(TABLE, {**said, "party": edition.cell(reply.party)})
            with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
                folder = edition.write(Path(scratch) / edition.dataset)
                options = Options(based=edition.number, match=False)
                try:
                    acts.contribute(folder, options, "accept-reply", self._named(reply))
                except ContributionError:
                    now = self.view().release.current.get(edition.dataset)
                    if (now.number if now else 0) == edition.number:
                        raise
                    continue
            self.kept.keep(_decided(reply, ACCEPTED))
            return reply
        raise StoreBusy(f"Others publish replies at the same time; {_TRIES} times one was sooner. Try again.")

    def _named(self, reply: Reply) -> str:
        """Return what a line of the log says of a reply: its id, and to what it is; not who sent it."""
        return f"{reply.id} to {self.view().release.names.id(reply.to)}"


def _decided(reply: Reply, state: str, reason: str = "") -> Reply:
    return replace(reply, state=state, decided=_now(), reason=reason, contact="")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
