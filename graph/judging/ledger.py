"""The ledger: the judgements of the people of a data directory, made and taken back one by one.

Each time the next version of one dataset is contributed: the rows of the current one, and what is new. Nothing is
removed: what is taken back is retracted, with the reason. Where an actor is of a dataset that is not public, it is that
of another dataset, which is not public either.
"""

from __future__ import annotations

import datetime
import json
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opentier.graph.admission.admitted import Admission
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import Named, StoreBusy, UsageError, mean
from opentier.graph.identity.judgements import BESIDE, JUDGED, PEOPLE, RULE, Judged, admitted
from opentier.graph.judging.draft import Draft, Seen, Shown
from opentier.graph.judging.edition import Edition
from opentier.graph.judging.outcome import Outcome
from opentier.graph.judging.said import Said, find
from opentier.graph.model.characters import controls, illegal, one_line, tidy
from opentier.graph.model.tables import SCHEMES, TABLES
from opentier.graph.report.report import ContributionError, Report
from opentier.graph.store.directory import Store
from opentier.graph.trace.parameters import date

CODES = SCHEMES["judgement"]
#: Who decides, and why something is taken back, where that is not said.
SOMEBODY, TAKEN_BACK = "a user of this data directory", "taken back, no reason given"
#: How often an edition is made anew, since others have published one meanwhile.
_TRIES = 20


@dataclass(frozen=True)
class _How:
    """Who judges, when and why, as it is kept."""

    reason: str
    by: str
    date: str

    @classmethod
    def of(cls, reason: str, by: str, day: str | None) -> _How:
        """Return them as they are kept.

        Raises
        ------
        UsageError
            If one of them is no text, the day is none or is to come, or a rule is named.
        """
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        if day is not None:
            date("date", day, day=True)
            if day > today:
                raise UsageError(
                    Named("date"), f" {day} is to come: a judgement is of today ({today}) or before."
                )
        texts = [tidy(one_line(text), code=False)[0] for text in (reason, by)]
        for name, text in zip(("reason", "by"), texts, strict=True):
            if illegal(text) or controls(text):
                raise UsageError(Named(name), " is a text without control characters.")
        if texts[1].casefold().startswith(RULE):
            raise UsageError(
                Named("by"), f" names a person or a team; {texts[1]!r} begins as the name of a rule does."
            )
        return cls(texts[0], texts[1] or SOMEBODY, day or today)


