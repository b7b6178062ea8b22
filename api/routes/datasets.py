"""``/datasets``: what was admitted, and what differs between versions; ``/affected``: what that changed in traces.

Versions are withdrawn and restored as jobs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.contract.paging import CurrentPart
from opentier.api.http import work
from opentier.api.http.access import ELSEWHERE, Caller, CurrentCaller, acting
from opentier.api.http.deps import CurrentView, KnownView
from opentier.api.http.negotiation import choose
from opentier.api.linked import catalogue
from opentier.api.routes.jobs import asked, of
from opentier.graph.errors import Named, NotAllowed, UsageError
from opentier.graph.front import View
from opentier.graph.model import formats, printed
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Datasets"])

#: The forms of a difference, and those of a version.
_JSON = Forms("The list", "json")
FORMS = Forms("A difference", "json", "csv")
FILES = Forms("A version", "datapackage", "turtle", "ntriples", "trig", "nquads", "jsonld")

#: JSON, whatever is accepted: a page's link to its data.
AsJson = Annotated[Literal["json"] | None, Query(description="json, whatever is accepted.")]
Dataset = Annotated[str, Path(description="The id of a dataset.", examples=["example"])]


@router.get(
    "/datasets",
    response_model=None,
    responses=answers(schema="Datasets", forms=_JSON, also=catalogue.FORMS.offered),
)
def datasets(
    request: Request, view: KnownView, part: CurrentPart, format: AsJson = None
) -> dict[str, Any] | Response:
    """List the current version of every dataset; whoever accepts RDF or a page alone gets the catalogue (/catalog)."""
    form = format or choose(request.headers.get("accept"), {**_JSON.offered, **catalogue.FORMS.offered})
    if form is not None and form in catalogue.FORMS.offered:
        return catalogue.response(request, view, form)
    part.response.headers["Vary"] = "Accept"
    found = [asdict(version) for version in view.release.current.values()]
    return {"release": view.release.id, **part.of("datasets", found)}


@router.get("/datasets/{dataset}", response_model=None, responses=answers(schema="Dataset"))
def dataset(view: KnownView, dataset: Dataset, format: AsJson = None) -> dict[str, Any]:
    """Return all versions of one dataset, the newest last: which is current, and what was withdrawn when and why."""
    return {"id": dataset, "versions": view.described(dataset)}


@router.get(
    "/datasets/{dataset}/diff", response_class=Response, responses=answers(schema="Difference", forms=FORMS)
)
def diff(
    request: Request,
    view: CurrentView,
    dataset: Dataset,
    before: Annotated[
        int | None, Query(alias="from", description="A version; else the one before.", examples=[1])
    ] = None,
    after: Annotated[
        int | None, Query(alias="to", description="Another version; else the last one.", examples=[2])
    ] = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Tell what differs between two versions: records added, removed and changed, by table and column."""
    form = FORMS.of(request, format)
    last = view.versions(dataset)[-1].number if after is None else after
    found = view.difference(dataset, max(last - 1, 1) if before is None else before, last)
    text = printed.text(found.to_dict()) if form == "json" else found.to_csv()
    headers = {"OpenTier-Release": view.release.id, "Vary": "Accept"}
    return Response(text, media_type=FORMS.media_type(form), headers=headers)


Version = Annotated[int, Path(description="The number of a version.", examples=[1])]


@router.get("/datasets/{dataset}/{version}", response_model=None, responses=answers(schema="Version"))
def version(view: KnownView, dataset: Dataset, version: Version, format: AsJson = None) -> dict[str, Any]:
    """Return one version of a dataset: its licence, publisher, counts and checksum, and whether it is current."""
    number = view.version(dataset, version).number
    return next(each for each in view.described(dataset) if each["number"] == number)


@router.get(
    "/datasets/{dataset}/{version}/download", response_class=Response, responses=answers(504, forms=FILES)
)
async def download(
    request: Request,
    view: CurrentView,
    dataset: Dataset,
    version: Version,
    format: Annotated[
        Literal["datapackage", "turtle", "ntriples", "trig", "nquads", "jsonld"] | None,
        Query(description="datapackage (a zip), turtle, ntriples, trig, nquads or jsonld; else by Accept."),
    ] = None,
) -> Response:
    """Return a version as a file: a Data Package, which contributed again gives the same graph, or RDF."""
    form = FILES.of(request, format)
    found = await run_in_threadpool(view.version, dataset, version)
    named = f'attachment; filename="{found.dataset}-{found.number}.{formats.suffix(form)}"'
    more = {"work": "export", "dataset": found.dataset, "number": found.number, "form": form}
    said = work.asked(view, Parameters(), **more)
    return await work.answer(request, view, FILES.media_type(form), said, Content_Disposition=named)


# --- Acts on versions, and what they changed ---

