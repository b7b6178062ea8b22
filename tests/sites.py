"""The pages of the site by name: what tests look at, and what `make screenshots` takes pictures of."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.browsing import Visit

#: Pages that are there without anybody having done anything, by the name of their picture.
PAGES = {
    "front": "/",
    "search": "/search?q=quiet",
    "search-nothing": "/search?q=zzzzqqqq",
    "actor": "/id/example/aurora",
    "actor-listed": "/id/example/quiet-river-yarn",
    "resource": "/id/example/incident/inc-quiet-river",
    "law": "/id/laws/law/au-msa-2018",
    "initiative": "/id/initiatives/initiative/a21",
    "link": "/id/example/supply-link/sl-001",
    "link-withdrawn": "/id/example/supply-link/sl-026",
    "document": "/id/example/evidence/ev-bl-kingfisher",
    "designation": "/id/example/designation/d-uflpa-region",
    "trace-form": "/trace",
    "trace": "/trace?actor=example/aurora&product=6109",
    "trace-downstream": "/trace?actor=example/east-oasis-ginning&downstream=true",
    "trace-unknown": "/trace?actor=nobody-at-all",
    "screen": "/screen",
    "screenings": "/screenings",
    "contribute": "/contribute",
    "laws": "/laws",
    "laws-actor": "/laws?actor=example/aurora",
    "initiatives": "/initiatives",
    "initiatives-filtered": "/initiatives?issue=Forced+Labour",
    "data-points": "/data-points",
    "countries": "/countries",
    "country": "/countries/CN",
    "country-french": "/countries/CN?lang=fr",
    "datasets": "/datasets",
    "dataset": "/datasets/example",
    "dataset-version": "/datasets/example/1",
    "sparql": "/sparql",
    "sparql-table": "/sparql?question=5",
    "sparql-picture": "/sparql?question=1&show=picture",
    "sparql-map": "/sparql?question=5&show=map",
    "sparql-chart": "/sparql?question=3&show=chart",
    "sparql-wrong": "/sparql?query=SELEC",
    "map": "/map",
    "map-gaps": "/map?show=gaps",
    "map-country": "/map?country=CN",
    "map-sites": "/map?show=sites",
    "ontology": "/ontology",
    "shapes": "/shapes",
    "docs": "/docs",
    "problems": "/problems",
    "problem": "/problems/unknown-actor",
    "guides": "/guides",
    "reply": "/reply",
    "key": "/key",
}
#: Those of them that tell what is wrong with what was asked.
REFUSED = ("trace-unknown", "sparql-wrong")
#: Those that have thousands of parts alike: it takes minutes to hold all of one against all rules.
LONG = ("ontology", "shapes")
#: Those that are for paper, too.
PRINTED = ("actor", "trace", "laws-actor", "screen-result", "record")
#: What is shown while it goes on: nobody waits for it, and each time it is a question of its own.
WAITING = {
    "trace-waiting": "/trace?actor=example/aurora&as_known={day}&min_confidence=0.0{turn}",
    "sparql-waiting": "/sparql?query=SELECT+(COUNT(*)+AS+?n{turn})+{{+?a+?b+?c+.+?d+?e+?f+.+?g+?h+?i+}}",
}
#: The same over real lists (PalmWatch, ILAB, IPIS), where they are.
REAL = {
    "real-search": "/search?q=nestle",
    "real-trace": "/trace?actor=palmwatch/brand-nestle",
    "real-map": "/map",
    "real-gaps": "/map?show=gaps",
    "real-sites": "/map?show=sites",
    "real-sites-country": "/map?show=sites&country=CD",
    "real-country": "/countries/ID",
    "real-datasets": "/datasets",
    "real-sparql": "/sparql?question=5&show=map",
}
#: Milliseconds that a job of these may take.
LONGEST = 300_000
#: A list of suppliers, as somebody has one.
SUPPLIERS = """Supplier,Country
Aurora Apparel,US
Quiet River Yarn,CN
Kingfisher Knitwear (invented),BD
Nobody Known Ltd,TR
"""


def supplied(visit: Visit, folder: Path) -> dict[str, str]:
    """Send a list of suppliers; return the addresses of the pages that it then has, by name."""
    file = folder / "suppliers.csv"
    file.write_text(SUPPLIERS, "utf-8")
    page = visit.to("/screen")
    page.locator("input[type=file]").first.set_input_files(file)
    page.locator("main form button").first.click()
    page.wait_for_url("**/screen/*/columns*")
    start = page.url.removeprefix(visit.url).partition("/columns")[0]
    page.locator("main form button.primary").first.click()
    page.wait_for_url("**/screen/*/matches*")
    page.get_by_role("button", name="Screen all").first.click()
    page.wait_for_url("**/screen/*/result*")
    found = {"screen-columns": f"{start}/columns", "screen-matches": f"{start}/matches"}
    return {**found, "screen-result": f"{start}/result"}


#: A file of links whose rows are many enough that checking it takes a while; two of them cannot be admitted.
LINKS = "buyer,supplier,product,start_date\n" + "".join(
    f"Roadside Coats {n % 997} (invented),Hillside Buttons {n % 499} (invented),9606,2025-01-{1 + n % 28:02}\n"
    for n in range(5_000)
)
WRONG = (
    "Roadside Coats 1 (invented),,9606,2025-01-01\nRoadside Coats 1 (invented),Buttons (invented),9606,soon\n"
)


def contributed(visit: Visit, folder: Path, look: Callable[[str], None]) -> dict[str, str]:
    """Have a file admitted and its dataset withdrawn; return the addresses of the pages that stay, by name.

    Parameters
    ----------
    look
        Told the name of each page that is there for a while only, when it is shown.
    """
    file, page = folder / "links.csv", visit.page
    file.write_text(LINKS + WRONG, "utf-8")
    visit.to("/contribute")
    page.set_input_files("#file", file)
    visit.press("Send the file")
    page.wait_for_url("**/columns")
    look("contribute-columns")
    visit.press("Next: licence and consent")
    page.wait_for_url("**/about")
    page.locator("#dataset").fill("roadside")
    page.locator("#title").fill("Links of Roadside Coats (invented)")
    page.locator("[name=licence][value='CC0-1.0']").check()
    page.locator("#publisher").fill("Roadside Coats (invented)")
    page.locator("[name=consent]").check()
    look("contribute-about")
    visit.press("Check the file")
    if "/jobs/" in page.url:
        look("contribute-progress")
    page.wait_for_url("**/report", timeout=LONGEST)
    look("contribute-report")
    file.write_text(LINKS, "utf-8")
    page.set_input_files("#file", file)
    visit.press("Send it again")
    admitting = page.get_by_role("button", name=re.compile(r"^Admit [\d,]+ rows"))
    admitting.wait_for(timeout=LONGEST)
    look("contribute-report-whole")
    admitting.click()
    page.wait_for_url("**/contributions/*", timeout=LONGEST)
    admitted = page.url.removeprefix(visit.url)
    visit.to("/datasets/roadside")
    look("dataset-admitted")
    page.locator("#reason").fill("It was sent to look at its pages.")
    page.get_by_role("button", name=re.compile("^Withdraw")).click()
    page.get_by_text("is withdrawn").first.wait_for(timeout=LONGEST)
    return {"contribute-admitted": admitted, "dataset-withdrawn": "/datasets/roadside"}


def recorded(visit: Visit) -> dict[str, str]:
    """Keep the answer to a trace as a record; return the address of its page."""
    page = visit.to(PAGES["trace"])
    page.locator(".keep summary").click()
    page.locator("#save").fill("aurora-record")
    visit.press("Save")
    page.wait_for_url("**/screenings/*", timeout=LONGEST)
    return {"record": "/screenings/aurora-record"}
