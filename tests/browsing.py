"""A real browser that walks through the pages, and complains of what no page may do.

It fails a test on an error in the console, a request to a foreign host, a violation of WCAG 2.2 AA (axe), and a
layout that is wider than the window of a telephone. Where chromium is not installed, tests say that they are skipped.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Windows by name: their width and height in pixels.
WIDE, NARROW, LEAST = (1280, 900), (390, 844), (320, 568)
#: Milliseconds that anything in a page may take.
PATIENCE = 30_000
#: What a browser says, and who reads its pages here would rather wait for an answer than for the next page.
BROWSER = {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "prefer": "wait=100",
}
#: Words that somebody reads in a minute: silent reading of English, over 190 studies (Brysbaert 2019).
READ = 238
#: Seconds in which somebody finds a field or a button that they have read of, and uses it.
ACTED = 5
#: The words of a page down to what somebody acts on: those that they read who read all of it from the top.
_WORDS = """(until) => [...document.querySelectorAll("main *")]
  .filter(each => each.checkVisibility())
  .filter(each => !each.closest("option, style, script, svg, textarea, pre, .unseen, .CodeMirror"))
  .filter(each => each === until || !(until.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING))
  .flatMap(each => [...each.childNodes].filter(node => node.nodeType === 3))
  .map(node => node.textContent.split(/\\s+/).filter(word => /\\w/.test(word)).length)
  .reduce((one, other) => one + other, 0)"""
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
_FLAGS = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
#: How much what is on a page is wider than its window, and what juts out.
_WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("main *, header *, footer *")]
    .filter(each => each.getBoundingClientRect().right > wide + 1)
    .filter(each => !each.closest(".picture, .scroll, pre, svg, [tabindex='0']"))
    .map(each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 60)}`).slice(0, 5)
    .concat([`${document.documentElement.scrollWidth} px`]);
}"""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the system's chromium; skip where there is none."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *_FLAGS])
        try:
            yield started
        finally:
            started.close()


class Visit:
    """One visitor in a browser: a page of it, and all that was wrong on the way.

    Parameters
    ----------
    url
        The service that is visited; whatever else is asked for is a foreign host.
    script
        Whether scripts run.
    dark
        Whether the visitor's system is dark.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        size: tuple[int, int] = WIDE,
        script: bool = True,
        dark: bool = False,
        downloads: Path | None = None,
    ) -> None:
        self.url, self.wrong = url.rstrip("/"), list[str]()
        self.script, self.downloads = script, downloads
        #: What was acted on: the heading of its page, the seconds until that was there, and the words before it.
        self.steps: list[tuple[str, float, int]] = []
        self._begun, self._passed = time.monotonic(), 0.0
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            extra_http_headers={"Prefer": BROWSER["prefer"]},
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # A status that is no success is what its page is about, and the browser says so on its own.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.wrong.append(f"{message.type}: {message.text} ({self.page.url})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and not request.url.startswith(f"{self.url}/"):
            self.wrong.append(f"foreign host: {request.url} (from {self.page.url})")

    def to(self, address: str) -> Page:
        """Open an address of the service, and look at what is shown."""
        self.page.goto(f"{self.url}{address}")
        return self.page

    def reads(self, found: Locator) -> Locator:
        """Note that somebody reads a page from its top to what they act on, and return that."""
        heading = self.page.locator("h1").first.inner_text()
        self.steps.append((heading, self._passed, int(found.first.evaluate(_WORDS))))
        self._passed, self._begun = 0.0, time.monotonic()
        return found.first

    def follow(self, words: str, *, exact: bool = True) -> Page:
        """Follow the first link that has these words."""
        self.reads(self.page.get_by_role("link", name=words, exact=exact)).click()
        self.page.wait_for_load_state()
        return self.page

    def press(self, words: str) -> Page:
        """Press the first button that has these words."""
        self.reads(self.page.get_by_role("button", name=words, exact=True)).click()
        self.page.wait_for_load_state()
        return self.page

    def look(self, *, narrow: bool = True) -> None:
        """Fail where the page that is shown breaks a rule of all pages; `narrow` holds it against a telephone, too."""
        page = self.page
        assert page.locator("h1").count() == 1, f"{page.url} has not one h1"
        self._passed = time.monotonic() - self._begun
        if self.script:
            found = Axe().run(page, options=_RULES).response["violations"]
            self.wrong += [
                f"axe {each['id']}: {node['html'][:160]} ({page.url})"
                for each in found
                for node in each["nodes"][:3]
            ]
            if narrow:
                self.fit()
        assert self.wrong == [], self.wrong
        self._begun = time.monotonic()

    def fit(self, size: tuple[int, int] = NARROW) -> None:
        """Note where the page that is shown is wider than a telephone."""
        page = self.page
        before = page.viewport_size
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if wide := page.evaluate(_WIDER):
            self.wrong.append(f"wider than {size[0]} px: {wide} ({page.url})")
        page.set_viewport_size(before or {"width": WIDE[0], "height": WIDE[1]})

    def close(self) -> None:
        """Leave; fail where anything was wrong on the way."""
        self.context.close()
        assert self.wrong == [], self.wrong
