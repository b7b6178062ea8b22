"""``make screenshots``: every page at two widths, light and dark, in build/screenshots, with an index to look at them.

It fails where a page complains in the console, asks a foreign host, breaks a rule of accessibility, or is wider than
its window.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.model.dates import today
from tests import browsing, sites
from tests.browsing import Visit
from tests.conftest import admit, serving

ROOT = Path(__file__).parents[1]
OUT = ROOT / "build" / "screenshots"
#: Windows, and the height after which a page is cut: some have thousands of terms.
WIDTHS, HIGHEST = (1280, 390), 6000
#: The width of A4 in pixels, without its margins.
PAPER = 688
#: Leaves the first parts of a page that has thousands alike: rules that these keep, the others keep.
_SHORTENED = """() => document.querySelectorAll("main, main *").forEach(each =>
  [...each.children].slice(30).forEach(child => child.remove()))"""
#: The real lists: adapter and folder of the shared material.
LISTS = (("ilab", "ilab_goods"), ("ipis", "ipis_mines"), ("palmwatch", "palmwatch"))


def main() -> int:
    """Take the pictures; return 1 where something is wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="pages whose name begins so")
    asked.add_argument("--resume", action="store_true", help="leave out pictures that are there")
    said = asked.parse_args()
    shared = Path(os.environ.get("OPENTIER_SHARED") or ROOT.parent / "shared")
    OUT.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []

    def wanted(name: str) -> bool:
        return name.startswith(said.only) and not (
            said.resume and all((OUT / each).exists() for each in _files(name))
        )

    with tempfile.TemporaryDirectory() as folder, browsing.browser() as browser:
        made = Path(folder)
        with serving(admit(made / "demo"), made / "demo.log") as started:
            pages = dict(sites.PAGES)
            for name, act in (
                ("screen", sites.supplied),
                ("record", _recorded),
                ("contribute", _contributed(wanted, wrong)),
            ):
                if not any(wanted(each) for each in ACTED[name]):
                    continue
                visit = _visit(browser, started.url)
                try:
                    pages |= act(visit, made)
                except (AssertionError, BrowserError) as error:
                    wrong.append(f"{name} cannot be gone through: {error}")
                    print(wrong[-1], file=sys.stderr, flush=True)
                visit.context.close()
            chosen = {name: each for name, each in pages.items() if wanted(name)}
            _taken(browser, started.url, chosen, wrong, resume=said.resume)
            _waiting(browser, started.url, filter(wanted, sites.WAITING), wrong)
        real = {name: each for name, each in sites.REAL.items() if wanted(name)}
        if real and all((shared / "data" / each).is_dir() for _, each in LISTS):
            graph = Graph.open(made / "real", create=True)
            for adapter, each in LISTS:
                graph.contribute(shared / "data" / each, Options(adapter=adapter, match=False))
            with serving(made / "real", made / "real.log") as started:
                _taken(browser, started.url, real, wrong, resume=said.resume)
    names = [*sites.PAGES, *(each for some in ACTED.values() for each in some), *sites.WAITING, *sites.REAL]
    _index([name for name in names if (OUT / _file(name, WIDTHS[0], dark=False)).exists()])
    print(f"{len(names)} pages, {len(wrong)} faults: {OUT / 'index.html'}")
    return 1 if wrong else 0


#: What is there once somebody has acted, by what was done.
ACTED = {
    "screen": ("screen-columns", "screen-matches", "screen-result"),
    "record": ("record",),
    "contribute": (
        "contribute-columns", "contribute-about", "contribute-progress", "contribute-report", "contribute-report-whole",
        "contribute-admitted", "dataset-admitted", "dataset-withdrawn",
    ),
}  # fmt: skip


def _visit(browser: Browser, url: str, **said: Any) -> Visit:
    """Return a visitor who waits for as long as a job may take."""
    visit = Visit(browser, url, **said)
    visit.context.set_default_timeout(sites.LONGEST)
    visit.page.set_extra_http_headers({"Prefer": "wait=120"})
    return visit


def _recorded(visit: Visit, _: Path) -> dict[str, str]:
    return sites.recorded(visit)


def _contributed(wanted: Callable[[str], bool], wrong: list[str]) -> Callable[[Visit, Path], dict[str, str]]:
    def act(visit: Visit, folder: Path) -> dict[str, str]:
        def look(name: str) -> None:
            if wanted(name):
                _each(visit, name, wrong)

        return sites.contributed(visit, folder, look)

    return act


