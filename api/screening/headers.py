"""``/screen/ID/columns``: what the columns of a list are taken for and read as, and what is asked of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from opentier.api import filters, values
from opentier.api.desk.jobs import Hand, waited
from opentier.api.http.access import CurrentCaller
from opentier.api.pages import route
from opentier.api.screening import lists
from opentier.api.screening.lists import STEPS, Draft
from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import UsageError
from opentier.graph.intake.dialects import ENCODINGS
from opentier.graph.model.tables import SCHEMES
from opentier.graph.tasks import drafts
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import check, given, named

router = route.router()

#: What can be said of a list, in the order of the page; of identifiers each scheme has a column of its own, too.
_FIELDS = {
    "name": "Supplier name", "country": "Country", "product": "Product", "address": "Address", "region": "Region",
    "also_known_as": "Other names", "id": "Id of a company here", "identifiers": "Identifiers",
}  # fmt: skip
_MORE = {"lat": "Latitude", "lon": "Longitude"}
_SCHEMES = tuple(SCHEMES["identifier-scheme"])
#: How the fields begin that say which country is meant.
_MEANT = "meant|"
#: The fields of the question, as the form has them.
_ASKED = ("product", "on", "max_tier", "min_confidence")


@router.get("/screen/{id}/columns")
async def columns(request: Request, who: CurrentCaller, draft: Draft) -> Response:
    """Show what the columns are taken for."""
    made = await lists.until(request, draft, "columns")
    if isinstance(made, Response):
        return made
    told = made.about
    if "error" in told:
        return lists.shown(request, "screen-unread.html", "columns", draft, told=told, encodings=ENCODINGS)
    taken = told["columns"]
    more = {**_MORE, **{scheme: scheme.upper() for scheme in _SCHEMES}}
    shown = {**_FIELDS, **{name: called for name, called in more.items() if name in taken}}
    return lists.shown(
        request, "screen-columns.html", "columns", draft, told=told, fields=shown, encodings=ENCODINGS,
        more={name: called for name, called in more.items() if name not in taken},
        asked=_shown(draft), kinds=KINDS,
        unused=len(told["labels"]) - len({label for at in taken.values() for label in at}),
    )  # fmt: skip


def _shown(draft: Job) -> dict[str, Any]:
    """Return what is asked of each row, as the form has it."""
    return named(given(_tuples(draft.said.get("parameters") or {})))


def _tuples(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


@router.post("/screen/{id}/columns")
async def say(request: Request, who: Hand, draft: Draft) -> Response:
    """Note what the columns are, and compare the names; or look at the columns again as they are said to be."""
    form = await lists.form(request)
    changed = _otherwise(draft, form)
    draft = await drafts.change(request.app.state.jobs, draft, changed or _said(request, draft, form))
    step = "columns" if changed or form.get("do") == "look" else "matches"
    return await waited(request, await lists.begin(request, who, draft, STEPS[step]))


def _otherwise(draft: Job, form: Mapping[str, str]) -> dict[str, Any]:
    """Return how a list is read otherwise than it was: it then has other columns; nothing where it is not.

    Raises
    ------
    UsageError
        If an encoding is none that a list is read in.
    """
    now = {
        "sheet": draft.said.get("sheet") or "", "headless": bool(draft.said.get("headless")),
        "encoding": draft.said.get("encoding") or "",
    }  # fmt: skip
    said = dict(now)
    if "sheet" in form and form["sheet"] != form.get("sheet_now", now["sheet"]):
        said["sheet"] = form["sheet"]
    if "header_asked" in form:
        said["headless"] = "headless" in form
    if "encoding" in form:
        said["encoding"] = form["encoding"]
    if said["encoding"] and said["encoding"] not in ENCODINGS:
        raise UsageError(f"A list is read in no encoding {form['encoding'][:20]!r}: choose one of the page.")
    return {**said, "map": []} if said != now else {}


def _said(request: Request, draft: Job, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what is said of a list.

    Raises
    ------
    UsageError
        If something makes no sense.
    """
    known = draft.said.get("map") or []
    said = {
        name: form[f"column-{name}"] for name in (*_FIELDS, *_MORE, *_SCHEMES) if f"column-{name}" in form
    }
    if said and not said.get("name"):
        raise UsageError("Say which column holds the names of the suppliers; all else may be left out.")
    return {
        "map": [f"{name}={header}" for name, header in said.items()] or known,
        "country": values.country(form.get("country", "").strip() or None),
        "meant": {name.removeprefix(_MEANT): code for name, code in form.items() if name.startswith(_MEANT)},
        "parameters": _parameters(request, form),
    }


def _parameters(request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what is asked of each row."""
    texts = {name: form.get(name, "").strip() or None for name in _ASKED}
    kinds = [kind for kind in KINDS if f"kind-{kind}" in form]
    asked = filters.parameters(
        product=texts["product"],
        on=texts["on"],
        max_tier=_number(texts["max_tier"], "Tiers at most", int),
        min_confidence=_number(texts["min_confidence"], "Least confidence", float),
        **({"kinds": ",".join(kinds)} if kinds else {}),
    )
    check(asked)
    if asked.product is not None:
        lists.view(request).directory.product(
            asked.product
        )  # a code that there is not is refused here, not at the end
    return asdict(asked)


def _number(text: str | None, called: str, kind: type[int] | type[float]) -> Any:
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        advice = "Write it with a point, such as 0.5." if kind is float else "Write digits alone, such as 3."
        raise UsageError(f"{called}: {text[:20]!r} is no number. {advice}") from None
