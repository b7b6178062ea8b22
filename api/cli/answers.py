"""What the commands `obligations`, `initiatives` and `questions` print for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from opentier.api.cli.show import printing, shown

if TYPE_CHECKING:
    from opentier.graph.query.questions import Question


def obligations(found: dict[str, Any], out: Path | None) -> None:
    """Print which laws bind an actor, by source, what was filed and what is due."""
    found = shown(found)
    with printing(out) as console:
        actor = found["actor"]
        console.print(f"[bold]{actor['name']}[/] ({actor['id']}, {actor['country'] or 'country unknown'})")
        facts = "; ".join(_fact(fact) for fact in found["facts"]) or "none stated"
        console.print(f"Facts: {facts}")
        console.print(
            f"On {found['on']}.\n" if found["on"] else "No day was asked for: see when each law applies.\n"
        )
        for law in found["laws"]:
            _law(law, console)
        console.print(
            f"{found['not_considered']} more laws have no known connection with this actor, or bind States only."
        )
        for step in found["due"]:
            console.print(f"\n[bold]Due: {step['step']}[/] ({step['trigger']}, {step['count']} reasons)")
            console.print(f"  {step['due']}")
            console.print(f"  because of {'; '.join(step['because'])}", style="dim")
            console.print(f"  source: {step['source']}", style="dim")


def _law(law: dict[str, Any], console: Console) -> None:
    about = law["law"]
    console.print(
        f"[bold]{law['outcome']}[/]: {about['title']} ({about['jurisdiction']}; {law['connection']})"
    )
    console.print(f"  {_when(about)}")
    if not law["by_source"]:
        console.print("  no threshold: whom it binds depends on what is done, not on size")
    for source in law["by_source"]:
        console.print(f"  {source['outcome']} according to {source['source']}")
        for group in source["groups"]:
            if group["applies_from"] != about["applicable"]:
                later = "not yet in reach: " if group["not_yet"] else ""
                console.print(
                    f"    {later}group {group['group']} applies from {group['applies_from']}",
                    style="dim",
                )
            for threshold in group["thresholds"]:
                least = f"{threshold['metric']} of at least {threshold['minimum']:,.0f}"
                where = f" {threshold['currency'] or ''} ({threshold['scope'] or 'worldwide'})".replace(
                    "  ", " "
                )
                fact = f"; known: {_fact(threshold['fact'])}" if threshold["fact"] else ""
                console.print(
                    f"    {threshold['verdict']}: {least + where}, group {group['group']} "
                    f"({group['rule']}): {threshold['why'] + fact}",
                    style="dim",
                )
    if law["outcome"] != "not-bound":
        for duty in law["obligations"]:
            console.print(f"  duty: {duty['title']}")
    for filed in law["filed"]:
        console.print(f"  filed for {filed['year']}: {filed['url'] or 'no address'}")
    if law["outcome"] == "bound" and not law["filed"]:
        console.print("  filed: nothing is known to be filed")
    console.print()


def _when(law: dict[str, Any]) -> str:
    """Say when a law applies; no clock is read, so not whether it does today."""
    if law["applies_from"] and law["in_force"] and law["applies_from"] != law["in_force"]:
        return f"applies from {law['applies_from']} (in force from {law['in_force']})"
    if law["applicable"]:
        return f"applies from {law['applicable']}"
    return "when it applies is not known"


def _fact(fact: dict[str, Any]) -> str:
    money = f" {fact['currency']}" if fact["currency"] else ""
    year = f", {fact['year']}" if fact["year"] else ""
    return f"{fact['metric']} {fact['value']:,.0f}{money} ({fact['scope'] or 'scope not stated'}{year})"


def initiatives(found: list[dict[str, Any]], out: Path | None) -> None:
    """Print a list of initiatives."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("name", "type", "industry", "geography", "issues", "website"):
        table.add_column(name)
    for item in shown(found):
        cells = (
            item["name"], item["type"], ", ".join(item["industries"]), ", ".join(item["geographies"]),
            ", ".join(item["issues"]), item["website"] or "",
        )  # fmt: skip
        table.add_row(*cells)
    with printing(out) as console:
        if found:
            console.print(table)
        console.print(f"{len(found)} initiatives.")


def gaps(found: dict[str, list[Any]], out: Path | None) -> None:
    """Print what no initiative of the directory is particular to, and the listed goods that none is there for."""
    risks = shown(found["risks"])
    table = Table(show_edge=False, pad_edge=False)
    for name in ("good", "country", "listed for", "designation"):
        table.add_column(name)
    for risk in risks:
        table.add_row(risk["good"], risk["country"], ", ".join(risk["exploitation"]), risk["designation"])
    with printing(out) as console:
        for name in ("industries", "geographies", "issues"):
            console.print(f"{name} without any initiative: {', '.join(shown(found[name])) or 'none'}")
        console.print(f"listed goods of a country without any initiative: {len(risks) or 'none'}")
        if risks:
            console.print(table)


def questions(found: list[Question], out: Path | None) -> None:
    """Print the list of questions."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("N", "question", "inputs", "keywords"):
        table.add_column(name)
    for one in found:
        inputs = ", ".join(f"--{given.name.replace('_', '-')} {given.example}" for given in one.inputs)
        table.add_row(*shown((str(one.number), one.comment, inputs, ", ".join(one.keywords))))
    with printing(out) as console:
        console.print(table)
        console.print(
            "Answer one of them with: opentier questions N; its inputs are options, and these their defaults."
        )
