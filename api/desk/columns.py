"""``/screen/ID/columns``: what the columns of a list are taken for, how they are read, and what is asked of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from opentier.api import filters, values
from opentier.api.desk import steps
from opentier.api.http.access import CurrentCaller
from opentier.api.pages.route import router as pages
from opentier.graph.desk.upload import COLUMNS, MATCHES, Upload
from opentier.graph.engine.hops import KINDS
from opentier.graph.errors import UsageError
from opentier.graph.model.tables import SCHEMES
from opentier.graph.trace.parameters import check, given, named

router = pages()

#: What can be said of a list, in the order of the page; of identifiers each scheme has a column of its own, too.
_FIELDS = {
    "name": "Supplier name", "country": "Country", "address": "Address", "region": "Region",
    "also_known_as": "Other names", "id": "Id of a company here", "identifiers": "Identifiers",
}  # fmt: skip
_MORE = {"lat": "Latitude", "lon": "Longitude"}
_SCHEMES = tuple(SCHEMES["identifier-scheme"])
#: The fields of the question, as the form has them.
_ASKED = ("product", "on", "max_tier", "min_confidence")


@router.get("/screen/{id}/columns")
async def columns(request: Request, who: CurrentCaller, id: str) -> Response:
    """Show what the columns are taken for."""
    upload = steps.found(request, who, id)
    made = await steps.until(request, upload, COLUMNS)
    if isinstance(made, Response):
        return made
    told = made.about
    if "error" in told:
        return steps.shown(request, "screen/unread.html", upload=upload, told=told)
    taken = told["columns"]
    more = {**_MORE, **{scheme: scheme.upper() for scheme in _SCHEMES}}
    shown = {**_FIELDS, **{name: called for name, called in more.items() if name in taken}}
    return steps.shown(
        request, "screen/columns.html", upload=upload, told=told, fields=shown,
        more={name: called for name, called in more.items() if name not in taken},
        asked=_shown(upload), kinds=KINDS,
        unused=len(told["labels"]) - len({label for at in taken.values() for label in at}),
    )  # fmt: skip


def _shown(upload: Upload) -> dict[str, Any]:
    """Return what is asked of each row, as the form has it."""
    return named(given(_tuples(upload.said.get("parameters") or {})))


def _tuples(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


@router.post("/screen/{id}/columns")
async def say(request: Request, who: CurrentCaller, id: str) -> Response:
    """Note what the columns are, and compare the names; or look at the columns again as they are said to be."""
    steps.demand_hand(who)
    upload = steps.found(request, who, id)
    form = await steps.form(request)
    said = _said(request, upload, form)
    changed = steps.desk(request).change(
        upload.id, lambda each: each.but(said=said, round=each.round + 1) if each.said != said else each
    )
    step = COLUMNS if form.get("do") == "look" else MATCHES
    await steps.begin(request, who, changed or upload, step)
    return steps.led(request, f"screen/{upload.id}/{step}")


def _said(request: Request, upload: Upload, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what is said of a list.

    Raises
    ------
    UsageError
        If something makes no sense.
    """
    sheet = form.get("sheet", "")
    known = {"sheet": upload.said.get("sheet") or "", "map": upload.said.get("map") or []}
    if "sheet" in form and sheet != form.get("sheet_now", known["sheet"]):
        return {**upload.said, "sheet": sheet, "map": []}  # another sheet has other columns
    said = {name: form[f"column-{name}"] for name in (*_FIELDS, *_MORE, *_SCHEMES) if f"column-{name}" in form}
    if said and not said.get("name"):
        raise UsageError("Say which column holds the names of the suppliers; all else may be left out.")
    return {
        "sheet": known["sheet"],
        "map": [f"{name}={header}" for name, header in said.items()] or known["map"],
        "country": values.country(form.get("country", "").strip() or None),
        "namibia": {"yes": True, "no": False}.get(form.get("namibia", "")),
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
        steps.view(request).directory.product(asked.product)  # a code that there is not is refused here, not at the end
    return asdict(asked)


def _number(text: str | None, called: str, kind: type[int] | type[float]) -> Any:
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{called}: {text[:20]!r} is no number.") from None
