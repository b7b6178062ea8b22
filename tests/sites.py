"""The pages of the site by name: what tests look at, and what `make screenshots` takes pictures of."""

from __future__ import annotations

from pathlib import Path

from tests.browsing import Visit

#: Pages that are there without anybody having done anything, by the name of their picture.
PAGES = {
    "front": "/",
    "search": "/search?q=quiet",
    "search-nothing": "/search?q=zzzzqqqq",
    "actor": "/id/example/aurora",
    "actor-listed": "/id/example/quiet-river-yarn",
    "resource": "/id/example/supply-link/sl-001",
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
#: Those that have thousands of parts: it takes minutes to hold one of them against all rules.
LONG = ("ontology", "shapes")
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
#: A list of suppliers, as somebody has one.
SUPPLIERS = "Supplier,Country\nAurora Apparel,US\nQuiet River Yarn,CN\nNobody Known Ltd,TR\n"


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
