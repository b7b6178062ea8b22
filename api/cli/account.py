"""A trace as people read it: 80 columns, the verdict first, what was tested and what was not before the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from opentier.api.cli.show import printing
from opentier.graph.answer import apart, statements
from opentier.graph.exposure import words
from opentier.graph.model.characters import visible

if TYPE_CHECKING:
    from opentier.graph.screening.entries import Entry
    from opentier.graph.screening.lines import Line
    from opentier.graph.screening.screened import Screened

Json = Mapping[str, Any]

#: Columns of the text, whatever it is printed on.
WIDE = 80
#: Exposures that are printed in all, and at least of one designation, as long as there are any left.
ROWS, FEW = 25, 5
#: Sentences on what could not be tested of one row of a list.
LINES = 3
#: Designations whose best path is open, and designations that are named.
OPEN, NAMED = 2, 25


class _Page:
    """Lines of a text, wrapped, indented and without characters that steer a terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """Print a paragraph; its further lines are indented by `hang` more."""
        if not text:
            return
        room = WIDE - indent - hang
        first, *_ = Text(visible(text)).wrap(self.console, room + hang)
        rest = visible(text)[len(first.plain) :].lstrip()
        more = Text(rest).wrap(self.console, room) if rest else ()
        for number, line in enumerate((first, *more)):
            line.rstrip()
            pad = " " * (indent if number == 0 else indent + hang)
            self.console.print(Text(pad).append(line.plain, style=style), soft_wrap=True)

    def head(self, text: str) -> None:
        """Print a heading."""
        self.console.print()
        self.say(text, style="bold")

    def items(self, lines: Iterable[str]) -> None:
        """Print a list."""
        for line in lines:
            self.say(f"- {line}", 0, 2)


def trace(found: Json, out: Path | None = None, doubt: str | None = None, rows: int = ROWS) -> None:
    """Print a trace whose exposures are grouped (see `TraceResult.to_dict`), so many of them in all."""
    with printing(out) as console:
        page, root = _Page(console), found["root"]
        direction = "Downstream" if found["parameters"]["downstream"] else "Upstream"
        where = words.country_and_code(root["country"])
        page.say(f"{direction} of {root['name']}, {where}, {root['id']}", style="bold")
        page.say(statements.question(found))
        console.print()
        first, *reasons = statements.verdict(found)
        page.say(first, style="bold")
        page.items([*reasons, *([doubt] if doubt else [])])
        page.head("Tested")
        page.items(statements.tested(found) or [words.said("untested", "none")])
        page.head("Not testable")
        page.items(statements.untested(found) or [words.said("untested", "nothing")])
        _groups(found["groups"], rows, page)
        for heading, lines in (
            *apart.sections(found),
            ("Where one change matters most", statements.chokepoints(found)),
            ("Organisation changes", statements.changes(found)),
            ("Searched", statements.sources(found)),
        ):
            if lines:
                page.head(heading)
                page.items(lines)


