"""``/trace`` and ``/exposure``: one actor's trace in every form; every actor's exposure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from opentier.api.contract.asking import Filters, FiltersOfOne, LawsOfReport, Who
from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.http import work
from opentier.api.http.deps import CurrentView
from opentier.graph import worker
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.jobs.pool import Pool
from opentier.graph.threads import kept
from opentier.graph.trace.parameters import Parameters, check

#: The forms of a trace, and those of the exposure of all.
FORMS = Forms("A trace", "json", "csv", "svg", "html", "xlsx", "pdf", "png", "graphml", "gexf")
OF_ALL = Forms("An exposure", "csv", "json")
#: Exposures of one designation in the grouped form, and the most of them.
FIRST, MOST = 25, 1000

#: Small traces that are kept of each view, whose data never change: whoever asks again does not wait for them.
_KEPT = 64

router = APIRouter(tags=["Trace"])


@dataclass(frozen=True)
class _Question:
    """What is asked of a trace, and how it is written."""

    actor: str
    asked: Parameters
    form: str
    grouped: int | None


@kept(_KEPT)
def _small(view: View, question: _Question) -> tuple[str, bytes, str | None] | None:
    """Return the verdict, the answer and the doubt of a trace; None where it may take time worth a process."""
    if view.wide(question.actor, question.asked) or question.form not in worker.TEXTS:
        return None
    found = view.trace(question.actor, question.asked)
    text = worker.written(found, question.form, question.grouped)
    return found.verdict.result, text.encode(), view.doubt(question.asked)


@router.get("/trace", response_class=Response, responses=answers(504, schema="Trace", forms=FORMS))
async def trace(
    request: Request,
    view: CurrentView,
    asked: FiltersOfOne,
    actor: Who,
    format: Annotated[
        Literal["json", "csv", "svg", "html", "xlsx", "pdf", "png", "graphml", "gexf"] | None,
        Query(
            description="json, csv or svg; a network: graphml, gexf; a report: html, xlsx, pdf, png (its first "
            "page); else by Accept."
        ),
    ] = None,
    group: Annotated[
        Literal["designation"] | None, Query(description="Of JSON: exposures by designation, and links.")
    ] = None,
    first: Annotated[
        int | None,
        Query(ge=0, le=MOST, description=f"Grouped: exposures of each designation; {FIRST} if not said."),
    ] = None,
    law: LawsOfReport = None,
) -> Response:
    """Trace an actor; the parameters are those of the command line, with underscores."""
    form = FORMS.of(request, format)
    if group is not None and form != "json":
        raise UsageError(Named("group"), " is for JSON; give ", Named("format"), " json.")
    if first is not None and group is None:
        raise UsageError(
            Named("first"), " counts for a grouped answer only; give ", Named("group"), " designation."
        )
    if law and form in worker.TEXTS:
        raise UsageError(Named("law"), " is for a report; give ", Named("format"), " html, xlsx, pdf or png.")
    grouped = (FIRST if first is None else first) if group else None

    question = _Question(actor, asked, form, grouped)
    at_once = await work.at_once(lambda: _small(view, question))
    media_type = FORMS.media_type(form)
    if at_once is not None:
        verdict, text, doubt = at_once
        return Response(text, media_type=media_type, headers=work.beside(request, form, verdict, doubt))
    pool: Pool = request.app.state.pools["traces"]
    more = {"work": "trace", "actor": actor, "form": form, "grouped": grouped, "laws": law}
    done = await work.done(request, pool, work.asked(view, asked, **more))
    if done is None:
        return work.GONE
    headers = work.beside(request, form, done.head["verdict"], done.head["doubt"])
    return done.response(media_type, headers | {"OpenTier-Limit": str(pool.limits)})


@router.get("/exposure", response_class=Response, responses=answers(504, schema="Exposures", forms=OF_ALL))
async def exposure(
    request: Request,
    view: CurrentView,
    asked: Filters,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="csv or json; else by Accept.")
    ] = None,
) -> Response:
    """Return the exposure of every actor: nearest tier, exposed actors upstream, share of inputs.

    The JSON form has verdict and limits, too; the header `OpenTier-Verdict` has the verdict, and `Link` leads to it.
    """
    form = OF_ALL.of(request, format)
    check(asked)  # what means nothing is not worth a process
    pool: Pool = request.app.state.pools["traces"]
    done = await work.done(request, pool, work.asked(view, asked, work="exposure", form=form))
    if done is None:
        return work.GONE
    headers = work.beside(request, "", done.head["verdict"], done.head["doubt"])
    return done.response(OF_ALL.media_type(form), headers | {"OpenTier-Limit": str(pool.limits)})
