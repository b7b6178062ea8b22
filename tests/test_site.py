"""The site as a whole: every page that links lead to is there, has one heading, says nothing that no page may say."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from babel.messages.extract import extract
from starlette.testclient import TestClient

from opentier.api.linked import carried
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.model.rdf import Literal
from opentier.graph.vocabulary import documents
from tests import messages, sites
from tests.browsing import BROWSER, Visit

TEMPLATES = Path(__file__).parents[1] / "api" / "pages" / "templates"
#: What no page says of anybody in words of our own (design, Words).
FORBIDDEN = (
    "guilty", "violator", "violators", "tainted", "flagged", "clean", "safe", "compliant", "cleared", "verified",
    "uses forced labour",
)  # fmt: skip
_WORD = re.compile(rf"(?<!\|)\b(?:{'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
#: Pages of one kind that are looked at, and pages in all.
EACH, MOST = 4, 160


def kind(address: str) -> str:
    """Return what pages of one kind have in common: the folders of their address, and the names of their parameters."""
    parts = urlsplit(address)
    names = sorted({each.partition("=")[0] for each in parts.query.split("&")})
    return f"{'/'.join(parts.path.split('/')[:3])}?{'&'.join(names)}"


@pytest.fixture(scope="module")
def crawled(admitted: Path) -> Iterator[dict[str, tuple[int, str]]]:
    """Follow the links from the front page, a few of each kind; return status and text of every page."""
    with TestClient(create_app(Graph.open(admitted), local=True)) as client:
        waiting, found, kinds = ["/", *sites.PAGES.values()], dict[str, tuple[int, str]](), Counter[str]()
        while waiting and len(found) < MOST:
            address = waiting.pop(0)
            if address in found or kinds[kind(address)] >= EACH:
                continue
            kinds[kind(address)] += 1
            answer = client.get(address, headers=BROWSER)
            if answer.is_success and not answer.headers.get("content-type", "").startswith("text/html"):
                continue  # data, or a file
            found[address] = answer.status_code, answer.text
            if answer.status_code != 200:
                continue
            for link in re.findall(r'<a [^>]*?href="([^"]+)"', answer.text):
                there = urlsplit(urljoin(f"http://testserver{address}", html.unescape(link)))
                if there.netloc == "testserver":
                    waiting.append(f"{there.path}{f'?{there.query}' if there.query else ''}")
        yield found


#: Tags that lead on, and the forms of a page.
_LEADING = re.compile(r"<(?:a|form|img)\b[^<>]*>")
_LOADED = re.compile(
    r'<(?:script|img|link rel="stylesheet"|form)\b[^<>]*\s(?:src|href|data-terms)="(/[^"]+)"'
)
_FORM = re.compile(r"(<form\b[^<>]*>)(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


def _led(page: str, address: str) -> Iterator[tuple[str, str]]:
    """Yield the method and the address of all that a page leads to; a form that asks says its hidden fields."""
    filled = {
        tag: urlencode([(name, html.unescape(value)) for name, value in _HIDDEN.findall(body)])
        for tag, body in _FORM.findall(page)
    }
    for tag in _LEADING.findall(page):
        found = re.search(r'\s(?:href|action|src)="([^"#]+)', tag)
        if found is None or "data-anew" in tag:
            continue
        there = urlsplit(urljoin(f"http://testserver{address}", html.unescape(found[1])))
        if there.netloc == "testserver" and not there.path.startswith("/static/"):
            posted = 'method="post"' in tag
            query = filled[tag] if tag in filled and not posted else there.query
            yield "POST" if posted else "GET", f"{there.path}{f'?{query}' if query else ''}"


def _with(address: str, said: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}" if said else address


def _takes(client: TestClient, address: str, said: dict[str, str]) -> bool:
    """Return whether an address is there with what is said; a language is for pages alone."""
    answer = client.get(_with(address, said), headers=BROWSER, follow_redirects=False)
    page = answer.headers.get("content-type", "").startswith("text/html") or answer.is_redirect
    return answer.status_code < 400 and (page or "lang" not in said)


def _bare(address: str) -> str:
    """Return what addresses have in common that take the same: kind and suffix, whatever they carry."""
    parts = urlsplit(address)
    query = urlencode([(name, "") for name in parse_qs(parts.query) if name not in carried.CARRIED])
    return f"{kind(f'{parts.path}?{query}')}.{parts.path.rpartition('/')[2].partition('.')[2]}"


def test_what_a_page_is_asked_with_goes_on_in_every_link_and_form(admitted: Path) -> None:
    graph = Graph.open(admitted)
    said, lost, gone = {"release": str(int(graph.view().release.id)), "lang": "fr"}, set(), []
    takes = dict[tuple[str, ...], bool]()
    with TestClient(create_app(graph, local=True)) as client:
        for name, address in sites.PAGES.items():
            if name in sites.LONG:
                continue
            own = {key: value for key, value in said.items() if key not in parse_qs(urlsplit(address).query)}
            asked = own if _takes(client, address, own) else {"lang": "fr"}
            page = client.get(_with(address, asked), headers=BROWSER).text
            for loaded in {html.unescape(each) for each in _LOADED.findall(page)}:
                if (loaded,) not in takes:
                    takes[loaded,] = client.get(loaded, headers={"accept": "*/*"}).status_code == 200
                    gone += [] if takes[loaded,] else [(name, loaded)]
            for method, link in _led(page, address):
                has, bare = parse_qs(urlsplit(link).query), _bare(link)
                missing = [key for key in {**asked, "lang": "fr"} if key not in has]
                if method == "POST":  # an act is of today's data
                    lost |= {(name, method, bare)} if "lang" in missing else set()
                    continue
                for key in missing:
                    if (bare, key) not in takes:
                        takes[bare, key] = _takes(client, link, {key: said[key]})
                    lost |= {(name, bare, key)} if takes[bare, key] else set()
                there = bare, *sorted(has.keys() & set(said))
                if there not in takes:
                    takes[there] = _takes(client, link, {})
                    if not takes[there] and name not in sites.REFUSED:
                        gone.append((name, link))
    assert len(takes) > 100
    assert (lost, gone) == (set(), [])


def test_every_link_leads_to_a_page_with_one_heading(crawled: dict[str, tuple[int, str]]) -> None:
    assert len(crawled) > 60
    asked = {sites.PAGES[name] for name in sites.REFUSED}
    assert {
        address: status for address, (status, _) in crawled.items() if status != 200 and address not in asked
    } == {}
    assert {
        address: page.count("<h1") for address, (_, page) in crawled.items() if page.count("<h1") != 1
    } == {}


def test_no_page_loads_anything_of_others(crawled: dict[str, tuple[int, str]]) -> None:
    loading = re.compile(
        r'<(?:script|img|link rel="stylesheet"|source|iframe)[^>]* (?:src|href)="((?:https?:)?//[^"]+)"'
    )
    assert {
        address: found for address, (_, page) in crawled.items() if (found := loading.findall(page))
    } == {}


def test_no_page_says_what_none_may_say(crawled: dict[str, tuple[int, str]], admitted: Path) -> None:
    release = Graph.open(admitted).view().release
    said = [each for graph in release.named for each in release.engine.match(graph)]
    said += [each for document in documents.DOCUMENTS for each in documents.triples(document)]
    held = " ".join(
        " ".join(each.object.value.split()) for each in said if isinstance(each.object, Literal)
    ).casefold()
    wrong = []
    for address, (_, page) in crawled.items():
        text = " ".join(
            html.unescape(
                re.sub(r"<(script|style|pre)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
            ).split()
        )
        for found in _WORD.finditer(text):
            around = " ".join(
                [*text[: found.start()].split()[-1:], found[0], *text[found.end() :].split()[:1]]
            )
            if around.strip(" .,;:()").casefold() not in held:
                wrong.append(f"{address}: {text[max(0, found.start() - 40) : found.end() + 40]}")
    assert wrong == []


def test_no_template_says_what_no_page_may_say() -> None:
    said = {path.name: _WORD.findall(path.read_text("utf-8")) for path in sorted(TEMPLATES.glob("*.html"))}
    assert {name: found for name, found in said.items() if found} == {}


@pytest.mark.parametrize("name", ["docs", "problems", "sparql-chart"])
def test_pages_about_the_service_break_no_rule(visit: Visit, name: str) -> None:
    visit.to(sites.PAGES[name])
    visit.page.wait_for_load_state("networkidle")
    visit.look()


# --- Numbers and their nouns -----------------------------------------------------------------------------------------

#: A number, maybe a word, and what looks like several of something.
_NUMBERED = re.compile(r"%\((\w+)\)s (?:(?:more|other|ready|sure|likely|doubtful|whole) )*(\w+s)\b")
#: Words that end so and are no nouns of which there are many.
_OTHERWISE = {"is", "was", "has", "as", "its", "this", "less", "says", "does", "touches", "names"}
#: Numbers that are never one: bounds of the service, and what is only said of many.
_MANY = (
    "%(many)s ready questions", "Plain text, %(most)s characters", "Of %(count)s rows the first %(looked)s are drawn",
    "XLSX, XLS, ODS, or CSV", "This list has more than %(rows)s rows", "It is yours alone, and is deleted after",
)  # fmt: skip


def _single(path: Path) -> Iterator[str]:
    """Yield the texts of a template that have one form for all numbers."""
    with path.open("rb") as file:
        for _, text, _, _ in extract(
            "jinja2.ext:babel_extract", file, messages.MARKS, options=messages.OPTIONS
        ):
            if isinstance(text, str):
                yield text


def test_no_text_of_a_template_has_one_form_for_one_and_for_many() -> None:
    wrong = [
        (path.name, text)
        for path in sorted(TEMPLATES.glob("*.html"))
        for text in _single(path)
        if not text.startswith(_MANY) and any(noun not in _OTHERWISE for _, noun in _NUMBERED.findall(text))
    ]
    assert wrong == []


def test_no_number_of_a_template_stands_before_a_noun_alone() -> None:
    bare = re.compile(r'\|(?:number|length) \}\} (?:\{\{ _\("(?!times")(\w+s)"\) \}\}|(\w+s)\b)')
    wrong = [
        (path.name, found[0])
        for path in sorted(TEMPLATES.glob("*.html"))
        for found in bare.finditer(path.read_text("utf-8"))
        if not {found[1], found[2]} & _OTHERWISE
    ]
    assert wrong == []


#: Nouns that pages count.
_NOUNS = (
    "actors companies sites countries datasets designations exposures files goods incidents initiatives laws links "
    "listings matches measures pages parts paths questions reasons records results rows statements steps suppliers "
    "tiers versions"
)


def test_no_page_says_one_of_many(crawled: dict[str, tuple[int, str]]) -> None:
    said = re.compile(rf"(?<![\w.,:–-])1 (?:more |other )?(?:{'|'.join(_NOUNS.split())})\b")
    inline = re.compile(r"</?(?:b|i|em|strong|small|span)\b[^>]*>")
    apart = re.compile(r"<(script|style|pre|svg|textarea)\b.*?</\1>|<[^>]+>", re.DOTALL)
    wrong = [
        (address, found[0])
        for address, (_, page) in crawled.items()
        for found in said.finditer(" ".join(apart.sub(" | ", inline.sub("", page)).split()))
    ]
    assert wrong == []


# --- By keys alone ---------------------------------------------------------------------------------------------------

#: Of what has the focus: its words, whether one sees that it has it, whether it is seen at all, and whether it stands
#: behind what had it before.
_FOCUSED = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const before = window.lastFocused;
  window.lastFocused = each;
  return {
    what: `${each.tagName} ${each.getAttribute("aria-label") ?? (each.textContent.trim().slice(0, 40) || each.id)}`,
    body: each === document.body,
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    seen: box.width > 0 && box.height > 0,
    behind: !before || before === each || !!(before.compareDocumentPosition(each) & 0b10100), // follows, or is in it
  };
}"""
#: Controls that are walked.
_STEPS = 90


@pytest.mark.parametrize("name", ["front", "trace", "laws-actor"])
def test_a_page_is_walked_by_keys_alone(visit: Visit, name: str) -> None:
    page = visit.to(sites.PAGES[name])
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED)["what"].endswith("Skip to the content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    visit.to(sites.PAGES[name])
    wrong, met = [], list[str]()
    for _ in range(_STEPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused["body"]:
            break
        met.append(focused["what"])
        wrong += [(focused["what"], fault) for fault in ("marked", "seen", "behind") if not focused[fault]]
    assert wrong == []
    assert len(met) > 10
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate(_FOCUSED)["body"]


def test_headings_go_down_one_level_at_a_time(crawled: dict[str, tuple[int, str]]) -> None:
    wrong = []
    for address, (_, page) in crawled.items():
        if address.startswith("/docs"):  # drawn by others
            continue
        levels = [int(each) for each in re.findall(r"<h([1-6])\b", page)]
        wrong += [(address, before, after) for before, after in pairwise(levels) if after > before + 1]
    assert wrong == []
