"""``/datasets``: what was admitted, with versions, licences and counts, and what differs between versions.

Versions are withdrawn and restored as jobs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.contract.forms import Forms
from opentier.api.contract.paging import CurrentPart
from opentier.api.http import work
from opentier.api.http.access import Caller, acting
from opentier.api.http.deps import CurrentView, KnownView
from opentier.api.http.negotiation import choose
from opentier.api.linked import catalogue
from opentier.api.routes.jobs import asked as begun
from opentier.api.routes.jobs import of as job_of
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.model import formats, printed
from opentier.graph.model.versions import Version as Stored
from opentier.graph.tasks.job import Job
from opentier.graph.trace.parameters import Parameters

router = APIRouter(tags=["Datasets"])

#: The forms of a difference, and those of a version.
_JSON = Forms("The list", "json")
FORMS = Forms("A difference", "json", "csv")
#: Forms of others, which cannot say all.
LOSING = tuple(each.name for each in formats.STANDARDS)
FILES = Forms("A version", "datapackage", "turtle", "ntriples", "trig", "nquads", "jsonld", *LOSING)
#: The forms of what a form of others could not say.
LIMITS = Forms("What a form cannot say", "json", "csv")
#: A form of a version by somebody's standard.
Standard = Literal["ftm", "bods", "untp", "epcis", "graphml", "gexf", "geojson", "sdmx", "dsd", "datacube"]

#: JSON, whatever is accepted: a page's link to its data.
AsJson = Annotated[Literal["json"] | None, Query(description="json, whatever is accepted.")]
Dataset = Annotated[str, Path(description="The id of a dataset.", examples=["example"])]
Curator = Annotated[Caller, Depends(acting("curator"))]
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"description": "It is accepted; `Location` is its job."}}


@router.get(
    "/datasets",
    response_model=None,
    responses=answers(schema="Datasets", forms=_JSON, also=catalogue.FORMS.offered),
)
async def datasets(
    request: Request, view: KnownView, part: CurrentPart, format: AsJson = None
) -> dict[str, Any] | Response:
    """List the current version of every dataset; whoever accepts RDF or a page alone gets the catalogue (/catalog)."""
    form = format or choose(request.headers.get("accept"), {**_JSON.offered, **catalogue.FORMS.offered})
    if form is not None and form in catalogue.FORMS.offered:
        return await catalogue.response(request, view, form)
    found = await run_in_threadpool(lambda: [asdict(version) for version in view.release.current.values()])
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
    return Response(text, media_type=FORMS.media_type(form))


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
        Literal["datapackage", "turtle", "ntriples", "trig", "nquads", "jsonld"] | Standard | None,
        Query(
            description="datapackage (a zip), turtle, ntriples, trig, nquads or jsonld; ftm, bods, untp, epcis, "
            "graphml, gexf, geojson, sdmx, dsd (the structure of sdmx) or datacube, which cannot say all of it; "
            "else by Accept."
        ),
    ] = None,
) -> Response:
    """Return a version as a file: a Data Package, which contributed again gives the same graph, RDF, or others' forms.

    What a form of others cannot say is told in the header OpenTier-Unsaid, and by table and column where Link says
    (describedby).
    """
    form = FILES.of(request, format)
    found = await run_in_threadpool(view.version, dataset, version)
    named = f'attachment; filename="{found.dataset}-{found.number}.{formats.suffix(form)}"'
    if form == "datapackage" and (made := await catalogue.package(request, view, found, named)):
        return made
    said = {"Content_Disposition": named}
    if form in LOSING:
        kept = {name: text for name, text in request.query_params.items() if name == "release"}
        said["Link"] = (
            f'<limits?{urlencode({"of": form, **kept})}>; rel="describedby"; type="application/json"'
        )
    asked = _exported(view, found, form, "")
    return await work.answer(request, view, FILES.media_type(form), asked, **said)


@router.get(
    "/datasets/{dataset}/{version}/limits", response_class=Response,
    responses=answers(504, schema="ExportLimits", forms=LIMITS),
)  # fmt: skip
async def limits(
    request: Request,
    view: CurrentView,
    dataset: Dataset,
    version: Version,
    of: Annotated[Standard, Query(description="A form of the version's file.", examples=["ftm"])],
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="json or csv; else by Accept.")
    ] = None,
) -> Response:
    """Tell what a form of others cannot say of a version: rows and cells by table, column and reason, counted."""
    form = LIMITS.of(request, format)
    found = await run_in_threadpool(view.version, dataset, version)
    return await work.answer(request, view, LIMITS.media_type(form), _exported(view, found, of, form))


def _exported(view: View, version: Stored, form: str, limits: str) -> dict[str, Any]:
    """Return what is asked of a process that writes a version, or tells what its form cannot say."""
    more = {
        "work": "export",
        "dataset": version.dataset,
        "number": version.number,
        "form": form,
        "limits": limits,
    }
    return work.asked(view, Parameters(), **more)


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
    return job_of(who, "withdraw", {"dataset": dataset, "reason": reason, "version": version}, changing=True)


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
    return job_of(who, "restore", {"dataset": dataset, "version": version}, changing=True)


@router.post(
    "/datasets/{dataset}/{version}/withdraw", operation_id="dataset_version_withdraw", status_code=202,
    responses=ACCEPTED,
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
    return await begun(request, await run_in_threadpool(withdrawing, view, who, dataset, reason, version))


@router.post(
    "/datasets/{dataset}/{version}/restore", operation_id="dataset_version_restore", status_code=202,
    responses=ACCEPTED,
)  # fmt: skip
async def restore(
    request: Request, view: CurrentView, who: Curator, dataset: Dataset, version: Version
) -> Response:
    """Undo the withdrawal of the version of a dataset that was withdrawn last, as a job."""
    return await begun(request, await run_in_threadpool(restoring, view, who, dataset, version))
