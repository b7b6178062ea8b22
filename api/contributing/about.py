"""``/contribute/ID/about``: what a file is called, under which licence it is, who publishes it, and who may see it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from opentier.api.contract.sent import Said, said
from opentier.api.contributing.steps import Draft, asked, shown
from opentier.api.desk.jobs import Hand, waited
from opentier.api.http.access import CurrentCaller
from opentier.api.pages import route
from opentier.graph.contribution import foreign, metadata
from opentier.graph.errors import Named, UsageError
from opentier.graph.model import dates, visibility
from opentier.graph.tasks import drafts
from opentier.graph.tasks.queue import Queue
from opentier.graph.written import licences

router = route.router()

_SAID = ("dataset", "title", "licence", "publisher", "anonymous", "visibility", "consent")


@router.get("/contribute/{id}/about")
async def about(request: Request, who: CurrentCaller, draft: Draft) -> Response:
    """Ask what is not in the file."""
    assert draft.file is not None
    stem = draft.file.name.split(".")[0]
    known = draft.said
    guessed = "" if known["described"] else foreign.slug(stem)
    return shown(
        request, "contribute-about.html", "about", draft, said={**dict.fromkeys(_SAID), **known}, guessed=guessed,
        licences=[(each, licences.WORDS[each]) for each in licences.USUAL],
        described=known["described"], adapter=bool(known.get("adapter")), today=dates.today(),
    )  # fmt: skip


@router.post("/contribute/{id}/about")
async def say(request: Request, who: Hand, draft: Draft) -> Response:
    """Keep what is said, and have the file checked."""
    queue: Queue = request.app.state.jobs
    kept = _told(await said(request), described=bool(draft.said["described"]))
    draft = await drafts.change(queue, draft, kept)
    return await waited(request, await asked(request, who, draft, "validate"))


def _told(form: Said, *, described: bool) -> dict[str, Any]:
    """Return what a form says of a contribution.

    Raises
    ------
    UsageError
        If something lacks that nothing can be admitted without, or means nothing.
    """
    dataset, licence = form.one("dataset"), form.one("licence")
    licence = form.one("other") if licence == "other" else licence
    if not described and not dataset:
        raise UsageError(Named("dataset"), " is missing: give your dataset a name.")
    if dataset and not metadata.is_name(dataset):
        raise UsageError(
            Named("dataset"), f" {dataset[:60]!r} cannot be one: use lower-case letters, digits and dashes."
        )
    if not described and not licence:
        raise UsageError(Named("licence"), " is missing: without one nobody may use your data.")
    named = form.one("named")
    if named == "name" and not form.one("publisher"):
        raise UsageError(
            Named("publisher"), " is missing: say who publishes it, or publish it without a name."
        )
    if named == "nobody" and not dataset:
        raise UsageError(
            Named("dataset"), " is missing: without your name, the dataset needs one of your own choice."
        )
    if form.one("consent") != "yes":
        raise UsageError(Named("consent"), " is missing: only who may publish a file can contribute it.")
    seen = form.one("visibility") or visibility.PUBLIC
    if seen == "embargoed":
        seen = f"embargoed:{form.one('until')}"
    return {
        "dataset": dataset or None,
        "title": form.one("title") or None,
        "licence": licence or None,
        "publisher": form.one("publisher") if named == "name" else None,
        "anonymous": named == "nobody",
        "visibility": None
        if form.one("visibility") in ("", "before")
        else visibility.check(seen, dates.today()),
        "consent": dates.today(),
    }
