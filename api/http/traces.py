"""``/trace`` and ``/exposure``: one actor's trace as JSON, CSV or the tier picture; every actor's exposure."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from opentier.api.filters import asking, served
from opentier.api.http.deps import CurrentView
from opentier.api.http.negotiation import choose
from opentier.api.http.problems import problem
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
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


def _headers(view: View, asked: Parameters) -> dict[str, str]:
    """Return what is said beside an answer: its release, and why it can hold little or nothing."""
    doubt = view.doubt(asked)
    return {"OpenTier-Release": view.release.id, **({"OpenTier-Warning": doubt} if doubt else {})}


def _described(request: Request) -> str:
    """Return the link to the limits of an answer: the same address, as JSON."""
    same = request.url.include_query_params(format="json")
    return f'<{same.path.rpartition("/")[2]}?{same.query}>; rel="describedby"; type="application/json"'


@router.get("/trace")
def trace(
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
    found = view.trace(actor, asked)
    headers = _headers(view, asked) | {"OpenTier-Verdict": found.verdict.result, "Vary": "Accept"}
    if form == "json":
        text = found.to_json((FIRST if first is None else first) if group else None)
    else:
        text = found.to_csv() if form == "csv" else found.to_svg()
        headers["Link"] = _described(request)
    media_type = f"{FORMATS[form]}; charset=utf-8" if form == "csv" else FORMATS[form]
    return Response(text, media_type=media_type, headers=headers)


@router.get("/exposure")
def exposure(
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
    found = view.exposure(asked)
    headers = _headers(view, asked) | {
        "OpenTier-Verdict": found.verdict.result,
        "Link": _described(request),
        "Vary": "Accept",
    }
    if form == "json":
        return Response(found.to_json(), media_type="application/json", headers=headers)
    return Response(found.to_csv(), media_type="text/csv; charset=utf-8", headers=headers)