@dataclass(frozen=True)
class Ledger:
    """The judgements of a data directory.

    Attributes
    ----------
    view
        Gives the current release with its index.
    contribute
        Admits a contribution, told what it is done for and about which record.
    """

    store: Store
    view: Callable[[], Shown]
    contribute: Callable[[Path, Options, str, str], Admission]

    def judge(
        self,
        left: str,
        right: str,
        judgement: str,
        *,
        reason: str = "",
        by: str = "",
        date: str | None = None,
        publisher: str = "",
    ) -> Outcome:
        """Say of two actors whether they are one.

        What was said before stays, and the later judgement counts. Of the same day the new one does: what another one
        says otherwise, or the same person said, is taken back.

        Parameters
        ----------
        left, right
            IRIs, ids, identifiers or names: of the very actors that are meant, whoever is one with them already.
        judgement
            "positive": they are one; "negative": they differ; "unsure": they may be one.
        reason, by
            Why, and who says so.
        date
            The day on which it is decided (YYYY-MM-DD), today where nothing is said.
        publisher
            Who publishes the dataset of judgements.

        Raises
        ------
        UsageError
            If there is no such actor, or several are, or something that is said is none of what it has to be.
        ContributionError
            If it contradicts an equal identifier.
        StoreBusy
            If others write for longer than is waited.

        Examples
        --------
        >>> from opentier.graph import Graph
        >>> graph = Graph.open("opentier-data")
        >>> said = graph.judge("example/aurora", "example/borealis", "negative", by="Ann", date="2024-06-30")
        >>> said.effect.changed, said.id in [each.id for each in graph.judgements()]
        ((), True)
        >>> graph.undo(said.id, reason="an example").counts is None
        True
        """
        how = _How.of(reason, by, date)
        if judgement not in CODES:
            raise UsageError(
                Named("judgement"), f" is one of {', '.join(CODES)}; not {judgement!r}.{mean(judgement, CODES)}"
            )  # fmt: skip

        def made(before: Seen) -> Outcome | Draft:
            sides = before.sides
            one, other = sides.meant(left), sides.meant(right)
            if one == other:
                raise UsageError(f"{one} is the same actor on both sides; name two.")
            beside = not before.release.held.isdisjoint(self._dataset(each.iri) for each in (one, other))
            edition = Edition(before.release, BESIDE[PEOPLE] if beside else PEOPLE)
            known = admitted(before.release)
            row = {"judgement": judgement, "decided_by": how.by, "date": how.date, "reason": how.reason}
            record = edition.judge(one.iri, other.iri, row)
            new = Judged(one.iri, other.iri, judgement, record, how.by, None, how.date)
            draft = Draft(edition, known, new, one, other, how.reason)
            if any(each.record == record for each in known.said):
                return draft.outcome(before, before, None, ())
            for each in known.said:
                if _replaced(each, new) and self._dataset(each.record) == edition.dataset:
                    draft.replaced.append(each)
                    why = f"judged again on the same day, by {how.by}"
                    edition.retract(each.record, why, how.date, how.by, record)
            return draft

        return self._publish(made, publisher)

    def undo(self, text: str, *, reason: str = "", by: str = "") -> Outcome:
        """Take a judgement of a person back, by its IRI or its id; what was taken back for it counts again.

        Raises
        ------
        UsageError
            If there is none of that name, a rule made it, or it stands in a dataset of others.
        """
        how = _How.of(reason, by, None)
        reason = how.reason or TAKEN_BACK

        def made(before: Seen) -> Outcome | Draft:
            found = self._find(before, text)
            judged = found.judged
            edition = Edition(before.release, self._dataset(judged.record))
            known = admitted(before.release)
            draft = Draft(edition, known, judged, found.left, found.right, reason, undone=True)
            edition.retract(judged.record, reason, how.date, how.by)
            others = [each for each in known.said if each.record != judged.record]
            for record in edition.replaced(judged.record):
                gone = find(before.release, before.sides, record)
                if gone and not any(_replaced(gone.judged, other) for other in others):
                    edition.again(record)
                    draft.again.append(gone.judged)
            return draft

        return self._publish(made, "")

    def _find(self, before: Seen, text: str) -> Said:
        """Return the judgement that is to be taken back."""
        names, text = self.store.names, text.strip()
        segment = TABLES["identity_judgements"].segment
        records = text, names.base + text, *(names.record(each, segment, text) for each in sorted(JUDGED))
        found = next(filter(None, (find(before.release, before.sides, record) for record in records)), None)
        if found is None:
            raise UsageError(f"No judgement is called {text!r}. See: opentier judgements list")
        pair = shlex.join((found.left.id, found.right.id))
        if not found.judged.by_person:
            raise UsageError(
                f"{found.id} is of a rule ({found.judged.decided_by}), which would make it again. Judge otherwise, and "
                f"that counts for good: opentier judge {pair} negative (or positive)"
            )
        if self._dataset(found.judged.record) not in JUDGED:
            raise UsageError(
                f"{found.id} stands in another dataset, whose publisher can take it back. Judge otherwise, and the "
                f"later one counts: opentier judge {pair} {' or '.join(CODES)}"
            )
        if found.state == "undone":
            gone = found.undone
            told = f" ({gone.date}: {gone.reason})" if gone else ""
            raise UsageError(f"{found.id} is taken back already{told}. To say it again, judge again.")
        return found

    def _dataset(self, iri: str) -> str:
        return self.store.names.id(iri).partition("/")[0]

    def _publish(self, made: Callable[[Seen], Outcome | Draft], publisher: str) -> Outcome:
        """Publish an edition, made anew where others have published one meanwhile."""
        for _ in range(_TRIES):
            before = Seen(self.view())
            draft = made(before)
            if isinstance(draft, Outcome):
                return draft
            with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
                folder = draft.edition.write(Path(scratch) / draft.edition.dataset)
                options = Options(publisher=publisher or None, based=draft.edition.number)
                act, about = "undo" if draft.undone else "judge", self.store.names.id(draft.judged.record)
                try:
                    admission = self.contribute(folder, options, act, about)
                except ContributionError:
                    now = self.store.release().current.get(draft.edition.dataset)
                    if (now.number if now else 0) == draft.edition.number:
                        raise
                    continue
            warnings = self._warnings(draft.edition, admission.report)
            return draft.outcome(before, Seen(self.view()), admission, warnings)
        raise StoreBusy(f"Others judge here at the same time; {_TRIES} times one was sooner. Try again.")

    def _warnings(self, edition: Edition, report: Report) -> tuple[str, ...]:
        """Return what a report warns of that the one on the edition before did not warn of."""
        told: set[str] = set()
        if edition.number:
            kept = self.store.folder(edition.dataset, edition.number) / "report.json"
            before = Report.from_dict(json.loads(kept.read_text("utf-8")))
            told = {finding.message for finding in before.findings}
        found = [finding for finding in report.sorted() if finding.severity == "warning"]
        return tuple(f"{each.message} {each.advice}" for each in found if each.message not in told)


def _replaced(known: Judged, new: Judged) -> bool:
    """Return whether a judgement is taken back for a new one on the same pair: neither is later than the other.

    What another person says alike stays.
    """
    same = known.pair == new.pair and known.weight[:2] == new.weight[:2]
    return same and (known.judgement != new.judgement or known.decided_by == new.decided_by)
