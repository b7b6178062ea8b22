"""A trace as people read it: 80 columns, the verdict first, what was tested and what was not before the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from opentier.api.console.show import printing
from opentier.graph.answer import apart, particulars, statements
from opentier.graph.exposure import words
from opentier.graph.model import printed
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


class Page:
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
        page, root = Page(console), found["root"]
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


def _groups(groups: list[Json], rows: int, page: Page) -> None:
    """Print the exposures by designation, under the heading of their legal force."""
    left, under, every = rows, "", sum(group["count"] for group in groups)
    most = max(FEW, rows // len(groups)) if groups else 0
    for number, group in enumerate(groups):
        heading = particulars.heading(group)
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


def _group(number: int, group: Json, few: list[Json], page: Page) -> None:
    entry = group["designation"]
    page.say(f"{number + 1}. {entry['title']}", 0, 3, "bold")
    page.say(particulars.entry(entry), 3)
    page.say(particulars.became(entry), 3)
    tiers = ", ".join(f"tier {tier}: {many:,}" for tier, many in group["by_tier"].items())
    page.say(f"{words.Figure(group['count']):exposure}: {tiers}.", 3)
    for reply in particulars.replies(entry):
        page.say(reply, 3, 2)
    for exposure in few:
        actor = exposure["actor"]
        where = words.country_and_code(actor["country"])
        page.say(f"- tier {actor['tier']}: {actor['name']}, {where}. {particulars.why(exposure)}", 3, 2)
        page.say(f"Severity {words.severity(exposure['severity'])}", 5)
        for stake in exposure["stakes"]:
            page.say(f"Stake: {particulars.stake(stake)}", 5, 2)
    if group["count"] > len(few) > 0:
        page.say(f"... and {group['count'] - len(few):,} more.", 3)
    if few and number < OPEN:
        _best(few[0], page)


def _best(exposure: Json, page: Page) -> None:
    """Print the best path of an exposure, a line for each hop."""
    for path in exposure["paths"][:1]:
        told = particulars.sure(path)
        page.say(f"Best path to {exposure['actor']['name']}: {told}.", 3, 2)
        for hop in path["hops"][:1]:
            page.say(f"{hop['from']['name']}, {words.country_and_code(hop['from']['country'])}", 5, 2)
        for hop in path["hops"]:
            page.say(particulars.gap(hop), 5, 2)
            page.say(f"> {particulars.hop(hop)}", 5, 2)
    if len(exposure["paths"]) > 1:
        page.say(f"{words.Figure(len(exposure['paths']) - 1):more path} folded; --format json has them.", 3)


def screened(found: Screened, most: int | None, out: Path | None) -> None:
    """Print a screened list: what was asked and found, then the rows from the worst on, so many of them at most."""
    every = found.worst()
    with printing(out) as console:
        page, under = Page(console), ""
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
        if left := [*found.listing.unread()]:
            page.head("Not read of the list")
            page.items(left)
        page.head("Searched")
        page.items(statements.sources({"limits": found.limits()}))


def _row(entry: Entry, line: Line, page: Page) -> None:
    """Print a row: whom it is likely of, the nearest exposure, and the first of what could not be tested."""
    from opentier.graph.screening import placed

    name = next(iter(entry.party.called), entry.id)
    page.say(f"- row {entry.row:,}: {name}{_taken(line)}", 0, 2)
    if line.nearest:
        severity = words.severity(line.nearest["severity"])
        page.say(f"Tier {line.nearest['path']['tier']}. {line.why} Severity {severity}", 4, 2)
    if line.behind and line.measure != line.nearest:
        page.say(f"Nearest measure: {line.behind}", 4, 2)
    for risk in line.risks[:LINES]:
        page.say(f"By place and good, no exposure: {placed.told(risk)}", 4, 2)
    if line.risks[LINES:]:
        page.say(
            f"... and {len(line.risks) - LINES:,} more by place and good; every other form has them.", 4, 2
        )
    few, more = line.not_testable[:LINES], len(line.not_testable) - LINES
    told = f" ... and {more:,} more; every other form has them." if more > 0 else ""
    page.say(" ".join(("Not testable:", *few)) + told, 4, 2)
    if line.shared_with:
        page.say(f"Others who buy from it: {', '.join(line.shared_with[:NAMED])}", 4, 2)


def _taken(line: Line) -> str:
    """Return for whom a row was taken, and how sure that is."""
    taken = line.traced or line.match
    return f" = {taken.name} ({taken.id}), {taken.band} {printed.score(taken.score)}" if taken else ""
