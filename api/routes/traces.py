"""``/trace`` and ``/exposure``: one actor's trace as JSON, CSV or the tier picture; every actor's exposure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.filters import asking, served
from opentier.api.http import work
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.graph import worker
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.trace.parameters import Filter, Parameters

#: The formats of a trace, the first one where nothing is said.
FORMATS = {"json": "application/json", "csv": "text/csv", "svg": "image/svg+xml"}
#: Those of the exposure of all.
OF_ALL = {"csv": "text/csv", "json": "application/json"}
#: Exposures of one designation in the grouped form, and the most of them.
FIRST, MOST = 25, 1000

router = APIRouter(tags=["Trace"])


def _query(said: Filter) -> Any:
    """Return a filter as a parameter of a route."""
    examples = [said.example] if said.example else None
    least, most = served(said) or said.bounds or (None, None)
    told = {} if most is None else {"minimum": least, "maximum": most}
    return Query(alias=said.called, description=said.about, examples=examples, json_schema_extra=told)


Filters = Annotated[Parameters, Depends(asking(_query, alone=False))]
FiltersOfOne = Annotated[Parameters, Depends(asking(_query, alone=True))]


def _headers(request: Request, view: View, form: str, verdict: str, doubt: str | None) -> dict[str, str]:
    """Return what is said beside an answer: its release, its verdict, and why it can hold little or nothing."""
    said = {"OpenTier-Release": view.release.id, "OpenTier-Verdict": verdict, "Vary": "Accept"}
    if form != "json":
        said["Link"] = _described(request)
    return {**said, **({"OpenTier-Warning": doubt} if doubt else {})}


def _described(request: Request) -> str:
    """Return the link to the limits of an answer: the same address, as JSON."""
    same = request.url.include_query_params(format="json")
    return f'<{same.path.rpartition("/")[2]}?{same.query}>; rel="describedby"; type="application/json"'


def _asked(view: View, asked: Parameters, **more: Any) -> dict[str, Any]:
    """Return what is asked of a process (see `worker`)."""
    return {**worker.seen(view.release), "parameters": asdict(asked), **more}


@router.get("/trace")
async def trace(
    request: Request,
    view: CurrentView,
    asked: FiltersOfOne,
    actor: Annotated[
        str,
        Query(description="An IRI, dataset/local-id, an identifier or a name.", examples=["example/aurora"]),
    ],
    format: Annotated[
        Literal["json", "csv", "svg"] | None, Query(description="json, csv or svg; else by Accept.")
    ] = None,
    group: Annotated[
        Literal["designation"] | None, Query(description="Of JSON: exposures by designation, and links.")
    ] = None,
    first: Annotated[
        int | None,
        Query(ge=0, le=MOST, description=f"Grouped: exposures of each designation; {FIRST} if not said."),
    ] = None,
) -> Response:
    """Trace an actor; the parameters are those of the command line, with underscores."""
    form = format or choose(request.headers.get("accept"), FORMATS)
    if form is None:
        return problem(406, "Not acceptable", f"A trace is given as {', '.join(FORMATS.values())}.")
    if group is not None and form != "json":
        raise UsageError(Named("group"), " is for JSON; give ", Named("format"), " json.")
    if first is not None and group is None:
        raise UsageError(
            Named("first"), " counts for a grouped answer only; give ", Named("group"), " designation."
        )
    grouped = (FIRST if first is None else first) if group else None

    def small() -> tuple[str, str, str | None] | None:
        """Return the verdict, the answer and the doubt of a trace that takes no time worth a process."""
        if view.wide(actor, asked):
            return None
        found = view.trace(actor, asked)
        return found.verdict.result, worker.written(found, form, grouped), view.doubt(asked)

    at_once = await run_in_threadpool(small)
    media_type = f"{FORMATS[form]}; charset=utf-8" if form == "csv" else FORMATS[form]
    if at_once is not None:
        verdict, text, doubt = at_once
        return Response(text, media_type=media_type, headers=_headers(request, view, form, verdict, doubt))
    pool: Pool = request.app.state.pools["traces"]
    done = await work.done(
        request, pool, _asked(view, asked, work="trace", actor=actor, form=form, grouped=grouped)
    )
    if done is None:
        return work.GONE
    headers = _headers(request, view, form, done.head["verdict"], done.head["doubt"])
    return done.response(media_type, headers | {"OpenTier-Limit": str(pool.limits)})


@router.get("/exposure")
async def exposure(
    request: Request,
    view: CurrentView,
    asked: Filters,
    format: Annotated[
        Literal["csv", "json"] | None, Query(description="csv or json; else by Accept.")
    ] = None,
) -> Response:
    """Return the exposure of every actor: nearest tier, exposed actors upstream, share of inputs.

    The JSON form has verdict and limits, too; the header `OpenTier-Verdict` has the verdict, and `Link` leads to it.
    """
    form = format or choose(request.headers.get("accept"), OF_ALL)
    if form is None:
        return problem(406, "Not acceptable", f"An exposure is given as {', '.join(OF_ALL.values())}.")
    pool: Pool = request.app.state.pools["traces"]
    done = await work.done(request, pool, _asked(view, asked, work="exposure", form=form))
    if done is None:
        return work.GONE
    headers = _headers(request, view, "", done.head["verdict"], done.head["doubt"])
    media_type = f"{OF_ALL[form]}; charset=utf-8" if form == "csv" else OF_ALL[form]
    return done.response(media_type, headers | {"OpenTier-Limit": str(pool.limits)})