def _groups(groups: list[Json], rows: int, page: _Page) -> None:
    """Print the exposures by designation, under the heading of their legal force."""
    left, under, every = rows, "", sum(group["count"] for group in groups)
    most = max(FEW, rows // len(groups)) if groups else 0
    for number, group in enumerate(groups):
        heading = statements.heading(group)
        if heading != under:
            page.head(heading)
        under = heading
        if number >= NAMED:
            many = sum(each["count"] for each in groups[number:])
            page.say(f"... and {len(groups) - number:,} more designations with {many:,} exposures.")
            break
        few = group["exposures"][: left if every <= rows else min(left, most)]
        left -= len(few)
        _group(number, group, few, page)
    if every > rows:
        page.say(f"Of {every:,} exposures {rows - left:,} are shown; --format json or csv has all of them.")


def _group(number: int, group: Json, few: list[Json], page: _Page) -> None:
    entry = group["designation"]
    page.say(f"{number + 1}. {entry['title']}", 0, 3, "bold")
    page.say(_entry(entry), 3)
    page.say(_became(entry), 3)
    tiers = ", ".join(f"tier {tier}: {many:,}" for tier, many in group["by_tier"].items())
    page.say(f"{words.Figure(group['count']):exposure}: {tiers}.", 3)
    for reply in entry["replies"]:
        said = f"Reply of {reply['party']['name']} ({reply['date'] or 'no date'}): {reply['text'] or reply['url']}"
        page.say(said, 3, 2)
    for exposure in few:
        actor = exposure["actor"]
        where = words.country_and_code(actor["country"])
        page.say(f"- tier {actor['tier']}: {actor['name']}, {where}. {_why(exposure)}", 3, 2)
        page.say(f"Severity {words.severity(exposure['severity'])}", 5)
        for stake in exposure["stakes"]:
            page.say(f"Stake: {_stake(stake)}", 5, 2)
    if group["count"] > len(few) > 0:
        page.say(f"... and {group['count'] - len(few):,} more.", 3)
    if few and number < OPEN:
        _best(few[0], page)


def _why(exposure: Json) -> str:
    """Return why a designation touches an actor, and what weakens that."""
    return " ".join((exposure["sentence"], *statements.weak(exposure)))


def _entry(entry: Json) -> str:
    """Return who says what a designation says, by which law, since when, and for what."""
    dates = (
        ("in force since", entry["effective_date"] or entry["listing_date"]),
        ("until", entry["delisting_date"]),
        ("seen", entry["observed_date"]),
    )
    when = [f"{word} {date}" for word, date in dates if date] or ["no date stated"]
    spans = [_between(span["from"], span["to"]) for span in entry["in_force"]]
    if entry["status_history"]:
        when = [f"in force {words.listed(spans)}" if spans else "in force at no time"]
    elif not spans:
        begun = entry["effective_date"] or entry["listing_date"]
        when = [*([f"begun {begun}"] if begun else []), "no longer in force; since when, nobody states"]
    lists = [words.said("exploitation", code) for code in entry["exploitation"]]
    by = [entry["authority"], entry["law"] or entry["register"], ", ".join(when), words.listed(lists)]
    return "; ".join(str(part) for part in by if part) + "."


def _became(entry: Json) -> str:
    """Return what became of a designation, with its note; of a risk designation that is plainly active, nothing.

    The note of a measure is always told: it says how far the measure goes, and what of it was read by hand.
    """
    changes = [f"{change['status']} {change['date']}" for change in entry["status_history"]]
    if changes or entry["status"] not in (None, "active"):
        return (
            f"Status: {'; '.join(filter(None, (entry['status'], *changes)))}. {entry['note'] or ''}".rstrip()
        )
    return (entry["note"] or "") if entry["class"] == "measure" else ""


def _best(exposure: Json, page: _Page) -> None:
    """Print the best path of an exposure, a line for each hop."""
    for path in exposure["paths"][:1]:
        told = _sure(path)
        page.say(f"Best path to {exposure['actor']['name']}: {told}.", 3, 2)
        for hop in path["hops"][:1]:
            page.say(f"{hop['from']['name']}, {words.country_and_code(hop['from']['country'])}", 5, 2)
        for hop in path["hops"]:
            if hop["gap"]:
                page.say(f"Not known: {words.Figure(hop['gap']):declared tier}, not named", 5, 2)
            page.say(f"> {_hop(hop)}", 5, 2)
    if len(exposure["paths"]) > 1:
        page.say(f"{words.Figure(len(exposure['paths']) - 1):more path} folded; --format json has them.", 3)


def _sure(path: Json) -> str:
    """Return how sure a path is, when it lived, and whether its products go on; what no link says is not told."""
    links = [hop for hop in path["hops"] if hop["kind"] != "identity"]
    if not links:
        return words.said("unstated", "link")
    sure, least = path["confidence"]["product"], path["confidence"]["minimum"]
    stated = any(hop["confidence"] is not None for hop in links)
    band = words.band(sure) if stated else words.said("unstated", "confidence")
    told = f"path confidence {sure:.3g} ({band}), weakest hop {least:.3g}; {_live(path['live'])}"
    goes_on = path["product_continuity"]
    return told if goes_on == "not-asked" else f"{told}; {words.said('continuity', goes_on)}"


def _live(live: Json) -> str:
    known = live["from"] or live["to"]
    return f"live {_between(live['from'], live['to'])}" if known else words.said("unstated", "date")


def _between(start: str | None, end: str | None) -> str:
    return words.between(start, end) or "at all times"


def _hop(hop: Json) -> str:
    """Return a hop: who, where, what, when, how sure, by which document, from which dataset."""
    return f"{hop['to']['name']}, {words.country_and_code(hop['to']['country'])}: " + "; ".join(_told(hop))


def _stake(hop: Json) -> str:
    share = f"{hop['share']:g} %" if hop["share"] is not None else "a share not stated"
    by = f"{hop['dataset']} version {hop['version']}, {hop['licence'] or 'licence unknown'}"
    return f"{hop['from']['name']} holds {share} of {hop['to']['name']}; {_dates(hop)}; {by}"


def _told(hop: Json) -> Iterator[str]:
    judged = hop.get("judgement")
    if judged:
        score = f", score {judged['score']:.3g}" if judged["score"] is not None else ""
        by = judged["decided_by"] or "nobody named"
        yield f"identity judged {judged['judgement']} by {by}{score} ({judged['date'] or 'no date stated'})"
    else:
        product = words.goods(hop["product"]) or ("no product stated" if hop["kind"] == "supply" else "")
        yield ", ".join(part for part in (words.said("kinds", hop["kind"]), product) if part)
        yield _dates(hop)
        yield "confidence not stated" if hop["confidence"] is None else f"confidence {hop['confidence']:g}"
        titles = [item.get("title") or item["iri"] for item in hop["evidence"]]
        yield f"document: {'; '.join(titles) or hop['source'] or 'none stated'}"
    for each in hop["contradictions"]:
        yield statements.contradicted(each)
    for name in ("incidents", "likelihoods"):
        if hop[name]:
            yield words.said("apart", f"hop-{name}", n=len(hop[name]))
    if hop["dataset"]:  # a join by an equal identifier is of no dataset
        yield f"{hop['dataset']} version {hop['version']}, {hop['licence'] or 'licence unknown'}"


def _dates(hop: Json) -> str:
    """Return the dates of a hop as they are stated; a day on which it was seen is no beginning."""
    if hop["start_date"] or hop["end_date"]:
        seen = f", seen {hop['observed_date']}" if hop["observed_date"] else ""
        return _between(hop["start_date"], hop["end_date"]) + seen
    if hop["observed_date"]:
        return f"seen {hop['observed_date']}, no start stated: an old sighting is no proof of today"
    return words.said("unstated", "dates")


def screened(found: Screened, most: int | None, out: Path | None) -> None:
    """Print a screened list: what was asked and found, then the rows from the worst on, so many of them at most."""
    every = found.worst()
    with printing(out) as console:
        page, under = _Page(console), ""
        page.say(f"{found.listing.file}: {found.question()}", style="bold")
        console.print()
        page.items(found.verdict.reasons)
        for entry, line in every[:most]:
            if line.verdict != under:
                page.head(words.said("screened-rows", line.verdict))
                under = line.verdict
            _row(entry, line, page)
        if most is not None and every[most:]:
            page.say(f"... and {len(every) - most:,} more rows; --out has all of them.")
        page.head("Searched")
        page.items(statements.sources({"limits": found.limits()}))


def _row(entry: Entry, line: Line, page: _Page) -> None:
    """Print a row: whom it is likely of, the nearest exposure, and the first of what could not be tested."""
    name = next(iter(entry.party.called), entry.id)
    page.say(f"- row {entry.row:,}: {name}{_taken(line)}", 0, 2)
    if line.nearest:
        severity = words.severity(line.nearest["severity"])
        page.say(f"Tier {line.nearest['path']['tier']}. {line.why} Severity {severity}", 4, 2)
    few, more = line.not_testable[:LINES], len(line.not_testable) - LINES
    told = f" ... and {more:,} more; every other form has them." if more > 0 else ""
    page.say(" ".join(("Not testable:", *few)) + told, 4, 2)
    if line.shared_with:
        page.say(f"Others who buy from it: {', '.join(line.shared_with[:NAMED])}", 4, 2)


def _taken(line: Line) -> str:
    """Return for whom a row was taken, and how sure that is."""
    taken = line.traced or line.match
    return f" = {taken.name} ({taken.id}), {taken.band} {taken.score:.2f}" if taken else ""
