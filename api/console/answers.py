"""What the commands `obligations`, `initiatives` and `questions` print for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from opentier.api.console.show import printing, shown

if TYPE_CHECKING:
    from opentier.graph.query.questions import Question


def obligations(found: dict[str, Any], out: Path | None) -> None:
    """Print which laws bind an actor, by source, what was not tested, what was filed, what is due, what is covered."""
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
        if found["laws"] or found["not_considered"]:
            laws = f"{found['not_considered']} {'more laws' if found['laws'] else 'laws were looked at, and all'}"
            console.print(f"{laws} have no known connection with this actor, or bind States only.")
        else:
            console.print("No law is in this data: nothing was looked at. Run: opentier reference")
        _coverage(found["coverage"], console)
        for step in found["due"]:
            many = f"{step['count']} {'reason' if step['count'] == 1 else 'reasons'}"
            console.print(f"\n[bold]Due: {step['step']}[/] ({step['trigger']}, {many})")
            console.print(f"  {step['due']}")
            console.print(f"  because of {'; '.join(step['because'])}", style="dim")
            console.print(f"  source: {step['source']}", style="dim")


#: What was found when a jurisdiction was looked at.
_LOOKED = {
    "held": "its laws are held",
    "none-in-force": "none in force was found",
    "none-known": "none is known",
    "not-rechecked": "what is held comes from an older document and was not checked again",
}
#: What stands beside an outcome that counts for nothing.
_UNCOUNTED = {"claim": "claimed, and not counted,", "superseded": "superseded: once"}


def _coverage(found: dict[str, Any], console: Console) -> None:
    """Print which jurisdictions of an actor were looked at, and which were not."""
    for row in found["jurisdictions"]:
        when = f"checked {row['checked']}" if row["checked"] else "not checked since"
        said = f": {row['note']}" if row["note"] else ""
        console.print(
            f"Looked at: {row['jurisdiction']} ({when}; {_LOOKED.get(row['result'], row['result'])}){said}"
        )
    if missing := ", ".join(found["not_covered"]):
        console.print(
            f"Not looked at: {missing}. That no law of {missing} is listed does not mean that nothing binds there."
        )
    console.print(f"All that was looked at: {', '.join(found['looked_at']) or 'nothing'}.")


def _law(law: dict[str, Any], console: Console) -> None:
    about = law["law"]
    console.print(
        f"[bold]{law['outcome']}[/]: {about['title']} ({about['jurisdiction']}; {law['connection']})"
    )
    stands = [about["status"] and f"status {about['status']}", _when(about), _sure(about)]
    console.print(f"  {'; '.join(filter(None, stands))}")
    if not law["by_source"]:
        console.print("  no threshold: whom it binds depends on what is done, not on size")
    for condition in law["conditions"]:
        _condition(condition, console, "  ")
    for source in law["by_source"]:
        console.print(
            f"  {_UNCOUNTED.get(source['outcome'], source['outcome'])} according to {source['source']}"
        )
        for group in source["groups"]:
            _group(group, about["applicable"], console)
    for missing in law["not_tested"]:
        console.print(f"  not tested: {missing['condition']} ({missing['why']})")
    if law["outcome"] not in ("not-bound", "repealed"):
        for duty in law["obligations"]:
            status = f" ({duty['status']})" if duty["status"] else ""
            due = f"; due: {duty['deadline_rule']}" if duty["deadline_rule"] else ""
            console.print(f"  duty: {duty['title']}{status}{due}")
            if duty["note"]:
                console.print(f"    {duty['note']}", style="dim")
    for filed in law["filed"]:
        console.print(
            f"  filed for {filed['year'] or filed['period_end'] or 'no stated year'}: {filed['url'] or 'no address'}"
        )
    if law["outcome"] == "bound" and not law["filed"]:
        console.print("  filed: nothing is known to be filed")
    if about["note"]:
        console.print(f"  note: {about['note']}", style="dim")
    console.print()


def _group(group: dict[str, Any], begin: str | None, console: Console) -> None:
    if group["applies_from"] != begin or group["valid_to"]:
        later = "not yet in reach: " if group["not_yet"] else ""
        until = f", until {group['valid_to']}" if group["valid_to"] else ""
        console.print(
            f"    {later}group {group['group']} applies from {group['applies_from']}{until}", style="dim"
        )
    years = group["years"] or [{"year": None, "thresholds": group["thresholds"]}]
    for year in years:
        for threshold in year["thresholds"]:
            least = f"{threshold['metric']} of {threshold['comparator'].replace('-', ' ')} {threshold['minimum']:,.0f}"
            where = f" {threshold['currency'] or ''} ({threshold['scope'] or 'worldwide'})".replace("  ", " ")
            fact = f"; known: {_fact(threshold['fact'])}" if threshold["fact"] else ""
            rule = f"group {group['group']} ({', '.join(filter(None, (group['rule'], year['year'])))})"
            note = f" {threshold['note']}" if threshold["note"] else ""
            sure = f" ({threshold['confidence']})" if threshold["confidence"] else ""
            console.print(
                f"    {threshold['verdict']}: {least + where}, {rule}: {threshold['why'] + fact}.{note}{sure}",
                style="dim",
            )
    for condition in group["conditions"]:
        _condition(condition, console, "    ")


def _condition(condition: dict[str, Any], console: Console, indent: str) -> None:
    told = f"{indent}{condition['verdict']}: {condition['condition']}: {condition['why']}"
    console.print(told, style="dim")


def _sure(law: dict[str, Any]) -> str:
    """Say when a law was checked and how sure it is."""
    checked = f"checked {law['checked']}" if law["checked"] else "not checked"
    return f"{checked} ({law['confidence']})" if law["confidence"] else checked


def _when(law: dict[str, Any]) -> str:
    """Say when a law applies; no clock is read, so not whether it does today."""
    if law["applies_from"] and law["in_force"] and law["applies_from"] != law["in_force"]:
        return f"applies from {law['applies_from']} (in force from {law['in_force']})"
    if law["applicable"]:
        return f"applies from {law['applicable']}"
    return "when it applies is not known"


def _fact(fact: dict[str, Any]) -> str:
    money = f" {fact['currency']}" if fact["currency"] else ""
    year = f", {fact['year']}" if fact["year"] else ", of no stated year"
    if fact["age"] and not fact["after"]:
        year += f", {fact['age']} {'year' if fact['age'] == 1 else 'years'} old"
    if fact["after"]:
        year += ", after the asked day and not used"
    group = {True: ", group", False: ", company alone", None: ""}[fact["consolidated"]]
    return (
        f"{fact['metric']} {fact['value']:,.0f}{money} ({fact['scope'] or 'scope not stated'}{year}{group})"
    )


def initiatives(found: list[dict[str, Any]], out: Path | None, *, known: bool = True) -> None:
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
        if not known:
            console.print("None is in this data at all. Run: opentier reference")


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


def search(found: dict[str, list[dict[str, Any]]], more: bool, out: Path | None) -> None:
    """Print what was found, kind by kind, and why each was."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("kind", "id", "name", "country", "dataset", "found by"):
        table.add_column(name)
    for group, hits in found.items():
        for hit in shown(hits):
            by = (
                hit["why"]
                if hit["matched"] in (hit["name"], hit["iri"])
                else f"{hit['why']}: {hit['matched']}"
            )
            kind, country, dataset = hit["kind"] or group.removesuffix("s"), hit["country"], hit["dataset"]
            table.add_row(kind, hit["id"], hit["name"], country or "", dataset or "", by)
    with printing(out) as console:
        if table.row_count:
            console.print(table)
        else:
            console.print("Nothing is found: try fewer words, or other ones.")
        if more:
            console.print("There is more: take --limit, --offset or --kind.")


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