Curator = Annotated[Caller, Depends(acting("curator"))]
AFFECTED = Forms("It", "json", "csv")
_ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"description": "It is accepted; `Location` is its job."}}
#: Which versions, and of whom.
Of = Annotated[
    str, Query(alias="dataset", description="The dataset that was contributed to.", examples=["example"])
]
Before = Annotated[
    int | None,
    Query(alias="from", ge=0, description="A version, 0 for none; else the last one before.", examples=[0]),
]
After = Annotated[
    int | None, Query(alias="to", ge=0, description="A version; else the current one.", examples=[1])
]
Roots = Annotated[
    str | None,
    Query(
        description="Compare all actors of this dataset; else all that buy from somebody.",
        examples=["example"],
    ),
]


def withdrawing(view: View, who: Caller, dataset: str, reason: str, version: int | None) -> Job:
    """Return the job that withdraws the current version of a dataset.

    Raises
    ------
    UnknownDataset, UsageError
        If there is no such dataset; if no reason is given.
    """
    if not reason.strip():
        raise UsageError(
            Named("reason"), " is missing: say why, since it is shown with the version for good."
        )
    view.versions(dataset)
    return of(who, "withdraw", {"dataset": dataset, "reason": reason, "version": version}, changing=True)


def restoring(view: View, who: Caller, dataset: str, version: int | None = None) -> Job:
    """Return the job that undoes the last withdrawal of a version of a dataset.

    Raises
    ------
    UnknownDataset, UsageError
        If there is no such dataset or version; if that version is not the one that was withdrawn last.
    """
    view.versions(dataset)
    if version is not None:
        iri = view.version(dataset, version).iri
        held = [each for each in view.release.withdrawals if each.dataset == dataset and not each.ended]
        if not held or held[-1].version != iri:
            raise UsageError(f"Version {version} of {dataset} is not the one that was withdrawn last.")
    return of(who, "restore", {"dataset": dataset}, changing=True)


def affecting(
    view: View, who: Caller, dataset: str, before: int | None, after: int | None, roots: str | None
) -> Job:
    """Return the job that says whom a version affects; UnknownDataset where there is no such dataset or version."""
    for number in filter(None, (before, after)):
        view.version(dataset, number)
    for name in filter(None, (dataset, roots)):
        view.versions(name)
    said = {"dataset": dataset, "before": before, "after": after, "roots": roots}
    return of(who, "affected", said, changing=False)


@router.post(
    "/datasets/{dataset}/{version}/withdraw", operation_id="dataset_version_withdraw", status_code=202,
    responses=_ACCEPTED,
)  # fmt: skip
async def withdraw(
    request: Request,
    view: CurrentView,
    who: Curator,
    dataset: Dataset,
    version: Version,
    reason: Annotated[
        str, Query(description="Why: it is shown with the version for good.", examples=["A mistake"])
    ],
) -> Response:
    """Withdraw the current version of a dataset, as a job: it stays citable, and no answer uses it."""
    await run_in_threadpool(view.version, dataset, version)
    return await asked(request, await run_in_threadpool(withdrawing, view, who, dataset, reason, version))


@router.post(
    "/datasets/{dataset}/{version}/restore", operation_id="dataset_version_restore", status_code=202,
    responses=_ACCEPTED,
)  # fmt: skip
async def restore(
    request: Request, view: CurrentView, who: Curator, dataset: Dataset, version: Version
) -> Response:
    """Undo the withdrawal of the version of a dataset that was withdrawn last, as a job."""
    return await asked(request, await run_in_threadpool(restoring, view, who, dataset, version))


@router.get(
    "/affected", operation_id="affected_get", response_class=Response,
    responses=answers(504, schema="Affected", forms=AFFECTED),
)  # fmt: skip
async def affected(
    request: Request,
    view: CurrentView,
    dataset: Of,
    before: Before = None,
    after: After = None,
    roots: Roots = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Say who gained or lost exposures between two versions of a dataset; what takes longer is asked as a job."""
    form = AFFECTED.of(request, format)
    said = work.asked(view, Parameters(), **question(dataset, before, after, roots), form=form)
    return await work.answer(request, view, AFFECTED.media_type(form), said)


def question(dataset: str, before: int | None, after: int | None, roots: str | None) -> dict[str, Any]:
    """Return what is asked of the process that compares."""
    return {"work": "affected", "dataset": dataset, "before": before, "after": after, "roots": roots}


@router.post("/affected", operation_id="affected_create", status_code=202, responses=_ACCEPTED)
async def affected_job(
    request: Request,
    view: CurrentView,
    who: CurrentCaller,
    dataset: Of,
    before: Before = None,
    after: After = None,
    roots: Roots = None,
) -> Response:
    """Say the same as a job, however long it takes; its results are JSON and CSV."""
    if who is ELSEWHERE:
        raise NotAllowed("The page of another site asks for this, and without a key it may not.")
    return await asked(request, await run_in_threadpool(affecting, view, who, dataset, before, after, roots))
