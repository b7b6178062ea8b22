"""``/sparql`` as a page: tested questions, classes, an editor, and the answer as table, picture, map or chart."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract import sent
from opentier.api.http import work
from opentier.api.http.access import Caller, acting
from opentier.api.http.deps import KnownView
from opentier.api.http.kinds import KINDS, named
from opentier.api.http.problems import status_of
from opentier.api.http.waiting import Wait, Waits
from opentier.api.linked import page, sparql, terms
from opentier.api.linked.shown import Shown, Value
from opentier.api.pages import atlas, charts, route, rows
from opentier.graph.errors import Named, QueryError, UsageError, WorkError
from opentier.graph.exposure import words
from opentier.graph.front import View
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import Literal as Text
from opentier.graph.query import apart, questions
from opentier.graph.query import terms as naming
from opentier.graph.query.sparql import MAX_QUERY

router = route.router()

#: Rows of one part of a table, and lines of the raw answer.
PART = 25
#: How an answer can be seen; the first is what it is unless something else is asked for.
Show = Literal["table", "picture", "map", "chart", "raw"]
#: What a query that fails has in common: the page still shows it, with what is wrong.
_FAILS = (QueryError, UsageError, WorkError)
_FILES = {
    "rows": ("CSV", "TSV", "JSON", "XML"),
    "boolean": ("JSON", "XML"),
    "triples": ("Turtle", "N-Triples", "JSON-LD"),
}


@dataclass
class _Asked:
    """What an address asks: a query, maybe of a shipped question with its inputs, and how its answer is seen."""

    query: str | None
    question: int | None
    inputs: dict[str, str]
    show: Show
    part: int

    def address(self, **other: object) -> str:
        """Return the same address with other fields; those that are None or as they are by themselves are not in it."""
        said: dict[str, object] = (
            {"question": self.question, **self.inputs} if self.question else {"query": self.query}
        )
        said |= {"show": self.show, "page": self.part, **other}
        without = {"show": "table", "page": 1}
        fields = {
            name: value for name, value in said.items() if value is not None and without.get(name) != value
        }
        return f"?{urlencode(fields)}"


@dataclass
class _Put:
    """What is put on the page beside an answer: who asks for what, the question chosen, and the query as it stands."""

    asked: _Asked
    chosen: questions.Question | None
    actor: str | None
    text: str


def _put(
    view: KnownView,
    query: str | None = None,
    question: Annotated[int | None, Query(ge=1)] = None,
    actor: str | None = None,
    on: str | None = None,
    min_confidence: str | None = None,
    min_share: str | None = None,
    year: str | None = None,
    link: str | None = None,
    issue: str | None = None,
    show: Show = "table",
    part: Annotated[int, Query(ge=1, alias="page")] = 1,
) -> _Put:
    """Return what an address asks."""
    said = {
        "actor": actor, "on": on, "min_confidence": min_confidence, "min_share": min_share, "year": year, "link": link,
        "issue": issue,
    }  # fmt: skip
    known = questions.questions(view.release.names.base)
    if question and question > len(known):
        raise UsageError(Named("question"), f" is a number from 1 to {len(known)}; there is no {question}.")
    chosen = known[question - 1] if question and query is None else None
    own = {given.name for given in chosen.inputs} if chosen else set()
    inputs = {name: text for name, text in said.items() if text is not None and name in own}
    asked = _Asked(query, chosen.number if chosen else None, inputs, show, part)
    return _Put(asked, chosen, actor, chosen.text if chosen else naming.first() if query is None else query)


Put = Annotated[_Put, Depends(_put)]


@router.get("/sparql")
async def asking(request: Request, view: KnownView, put: Put) -> Response:
    """Show what can be asked, and the answer to what is."""
    given: dict[str, Any] = {}
    status, asked = 200, put.asked
    try:
        if put.chosen is not None:
            put.text = (await run_in_threadpool(view.question, put.chosen.number, asked.inputs)).text
        if put.chosen is not None or asked.query is not None:
            given = await _answered(request, view, put.text, asked)
            status = 202 if "waiting" in given else 200
    except _FAILS as error:
        status, title = status_of(error)
        advice = KINDS[named(title, status)].advice
        given = {"wrong": {"title": title, "said": str(error), "advice": advice}}
    return await _shown(request, view, put, status, **given)


@router.post("/sparql/end")
async def end(
    request: Request, view: KnownView, who: Annotated[Caller, Depends(acting("public"))], put: Put
) -> Response:
    """End a query that somebody waits for; it stands there again."""
    request.app.state.waits.end((await sent.said(request)).one("work"))
    return await _shown(
        request, view, put, 200, wrong={"title": "Ended", "said": "You ended it.", "advice": ""}
    )


async def _shown(request: Request, view: View, put: _Put, status: int, **given: Any) -> Response:
    counted = await terms.described(request, view)
    if counted is None:
        return work.GONE
    answer = await run_in_threadpool(
        _page, request, view, status,
        text=put.text, known=questions.questions(view.release.names.base), chosen=put.chosen, actor=put.actor,
        inputs=put.asked.inputs, classes=counted["classes"], samples=_samples(request.app.state.base, put.text),
        addressed=put.asked.address, prefixes=list(PREFIXES),
        **{"answer": None, "wrong": None, "waiting": None, **given},
    )  # fmt: skip
    if "waiting" in given:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(request: Request, view: View, status: int, **given: Any) -> HTMLResponse:
    triples = sum(version.triples for version in view.release.current.values())
    return page.response(
        request, "query.html", view, status=status, triples=triples, datasets=len(view.release.current),
        limits=request.app.state.pools["queries"].limits, base=request.app.state.base, **given,
    )  # fmt: skip


async def _answered(request: Request, view: View, text: str, asked: _Asked) -> dict[str, Any]:
    """Return what the page says of the answer to a query, or by which key it goes on."""
    if len(text.encode("utf-8", "replace")) > MAX_QUERY:
        raise QueryError(f"A query has at most {MAX_QUERY:,} bytes.")
    state = request.app.state
    wanted = apart.request(str(view.release.path), await sparql.prepared(request, view, text), rows.FORMS)

    async def read(_: Progress) -> rows.Read:
        return await rows.read(await work.begun(state.pools["queries"], wanted, state.aside))

    waits: Waits[rows.Read] = state.waits
    found = await waits.come(request, wanted, read)
    if isinstance(found, Wait):
        return {"waiting": found.key}
    return {"answer": await run_in_threadpool(_seen, request, view, text, asked, found)}


def _seen(request: Request, view: View, text: str, asked: _Asked, read: rows.Read) -> dict[str, Any]:
    """Return an answer as it is asked to be seen, and how else it can be."""
    root = f"{request.scope.get('root_path', '')}/"
    shown, count = Shown(view, root), len(read.lines)
    parts = max(-(-count // PART), 1)
    part = min(asked.part, parts)
    first = (part - 1) * PART
    looked = list(read.rows(last=charts.LOOKED)) if read.kind == "rows" else []
    chart = charts.chart(read.names, looked)
    points, countries = charts.points(read.names, looked), charts.countries(view, looked)
    about = charts.root(view, text)
    possible = {
        "table": True, "picture": about is not None, "map": bool(points or countries), "chart": chart is not None,
        "raw": True,
    }  # fmt: skip
    show = asked.show if possible[asked.show] else "table"
    unknown = naming.misnamed(view.release, text)
    if not count:
        unknown += naming.absent(view.release, text)
    return {
        "kind": read.kind, "holds": read.holds if read.kind == "boolean" else None, "names": read.names, "count": count,
        "whole": read.whole, "unknown": unknown, "show": show,
        "possible": [name for name in possible if possible[name]],
        "rows": _cells(shown, read, first) if show == "table" else [],
        "raw": "\n".join(read.lines[first : first + PART]) if show == "raw" else "",
        "looked": len(looked) if show in ("map", "chart") and len(looked) < count else 0,
        "root": about, "picture": f"{root}trace?{urlencode({'actor': about, 'format': 'svg'})}",
        "trace": f"{root}trace?{urlencode({'actor': about})}",
        "bars": _bars(shown, chart) if chart is not None and show == "chart" else None,
        "map": _map(points, countries) if show == "map" else "", "points": len(points),
        "countries": [(words.country_and_code(code), number) for code, number in countries.items()],
        "files": [
            (name, f"{root}sparql?{urlencode({'query': text, 'format': name.lower()})}")
            for name in _FILES[read.kind]
        ],
        "part": {
            "first": first + 1, "last": min(first + PART, count), "total": count,
            "before": asked.address(page=part - 1) if part > 1 else "",
            "after": asked.address(page=part + 1) if part < parts else "",
        },
    }  # fmt: skip


def _cells(shown: Shown, read: rows.Read, first: int) -> list[list[Value]]:
    if read.kind == "boolean":
        return []
    return [[_value(shown, term) for term in row] for row in read.rows(first, first + PART)]


def _value(shown: Shown, term: object) -> Value:
    if term is None:
        return Value("")
    value = shown.value(term)  # type: ignore[arg-type]
    if isinstance(term, Text) and rows.number(term) is not None:
        return Value(value.text)
    return value


def _bars(shown: Shown, chart: charts.Chart) -> dict[str, Any]:
    most = max((abs(value) for _, value in chart.bars), default=0) or 1
    drawn = [(_value(shown, term), value, round(100 * abs(value) / most, 1)) for term, value in chart.bars]
    return {"of": chart.of, "by": chart.by, "bars": drawn, "more": chart.more}


def _map(points: list[tuple[float, float]], countries: dict[str, int]) -> str:
    """Return places as dots, or countries with marks as large as their rows are many."""
    if points:
        marks = [
            atlas.Mark("place", atlas.placed(*each), 0.0, f"{each[0]:g}, {each[1]:g}") for each in points
        ]
        return atlas.draw(marks, "Places of the answer", f"{words.Figure(len(points)):place}.")
    most = max(countries.values())
    marks = [
        atlas.Mark("place", at, number / most, f"{words.country(code)}: {number:,}")
        for code, number in countries.items()
        if (at := atlas.dot(code))
    ]
    return atlas.draw(marks, "Countries of the answer", "; ".join(mark.title for mark in marks))


def _samples(base: str, text: str) -> list[tuple[str, str]]:
    """Return programs that ask the same, each with the name of its language."""
    quoted = (
        f'"""{text}"""' if '"""' not in text and "\\" not in text and not text.endswith('"') else repr(text)
    )
    dashes = "-" * next(n for n in range(1, 99) if f'){"-" * n}"' not in text)
    python = (
        f"import csv\nimport io\nimport urllib.parse\nimport urllib.request\n\nquery = {quoted}\n"
        f'said = urllib.parse.urlencode({{"query": query, "format": "csv"}})\n'
        f'with urllib.request.urlopen("{base}sparql?" + said) as answer:\n'
        '    rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8")))\nprint(len(rows), "rows")\n'
    )
    r = (
        f'query <- r"{dashes}({text}){dashes}"\n'
        f'address <- paste0("{base}sparql?format=csv&query=", URLencode(query, reserved = TRUE))\n'
        "rows <- read.csv(address)\nprint(nrow(rows))\n"
    )
    curl = f"curl --get {base}sparql --data format=csv \\\n  --data-urlencode query={shlex.quote(text)}\n"
    return [("Python", python), ("curl", curl), ("R", r)]
