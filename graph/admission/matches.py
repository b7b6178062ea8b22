"""What the matcher takes for likely one, as a dataset: unsure judgements by rule, which join nobody and are shown.

After a contribution its actors are compared with those of all other datasets. Pairs in the accept band are the rows of
dataset `matches`, a new version of which takes the place of what was said of the same dataset before. Pairs with an
actor of a dataset that is not public are rows of dataset `matches-closed`, which nobody sees who does not see all; a
public dataset is compared with public ones alone for `matches`, so that no score there tells of the others. What people
judge of a pair counts before it, and what they take back leaves it as it was. Each contribution to it is an admission
like any other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from opentier.graph.admission import admission
from opentier.graph.admission.admitted import Matched
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreBusy
from opentier.graph.identity import judgements
from opentier.graph.jobs.progress import Progress
from opentier.graph.matching import book
from opentier.graph.matching.book import Book
from opentier.graph.matching.candidates import Books
from opentier.graph.matching.matcher import Match, Matcher
from opentier.graph.matching.parties import Party
from opentier.graph.matching.scoring import Weights
from opentier.graph.model import printed, sheet
from opentier.graph.model.names import concept
from opentier.graph.model.versions import Version
from opentier.graph.model.visibility import PUBLIC, check
from opentier.graph.report.report import ContributionError
from opentier.graph.store.directory import Ready, Store, Waiting
from opentier.graph.store.release import Release, one
from opentier.graph.store.scope import OWNER, Reader

#: The dataset.
DATASET = judgements.MATCHES
#: Actors of one contribution that are compared at most; more are told of, and compared when somebody asks for it.
MOST = 500_000
_TOGETHER = 1_000
#: How often an edition is made anew, since others have published one meanwhile.
_TRIES = 20
#: The dataset of pairs that are not for the public.
CLOSED = judgements.BESIDE[DATASET]
_COLUMNS = ("left", "right", "judgement", "score", "decided_by", "date", "reason")
Row = tuple[str, ...]


def propose(
    store: Store,
    release: Release,
    version: Version,
    progress: Progress,
    ready: Ready,
    waiting: Waiting,
    reader: Reader = OWNER,
) -> Matched | None:
    """Compare the actors of a dataset version with all others, and publish which are likely one; None without actors.

    Parameters
    ----------
    release
        The release that has the version.
    reader
        Who is told how many pairs there are, of those that he may see.

    Raises
    ------
    StoreBusy
        If another process writes for longer than is waited.
    """
    mine = book.opened(release, version)
    many = min(len(mine), MOST)
    if not many:
        return None
    held = release.held
    shown = [] if version.dataset in held else _pairs(release.stored, version, mine, many, progress)
    every = _pairs(release, version, mine, many, progress) if held else []
    closed = [row for row in every if not held.isdisjoint(_datasets(release, row))]
    for dataset, found in ((DATASET, shown), (CLOSED, closed)):
        for _ in range(_TRIES):
            if _published(dataset, found, store, release, version, progress, ready, waiting):
                break
            release = store.release()
        else:
            raise StoreBusy(f"Others publish {dataset} without end: contribute again, with --match.")
    hidden = release.hidden_from(reader)
    told = [row for row in closed if hidden.isdisjoint(_datasets(release, row))]
    return Matched(many, len(mine) - many, len(shown) + len(told))


def forget(
    store: Store, dataset: str, visibility: str, progress: Progress, ready: Ready, waiting: Waiting
) -> None:
    """Take the pairs of a dataset out of those that all may see, before it is one that not all may see."""
    release = store.release() if store.current else None
    version = release.current.get(dataset) if release else None
    closing = check(visibility, store.today()) != PUBLIC
    if release is None or version is None or not closing or dataset in release.held:
        return
    for _ in range(_TRIES):
        if _published(DATASET, [], store, release, version, progress, ready, waiting):
            return
        release = store.release()
    raise StoreBusy(f"Others publish {DATASET} without end: try again.")


def again(
    store: Store, version: Version | None, progress: Progress, ready: Ready, waiting: Waiting
) -> Release:
    """Compare the actors of a version that counts again, where actors were compared before; return the release."""
    release = store.release()
    compared = not {DATASET, CLOSED}.isdisjoint(release.current)
    if version and compared and version.dataset not in (DATASET, CLOSED):
        propose(store, release, version, progress, ready, waiting)
    return store.release()


def _published(
    dataset: str,
    found: Sequence[Row],
    store: Store,
    release: Release,
    version: Version,
    progress: Progress,
    ready: Ready,
    waiting: Waiting,
) -> bool:
    """Publish the rows of a version with those of others; return whether that stands on what is current."""
    known, before = _known(dataset, release), release.current.get(dataset)
    kept = [row for row in known if version.dataset not in _datasets(release, row)]
    rows = sorted({*kept, *found})
    if rows == sorted(known):
        return True
    number = before.number if before else 0
    with store.scratch() as scratch:
        options = Options(match=False, based=number)
        package = _package(scratch / dataset, rows or sorted(known), {} if rows else known, version.admitted)
        work = package, options, store, progress, ready, waiting
        try:
            admission.contribute(*work, ours=True)
        except ContributionError:
            now = store.release().current.get(dataset)
            if (now.number if now else 0) == number:
                raise
            return False
    return True


def _pairs(release: Release, version: Version, mine: Book, many: int, progress: Progress) -> list[Row]:
    """Return the rows that say which actors of a version are likely one with which others."""
    others = [
        book.opened(release, each) for each in release.current.values() if each.dataset != version.dataset
    ]
    others = [each for each in others if len(each)]
    if not others:
        return []
    weights = Weights.shipped()
    matcher = Matcher(Books.together(others), weights, rarity=Books.together([mine, *others]).rarity())
    found = list[tuple[Party, Match]]()
    progress("matching", 0, many)
    for first in range(0, many, _TOGETHER):
        parties = [mine.party(number) for number in range(first, min(first + _TOGETHER, many))]
        for party, matches in zip(parties, matcher.match(parties, least="accept"), strict=True):
            found += [(party, match) for match in matches]
        progress("matching", first + len(parties), many)
    strong = ((actor, identifier) for actor, identifier in release.select("strong")) if found else ()
    equal = judgements.Judgements(identified=strong).joined()
    return [
        _row(party, match, weights, version) for party, match in found
        if equal.find(party.iri) != equal.find(match.iri)
    ]  # fmt: skip


def _row(party: Party, match: Match, weights: Weights, version: Version) -> Row:
    left, right = sorted((party.iri, match.iri))
    values = ", ".join(f"{name} {printed.score(value)}" for name, value in match.values.items())
    rule = f"rule:matcher-{weights.version}"
    return (
        left,
        right,
        "unsure",
        f"{match.score:.4f}",
        rule,
        version.admitted[:10],
        f"{match.why} ({values})",
    )


def _known(dataset: str, release: Release) -> dict[Row, str]:
    """Return the rows of the current version with their records; not those whose actors nobody describes any more."""
    version = release.current.get(dataset)
    rows, judged = dict[Row, str](), []
    for iri, fields in release.each("identity_judgements", version.iri) if version else ():
        judged.append((iri, {name: one(fields, term) or "" for name, term in _TERMS.items()}))
    described = release.described(said[side] for _, said in judged for side in ("left", "right"))
    for iri, said in judged:
        if said["left"] in described and said["right"] in described:
            code = said["judgement"].removeprefix(concept("judgement", ""))
            score = f"{float(said['score']):.4f}"
            rows[said["left"], said["right"], code, score, *(said[name] for name in _COLUMNS[4:])] = iri
    return rows


_TERMS = {
    "left": "ot:left", "right": "ot:right", "judgement": "ot:judgement", "score": "ot:score",
    "decided_by": "ot:decidedBy", "date": "dcterms:date", "reason": "ot:statusReason",
}  # fmt: skip


def _datasets(release: Release, row: Row) -> set[str]:
    """Return the datasets of the two actors of a row."""
    return {release.names.id(actor).partition("/")[0] for actor in row[:2]}


def _package(folder: Path, rows: Sequence[Row], taken: Mapping[Row, str], admitted: str) -> Path:
    """Write the rows as a Data Package; beside them those that are taken back, since they hold no longer."""
    folder.mkdir()
    resources = [_table(folder, "identity_judgements", _COLUMNS, rows)]
    if taken:
        why = "The actors are no longer alike, or no longer there."
        said = [(taken[row], why, admitted[:10]) for row in rows]
        resources.append(_table(folder, "retractions", ("record", "reason", "date"), said))
    descriptor = {
        "name": folder.name,
        "title": "Actors that are likely one, by rule",
        "description": "Pairs of actors that the matcher takes for likely one. Nobody has decided: they join nobody.",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


def _table(folder: Path, name: str, header: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as output:
        sheet.package(output, header, rows)
    return {"name": name, "path": f"{name}.csv"}
