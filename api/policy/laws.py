"""``/laws`` as a page: which laws bind a company, since when, and by which source; without a question all laws."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from opentier.api.http.deps import KnownView
from opentier.api.linked import page
from opentier.api.pages.listed import part
from opentier.api.pages.route import router as pages
from opentier.api.routes.laws import Facts, facts
from opentier.graph.errors import AmbiguousActor, Named, UnknownActor, UsageError
from opentier.graph.front import View
from opentier.graph.law import acts, said, told
from opentier.graph.law.coverage import coverage
from opentier.graph.law.obligations import supposed
from opentier.graph.profile import sources
from opentier.graph.trace.parameters import date

router = pages()


@router.get("/laws")
def laws(
    request: Request,
    view: KnownView,
    entered: Annotated[Facts, Depends(facts)],
    actor: Annotated[str | None, Query(description="A company of the data.")] = None,
    on: Annotated[str | None, Query(description="The day that is asked about.")] = None,
    number: Annotated[int, Query(alias="page", ge=1, description="A part of the list of laws.")] = 1,
) -> Response:
    """Show which laws bind whom the address says; all laws where it says nobody."""
    form = {"actor": actor, "on": on, **entered}
    if actor is None and not any(entered.values()):
        return _all(request, view, form, number)
    try:
        return _answered(request, view, form, entered)
    except UsageError as error:
        if isinstance(error, AmbiguousActor | UnknownActor):
            raise  # those that are near it are named
        return _all(request, view, form, number, error)


def _answered(request: Request, view: View, form: dict[str, str | None], entered: Facts) -> Response:
    """Show which laws bind whom a form says."""
    actor, on = form["actor"], form["on"]
    if on is not None:
        date("on", on, day=True)
    known = view.directory.actor(actor) if actor is not None else None
    company = said.read(**entered)
    found = supposed(view.release, view.index, known, company, on)
    groups = [
        (outcome, list(laws)) for outcome, laws in groupby(found["laws"], key=lambda law: str(law["outcome"]))
    ]
    asked = {name: value for name, value in form.items() if value}
    return page.response(
        request, "laws.html", view, form=form, found=found, seat=company.seat, groups=groups, told=told,
        beside=[("JSON", f"obligations?{urlencode(asked)}")],
        origin=sources.current(view.release),
    )  # fmt: skip


def _all(
    request: Request, view: View, form: dict[str, str | None], number: int, error: UsageError | None = None
) -> Response:
    """Show all laws, and where nobody looked; and the form as it was sent, where an error says what is wrong in it."""
    wrong = next((str(part) for part in error.parts if isinstance(part, Named)), "") if error else ""
    every = sorted(acts.every(view.release), key=lambda law: (law["jurisdiction"], law["id"]))
    here = part(request, "page", number, len(every))
    looked = coverage(view.release, {law["jurisdiction"] for law in every})
    shown, origin = here.of(every), sources.current(view.release)
    datasets = sorted({law["id"].partition("/")[0] for law in shown} & origin.keys())
    return page.response(
        request, "laws-all.html", view, form=form, laws=shown, part=here, told=told, looked=looked,
        told_by=[origin[name] for name in datasets], beside=page.beside(request),
        error=str(error or ""), wrong=wrong, status=400 if error else 200,
    )  # fmt: skip
