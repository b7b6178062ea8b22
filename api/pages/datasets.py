"""``/datasets`` for a browser: what is here and whether one may use it; one dataset, one version, and what changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from opentier.api.http.access import CurrentCaller
from opentier.api.http.deps import CurrentView, KnownView
from opentier.api.linked import catalogue, page
from opentier.api.pages import route
from opentier.graph.front import View
from opentier.graph.model.formats import FORMATS
from opentier.graph.model.versions import Version
from opentier.graph.profile.changes import Changes
from opentier.graph.profile.holdings import Holdings
from opentier.graph.query import dcat
from opentier.graph.written import licences

router = route.router()

Dataset = Annotated[str, Path(description="The id of a dataset.")]
Number = Annotated[int, Path(description="The number of a version.")]
#: Records that differ which are shown; the files have all.
SHOWN = 25
#: Statements of two versions that are compared while somebody waits for a page.
COMPARED = 1_000_000
#: The forms of a version, the first the one for people, with what each counts.
FILES = (
    ("zip", "Data Package: tables as CSV, in a zip", "rows"),
    ("ttl", "RDF as Turtle", "triples"),
    ("jsonld", "RDF as JSON-LD", "triples"),
    ("nt", "RDF as N-Triples", "triples"),
)


@router.get("/datasets")
@router.get("/catalog")
def datasets(
    request: Request, view: KnownView, page: Annotated[int, Query(ge=1, description="Which 25 of them.")] = 1
) -> Response:
    """List the current version of every dataset."""
    return catalogue.listed(request, view, page)


@router.get("/datasets/{dataset}")
def dataset(request: Request, view: KnownView, who: CurrentCaller, dataset: Dataset) -> Response:
    """Show the current version of a dataset, and all others."""
    described = view.described(dataset)
    found = view.release.current.get(dataset) or view.versions(dataset)[-1]
    return _shown(request, view, found, described, curator=who.may("curator"))


@router.get("/datasets/{dataset}/{version:int}")
def version(
    request: Request, view: KnownView, who: CurrentCaller, dataset: Dataset, version: Number
) -> Response:
    """Show one version of a dataset."""
    found = view.version(dataset, version)
    return _shown(request, view, found, view.described(dataset), one=True, curator=who.may("curator"))


@router.get("/datasets/{dataset}/diff")
def beside(
    request: Request,
    view: CurrentView,
    dataset: Dataset,
    before: Annotated[int | None, Query(alias="from")] = None,
    after: Annotated[int | None, Query(alias="to")] = None,
) -> Response:
    """Lead to the page of a difference, where the address does not say of which versions."""
    last = view.versions(dataset)[-1].number if after is None else after
    first = max(last - 1, 1) if before is None else before
    return RedirectResponse(f"{request.url.path}/{first}/{last}", 303)


@router.get("/datasets/{dataset}/diff/{before:int}/{after:int}")
def difference(
    request: Request, view: CurrentView, dataset: Dataset, before: Number, after: Number
) -> Response:
    """Show what differs between two versions."""
    versions = view.version(dataset, before), view.version(dataset, after)
    given: dict[str, Any] = {"dataset": dataset, "before": versions[0], "after": versions[1]}
    if sum(each.triples for each in versions) > COMPARED:
        return page.response(request, "dataset-diff.html", view, **given, changed=None)
    return page.response(
        request, "dataset-diff.html", view, **given, changed=told(view, dataset, before, after)
    )


def told(view: View, dataset: str, before: int, after: int) -> dict[str, Any]:
    """Return what differs between two versions, as their page tells it."""
    found = view.difference(dataset, before, after)
    said = found.to_dict()
    return {
        "counts": said["counts"], "tables": said["tables"], "lines": Changes(view, found).lines(SHOWN),
        "total": sum(said["counts"].values()),
    }  # fmt: skip


def _shown(
    request: Request,
    view: View,
    shown: Version,
    described: list[dict[str, Any]],
    *,
    one: bool = False,
    curator: bool,
) -> Response:
    holdings = Holdings(view.release, shown)
    mine = next(each for each in described if each["number"] == shown.number)
    numbers = [each["number"] for each in described]
    before = max((number for number in numbers if number < shown.number), default=None)
    small = before is not None and shown.triples + view.version(shown.dataset, before).triples <= COMPARED
    return page.response(
        request, "dataset.html", view, version=shown, mine=mine, versions=described[::-1], one=one,
        licence=licences.words(shown.licence), tables=holdings.tables(), links=holdings.links(),
        counted=holdings.counted, files=FILES,
        others=[(end, FORMATS[end].title) for end, *_ in dcat.others(view.release, shown)],
        before=before, changed=told(view, shown.dataset, before, shown.number) if small and before else None,
        withdrawn=any(not each["ended"] for each in mine["withdrawals"]), curator=curator,
        history=[(each["number"], w) for each in described for w in each["withdrawals"]],
    )  # fmt: skip