def _each(visit: Visit, name: str, wrong: list[str]) -> None:
    """Take all pictures of the page that is shown, which may be there for a moment only."""
    before = visit.page.viewport_size
    for wide in WIDTHS:
        for dark in (False, True):
            visit.page.set_viewport_size({"width": wide, "height": 900})
            visit.page.emulate_media(color_scheme="dark" if dark else "light")
            _picture(visit, OUT / _file(name, wide, dark=dark))
    visit.page.emulate_media(color_scheme="light")
    visit.page.set_viewport_size(before or {"width": WIDTHS[0], "height": 900})
    _looked(visit, name, "1280 light", wrong)


def _looked(visit: Visit, name: str, kind: str, wrong: list[str]) -> None:
    visit.wrong.clear()
    try:
        visit.look()
    except (AssertionError, BrowserError) as error:
        told = [f"{name} {kind}: {each}" for each in visit.wrong or [str(error)]]
        print(*told, sep="\n", file=sys.stderr, flush=True)
        wrong += told
    visit.wrong.clear()


def _waiting(browser: Browser, url: str, names: Iterable[str], wrong: list[str]) -> None:
    """Take the pictures of what goes on: nobody waits for it, and no script asks for it again."""
    for name in names:
        for turn, (wide, dark) in enumerate((wide, dark) for wide in WIDTHS for dark in (False, True)):
            visit = _visit(browser, url, size=(wide, 900), dark=dark, script=False)
            visit.page.set_extra_http_headers({"Prefer": "wait=0"})
            visit.to(sites.WAITING[name].format(day=today(), turn=turn))
            _picture(visit, OUT / _file(name, wide, dark=dark))
            if not visit.page.locator("progress").count():
                wrong.append(f"{name}: nobody waits at {visit.page.url}")
            visit.context.close()


def _taken(
    browser: Browser, url: str, chosen: Mapping[str, str], wrong: list[str], *, resume: bool = False
) -> None:
    """Take the pictures of pages; each is held against the rules in both colours, and once as a telephone has it."""
    for wide in WIDTHS:
        for dark in (False, True):
            visit = _visit(browser, url, size=(wide, 900), dark=dark)
            for name, address in chosen.items():
                if resume and (OUT / _file(name, wide, dark=dark)).exists():
                    continue
                visit.wrong.clear()
                try:
                    visit.to(address)
                    visit.page.wait_for_load_state("networkidle")
                except BrowserError as error:
                    wrong.append(f"{name}: {error}")
                    print(wrong[-1], file=sys.stderr, flush=True)
                    continue
                _picture(visit, OUT / _file(name, wide, dark=dark))
                if name in sites.LONG:
                    visit.page.evaluate(_SHORTENED)
                if wide == WIDTHS[0] or not dark:
                    _looked(visit, name, f"{wide} {'dark' if dark else 'light'}", wrong)
                if name in sites.PRINTED and wide == WIDTHS[0] and not dark:
                    _printed(visit, OUT / f"{name}-print.png")
            visit.context.close()


def _printed(visit: Visit, file: Path) -> None:
    """Take a picture of the page that is shown as it is on paper."""
    before = visit.page.viewport_size
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": PAPER, "height": 900})
    _picture(visit, file)
    visit.page.emulate_media(media="screen")
    visit.page.set_viewport_size(before or {"width": WIDTHS[0], "height": 900})


def _picture(visit: Visit, file: Path) -> None:
    high = visit.page.evaluate("document.documentElement.scrollHeight")
    size = visit.page.viewport_size or {"width": WIDTHS[0], "height": 900}
    visit.page.set_viewport_size({"width": size["width"], "height": min(int(high), HIGHEST)})
    visit.page.screenshot(path=file)
    visit.page.set_viewport_size(size)


def _file(name: str, wide: int, *, dark: bool) -> str:
    return f"{name}-{wide}-{'dark' if dark else 'light'}.png"


def _files(name: str) -> list[str]:
    return [_file(name, wide, dark=dark) for wide in WIDTHS for dark in (False, True)]


def _index(names: list[str]) -> None:
    """Write a page that shows all pictures, those of one page side by side."""
    said = ["<!DOCTYPE html><meta charset=utf-8><title>Screenshots</title>"]
    for name in names:
        files = _files(name) + ([f"{name}-print.png"] if name in sites.PRINTED else [])
        shown = (
            f'<a href="{each}"><img src="{each}" alt="" height="420" loading="lazy"></a>' for each in files
        )
        said.append(f"<h2>{escape(name)}</h2><p>{' '.join(shown)}</p>")
    (OUT / "index.html").write_text("\n".join(said), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
