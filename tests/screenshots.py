"""``make screenshots``: every page at two widths, light and dark, in build/screenshots, with an index to look at them.

It fails where a page complains in the console, asks a foreign host, breaks a rule of accessibility, or is wider than
its window.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from tests import browsing, sites
from tests.browsing import Visit
from tests.conftest import admit, serving

ROOT = Path(__file__).parents[1]
OUT = ROOT / "build" / "screenshots"
#: Windows, and the height after which a page is cut: some have thousands of terms.
WIDTHS, HIGHEST = (1280, 390), 6000
#: The real lists: adapter and folder of the shared material.
LISTS = (("ilab", "ilab_goods"), ("ipis", "ipis_mines"), ("palmwatch", "palmwatch"))


def main() -> int:
    """Take the pictures; return 1 where something is wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="pages whose name begins so")
    only: str = asked.parse_args().only
    shared = Path(os.environ.get("OPENTIER_SHARED") or ROOT.parent / "shared")
    OUT.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    names: list[str] = []
    with tempfile.TemporaryDirectory() as folder, browsing.browser() as browser:
        made = Path(folder)
        with serving(admit(made / "demo"), made / "demo.log") as started:
            visit = Visit(browser, started.url)
            pages = dict(sites.PAGES)
            try:
                pages |= sites.supplied(visit, made)
            except BrowserError as error:
                wrong.append(f"a list of suppliers cannot be sent: {error}")
                print(wrong[-1], file=sys.stderr, flush=True)
            visit.context.close()
            names += _taken(browser, started.url, pages, only, wrong)
        if all((shared / "data" / each).is_dir() for _, each in LISTS):
            graph = Graph.open(made / "real", create=True)
            for adapter, each in LISTS:
                graph.contribute(shared / "data" / each, Options(adapter=adapter, match=False))
            with serving(made / "real", made / "real.log") as started:
                names += _taken(browser, started.url, sites.REAL, only, wrong)
    _index(names)
    print(f"{len(names)} pages, {len(wrong)} faults: {OUT / 'index.html'}")
    return 1 if wrong else 0


def _taken(browser: Browser, url: str, pages: Mapping[str, str], only: str, wrong: list[str]) -> list[str]:
    chosen = {name: address for name, address in pages.items() if name.startswith(only)}
    for wide in WIDTHS:
        for dark in (False, True):
            visit = Visit(browser, url, size=(wide, 900), dark=dark)
            for name, address in chosen.items():
                visit.wrong.clear()
                try:
                    visit.to(address)
                    visit.page.wait_for_load_state("networkidle")
                    if name not in sites.LONG or (wide == WIDTHS[0] and not dark):
                        visit.look()
                    _picture(visit, OUT / _file(name, wide, dark=dark))
                except (AssertionError, BrowserError) as error:
                    kind = f"{wide} {'dark' if dark else 'light'}"
                    told = [f"{name} {kind}: {each}" for each in visit.wrong or [str(error)]]
                    print(*told, sep="\n", file=sys.stderr, flush=True)
                    wrong += told
                    _picture(visit, OUT / _file(name, wide, dark=dark))
            visit.context.close()
    return [*chosen]


def _picture(visit: Visit, file: Path) -> None:
    high = visit.page.evaluate("document.documentElement.scrollHeight")
    size = visit.page.viewport_size or {"width": WIDTHS[0], "height": 900}
    visit.page.set_viewport_size({"width": size["width"], "height": min(int(high), HIGHEST)})
    visit.page.screenshot(path=file)
    visit.page.set_viewport_size(size)


def _file(name: str, wide: int, *, dark: bool) -> str:
    return f"{name}-{wide}-{'dark' if dark else 'light'}.png"


def _index(names: list[str]) -> None:
    """Write a page that shows all pictures, those of one page side by side."""
    said = ["<!DOCTYPE html><meta charset=utf-8><title>Screenshots</title>"]
    for name in names:
        files = [_file(name, wide, dark=dark) for wide in WIDTHS for dark in (False, True)]
        shown = (
            f'<a href="{each}"><img src="{each}" alt="" height="420" loading="lazy"></a>' for each in files
        )
        said.append(f"<h2>{escape(name)}</h2><p>{' '.join(shown)}</p>")
    (OUT / "index.html").write_text("\n".join(said), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
