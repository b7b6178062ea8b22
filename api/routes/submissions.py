"""``POST /validate, /columns, /contributions, /match, /screen``: long acts on a file that is sent, each as a job."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from opentier.api import filters, values
from opentier.api.contract.asking import Filters
from opentier.api.contract.fields import Fields
from opentier.api.contract.uploads import PLAIN
from opentier.api.http.access import Caller, CurrentCaller, acting, caller
from opentier.api.routes.jobs import accepted
from opentier.graph.front import Graph
from opentier.graph.model import dates, visibility
from opentier.graph.tasks import options
from opentier.graph.trace.parameters import check

router = APIRouter(tags=["Contributions"])
lists = APIRouter(tags=["Screening"])

Text = str | None
From = Annotated[Text, Query(alias="from", description="Adapter of a foreign file (docs/adapters.md).")]
Map = Annotated[
    list[str] | None,
    Query(
        alias="map",
        description="What a column of ours is in the file: COLUMN=HEADER.",
        examples=["name=Vendor"],
    ),
]
Table = Annotated[Text, Query(description="Which table of ours it is.", examples=["actors"])]
Sheet = Annotated[Text, Query(description="The sheet of a workbook.")]
Dataset = Annotated[Text, Query(description="Dataset id, instead of the package's name.", examples=["acme"])]
Licence = Annotated[Text, Query(description="Licence, instead of the package's.", examples=["CC-BY-4.0"])]
Publisher = Annotated[Text, Query(description="Publisher, instead of the package's.")]
LeaveOut = Annotated[bool, Query(description="Admit all rows that can be, and give the others back.")]
Older = Annotated[bool, Query(description="Admit a package that is older than the current version, too.")]
Match = Annotated[
    bool | None, Query(description="Compare its actors with those of others; else where it is new.")
]
Anonymous = Annotated[bool, Query(description="Publish it without a word on who sent it; takes `dataset`.")]
Visible = Annotated[
    Text,
    Query(
        description="Who may see its dataset from now on: public, restricted, or embargoed:YYYY-MM-DD.",
        examples=["restricted"],
    ),
]
Country = Annotated[Text, Query(description="The country of rows that state none.", examples=["CN"])]
Every = Annotated[bool, Query(alias="all", description="A row for each candidate from the review band on.")]
Accept = Annotated[float | None, Query(ge=0, le=1, description="From which score on a match is likely.")]
Review = Annotated[float | None, Query(ge=0, le=1, description="From which score on a match is possible.")]
Form = Annotated[
    list[Literal["csv", "xlsx", "json"]] | None,
    Query(alias="format", description="The forms in which the list is given back; else csv and xlsx."),
]
Save = Annotated[
    Text, Query(description="Keep the answer as a screening record; takes a key.", examples=["suppliers-q1"])
]
_MAPPING = {"mapping": "A mapping, as /columns gives it."}
#: What OpenAPI says of every one of these.
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "It is accepted; `Location` is its job."},
    200: {"description": "It was sent before, with the same Idempotency-Key, and has ended."},
}


def _contribution(
    adapter: From = None,
    map: Map = None,
    table: Table = None,
    sheet: Sheet = None,
    dataset: Dataset = None,
    licence: Licence = None,
    publisher: Publisher = None,
    leave_out: LeaveOut = False,
    older: Older = False,
    match: Match = None,
    anonymous: Anonymous = False,
    visibility: Visible = None,
) -> None:
    """The options of a contribution."""


def _columns(map: Map = None, table: Table = None, sheet: Sheet = None) -> None:
    """The options of a look at columns."""


def _match(
    map: Map = None,
    sheet: Sheet = None,
    country: Country = None,
    every: Every = False,
    accept: Accept = None,
    review: Review = None,
    format: Form = None,
) -> None:
    """The options of a comparison."""


def _screen(**said: Any) -> None:
    """The options of a screening: those of a comparison, and the filters of a trace."""


_FILTERS = inspect.signature(get_args(Filters)[1].dependency).parameters
_SAVE = inspect.Parameter("save", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Save)
_screen.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        *(
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for each in inspect.signature(_match, eval_str=True).parameters.values()
        ),
        _SAVE,
        *_FILTERS.values(),
    ]
)

CONTRIBUTION = Fields(
    _contribution,
    {
        **_MAPPING,
        "corrections": "Cells that are read otherwise than they are written (docs/contributing-data.md).",
    },
)
COLUMNS = Fields(_columns, _MAPPING)
MATCH = Fields(_match, {"weights": "TOML file with the weights of the matcher."})
SCREEN = Fields(
    _screen,
    {
        "match_weights": "TOML file with the weights of the matcher.",
        "weights": "TOML file with severity weights.",
    },
)


def _submitted(said: dict[str, Any], papers: Mapping[str, Path]) -> dict[str, Any]:
    """Return the options of a contribution; UsageError where no file fits them, or nobody can be shown it so."""
    if said["visibility"] is not None:
        visibility.check(said["visibility"], dates.today())
    options.contribution(said, papers)
    return said


def _looked(said: dict[str, Any], papers: Mapping[str, Path]) -> dict[str, Any]:
    """Return the options of a look at columns; UsageError where no file fits them."""
    options.columns(said, papers)
    return said


def _listed(said: dict[str, Any], papers: Mapping[str, Path]) -> dict[str, Any]:
    """Return the options of a list; UsageError where no list fits them."""
    options.suppliers(said, papers, "weights")
    return _placed(said)


def _placed(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "country": values.country(said["country"]) or None}


def _screened(request: Request, said: dict[str, Any], papers: Mapping[str, Path]) -> dict[str, Any]:
    """Return the options of a screening, its filters in one; UsageError where they make no sense."""
    asked = filters.parameters(**{name: said.pop(name) for name in _FILTERS})
    check(asked)
    options.screening(said, papers)
    graph: Graph = request.app.state.graph
    if asked.as_known is None:  # what was there on another day, an index may have to be made to tell
        graph.view(caller(request).reader).meant(asked)
    if said["save"] is not None:
        acting("contributor")(request)
        graph.store.screenings.free(said["save"])
    return {**_placed(said), "parameters": asdict(asked)}


@router.post(
    "/validate", operation_id="contribution_validate", status_code=202, responses=_ANSWERS,
    dependencies=[Depends(_contribution)], openapi_extra=CONTRIBUTION.body(PLAIN),
)  # fmt: skip
async def validate(request: Request, who: CurrentCaller) -> Response:
    """Report on a contribution, and change nothing."""
    return await accepted(request, who, "validate", CONTRIBUTION, _submitted)


@router.post(
    "/columns", operation_id="contribution_columns", status_code=202, responses=_ANSWERS,
    dependencies=[Depends(_columns)], openapi_extra=COLUMNS.body(PLAIN),
)  # fmt: skip
async def columns(request: Request, who: CurrentCaller) -> Response:
    """Tell what the columns of a table are taken for, with samples; the mapping comes as TOML."""
    return await accepted(request, who, "columns", COLUMNS, _looked)


@router.post(
    "/contributions", operation_id="contribution_create", status_code=202, responses=_ANSWERS,
    dependencies=[Depends(_contribution)], openapi_extra=CONTRIBUTION.body(PLAIN),
)  # fmt: skip
async def contribute(request: Request, who: Annotated[Caller, Depends(acting("contributor"))]) -> Response:
    """Admit a contribution as the next version of its dataset: all of it, or nothing."""
    return await accepted(request, who, "contribute", CONTRIBUTION, _submitted, changing=True)


@lists.post(
    "/match", operation_id="list_match", status_code=202, responses=_ANSWERS,
    dependencies=[Depends(_match)], openapi_extra=MATCH.body(PLAIN),
)  # fmt: skip
async def match(request: Request, who: CurrentCaller) -> Response:
    """Give a list of suppliers back with whom each row may be, how sure, and why. Nothing is kept."""
    return await accepted(request, who, "match", MATCH, _listed)


@lists.post(
    "/screen", operation_id="list_screen", status_code=202, responses=_ANSWERS,
    dependencies=[Depends(_screen)], openapi_extra=SCREEN.body(PLAIN),
)  # fmt: skip
async def screen(request: Request, who: CurrentCaller) -> Response:
    """Give a list of suppliers back with whom each row may be, the verdict on that one, and the nearest exposure."""
    return await accepted(request, who, "screen", SCREEN, partial(_screened, request), changing=True)
